"""Train one model: one run."""

from pathlib import Path

import job

job.start(snakemake)

import tensorflow as tf

from kerasae import models
from kerasae.datasets import Dataset, split
from kerasae.training.train import train

params, wildcards = snakemake.params, snakemake.wildcards
settings = dict(params.settings)
seed = int(wildcards.seed)

data = Dataset.open(snakemake.input.data)
images, labels, held_out = data.x_train, data.y_train, data.label(wildcards.held_out)
preprocessing = data.preprocessing.to_config()
del data
part = split(labels, params.validation, seed, held_out)
# Tensors, as TensorFlow copies arrays; a copy takes a twentieth of the job's memory
training, validation = (tf.constant(images[rows]) for rows in (part.train, part.validation))
del images
model = models.build(
    settings.pop("model"),
    input_shape=training.shape[1:],
    latent_dim=int(wildcards.latent_dim),
    seed=seed,
    likelihood=params.likelihood,
    preprocessing=preprocessing,
    **settings,
)
history = train(
    model,
    training,
    validation,
    epochs=params.epochs,
    batch_size=params.batch_size,
    learning_rate=params.learning_rate,
    checkpoint=params.checkpoint,
)
with job.atomic_write(snakemake.output.model) as path:
    model.save(path)
with job.atomic_write(snakemake.output.history) as path:
    history.to_csv(path, index=False)
Path(params.checkpoint).unlink(missing_ok=True)
