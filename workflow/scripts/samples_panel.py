"""Draw samples of the variants that can sample."""

import job
import numpy as np

from kerasae.reporting.figures import sample_grids

job.start(snakemake)
grids = {}
for variant, path in zip(snakemake.params.variants, snakemake.input.codes, strict=True):
    with np.load(path, allow_pickle=False) as arrays:
        if "samples" in arrays:
            grids[variant] = arrays["samples"]
job.save_figure(sample_grids(grids, "Samples from the prior"), snakemake.output[0])
