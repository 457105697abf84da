"""Run trained models once, and store what the tasks need."""

import job

job.start(snakemake)

from kerasae import models
from kerasae.evaluation.inference import run


def embed(part):
    """Run the model of one run."""
    model = models.load(part.inputs["model"], part.params["model"])
    seed = int(part.wildcards["seed"])
    data = job.data(part.inputs["data"]).at(seed)
    x_test, _ = data.test(part.wildcards["held_out"])
    outputs = run(model, data.x_train, x_test, steps=part.params["steps"], seed=seed)
    with part.write("outputs") as path:
        outputs.save(path)


job.each_part(embed)
