"""Samples of the variants with a prior."""

from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw a grid of samples for each generative variant."""
    from kerasae.reporting.drawing import sample_grids

    grids = {
        run["variant"]: outputs.samples
        for run, outputs in inputs.each("outputs")
        if outputs.samples is not None
    }
    return sample_grids(grids, "Samples from the prior")


FIGURE = Figure(
    name="samples_panel",
    task="samples",
    what="grids",
    path="samples.png",
    caption=(
        "Samples of each generative variant. Codes are sampled from its prior: a standard "
        "Gaussian, or uniform categories for discrete codes; latent dimension {latent_dim}, "
        "{epochs} epochs. The other variants have no prior."
    ),
    draw=draw,
    reads=(Gathered("outputs"),),
)
