"""The latent space of one run in numbers; for a VAE that of the mean codes."""

import job
import numpy as np

from kerasae.evaluation.measures.latent_space import latent_numbers
from kerasae.evaluation.scores import tidy

job.start(snakemake)
y_train, y_test = job.arrays(snakemake.input.data, "y_train", "y_test")
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    metrics = latent_numbers(codes, y_train, y_test, np.load(snakemake.input.plane[0]))
job.save_scores(tidy(snakemake.wildcards, "latent_space", metrics), snakemake.output[0])
