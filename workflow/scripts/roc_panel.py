"""Draw the ROC curves of all variants and seeds, beside that of a score without a model."""

import job
import numpy as np

from kerasae.datasets import GIVEN, Dataset
from kerasae.figures import roc_panel
from kerasae.tasks.anomaly import all_scores, auc, roc, without_model

job.start(snakemake)
params, left_out = snakemake.params, snakemake.wildcards.left_out
data = Dataset.open(snakemake.input.data)
images, anomalous = data.test(left_out)


def curve(scores):
    return *roc(scores, anomalous), auc(scores, anomalous)


def score(path):
    with np.load(path, allow_pickle=False) as codes:
        if params.score in codes:
            return codes[params.score]
        return all_scores(codes, data.y_train != data.label(left_out))[params.score]


curves = {variant: [] for variant in params.variants}
for variant, path in zip(params.entries, snakemake.input.codes, strict=True):
    curves[variant].append(curve(score(path)))
name, reference = without_model(data.x_train, images)
what = "The given anomalies" if left_out == GIVEN else f"Class {data.text(left_out)} left out"
figure = roc_panel(
    curves, curve(reference), name.replace("_", " "), f"{what}, score: {params.score}"
)
job.save_figure(figure, snakemake.output[0])
