"""Draw the ROC curves of all variants, beside that of a score without a model."""

import job

from kerasae.figures import roc_panel
from kerasae.tasks.anomaly import auc, roc
from kerasae.tasks.reconstruction import ink

job.start(snakemake)
params = snakemake.params
x_test, y_test = job.arrays(snakemake.input.data, "x_test", "y_test")
anomalous = y_test == params.left_out


def curve(scores):
    return *roc(scores, anomalous), auc(scores, anomalous)


curves = {
    variant: curve(job.arrays(path, params.score))
    for variant, path in zip(params.variants, snakemake.input.codes, strict=True)
}
title = f"Class {params.left_out} left out, score: {params.score}"
figure = roc_panel(curves, curve(-ink(x_test / 255)), title)
job.save_figure(figure, snakemake.output[0])
