"""The contract of a figure: its inputs, its unit, and its drawing function."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure of the report: a rule of the workflow.

    Attributes
    ----------
    name : str
        Name of the rule.
    task : str
        Task whose category of the report contains the figure.
    what : str
        Label in the report; with the task also the name of the `caption`.
    path : str
        Below ``figures/``, with the wildcards of ``per``.
    draw : callable
        From `kerasae.evaluation.task.Inputs` to a matplotlib figure, or another object with
        ``savefig(path, dpi)``. It imports plotting libraries inside, not in the module.
    reads : tuple of str or Several
        Inputs, as in `kerasae.evaluation.task.Measurement`; ``scores`` is the table of all scores
        of the data set.
    per : {"data", "variant", "held_out", "latent_dim"}
        Unit of a file; ``held_out``: a latent dimension and a held-out class. One job draws the
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
    draw: Callable
    reads: tuple
    per: str = "data"
    settings: tuple = ()
    needs: tuple = ()

    @property
    def caption(self):
        """File name of its caption in ``workflow/report``."""
        return f"{self.task}_{self.what.replace(' ', '_')}.rst"
