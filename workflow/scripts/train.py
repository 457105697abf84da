"""Train models, each of one run."""

from pathlib import Path

import job

job.start(snakemake)

from kerasae import models
from kerasae.datasets import Dataset
from kerasae.training.run import Builder, train_run

build = Builder(models.build)


def train(part):
    """Train the model of one run."""
    params = dict(part.params)
    state = params.pop("state")
    model, history = train_run(
        build,
        params.pop("settings"),
        Dataset.open(part.inputs["data"]),
        latent_dim=int(part.wildcards["latent_dim"]),
        held_out=part.wildcards["held_out"],
        seed=int(part.wildcards["seed"]),
        checkpoint=state,
        # No parameter: whoever asks for it later does not train again, and has no such times
        alone=snakemake.config["one_at_a_time"],
        **params,
    )
    with part.write("model") as path:
        model.save(path)
    with part.write("history") as path:
        history.to_csv(path, index=False)
    Path(state).unlink(missing_ok=True)


job.each_part(train)
