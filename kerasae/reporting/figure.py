"""The contract of a figure: its inputs, its unit, and its drawing function."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Attributes
    ----------
    name : str
        Name in the registry.
    task : str
        Task whose category of the report contains the figure.
    what : str
        Label in the report.
    path : str
        Below ``figures/``, with the fields of ``per``. Figures of variants have their own folder.
    caption : str
        Text below it in the report, in reStructuredText. ``{name}`` stands for a setting, a field
        of ``per``, an amount of the data set, ``epochs``, ``steps`` or the ``anomalies``.
    draw : callable
        From `kerasae.evaluation.task.Inputs` to a matplotlib figure, or another object with
        ``savefig(path, dpi)``. It imports plotting libraries inside, not in the module.
    reads : tuple of str or Gathered
        Inputs, as in `kerasae.evaluation.task.Evaluation`; ``scores`` is the table of all scores
        of the data set.
    per : {"data", "variant", "held_out", "latent_dim"}
        Unit of a file; ``held_out``: a latent dimension and a held-out class. A job draws the
        figures of all variants.
    settings : tuple of str
        Keys of the configuration, with dots; ``all_variants`` are the names of all variants and
        baselines, ``anomaly.score`` is the plotted anomaly score of the data set.
    needs : tuple of str
        As in `kerasae.evaluation.task.Task`; ``several_held_out``: more than one held-out class.
    """

    name: str
    task: str
    what: str
    path: str
    caption: str
    draw: Callable
    reads: tuple
    per: str = "data"
    settings: tuple = ()
    needs: tuple = ()
