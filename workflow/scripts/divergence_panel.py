"""Draw the divergence of each element of the codes of the stochastic variants."""

import job
import numpy as np

from kerasae.evaluation.measures.latent_space import kl_per_dimension
from kerasae.reporting.charts import divergences

job.start(snakemake)
series = {}
for variant, path in zip(snakemake.params.entries, snakemake.input.codes, strict=True):
    with np.load(path, allow_pickle=False) as codes:
        if "log_stds_test" in codes:
            found = kl_per_dimension(codes["mean_codes_test"], codes["log_stds_test"])
            series.setdefault(variant, []).append(found)
title = "What each element of the VAEs' codes tells of the test images"
job.save_figure(divergences(series, title), snakemake.output[0])
