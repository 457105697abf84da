"""Similarity of the codes of all variants and baselines."""

from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.tasks.latent_space import TASK
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the linear CKA of every pair as a heat map."""
    from kerasae.evaluation.scores import select
    from kerasae.reporting.charts import heat_map

    cells = select(inputs["scores"], TASK.name, ScoreKey("cka"))
    cells = cells.rename(columns={"variant": "row", "reference": "column"})
    title, label = "Similarity of the test codes", TASK.metric("cka").title
    figure, axes = heat_map(cells, inputs.settings["all_variants"], title, label)
    axes.tick_params("x", rotation=45)
    return figure


FIGURE = Figure(
    name="similarity_panel",
    task="latent_space",
    what="similarity",
    path="similarity.png",
    caption=(
        "Linear centred kernel alignment (CKA) of the test codes of each pair of models, from 0 "
        "(no linear relation) to 1 (equal up to rotation and scale); posterior means of VAEs. "
        "With several seeds: mean ± half the width of the 95 % interval."
    ),
    draw=draw,
    reads=("scores",),
    settings=("all_variants",),
    needs=("labels", "thorough"),
)
