"""Ask the trained model of one run for all that the tasks want to know of it."""

import job

job.start(snakemake)
job.import_keras()

import numpy as np

from kerasae import models
from kerasae.datasets import Dataset
from kerasae.evaluation.inference import embed

params, seed = snakemake.params, int(snakemake.wildcards.seed)
data = Dataset.open(snakemake.input.data)
x_test, _ = data.test(snakemake.wildcards.held_out)
model = models.load(snakemake.input.model, params.model)
answers = embed(model, data.x_train, x_test, steps=params.steps, seed=seed)
with job.atomic_write(snakemake.output[0]) as path:
    np.savez(path, **answers)
