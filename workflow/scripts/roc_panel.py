"""Draw the ROC curves of all variants and seeds, beside that of a score without a model."""

from itertools import product

import job
import numpy as np

from kerasae.datasets import GIVEN, Dataset
from kerasae.evaluation.measures.anomaly import auc, detectors, one_score, roc, trained_on
from kerasae.reporting.figures import roc_panel

job.start(snakemake)
params, held_out = snakemake.params, snakemake.wildcards.held_out
data = Dataset.open(snakemake.input.data)
images, anomalous = data.test(held_out)


def curve(scores):
    return *roc(scores, anomalous), auc(scores, anomalous)


rows = {seed: trained_on(data, held_out, params.validation, seed) for seed in params.seeds}
curves = {variant: [] for variant in params.variants}
runs = product(params.variants, params.seeds)
for (variant, seed), path in zip(runs, snakemake.input.codes, strict=True):
    with np.load(path, allow_pickle=False) as codes:
        curves[variant].append(curve(one_score(codes, params.score, rows[seed])))
name, no_model = next(
    (name, detector)
    for name, detector in detectors(images).items()
    if detector.variant == "no_model"
)
first = params.seeds[0]
reference = no_model.score(data.x_train[rows[first]], images, first)
what = "The given anomalies" if held_out == GIVEN else f"Class {data.text(held_out)} left out"
figure = roc_panel(
    curves, curve(reference), name.replace("_", " "), f"{what}, score: {params.score}"
)
job.save_figure(figure, snakemake.output[0])
