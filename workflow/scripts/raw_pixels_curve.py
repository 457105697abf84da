"""Classify the pixels themselves from few and from many labels."""

import job

from kerasae.evaluation.measures.probes import curve
from kerasae.evaluation.scores import tidy

job.start(snakemake)
params, seed = snakemake.params, int(snakemake.wildcards.seed)
x_train, y_train, x_test, y_test = job.arrays(
    snakemake.input.data, "x_train", "y_train", "x_test", "y_test"
)
train, test = (images.reshape(len(images), -1).astype("float32") for images in (x_train, x_test))
metrics = curve(train, y_train, test, y_test, params.curve, params.validation, seed)
run = {**snakemake.wildcards, "variant": "raw_pixels", "latent_dim": "", "held_out": "none"}
job.save_scores(tidy(run, "label_curve", metrics), snakemake.output[0])
