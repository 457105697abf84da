"""The UMAP planes of the test codes, a panel a variant."""

from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the planes, coloured by class."""
    from kerasae.reporting.drawing import planes

    panels = {run["variant"]: plane for run, plane in inputs.each("plane")}
    data = inputs["data"]
    return planes(panels, data.y_test, data.classes, "UMAP of the test codes", "UMAP")


FIGURE = Figure(
    name="umap_panel",
    task="latent_space",
    what="umap",
    path="umap.png",
    caption=(
        "Test codes of each variant at latent dimension {latent_dim}, projected to a plane by "
        "UMAP; posterior means of VAEs. Colours are the classes, if there are labels; neither "
        "the models nor UMAP use labels. Neighbours in the plane are mostly neighbours among "
        "the codes; distances between clusters, sizes and axes have no meaning."
    ),
    draw=draw,
    reads=("data", Gathered("plane")),
)
