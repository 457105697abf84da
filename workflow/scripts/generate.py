"""Generate samples and interpolations with models, and their features by the classifier."""

import functools

import job

job.start(snakemake)

import keras
import numpy as np

from kerasae import models
from kerasae.evaluation.outputs import Outputs
from kerasae.evaluation.samplers import generated

judge = functools.cache(keras.saving.load_model)


def generate(part):
    """Generate with the model of one run."""
    model = models.load(part.inputs["model"], part.params["model"])
    outputs, x_test = Outputs.open(part.inputs["outputs"]), job.data(part.inputs["data"]).x_test
    seed = int(part.wildcards["seed"])
    with np.load(part.inputs["real"]) as real:
        count = len(real["held_out_features"])
    found = generated(model, outputs, x_test, judge(part.inputs["judge"]), count, seed)
    with part.write("generated") as path:
        np.savez(path, **found)


job.each_part(generate)
