"""Find the held-out class by the scores of one run."""

import job
import numpy as np

from kerasae.datasets import Dataset
from kerasae.evaluation.measures.anomaly import all_scores, evaluated, trained_on
from kerasae.evaluation.scores import tidy

job.start(snakemake)
wildcards, validation = snakemake.wildcards, snakemake.params.validation
held_out, data = wildcards.held_out, Dataset.open(snakemake.input.data)
rows = trained_on(data, held_out, validation, int(wildcards.seed))
anomalous = data.test(held_out)[1]
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    metrics = evaluated(all_scores(codes, rows), anomalous)
run = {**wildcards, "held_out": data.text(held_out)}
job.save_scores(tidy(run, "anomaly", metrics), snakemake.output[0])
