"""Draw a figure, or that of each variant."""

import job

job.start(snakemake)

from kerasae.reporting.figures import FIGURES

figure = FIGURES[snakemake.rule]


def draw(part):
    """Draw one figure."""
    described = {"wildcards": part.wildcards, "inputs": part.inputs}
    with part.write("figure") as path:
        figure.draw(job.inputs(described, part.params)).savefig(path, dpi=150)


job.each_part(draw)
