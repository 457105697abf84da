"""Classify the standardised codes of one run from few and from many labels."""

import job
import numpy as np

from kerasae.evaluation.measures.probes import curve
from kerasae.evaluation.scores import tidy

job.start(snakemake)
params, seed = snakemake.params, int(snakemake.wildcards.seed)
y_train, y_test = job.arrays(snakemake.input.data, "y_train", "y_test")
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    prefix = "mean_" if "mean_codes_test" in codes else ""
    train, test = (codes[f"{prefix}codes_{part}"] for part in ("train", "test"))
metrics = curve(train, y_train, test, y_test, params.curve, params.validation, seed)
job.save_scores(tidy(snakemake.wildcards, "label_curve", metrics), snakemake.output[0])
