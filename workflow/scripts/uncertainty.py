"""Classify one draw and many draws of a stochastic model's codes; of others there are none."""

import job
import numpy as np

from kerasae.datasets import split
from kerasae.evaluation.measures.probes import PROBES, standardised
from kerasae.evaluation.measures.uncertainty import uncertainty
from kerasae.evaluation.scores import tidy
from kerasae.seeds import derive

job.start(snakemake)
params, seed = snakemake.params, int(snakemake.wildcards.seed)
y_train, y_test = job.arrays(snakemake.input.data, "y_train", "y_test")
metrics = {}
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    if "log_stds_test" in codes:
        known = split(y_train, params.validation, seed, labelled=params.labels).labelled
        classifier = standardised(PROBES["logistic accuracy"])
        classifier.fit(codes["codes_train"][known], y_train[known])
        metrics = uncertainty(
            classifier,
            codes["mean_codes_test"],
            codes["log_stds_test"],
            y_test,
            derive(seed, "uncertainty"),
        )
job.save_scores(tidy(snakemake.wildcards, "uncertainty", metrics), snakemake.output[0])
