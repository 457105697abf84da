"""The test samples with the highest anomaly scores, a row a variant."""

import numpy as np

from kerasae.datasets import as_floats
from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure

_ANOMALY, _NORMAL = ("#e76300", 3, "bold"), ("#94a4a2", 1, "normal")
"""Colour and width of the frame, and weight of the name."""


def draw(inputs):
    """Draw the most anomalous samples of one held-out class and latent dimension."""
    from kerasae.evaluation.metrics.anomaly import anomaly_score, training_rows
    from kerasae.reporting.drawing import anomalies_of

    held_out = inputs.run["held_out"]
    score, validation = inputs.settings["score"], inputs.settings["validation"]
    scores = {}
    for run, outputs in inputs.each("outputs"):  # of one seed
        data = inputs["data"].for_seed(int(run["seed"]))
        rows = training_rows(data, held_out, validation, int(run["seed"]))
        scores[run["variant"]] = anomaly_score(outputs, score, rows)
    samples, anomalous = data.test(held_out)
    title = f"Most anomalous test samples, {anomalies_of(data, held_out)}, score: {score}"
    return most_anomalous(as_floats(samples), anomalous, scores, title, data.name, data.counting)


def most_anomalous(samples, anomalous, scores, title, name_of=str, counting="", most=16):
    """Draw the samples of the highest scores, a row a model, at most ``most`` in each.

    ``scores`` map models to scores (N,), higher being more anomalous. A boolean of ``anomalous``
    (N,) marks a sample: ▲ and a thick orange frame, or ○ and a thin grey one. ``name_of`` maps the
    position of a sample to its name, and ``counting`` says how the names count.
    """
    from kerasae.reporting.drawing import canvas, marked, show, value_range

    first = {name: np.argsort(-values, kind="stable")[:most] for name, values in scores.items()}
    limits = value_range([samples[numbers] for numbers in first.values()])
    columns = min(most, len(samples))
    figure = canvas(columns * 0.7 + 1.8, len(scores) * 0.95 + 0.9, title)
    figure.supxlabel(counting, fontsize=8)
    grid = figure.subplots(len(scores), columns, squeeze=False)
    for line, (name, numbers) in zip(grid, first.items(), strict=True):
        for axes, number in zip(line, numbers, strict=True):
            show(axes, samples[number], limits)
            colour, width, weight = _ANOMALY if anomalous[number] else _NORMAL
            axes.spines[:].set(visible=True, color=colour, linewidth=width)
            title = marked(name_of(number), anomalous[number])
            axes.set_title(title, fontsize=7, pad=3, fontweight=weight)
        label = f"{name}\n▲ {anomalous[numbers].sum()} of {len(numbers)}"
        line[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=8)
    return figure


FIGURE = Figure(
    name="most_anomalous_panel",
    task="anomaly",
    what="most anomalous",
    path="most_anomalous/latent{latent_dim}-without_{held_out}.png",
    caption=(
        "Test samples with the highest anomaly scores of each variant, the most anomalous "
        "first; first seed, latent dimension {latent_dim}. ▲ and a thick orange frame mark an "
        "anomaly, ○ and a thin grey frame a normal sample. Samples are named as in the data; "
        "the line at the bottom says how they count. On the left: the number of anomalies among "
        "the samples shown. Rows of tables are shown as profiles, with the columns from left to "
        "right and the values as heights."
    ),
    draw=draw,
    reads=("data", Gathered("outputs", of="held_out")),
    per="held_out",
    settings=("validation", "anomaly.score"),
    needs=("held_out",),
)
