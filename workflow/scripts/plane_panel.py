"""Draw the codes of the runs for anomaly detection, their first two elements."""

import job

from kerasae.figures import planes

job.start(snakemake)
panels = {}
for variant, path in zip(snakemake.params.variants, snakemake.input.codes, strict=True):
    panels[variant] = job.arrays(path, "codes_test")[:, :2]
labels = job.arrays(snakemake.input.data, "y_test")
title = f"Test codes of the runs without class {snakemake.wildcards.left_out}"
job.save_figure(planes(panels, labels, title, "code"), snakemake.output[0])
