"""Classify the codes of one run from few labels; for a VAE the mean codes too."""

import job

job.start(snakemake)
job.import_keras()

import numpy as np

from kerasae.datasets import split
from kerasae.evaluation.measures.classification import accuracy, fit_head
from kerasae.evaluation.scores import tidy

settings = {name: value for name, value in snakemake.params.items() if name != "sources"}
seed = int(snakemake.wildcards.seed)
y_train, y_test = job.arrays(snakemake.input.data, "y_train", "y_test")
part = split(y_train, settings.pop("validation"), seed, labelled=settings.pop("labels"))

metrics = {}
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    for prefix, metric in (("", "accuracy"), ("mean_", "accuracy of the mean code")):
        if f"{prefix}codes_train" in codes:
            train = codes[f"{prefix}codes_train"]
            model = fit_head(
                None,
                (train[part.labelled], y_train[part.labelled]),
                (train[part.validation], y_train[part.validation]),
                seed,
                **settings,
            )
            metrics[metric] = accuracy(model, codes[f"{prefix}codes_test"], y_test)
job.save_scores(tidy(snakemake.wildcards, "classification", metrics), snakemake.output[0])
