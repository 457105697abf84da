"""Metrics, and the qualifiers that make a number unique.

A task defines its metrics in its own file. Tables, rankings, claims, captions and the documentation
are made from these definitions; no meaning is parsed out of a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:  # the workflow imports this module for planning
    import pandas as pd

CODES = {
    "sample": "posterior sample",
    "mean": "posterior mean",
    "samples": "mean over posterior samples",
    "sample_per_frame": "new sample per frame",
    "sample_per_path": "same noise along the path",
}
"""Kinds of codes of models with a posterior. A deterministic model has one code, left blank."""


@dataclass(frozen=True)
class Metric:
    """A metric of one task.

    Attributes
    ----------
    name : str
        Name in the scores: small letters and underscores.
    title : str
        Heading in tables and figures.
    text : str
        Description in one line.
    better : {"higher", "lower", ""}
        Empty where neither direction is better, or the value depends on the machine.
    range : str
        Possible values, such as ``"0 to 1"``.
    unit : str
        Empty for a number without a unit.
    decimals : int
        In tables.
    source : str
        Publication, unless common knowledge.
    """

    name: str
    title: str
    text: str
    better: Literal["higher", "lower", ""] = ""
    range: str = ""
    unit: str = ""
    decimals: int = 4
    source: str = ""

    @property
    def higher_is_better(self) -> bool | None:
        """True, False, or None where neither direction is better."""
        return {"higher": True, "lower": False, "": None}[self.better]

    @property
    def arrow(self) -> str:
        """↑ or ↓ for the better direction, or nothing."""
        return {"higher": "↑", "lower": "↓", "": ""}[self.better]


class ScoreKey(NamedTuple):
    """A metric with its qualifiers, each a column of the scores.

    As a key of results, None leaves a column blank. As a query, None matches any value; ``code``
    also matches the blank code of a deterministic model.

    Attributes
    ----------
    metric : str
        Name of the metric.
    code : str or None
        One of `CODES`.
    sampler : str or None
        Source of sampled codes: ``prior``, ``learned_prior``, ``mixture``, ``real``.
    probe : str or None
        Method applied to the codes: a classifier (``dense``, ``dense_all_epochs``, ``logistic``,
        ``neighbours``) or a clustering (``k_means``, ``gaussian_mixture``).
    labels : int or None
        Number of labelled samples.
    score : str or None
        Anomaly score.
    reference : str or None
        Variant that the codes are compared with.
    classes : str or None
        Numbers of the classes, from 0.
    """

    metric: str
    code: str | None = None
    sampler: str | None = None
    probe: str | None = None
    labels: int | None = None
    score: str | None = None
    reference: str | None = None
    classes: str | None = None

    @property
    def qualifiers(self) -> dict[str, str | int]:
        """The qualifiers that are not None: a dict of column to value."""
        columns = self._asdict()
        return {name: columns[name] for name in QUALIFIERS if columns[name] is not None}


QUALIFIERS = ScoreKey._fields[1:]
"""Columns of the scores that qualify a metric."""
RUN = ("dataset", "variant", "seed", "latent_dim", "held_out")
KEYS = (*RUN, "task", "metric", *QUALIFIERS)
COLUMNS = (*KEYS, "value")
"""Columns of the scores."""


def tidy(run: Mapping[str, object], task: str, numbers: Mapping[ScoreKey, float]) -> "pd.DataFrame":
    """Make the rows of one run and task.

    Parameters
    ----------
    run : mapping
        The columns ``dataset``, ``variant``, ``seed``, ``latent_dim`` and ``held_out``; blank where
        the numbers do not depend on it.
    task : str
        Name of the task.
    numbers : dict of ScoreKey to float
        The values.

    Returns
    -------
    pandas.DataFrame
        With the `COLUMNS`, a row per number.
    """
    import pandas as pd

    columns = [run[column] for column in RUN]
    rows = [
        (*columns, task, *("" if field is None else field for field in key), value)
        for key, value in numbers.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)
