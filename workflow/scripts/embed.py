"""Ask one trained model for all that the tasks want to know of it."""

import job

job.start(snakemake)

import numpy as np

from kerasae import models
from kerasae.embedding import embed
from kerasae.files import whole

model = models.load(snakemake.input.model, snakemake.params.model)
x_train, x_test = job.arrays(snakemake.input.data, "x_train", "x_test")
answers = embed(
    model, x_train, x_test, steps=snakemake.params.steps, seed=int(snakemake.wildcards.seed)
)
with whole(snakemake.output[0]) as path:
    np.savez(path, **answers)
