"""Run a trained model once, and store what the tasks need."""

import job

job.start(snakemake)

from kerasae import models
from kerasae.datasets import Dataset
from kerasae.evaluation.inference import run

params, seed = snakemake.params, int(snakemake.wildcards.seed)
data = Dataset.open(snakemake.input.data)
x_test, _ = data.test(snakemake.wildcards.held_out)
model = models.load(snakemake.input.model, params.model)
outputs = run(model, data.x_train, x_test, steps=params.steps, seed=seed)
with job.atomic_write(snakemake.output[0]) as path:
    outputs.save(path)
