"""Load and check a data set, and write its arrays and description."""

from kerasae import datasets
from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged
from kerasae.engine.provenance import check_data
from kerasae.engine.run import Run
from kerasae.storage.atomic import write_text

with logged(snakemake):
    run, options = Run(snakemake.wildcards.dataset), dict(snakemake.params.options)
    train, test = options.pop("train", None), options.pop("test", None)
    data = datasets.load(run.dataset, **options)
    if train or test:
        data = data.first(train, test)
    check_data(snakemake.params.files, snakemake.params.source)
    artifacts = Artifacts(snakemake.params.folder)
    artifacts.write("data", run, data)
    description = datasets.described(run.dataset, data, options)
    write_text(artifacts.path("description", run), description)
