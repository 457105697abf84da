"""Draw the reconstructions of all variants below the images."""

import job

from kerasae.datasets import as_floats
from kerasae.reporting.figures import rows_of_images

job.start(snakemake)
images = as_floats(job.arrays(snakemake.input.data, "x_test"))
rows = {
    variant: job.arrays(path, "reconstructions")
    for variant, path in zip(snakemake.params.variants, snakemake.input.codes, strict=True)
}
shown = len(next(iter(rows.values())))
what = "image" if images.ndim > 2 else "row"
figure = rows_of_images({what: images[:shown], **rows}, f"Test {what}s and reconstructions")
job.save_figure(figure, snakemake.output[0])
