"""Comparisons of two quantities over the seeds.

A comparison says where the difference of two quantities lies: below 0, above 0, or between two
bounds. It is tested on the differences of the runs that share a seed, by Student's t.
"""

from dataclasses import dataclass

import numpy as np

from kerasae.reporting.claims.quantities import (
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
    """What a comparison came to.

    Attributes
    ----------
    differences : numpy.ndarray of shape (seeds,)
        One minus other.
    low, high : float
        Bounds that the comparison claims for their mean, in their unit.
    """

    differences: np.ndarray
    low: float
    high: float

    @property
    def agrees(self):
        """Whether the mean lies within the bounds, certain or not."""
        return bool(self.low < self.differences.mean() < self.high)

    @property
    def p_for(self):
        """p-value of that the mean lies within the bounds.

        At most 0.05 just where the 95 % interval of the mean lies within them.
        """
        return max(_p_above(self.differences, self.low), _p_above(-self.differences, -self.high))

    @property
    def p_against(self):
        """p-value of that the mean lies outside of the bounds, likewise."""
        return min(_p_above(-self.differences, -self.low), _p_above(self.differences, self.high))


def _p_above(values, bound):
    """p-value of that the mean lies above a bound, as strict as a two-sided one."""
    if np.isinf(bound):
        return float(bound > 0)
    return paired_p_value(values, np.full(len(values), bound)) if values.mean() > bound else 1.0


@dataclass(frozen=True)
class Comparison:
    """A statement that the mean of one - other lies between two bounds.

    Parameters
    ----------
    one, other : quantity
        Such as a `Mean`; the other one can be a number.
    low, high : float
        The bounds, in the unit of the quantities.
    of : quantity or None
        With one, the bounds are shares of its mean.
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
            Over the seeds that have all cells that both quantities have.

        Raises
        ------
        NotMeasured
            If a quantity is absent, or no seed has both.
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
    def metric(self):
        """Name of the metric that both sides have, and that the label leaves out; else empty."""
        if self.is_absolute or self.one.name or self.other.name:
            return ""
        return self.one.metric if self.one.metric == self.other.metric else ""

    @property
    def label(self):
        """Name of the difference for texts."""
        one, other = self.one, self.other
        if self.is_absolute:
            return one.label
        if self.metric:
            return f"{one.variant} - {other.variant}"
        if not one.name and one.variant == other.variant:
            return f"{one.variant}, {one.metric} - {other.metric}"
        return f"{one.label} - {other.label}"


def below(one, other, by=0.0):
    """Say that one lies below the other, by more than an amount if there is one."""
    return Comparison(one, other, high=-by)


def above(one, other):
    """Say that one lies above the other."""
    return Comparison(one, other, low=0.0)


def tie(one, other, share, of=None):
    """Say that the two differ by less than a share of the other, or of what ``of`` is."""
    return Comparison(one, other, -share, share, of or other)


def between(one, other, low, high):
    """Say that one lies between two shares of the other."""
    return Comparison(one, other, low - 1, high - 1, other)


def at_most(one, other, share):
    """Say that one does not exceed the other by a share of it."""
    return Comparison(one, other, high=share, of=other)


def at_least(one, other, less):
    """Say that one does not fall short of the other by an amount."""
    return Comparison(one, other, low=-less)
