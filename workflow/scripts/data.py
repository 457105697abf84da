"""Load a data set, check it, and write its images and labels as arrays."""

import job
import numpy as np

from kerasae import datasets
from kerasae.files import whole

job.start(snakemake)
options = snakemake.params.options
data = datasets.load(snakemake.wildcards.dataset, path=options.get("path"))
train, test = options.get("train"), options.get("test")
with whole(snakemake.output[0]) as path:
    np.savez(
        path,
        x_train=data.x_train[:train],
        y_train=data.y_train[:train],
        x_test=data.x_test[:test],
        y_test=data.y_test[:test],
    )
