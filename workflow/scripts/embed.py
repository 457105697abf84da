"""Run trained models once, and store what the tasks need."""

import job

job.start(snakemake)

from kerasae import models
from kerasae.evaluation.inference import run as outputs_of

data = job.data(snakemake.input.data)
x_test, _ = data.test(snakemake.wildcards.held_out)


def embed(run):
    """Run the model of one run."""
    model = models.load(run.inputs["model"], run.params["model"])
    seed = int(run.wildcards["seed"])
    outputs = outputs_of(model, data.x_train, x_test, steps=run.params["steps"], seed=seed)
    with run.write("outputs") as path:
        outputs.save(path)


job.each_run(embed)
