"""What bounds the reconstruction loss: the entropy of the images, and the mean image."""

import job
import pandas as pd

from kerasae.evaluation.measures.latent_space import bounds
from kerasae.evaluation.scores import tidy

job.start(snakemake)
found = bounds(*job.arrays(snakemake.input.data, "x_train", "x_test"), snakemake.params.likelihood)
run = {**snakemake.wildcards, "seed": "", "latent_dim": "", "held_out": "none"}
frames = [
    tidy({**run, "variant": name}, "reconstruction", metrics) for name, metrics in found.items()
]
job.save_scores(pd.concat(frames), snakemake.output[0])
