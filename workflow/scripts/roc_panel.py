"""Draw the ROC curves of all variants and seeds, beside that of a score without a model."""

import job
import numpy as np

from kerasae.figures import roc_panel
from kerasae.tasks.anomaly import all_scores, auc, roc
from kerasae.tasks.reconstruction import ink

job.start(snakemake)
params, left_out = snakemake.params, int(snakemake.wildcards.left_out)
x_test, y_test, y_train = job.arrays(snakemake.input.data, "x_test", "y_test", "y_train")
anomalous = y_test == left_out


def curve(scores):
    return *roc(scores, anomalous), auc(scores, anomalous)


def score(path):
    with np.load(path, allow_pickle=False) as codes:
        if params.score in codes:
            return codes[params.score]
        return all_scores(codes, y_train != left_out)[params.score]


curves = {variant: [] for variant in params.variants}
for variant, path in zip(params.entries, snakemake.input.codes, strict=True):
    curves[variant].append(curve(score(path)))
title = f"Class {left_out} left out, score: {params.score}"
figure = roc_panel(curves, curve(-ink(x_test / 255)), title)
job.save_figure(figure, snakemake.output[0])
