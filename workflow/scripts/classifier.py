"""Train the judge of generated images, and compute its features of real images."""

import job

job.start(snakemake)

import numpy as np

from kerasae.datasets import Dataset
from kerasae.evaluation.judge import train_judge

params = snakemake.params
model, real = train_judge(Dataset.open(snakemake.input.data), params.validation, params.seed)
with job.atomic_write(snakemake.output.model) as path:
    model.save(path)
with job.atomic_write(snakemake.output.real) as path:
    np.savez(path, **real)
