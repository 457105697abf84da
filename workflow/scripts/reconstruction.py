"""Reconstruction loss of one run on the test images; for a VAE that of the mean code too."""

import job
import numpy as np

from kerasae.scores import read, tidy
from kerasae.tasks.geometry import explained

job.start(snakemake)
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    metrics = {
        metric: codes[name].mean()
        for name, metric in (("bce", "bce"), ("mean_bce", "bce of the mean code"))
        if name in codes
    }
bounds = read(snakemake.input.bounds[0]).set_index("variant")["value"]
metrics["explained"] = explained(metrics["bce"], bounds["mean_image"], bounds["entropy_floor"])
job.save_scores(tidy(snakemake.wildcards, "reconstruction", metrics), snakemake.output[0])
