"""Reconstruction loss of one run on the test images; for a VAE that of the mean code too."""

import job
import numpy as np

from kerasae.scores import tidy

job.start(snakemake)
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    metrics = {
        metric: codes[name].mean()
        for name, metric in (("bce", "bce"), ("mean_bce", "bce of the mean code"))
        if name in codes
    }
job.save_scores(tidy(snakemake.wildcards, "reconstruction", metrics), snakemake.output[0])
