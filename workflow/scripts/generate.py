"""Generate samples and interpolations with one model, and their features by the classifier."""

import job

job.start(snakemake)

import keras
import numpy as np

from kerasae import models
from kerasae.datasets import Dataset
from kerasae.evaluation.judge import features_and_probabilities
from kerasae.evaluation.outputs import SHOWN, Outputs
from kerasae.evaluation.samplers import interpolations, samples

seed = int(snakemake.wildcards.seed)
x_test = Dataset.open(snakemake.input.data).x_test
model = models.load(snakemake.input.model, snakemake.params.model)
judge = keras.saving.load_model(snakemake.input.judge)
arrays = {}
for sampler, images in samples(model, Outputs.open(snakemake.input.outputs), len(x_test), seed):
    features, probabilities = features_and_probabilities(judge, images)
    arrays[f"features_{sampler}"], arrays[f"probabilities_{sampler}"] = features, probabilities
    arrays[f"shown_{sampler}"] = images[:SHOWN]
for code, frames in interpolations(model, x_test, seed):
    flat = frames.reshape(-1, *frames.shape[2:])
    probabilities = features_and_probabilities(judge, flat)[1]
    arrays[f"frames_{code}"] = frames.astype(np.float16)
    arrays[f"confidence_{code}"] = probabilities.max(axis=1).reshape(frames.shape[:2])
with job.atomic_write(snakemake.output[0]) as path:
    np.savez(path, **arrays)
