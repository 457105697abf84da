"""Samples of all variants and baselines, a row a sampler."""

from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the samples of every sampler."""
    from kerasae.reporting.drawing import rows_of_images

    rows = {}
    for run, generated in inputs.each("generated"):
        for sampler, samples in generated["samples"].items():
            rows[f"{run['variant']}, {sampler.replace('_', ' ')}"] = samples["images"]
    return rows_of_images(rows, "Samples, by sampler")


FIGURE = Figure(
    name="generated_panel",
    task="samples",
    what="by sampler",
    path="generated.png",
    caption=(
        "Samples by sampler. ``prior``: the model's own, a standard Gaussian, or uniform "
        "categories for discrete codes. ``learned prior``: an autoregressive network fitted to "
        "the categories of the training set. ``mixture``: a Gaussian mixture fitted to the "
        "codes of the training set, for every model."
    ),
    draw=draw,
    reads=(Gathered("generated", models="all"),),
    needs=("labels", "thorough"),
)
