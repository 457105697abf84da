"""Load and check a data set, and write its arrays and description."""

import job

from kerasae import datasets

job.start(snakemake)
options = dict(snakemake.params.options)
train, test = options.pop("train", None), options.pop("test", None)
data = datasets.load(snakemake.wildcards.dataset, **options)
if train or test:
    data = data.first(train, test)
with job.atomic_write(snakemake.output.data) as path:
    data.save(path)
with job.atomic_write(snakemake.output.description) as path:
    path.write_text(datasets.described(snakemake.wildcards.dataset, data, options))
