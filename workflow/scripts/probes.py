"""Classification on standardised codes; for a VAE on the mean codes too."""

import job
import numpy as np

from kerasae.datasets import split
from kerasae.evaluation.measures.probes import probe
from kerasae.evaluation.scores import tidy

job.start(snakemake)
params = snakemake.params
y_train, y_test = job.arrays(snakemake.input.data, "y_train", "y_test")
part = split(y_train, params.validation, int(snakemake.wildcards.seed), labelled=params.labels)
metrics = {}
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    for prefix, suffix in (("", ""), ("mean_", " of the mean code")):
        if f"{prefix}codes_train" in codes:
            train = codes[f"{prefix}codes_train"][part.labelled]
            test = codes[f"{prefix}codes_test"]
            accuracies = probe(train, y_train[part.labelled], test, y_test)
            metrics |= {metric + suffix: value for metric, value in accuracies.items()}
job.save_scores(tidy(snakemake.wildcards, "classification", metrics), snakemake.output[0])
