"""Draw the UMAP planes of all variants."""

import job
import numpy as np

from kerasae.figures import planes

job.start(snakemake)
panels = {
    variant: np.load(path, allow_pickle=False)
    for variant, path in zip(snakemake.params.variants, snakemake.input.planes, strict=True)
}
labels = job.arrays(snakemake.input.data, "y_test")
figure = planes(panels, labels, "UMAP of the test codes", "UMAP")
job.save_figure(figure, snakemake.output[0])
