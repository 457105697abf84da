"""Find the left-out class by the scores of one run."""

import job
import numpy as np

from kerasae.datasets import Dataset
from kerasae.evaluation.measures.anomaly import all_scores, evaluated, trained_on
from kerasae.evaluation.scores import tidy

job.start(snakemake)
wildcards, validation = snakemake.wildcards, snakemake.params.validation
left_out, data = wildcards.left_out, Dataset.open(snakemake.input.data)
rows = trained_on(data, left_out, validation, int(wildcards.seed))
anomalous = data.test(left_out)[1]
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    metrics = evaluated(all_scores(codes, rows), anomalous)
run = {**wildcards, "left_out": data.text(left_out)}
job.save_scores(tidy(run, "anomaly", metrics), snakemake.output[0])
