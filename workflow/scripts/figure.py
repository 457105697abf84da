"""Draw a figure, or that of each variant."""

import job

job.start(snakemake)

from kerasae.reporting.figures import FIGURES

figure = FIGURES[snakemake.rule]


def draw(run):
    """Draw the figure of one variant."""
    described = {"wildcards": run.wildcards, "inputs": run.inputs, "runs": run.params["runs"]}
    with run.write("figure") as path:
        figure.draw(job.inputs(snakemake, described)).savefig(path, dpi=150)


if figure.per == "variant":
    job.each_run(draw)
else:
    with job.atomic_write(snakemake.output[0]) as path:
        figure.draw(job.inputs(snakemake)).savefig(path, dpi=150)
