"""Draw one figure."""

import job

job.start(snakemake)

from kerasae.reporting.figures import FIGURES

figure = FIGURES[snakemake.rule].draw(job.inputs(snakemake))
with job.atomic_write(snakemake.output[0]) as path:
    figure.savefig(path, dpi=150)
