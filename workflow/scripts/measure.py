"""Do an evaluation of a task, and write its scores."""

from kerasae.engine import steps
from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged
from kerasae.storage.atomic import atomic_write

params = snakemake.params
with logged(snakemake):
    artifacts = Artifacts(params.folder, params.entries)
    for jobs, path in zip(params.units, snakemake.output, strict=True):
        scores = steps.measure(artifacts, snakemake.wildcards.evaluation, jobs, params.settings)
        with atomic_write(path) as temporary:
            scores.to_csv(temporary, index=False)
