"""Draw the reconstructions of all variants below the images."""

import job

from kerasae.figures import rows_of_images

job.start(snakemake)
images = job.arrays(snakemake.input.data, "x_test") / 255
rows = {
    variant: job.arrays(path, "reconstructions")
    for variant, path in zip(snakemake.params.variants, snakemake.input.codes, strict=True)
}
shown = len(next(iter(rows.values())))
figure = rows_of_images({"image": images[:shown], **rows}, "Test images and reconstructions")
job.save_figure(figure, snakemake.output[0])
