"""What bounds the reconstruction loss: the entropy of the images, and the mean image."""

import job
import pandas as pd

from kerasae.scores import tidy
from kerasae.tasks.geometry import entropy_floor, mean_image_bce

job.start(snakemake)
x_train, x_test = job.arrays(snakemake.input.data, "x_train", "x_test")
run = {**snakemake.wildcards, "seed": "", "latent_dim": "", "left_out": "none"}
bounds = {"entropy_floor": entropy_floor(x_test), "mean_image": mean_image_bce(x_train, x_test)}
frames = [
    tidy({**run, "variant": name}, "reconstruction", {"bce": bce}) for name, bce in bounds.items()
]
job.save_scores(pd.concat(frames), snakemake.output[0])
