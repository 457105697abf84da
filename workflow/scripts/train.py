"""Train one model: one run."""

from pathlib import Path

import job

job.start(snakemake)

from kerasae import models
from kerasae.datasets import Dataset
from kerasae.training.run import train_run

params, wildcards = snakemake.params, snakemake.wildcards
model, history = train_run(
    models.build,
    params.settings,
    Dataset.open(snakemake.input.data),
    latent_dim=int(wildcards.latent_dim),
    held_out=wildcards.held_out,
    seed=int(wildcards.seed),
    validation=params.validation,
    likelihood=params.likelihood,
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
