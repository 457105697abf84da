"""Generate samples and interpolations with models, and their features by the classifier."""

import job

job.start(snakemake)

import keras
import numpy as np

from kerasae import models
from kerasae.evaluation.outputs import Outputs
from kerasae.evaluation.samplers import generated

x_test = job.data(snakemake.input.data).x_test
judge = keras.saving.load_model(snakemake.input.judge)


def generate(run):
    """Generate with the model of one run."""
    model = models.load(run.inputs["model"], run.params["model"])
    outputs = Outputs.open(run.inputs["outputs"])
    found = generated(model, outputs, x_test, judge, int(run.wildcards["seed"]))
    with run.write("generated") as path:
        np.savez(path, **found)


job.each_run(generate)
