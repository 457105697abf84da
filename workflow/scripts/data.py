"""Load and check a data set, and write its arrays and description."""

from kerasae import datasets
from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged
from kerasae.engine.run import Run

with logged(snakemake.log[0], snakemake.output, snakemake.params.folder):
    run, options = Run(snakemake.wildcards.dataset), dict(snakemake.params.options)
    train, test = options.pop("train", None), options.pop("test", None)
    data = datasets.load(run.dataset, **options)
    if train or test:
        data = data.first(train, test)
    artifacts = Artifacts(snakemake.params.folder)
    artifacts.write("data", run, data)
    artifacts.write("description", run, datasets.described(run.dataset, data, options))
