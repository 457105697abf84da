"""Draw the reconstructions and the interpolation of one variant."""

import job

from kerasae.datasets import as_floats
from kerasae.reporting.figures import interpolation_png, reconstruction_grid

job.start(snakemake)
images = as_floats(job.arrays(snakemake.input.data, "x_test"))
reconstructions, frames = job.arrays(snakemake.input.codes[0], "reconstructions", "frames")
title = f"{snakemake.wildcards.variant}: the first test images and their reconstructions"
job.save_figure(
    reconstruction_grid(images[: len(reconstructions)], reconstructions, title),
    snakemake.output.grid,
)
with job.atomic_write(snakemake.output.animation) as path:
    interpolation_png(frames, path)
