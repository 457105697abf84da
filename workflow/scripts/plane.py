"""Project the test codes of runs to planes with UMAP."""

from kerasae.engine import steps
from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged

with logged(snakemake):
    artifacts = Artifacts(snakemake.params.folder)
    for run in snakemake.params.runs:
        artifacts.write("plane", run, steps.plane(artifacts, run))
