"""The UMAP planes of the test codes, a panel a variant."""

from kerasae.evaluation.task import Several
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the planes, coloured by class."""
    from kerasae.reporting.drawing import planes

    panels = {run["variant"]: plane for run, plane in inputs.each("planes")}
    data = inputs["data"]
    return planes(panels, data.y_test, data.classes, "UMAP of the test codes", "UMAP")


FIGURE = Figure(
    name="umap_panel",
    task="latent_space",
    what="umap",
    path="umap.png",
    draw=draw,
    reads=("data", Several("planes")),
)
