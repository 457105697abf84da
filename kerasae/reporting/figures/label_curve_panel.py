"""Accuracy of the logistic and neighbours probes by number of labels."""

from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.tasks.label_curve import TASK
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the curves of all variants and baselines."""
    from kerasae.evaluation.scores import select

    scores = select(inputs["scores"], TASK.name, ScoreKey("accuracy")).astype({"labels": int})
    order = [*inputs.settings["all_variants"], *TASK.baselines]
    return curves(scores, order, "Classification of standardised codes by number of labels")


def curves(scores, order, title):
    """Draw accuracies over the number of labels, a panel a probe.

    Scores have ``probe``, ``labels``, ``variant``, ``seed`` and ``value``; ``order`` is that of the
    legend.
    """
    from kerasae.reporting.charts import style
    from kerasae.reporting.drawing import canvas
    from kerasae.reporting.statistics import half_width

    probes = scores["probe"].unique()
    figure = canvas(4.6 * len(probes) + 2, 4.4, title)
    panels = figure.subplots(1, len(probes), sharey=True, squeeze=False)[0]
    present = [name for name in order if (scores["variant"] == name).any()]
    for axes, probe in zip(panels, probes, strict=True):
        rows = scores[scores["probe"] == probe]
        cells = rows.groupby(["variant", "labels"])["value"].agg(["mean", half_width])
        for number, name in enumerate(present):
            line = cells.loc[name]
            half = line["half_width"].fillna(0)
            axes.errorbar(line.index, line["mean"], half, label=name, **style(number))
        axes.set(xscale="log", xlabel="labelled samples", title=probe)
        counts = sorted(rows["labels"].unique())
        axes.set_xticks(counts, [f"{count:,}" for count in counts], rotation=45)
        axes.minorticks_off()
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("test accuracy")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    return figure


FIGURE = Figure(
    name="label_curve_panel",
    task="classification",
    what="label curve",
    path="label_curve.png",
    caption=(
        "Test accuracy of a logistic regression and of nearest neighbours on standardised "
        "codes, by the number of labelled training samples; posterior means of VAEs. With "
        "several seeds, bars are 95 % intervals."
    ),
    draw=draw,
    reads=("scores",),
    settings=("all_variants",),
    needs=("labels", "curve"),
)
