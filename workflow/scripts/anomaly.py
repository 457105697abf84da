"""Find the left-out class by the scores of one run; for a VAE by those of the mean code too."""

import job
import numpy as np

from kerasae.scores import tidy
from kerasae.tasks.anomaly import auc

job.start(snakemake)
anomalous = job.arrays(snakemake.input.data, "y_test") == int(snakemake.wildcards.left_out)
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    metrics = {
        f"auc_{score}{suffix}": auc(codes[prefix + score], anomalous)
        for prefix, suffix in (("", ""), ("mean_", " of the mean code"))
        for score in ("bce", "signed", "bce_per_ink")
        if prefix + score in codes
    }
job.save_scores(tidy(snakemake.wildcards, "anomaly", metrics), snakemake.output[0])
