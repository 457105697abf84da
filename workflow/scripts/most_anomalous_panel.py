"""Draw the test samples that each variant scores as the most anomalous."""

import job
import numpy as np

from kerasae.datasets import GIVEN, Dataset, as_floats
from kerasae.evaluation.measures.anomaly import one_score, trained_on
from kerasae.reporting.figures import most_anomalous

job.start(snakemake)
params, held_out = snakemake.params, snakemake.wildcards.held_out
data = Dataset.open(snakemake.input.data)
samples, anomalous = data.test(held_out)
rows = trained_on(data, held_out, params.validation, params.seed)
scores = {}
for variant, path in zip(params.variants, snakemake.input.codes, strict=True):
    with np.load(path, allow_pickle=False) as codes:
        scores[variant] = one_score(codes, params.score, rows)
what = "the given anomalies" if held_out == GIVEN else f"class {held_out}"
title = f"Most anomalous test samples first, score: {params.score}; to be found: {what}"
job.save_figure(most_anomalous(as_floats(samples), anomalous, scores, title), snakemake.output[0])
