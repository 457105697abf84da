"""Comparisons of two measures over the seeds, and claims made of them.

A comparison states where the difference of two measures lies: below 0, above 0, or between two
bounds. It is tested on the differences of the runs that share a seed, by Student's t.
"""

from dataclasses import dataclass, field

import numpy as np

from kerasae.evaluation.metrics import Measure
from kerasae.reporting.claims.measures import (
    Agreement,
    Mean,
    NotMeasured,
    RankCorrelation,
    ShareOfErrors,
    over_cells,
)
from kerasae.reporting.statistics import paired_p_value


@dataclass(frozen=True)
class Outcome:
    """Result of a comparison.

    Attributes
    ----------
    differences : numpy.ndarray of shape (seeds,)
        One minus other.
    low, high : float
        Claimed bounds of their mean, in their unit.
    """

    differences: np.ndarray
    low: float
    high: float

    @property
    def agrees(self):
        """Whether the mean lies within the bounds, significantly or not."""
        return bool(self.low < self.differences.mean() < self.high)

    @property
    def p_for(self):
        """p-value for the mean lying within the bounds.

        At most 0.05 exactly where the 95 % interval of the mean lies within them.
        """
        return max(_p_above(self.differences, self.low), _p_above(-self.differences, -self.high))

    @property
    def p_against(self):
        """p-value for the mean lying outside of the bounds, likewise."""
        return min(_p_above(-self.differences, -self.low), _p_above(self.differences, self.high))


def _p_above(values, bound):
    """p-value for the mean lying above a bound, as strict as a two-sided one."""
    if np.isinf(bound):
        return float(bound > 0)
    return paired_p_value(values, np.full(len(values), bound)) if values.mean() > bound else 1.0


@dataclass(frozen=True)
class Comparison:
    """A statement that the mean of one - other lies between two bounds.

    Parameters
    ----------
    one, other : Mean or another class of `kerasae.reporting.claims.measures`
        The other one can be a number.
    low, high : float
        The bounds, in the unit of the measures.
    of : Mean or None
        If given, the bounds are shares of its mean.
    """

    one: Mean | ShareOfErrors | RankCorrelation | Agreement
    other: Mean | float
    low: float = -np.inf
    high: float = np.inf
    of: Mean | None = None

    @property
    def is_absolute(self):
        """Whether it compares with a number."""
        return isinstance(self.other, int | float)

    def measure(self, arranged):
        """Take the differences.

        Parameters
        ----------
        arranged : Arranged
            Scores of one data set.

        Returns
        -------
        Outcome
            Over the seeds that have all cells that both measures have.

        Raises
        ------
        NotMeasured
            If the scores lack one of the two, or no seed has both.
        """
        one = self.one.values(arranged)
        other = self.other if self.is_absolute else self.other.values(arranged)
        differences = over_cells(one - other)
        differences = differences[~np.isnan(differences)]
        if not len(differences):
            raise NotMeasured(f"{self.label} in one seed")
        scale = 1.0 if self.of is None else np.nanmean(self.of.values(arranged))
        return Outcome(differences, self.low * scale, self.high * scale)

    @property
    def shared(self):
        """The measure that both sides have, as text, which the label leaves out; else empty."""
        if self.is_absolute or self.one.name or self.other.name:
            return ""
        return self.one.measure if self.one.measure == self.other.measure else ""

    @property
    def label(self):
        """Name of the difference for texts."""
        one, other = self.one, self.other
        if self.is_absolute:
            return one.label
        if self.shared:
            return f"{one.variant} - {other.variant}"
        if not one.name and one.variant == other.variant:
            return f"{one.variant}, {one.measure} - {other.measure}"
        return f"{one.label} - {other.label}"


@dataclass(frozen=True)
class Claim:
    """A claim and the comparisons that support or refute it.

    Attributes
    ----------
    id, statement, measure : str
        For the table.
    comparisons : tuple of Comparison
        The claim holds where all of them do.
    why : str
        The defect that the published figure rests on, if any; a format of the `facts`.
    if_refuted : str
        Explanation where it is refuted; a format of the `facts`.
    facts : dict of str to Mean
        Their means are filled into ``why`` and ``if_refuted``.
    published_as : kerasae.evaluation.metrics.Measure or None
        Measure of the published figures, if it differs from that of the comparisons.
    one_suffices : bool
        Whether a single comparison with the opposite result refutes the claim; else all have to
        be opposite.
    datasets : tuple of str
        Data sets that the claim is about; empty for any.
    """

    id: str
    statement: str
    measure: str
    comparisons: tuple[Comparison, ...]
    why: str = ""
    if_refuted: str = ""
    facts: dict[str, Mean] = field(default_factory=dict)
    published_as: Measure | None = None
    one_suffices: bool = True
    datasets: tuple[str, ...] = ()


def below(one, other, by=0.0):
    """State that one lies below the other, by more than an amount if it is given."""
    return Comparison(one, other, high=-by)


def above(one, other):
    """State that one lies above the other."""
    return Comparison(one, other, low=0.0)


def tie(one, other, share, of=None):
    """State that the two differ by less than a share of the other, or of ``of``."""
    return Comparison(one, other, -share, share, of or other)


def between(one, other, low, high):
    """State that one lies between two shares of the other."""
    return Comparison(one, other, low - 1, high - 1, other)


def at_most(one, other, share):
    """State that one does not exceed the other by a share of it."""
    return Comparison(one, other, high=share, of=other)


def at_least(one, other, less):
    """State that one does not fall short of the other by an amount."""
    return Comparison(one, other, low=-less)
