"""Draw the UMAP planes of all variants."""

import job
import numpy as np

from kerasae.datasets import Dataset
from kerasae.reporting.figures import planes

job.start(snakemake)
panels = {
    variant: np.load(path, allow_pickle=False)
    for variant, path in zip(snakemake.params.variants, snakemake.input.planes, strict=True)
}
data = Dataset.open(snakemake.input.data)
figure = planes(panels, data.y_test, data.classes, "UMAP of the test codes", "UMAP")
job.save_figure(figure, snakemake.output[0])
