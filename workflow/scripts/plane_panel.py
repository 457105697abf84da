"""Draw the codes of the runs for anomaly detection, their first two elements."""

import job
import numpy as np

from kerasae.datasets import GIVEN, Dataset
from kerasae.reporting.figures import planes

job.start(snakemake)
held_out = snakemake.wildcards.held_out
panels = {}
for variant, path in zip(snakemake.params.variants, snakemake.input.codes, strict=True):
    panels[variant] = job.arrays(path, "codes_test")[:, :2]
data = Dataset.open(snakemake.input.data)
labels, classes = data.y_test, data.classes
title = f"Test codes of the runs without {data.text(held_out)}"
if held_out == GIVEN:
    classes = classes or ("test",)
    labels = np.concatenate([labels, np.full(len(data.anomalies), len(classes))])
    classes, title = (*classes, "anomaly"), "Test codes, and those of the given anomalies"
job.save_figure(planes(panels, labels, classes, title, "code"), snakemake.output[0])
