"""Reconstruction loss of one run on the test images; for a VAE that of the mean code too."""

import job
import numpy as np

from kerasae.scores import read, tidy
from kerasae.tasks.geometry import explained
from kerasae.tasks.reconstruction import LOSS

job.start(snakemake)
loss = LOSS[snakemake.params.likelihood]
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    metrics = {
        metric: codes[name].mean()
        for name, metric in ((loss, loss), (f"mean_{loss}", f"{loss} of the mean code"))
        if name in codes
    }
bounds = read(snakemake.input.bounds[0]).set_index("variant")["value"]
metrics["explained"] = explained(
    metrics[loss], bounds["mean_image"], bounds.get("entropy_floor", 0)
)
job.save_scores(tidy(snakemake.wildcards, "reconstruction", metrics), snakemake.output[0])
