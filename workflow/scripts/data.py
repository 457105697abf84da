"""Load and check a data set, and write its arrays and description."""

from kerasae import datasets
from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged
from kerasae.engine.provenance import check_data
from kerasae.engine.run import Run

with logged(snakemake):
    run, options = Run(snakemake.wildcards.dataset), dict(snakemake.params.options)
    train, test = options.pop("train", None), options.pop("test", None)
    data = datasets.load(run.dataset, **options)
    if train or test:
        data = data.first(train, test)
    check_data(snakemake.params.files, snakemake.params.source)
    artifacts = Artifacts(snakemake.params.folder)
    artifacts.write("data", run, data)
    artifacts.write("description", run, datasets.described(run.dataset, data, options))
