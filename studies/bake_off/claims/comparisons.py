"""Comparisons of two measures over the seeds, and claims made of them.

A comparison states where the difference of two measures lies: below 0, above 0, or between two
bounds. It is tested on the differences of the runs that share a seed, by Student's t.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np

from kerasae.evaluation.metrics import Measure
from kerasae.reporting.statistics import half_width, paired_p_value
from studies.bake_off.claims.measures import (
    Agreement,
    Logarithm,
    Mean,
    NotMeasured,
    RankCorrelation,
    ShareOfErrors,
    over_cells,
)


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
    def inside(self):
        """How far the mean lies within the bounds, in their unit; negative outside of them."""
        return float(min(self.differences.mean() - self.low, self.high - self.differences.mean()))

    @property
    def position(self):
        """`inside` in half-widths of the 95 % interval of the mean; NaN for one seed.

        At least 1 where the interval lies wholly within the bounds, at most -1 where it lies wholly
        outside of them.
        """
        half = half_width(self.differences)
        if half == 0:
            return float(np.sign(self.inside) * np.inf) if self.inside else 0.0
        return self.inside / half

    @cached_property
    def p_for(self):
        """p-value for the mean lying within the bounds.

        At most 0.05 exactly where the 95 % interval of the mean lies within them.
        """
        return max(_p_above(self.differences, self.low), _p_above(-self.differences, -self.high))

    @cached_property
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
    one, other : Mean or another class of `studies.bake_off.claims.measures`
        The other one can be a number.
    low, high : float
        The bounds, in the unit of the measures.
    of : Mean or None
        If given, the bounds are shares of its mean.
    carries : bool
        Whether the claim rests on it. The others are a part of the statement that anything would
        meet, or a measure with a known defect: they can leave a claim undecided or make it mixed,
        but cannot save it.
    """

    one: Mean | Logarithm | ShareOfErrors | RankCorrelation | Agreement
    other: Mean | Logarithm | float
    low: float = -np.inf
    high: float = np.inf
    of: Mean | None = None
    carries: bool = True

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
class Part:
    """One way to measure a claim, or one half of its sentence.

    Parameters
    ----------
    name : str
        In the table, such as ``pixels``; empty where a claim has one part.
    measure : str
        How it is measured.
    comparisons : tuple of Comparison, or callable
        The part holds where all of them do. A function takes the `Arranged` scores and returns
        them, where they depend on the held-out classes that were measured.
    """

    name: str
    measure: str
    comparisons: tuple[Comparison, ...] | Callable

    def of(self, arranged):
        """List the comparisons for some scores."""
        return self.comparisons(arranged) if callable(self.comparisons) else self.comparisons


@dataclass(frozen=True)
class Claim:
    """A claim and what supports or refutes it.

    Parameters
    ----------
    id : str
        As in the specification of the tasks.
    statement : str
        The article's sentence in short.
    parts : tuple of Part
        The claim holds where all of them do.
    why : str
        The defect that the published figure rests on, if any, and what a reader has to know
        beside the verdict; a format of the `facts`.
    facts : dict of str to Mean or callable
        Filled into ``why``: the mean of a measure, or the text that a function of the `Arranged`
        scores returns.
    published_as : kerasae.evaluation.metrics.Measure or None
        Measure of the published figures, if it differs from that of the comparisons.
    datasets : tuple of str
        Data sets that the claim is about; empty for any.
    """

    id: str
    statement: str
    parts: tuple[Part, ...]
    why: str = ""
    facts: dict[str, Mean | Agreement | Callable] = field(default_factory=dict)
    published_as: Measure | None = None
    datasets: tuple[str, ...] = ()

    @property
    def measure(self):
        """How it is measured, all parts."""
        return "; ".join(
            f"{part.name}: {part.measure}" if part.name else part.measure for part in self.parts
        )


def below(one, other, by=0.0):
    """State that one lies below the other, by more than an amount if it is given."""
    return Comparison(one, other, high=-by)


def above(one, other, by=0.0):
    """State that one lies above the other, by more than an amount if it is given."""
    return Comparison(one, other, low=by)


def far_above(one, other, share):
    """State that one exceeds the other by more than a share of it."""
    return Comparison(one, other, low=share, of=other)


def tie(one, other, share, of=None):
    """State that the two differ by less than a share of the other, or of ``of``."""
    return Comparison(one, other, -share, share, of or other)


def between(one, other, low, high):
    """State that the difference of the two lies between two bounds."""
    return Comparison(one, other, low, high)


def at_most(one, other, share):
    """State that one does not exceed the other by a share of it."""
    return Comparison(one, other, high=share, of=other)


def at_least(one, other, less):
    """State that one does not fall short of the other by an amount."""
    return Comparison(one, other, low=-less)


def beside(comparison):
    """Mark a comparison as one that the claim does not rest on."""
    return replace(comparison, carries=False)


def in_every_cell(of_cell, measure, variants, where=lambda held_out, latent_dim: True):
    """Make comparisons for every held-out class and latent dimension, a function of the scores.

    Parameters
    ----------
    of_cell : callable
        From a measure, a function of a variant that returns a `Mean`, to comparisons.
    measure : callable
        From a variant, ``held_out`` and ``latent_dim`` to a `Mean`.
    variants : sequence of str
        Cells that lack one of them are left out.
    where : callable
        Chooses the cells, by class and dimension.

    Returns
    -------
    callable
        From `Arranged` scores to a tuple of comparisons. Raises `NotMeasured` without cells.
    """

    def comparisons(arranged):
        found = []
        for held_out, latent_dim in arranged.cells:
            in_cell = partial(measure, held_out=held_out, latent_dim=int(latent_dim))
            if where(held_out, latent_dim) and arranged.has(map(in_cell, variants)):
                found += of_cell(in_cell)
        if not found:
            raise NotMeasured("further held-out classes or latent dimensions")
        return tuple(found)

    return comparisons
