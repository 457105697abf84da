"""Train models, each of one run."""

from pathlib import Path

import job

job.start(snakemake)

from kerasae import models
from kerasae.datasets import open_stored
from kerasae.training.run import Builder, train_run

build = Builder(models.build)


def train(part):
    """Train the model of one run."""
    params = dict(part.params)
    state, seed = params.pop("state"), int(part.wildcards["seed"])
    model, history = train_run(
        build,
        params.pop("settings"),
        open_stored(part.inputs["data"]).at(seed),
        latent_dim=int(part.wildcards["latent_dim"]),
        held_out=part.wildcards["held_out"],
        seed=seed,
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
