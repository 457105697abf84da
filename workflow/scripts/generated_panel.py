"""Draw samples of all variants, those of every sampler."""

import job
import numpy as np

from kerasae.reporting.figures import rows_of_images

job.start(snakemake)
rows = {}
for variant, path in zip(snakemake.params.variants, snakemake.input.generated, strict=True):
    with np.load(path, allow_pickle=False) as arrays:
        for sampler in ("prior", "learned", "mixture"):
            if f"shown_{sampler}" in arrays:
                rows[f"{variant}, {sampler}"] = arrays[f"shown_{sampler}"]
job.save_figure(rows_of_images(rows, "Samples, by sampler"), snakemake.output[0])
