"""The baseline of the probes: the pixels themselves."""

import job

from kerasae.datasets import split
from kerasae.evaluation.measures.probes import probe
from kerasae.evaluation.scores import tidy

job.start(snakemake)
params, seed = snakemake.params, int(snakemake.wildcards.seed)
x_train, y_train, x_test, y_test = job.arrays(
    snakemake.input.data, "x_train", "y_train", "x_test", "y_test"
)
part = split(y_train, params.validation, seed, labelled=params.labels)
train, test = (images.reshape(len(images), -1) for images in (x_train[part.labelled], x_test))
metrics = probe(train, y_train[part.labelled], test, y_test)
run = {**snakemake.wildcards, "variant": "raw_pixels", "latent_dim": "", "held_out": "none"}
job.save_scores(tidy(run, "classification", metrics), snakemake.output[0])
