"""Train the judges of generated images, and compute their features of real images."""

import job

job.start(snakemake)

import numpy as np

from kerasae.evaluation.judge import train_judge


def train(part):
    """Train the classifier of one seed."""
    model, real = train_judge(job.data(part.inputs["data"]), int(part.wildcards["seed"]))
    with part.write("model") as path:
        model.save(path)
    with part.write("real") as path:
        np.savez(path, **real)


job.each_part(train)
