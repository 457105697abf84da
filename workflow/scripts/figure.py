"""Draw a figure, or the figures of all variants."""

from kerasae.engine import steps
from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged
from kerasae.storage.atomic import atomic_write

params = snakemake.params
with logged(snakemake):
    artifacts = Artifacts(params.folder)
    for job, path in zip(params.jobs, snakemake.output, strict=True):
        with atomic_write(path) as temporary:
            steps.draw(artifacts, *job, params.settings).savefig(temporary, dpi=150)
