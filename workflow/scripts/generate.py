"""Generate samples and interpolations with models, and their features by the classifier."""

from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged

with logged(snakemake):
    from kerasae.engine import steps

    artifacts = Artifacts(snakemake.params.folder, snakemake.params.entries)
    for run in snakemake.params.runs:
        artifacts.write("generated", run, steps.generate(artifacts, run))
