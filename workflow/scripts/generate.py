"""Generate samples and interpolations with one model, and their features by the classifier."""

import job

job.start(snakemake)

import keras
import numpy as np

from kerasae import models
from kerasae.datasets import Dataset
from kerasae.evaluation.outputs import Outputs
from kerasae.evaluation.samplers import generated

found = generated(
    models.load(snakemake.input.model, snakemake.params.model),
    Outputs.open(snakemake.input.outputs),
    Dataset.open(snakemake.input.data).x_test,
    keras.saving.load_model(snakemake.input.judge),
    int(snakemake.wildcards.seed),
)
with job.atomic_write(snakemake.output[0]) as path:
    np.savez(path, **found)
