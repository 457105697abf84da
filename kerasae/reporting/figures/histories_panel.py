"""The loss over the epochs, a panel a variant and a line a seed."""

from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the histories of all variants and seeds."""
    histories = {}
    for run, history in inputs.each("histories"):
        histories.setdefault(run["variant"], []).append(history)
    return losses(histories, "Training and validation loss")


def losses(histories, title):
    """Draw the training and validation loss of each model over its epochs.

    ``histories`` map models to a data frame per seed, with ``epoch``, ``loss`` and ``val_loss``.
    """
    from matplotlib.ticker import ScalarFormatter

    from kerasae.reporting.drawing import panel

    figure, axes_of = panel(histories, title)
    for name, axes in axes_of.items():
        for number, history in enumerate(histories[name]):
            for column, label, style in (
                ("loss", "training", {"color": "#3f90da"}),
                ("val_loss", "validation", {"color": "#bd1f01", "ls": "--"}),
            ):
                axes.plot(
                    history["epoch"], history[column], label=label if number == 0 else None,
                    marker="o" if len(history) == 1 else None, **style,
                )  # fmt: skip
        axes.set(xlabel="epoch", ylabel="loss per sample", yscale="log")
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_formatter(ScalarFormatter())
        axes.tick_params(which="both", labelsize=7)
        axes.legend(fontsize=7)
    return figure


FIGURE = Figure(
    name="histories_panel",
    task="training_time",
    what="histories",
    path="histories.png",
    caption=(
        "Loss of each variant over {epochs} epochs, on the training set and on {validation} "
        "validation samples; latent dimension {latent_dim}. Each variant minimises its own "
        "loss: levels cannot be compared between variants. Stacked models jump where a new "
        "stage with its own loss begins (in inner stages the squared error, not nats). The "
        "training loss is measured while the weights change, with batch statistics and, for "
        "denoising, with noise: it may exceed the validation loss. Each line is one seed."
    ),
    draw=draw,
    reads=(Gathered("histories", seeds="all"),),
)
