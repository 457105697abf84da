"""ROC curves of all variants and seeds, and of a score without a model."""

import numpy as np

from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the ROC curves of one held-out class and latent dimension."""
    from kerasae.evaluation.detectors import detectors
    from kerasae.evaluation.metrics.anomaly import anomaly_score, auroc, roc, training_rows
    from kerasae.reporting.drawing import anomalies_of

    held_out = inputs.run["held_out"]
    score, validation = inputs.settings["score"], inputs.settings["validation"]

    def split(seed):
        data = inputs["data"].for_seed(seed)
        return data, training_rows(data, held_out, validation, seed)

    def curve(values, anomalous):
        return *roc(values, anomalous), auroc(values, anomalous)

    curves, first = {}, None
    for run, outputs in inputs.each("outputs"):
        seed = int(run["seed"])
        first = seed if first is None else first
        data, rows = split(seed)
        values = anomaly_score(outputs, score, rows)
        curves.setdefault(run["variant"], []).append(curve(values, data.test(held_out)[1]))
    data, rows = split(first)
    images, anomalous = data.test(held_out)
    [(name, no_model)] = detectors(images, {"no_model": {}})
    reference = no_model.score(data.x_train[rows], images, first)
    title = f"ROC curves, {anomalies_of(data, held_out)}, score: {score}"
    return roc_curves(curves, curve(reference, anomalous), name.replace("_", " "), title)


def roc_curves(curves, reference, without, title):
    """Draw the ROC curves of each model, and of a ``reference`` without a model in every panel.

    ``curves`` map models to a tuple per seed: false positive rates, true positive rates and AUROC.
    ``without`` is the name of the reference, which is such a tuple.
    """
    from matplotlib.lines import Line2D

    from kerasae.reporting.drawing import panel
    from kerasae.reporting.statistics import half_width

    figure, axes_of = panel(curves, title)
    no_model, no_model_true, no_model_area = reference
    for name, axes in axes_of.items():
        axes.plot(no_model, no_model_true, color="#94a4a2", ls="--")
        for x, y, _ in curves[name]:
            axes.plot(x, y, color="#3f90da", lw=1.5 / len(curves[name]) ** 0.5)
        axes.plot([0, 1], [0, 1], color="black", lw=0.5, ls=":")
        areas = [area for *_, area in curves[name]]
        spread = f" ± {half_width(areas):.3f}" if len(areas) > 1 else ""
        axes.set_title(f"{name}\nAUROC {np.mean(areas):.3f}{spread}")
        axes.set(xlabel="false positive rate", ylabel="true positive rate", aspect="equal")
    label = f"no model, {without}"
    handles = [
        Line2D([], [], color="#3f90da", label="the model's score"),
        Line2D([], [], color="#94a4a2", ls="--", label=f"{label}: AUROC {no_model_area:.3f}"),
        Line2D([], [], color="black", lw=0.5, ls=":", label="guessing: AUROC 0.500"),
    ]
    columns = 3 if len(curves) > 2 else 1  # a figure of one or two panels is narrow
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    return figure


FIGURE = Figure(
    name="roc_panel",
    task="anomaly",
    what="roc",
    path="roc/latent{latent_dim}-without_{held_out}.png",
    caption=(
        "ROC curves for detecting {anomalies}; latent dimension {latent_dim}, {epochs} epochs. "
        "Score: ``{score}``, explained with the table; higher is more anomalous. Each line is "
        "one seed. Dashed: a score without a model. Below the diagonal, normal samples score "
        "higher: for a reconstruction loss, anomalies are *easier* to reconstruct than normal "
        "samples."
    ),
    draw=draw,
    reads=("data", Gathered("outputs", of="held_out", seeds="all")),
    per="held_out",
    settings=("validation", "anomaly.score"),
    needs=("held_out",),
)
