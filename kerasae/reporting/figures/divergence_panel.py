"""KL divergence of each element of the codes from the prior, of VAEs."""

import numpy as np

from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the divergences of all stochastic variants and seeds."""
    from kerasae.evaluation.metrics.latent_space import kl_per_dimension

    series = {}
    for run, outputs in inputs.each("outputs"):
        if outputs.stochastic:
            divergence = kl_per_dimension(outputs.mean.test, outputs.log_stds)
            series.setdefault(run["variant"], []).append(divergence)
    return divergences(series, "KL divergence of the elements of the codes")


def divergences(series, title):
    """Draw the divergence of each element of the codes, the largest first.

    ``series`` map stochastic variants to an array (latent_dim,) in nats per seed.
    """
    from matplotlib.ticker import MaxNLocator

    from kerasae.reporting.charts import style
    from kerasae.reporting.drawing import canvas
    from kerasae.reporting.statistics import half_width

    figure = canvas(7.5, 4.2, title)
    axes = figure.subplots()
    for number, (name, seeds) in enumerate(series.items()):
        ranked = np.sort(seeds, axis=1)[:, ::-1]  # (seeds, latent_dim)
        half = np.nan_to_num(np.apply_along_axis(half_width, 0, ranked))
        ranks = np.arange(1, ranked.shape[1] + 1)
        axes.errorbar(ranks, ranked.mean(axis=0), half, label=name, **style(number))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="element of the code, by rank", ylabel="KL divergence from the prior in nats")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    if series:
        axes.legend()
    return figure


FIGURE = Figure(
    name="divergence_panel",
    task="latent_space",
    what="divergence",
    path="divergence.png",
    caption=(
        "KL divergence of the posterior from the standard Gaussian prior for each element of "
        "the VAEs' codes, mean over the test set, the largest first. An element near zero "
        "carries no information about the input. With several seeds, bars are 95 % intervals."
    ),
    draw=draw,
    reads=(Gathered("outputs", seeds="all"),),
    needs=("labels", "thorough"),
)
