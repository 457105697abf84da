"""Have the model of one run make images, and the classifier look at them."""

import job

job.start(snakemake)
job.import_keras()

import hashlib
from pathlib import Path

import keras
import numpy as np

from kerasae import models
from kerasae.evaluation.judge import describe
from kerasae.evaluation.samplers import SHOWN, samples, ways

seed = int(snakemake.wildcards.seed)
x_test = job.arrays(snakemake.input.data, "x_test")
model = models.load(snakemake.input.model, snakemake.params.model)
classifier = keras.saving.load_model(snakemake.input.classifier)
digest = hashlib.sha256(Path(snakemake.input.classifier).read_bytes()).hexdigest()
answers = {"classifier": digest}
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    for sampler, images in samples(model, codes, len(x_test), seed):
        answers[f"features_{sampler}"], answers[f"probabilities_{sampler}"] = describe(
            classifier, images
        )
        answers[f"shown_{sampler}"] = images[:SHOWN]
for way, frames in ways(model, x_test, seed):
    flat = frames.reshape(-1, *frames.shape[2:])
    probabilities = describe(classifier, flat)[1]
    answers[f"frames_{way}"] = frames.astype(np.float16)
    answers[f"confidence_{way}"] = probabilities.max(axis=1).reshape(frames.shape[:2])
with job.atomic_write(snakemake.output[0]) as path:
    np.savez(path, **answers)
