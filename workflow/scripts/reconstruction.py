"""Reconstruction loss of one run on the test images; for a VAE that of the mean code too."""

import job
import numpy as np

from kerasae.evaluation.measures.latent_space import explained
from kerasae.evaluation.measures.reconstruction import LOSS
from kerasae.evaluation.scores import read, tidy

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
