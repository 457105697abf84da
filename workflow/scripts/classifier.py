"""Train the feature classifier of a seed, and compute its features of real samples."""

from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged
from kerasae.engine.run import Run

with logged(snakemake):
    from kerasae.engine import steps

    artifacts = Artifacts(snakemake.params.folder)
    run = Run(snakemake.wildcards.dataset, seed=int(snakemake.wildcards.seed))
    classifier, real = steps.classify(artifacts, run)
    artifacts.write("classifier", run, classifier)
    artifacts.write("real", run, real)
