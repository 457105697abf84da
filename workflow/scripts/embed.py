"""Run trained models once, and store what the tasks need."""

from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged

with logged(snakemake):
    from kerasae.engine import steps

    artifacts = Artifacts(snakemake.params.folder, snakemake.params.entries)
    for run in snakemake.params.runs:
        artifacts.write("outputs", run, steps.embed(artifacts, run, snakemake.params.steps))
