"""Test samples, and below them their reconstructions by all variants."""

from kerasae.datasets import as_floats
from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw a row of samples, and a row of reconstructions for each variant."""
    from kerasae.reporting.drawing import kind, rows_of_images

    rows = {
        run["variant"]: outputs.sampled.reconstructions for run, outputs in inputs.each("outputs")
    }
    x_test, count = inputs["data"].x_test, len(next(iter(rows.values())))
    name = kind(x_test)
    rows = {name: as_floats(x_test[:count]), **rows}
    return rows_of_images(rows, f"Test {name}s and reconstructions")


FIGURE = Figure(
    name="reconstructions_panel",
    task="reconstruction",
    what="side by side",
    path="reconstructions.png",
    caption=(
        "The first test samples (top row) and their reconstructions by each variant; latent "
        "dimension {latent_dim}, {epochs} epochs. VAEs decode a posterior sample."
    ),
    draw=draw,
    reads=("data", Gathered("outputs")),
)
