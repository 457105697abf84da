"""AUROC of every variant, baseline and held-out class."""

from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.tasks.anomaly import TASK
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw a heat map: models by the plotted anomaly score, detectors by their own scores."""
    import pandas as pd

    from kerasae.evaluation.scores import select
    from kerasae.reporting.charts import heat_map

    scores, score = inputs["scores"], inputs.settings["score"]
    latent_dim = int(inputs.run["latent_dim"])
    models = select(scores, TASK.name, ScoreKey("auroc", score=score))
    models = models[models["latent_dim"] == latent_dim]
    # Some scores exist for posterior means only
    code = "sample" if (models["code"] == "sample").any() else "mean"
    models = select(models, TASK.name, ScoreKey("auroc", code))
    detectors = [*TASK.baselines, *inputs.settings["detectors"]]
    others = select(scores, TASK.name, ScoreKey("auroc"))
    cells = pd.concat([models, others[others["variant"].isin(detectors)]])
    cells = cells.rename(columns={"variant": "row", "held_out": "column"})
    title = f"Detection of held-out classes, latent dimension {latent_dim}, score: {score}"
    label = f"{TASK.metric('auroc').title}, ▼ worse than guessing"
    rows = list(dict.fromkeys([*inputs.settings["all_variants"], *detectors]))
    figure, axes = heat_map(cells, rows, title, label, 0.5)
    axes.set_xlabel("held-out class")
    return figure


FIGURE = Figure(
    name="auc_panel",
    task="anomaly",
    what="auc",
    path="auc-latent{latent_dim}.png",
    caption=(
        "AUROC for each held-out class at latent dimension {latent_dim}; score of the models: "
        "``{score}``. 0.5 is guessing. ▼ marks values below: normal samples score higher than "
        "anomalies. Baselines have their own scores: ``no_model``, lack of ink (for rows, "
        "distance from the mean); ``nearest_neighbours``, distance in pixels or columns; "
        "``isolation_forest``, ease of isolation. With several seeds: mean ± half the width of "
        "the 95 % interval."
    ),
    draw=draw,
    reads=("scores",),
    per="latent_dim",
    settings=("all_variants", "anomaly.score", "detectors"),
    needs=("several_held_out",),
)
