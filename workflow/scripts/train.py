"""Train models, each of one run."""

from pathlib import Path

import job

job.start(snakemake)

import keras

from kerasae import models
from kerasae.datasets import Dataset
from kerasae.training.run import train_run


def train(run):
    """Train the model of one run."""
    keras.utils.clear_session()  # layers get the same names, whichever was trained before
    model, history = train_run(
        models.build,
        run.params["settings"],
        Dataset.open(run.inputs["data"]),
        latent_dim=int(run.wildcards["latent_dim"]),
        held_out=run.wildcards["held_out"],
        seed=int(run.wildcards["seed"]),
        **{name: run.params[name] for name in run.params if name != "settings"},
    )
    with run.write("model") as path:
        model.save(path)
    with run.write("history") as path:
        history.to_csv(path, index=False)
    Path(run.params["checkpoint"]).unlink(missing_ok=True)


job.each_run(train)
