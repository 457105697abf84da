"""Samples of all variants and baselines, a row a sampler."""

from kerasae.evaluation.task import Several
from kerasae.evaluation.tasks.samples import SAMPLERS
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the samples of every sampler."""
    from kerasae.reporting.drawing import rows_of_images

    rows = {}
    for run, generated in inputs.each("generated"):
        for sampler in SAMPLERS:
            if f"shown_{sampler}" in generated:
                name = f"{run['variant']}, {sampler.replace('_', ' ')}"
                rows[name] = generated[f"shown_{sampler}"]
    return rows_of_images(rows, "Samples, by sampler")


FIGURE = Figure(
    name="generated_panel",
    task="samples",
    what="by sampler",
    path="generated.png",
    draw=draw,
    reads=(Several("generated", models="all"),),
    needs=("labels", "thorough"),
)
