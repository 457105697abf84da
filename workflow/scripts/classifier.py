"""Train the judge of generated images, and compute its features of real images."""

import job

job.start(snakemake)

import numpy as np

from kerasae.datasets import split
from kerasae.evaluation.judge import features_and_probabilities, train_classifier

params = snakemake.params
x_train, y_train, x_test, y_test = job.arrays(
    snakemake.input.data, "x_train", "y_train", "x_test", "y_test"
)
part = split(y_train, params.validation, params.seed)
held_out = x_train[part.validation], y_train[part.validation]
model = train_classifier(x_train[part.train], y_train[part.train], held_out, params.seed)
with job.atomic_write(snakemake.output.model) as path:
    model.save(path)
features, probabilities = features_and_probabilities(model, x_test)
held_out_features, held_out_probabilities = features_and_probabilities(model, held_out[0])
with job.atomic_write(snakemake.output.real) as path:
    np.savez(
        path,
        features=features,
        accuracy=np.mean(probabilities.argmax(axis=1) == y_test),
        held_out_features=held_out_features,
        held_out_probabilities=held_out_probabilities,
    )
