"""Draw figures, or those of each variant."""

import job

job.start(snakemake)

from kerasae.reporting.figures import FIGURES


def draw(part):
    """Draw one figure."""
    figure = FIGURES[part.params["name"]]
    described = {"wildcards": part.wildcards, "inputs": part.inputs}
    with part.write("figure") as path:
        figure.draw(job.inputs(described, part.params)).savefig(path, dpi=150)


job.each_part(draw)
