"""Comparisons of two quantities over the seeds, and claims made of them.

A comparison states where the difference of two quantities lies: below 0, above 0, or between two
bounds. It is tested on the differences of the runs that share a seed, by Student's t.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kerasae.evaluation.metric import ScoreKey
from kerasae.reporting.statistics import half_width, paired_p_value
from studies.bake_off.claims.quantities import Arranged, NotMeasured, Quantity, over_cells


@dataclass(frozen=True)
class Outcome:
    """Result of a comparison: differences (seeds,), left minus right, and bounds of their mean."""

    differences: np.ndarray
    low: float
    high: float

    @property
    def inside(self):
        """Distance of the mean within the bounds, in their unit; negative outside of them."""
        return float(min(self.differences.mean() - self.low, self.high - self.differences.mean()))

    @property
    def position(self):
        """Divide `inside` by half the width of the 95 % interval of the mean; NaN for one seed.

        At least 1 if the whole interval lies within the bounds, at most -1 if it lies outside of
        them.
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
        """p-value for the mean lying outside of the bounds.

        At most 0.05 exactly where the 95 % interval of the mean lies outside of them.
        """
        return min(_p_above(-self.differences, -self.low), _p_above(self.differences, self.high))


def _p_above(values, bound):
    """Return the p-value for the mean lying above a bound, as strict as a two-sided one."""
    if np.isinf(bound):
        return float(bound > 0)
    return paired_p_value(values, np.full(len(values), bound)) if values.mean() > bound else 1.0


@dataclass(frozen=True)
class Comparison:
    """A statement that the mean of left - right lies between two bounds."""

    left: Quantity
    right: Quantity | float
    low: float = -np.inf
    high: float = np.inf
    """Bounds in the unit of the quantities."""
    relative_to: Quantity | None = None
    """If given, the bounds are shares of its mean."""
    carries: bool = True
    """Whether the claim rests on the comparison. The others are a part of the statement that
    anything would meet, or a measure with a known defect. They can leave a claim undecided or make
    it mixed, but cannot save it."""

    @property
    def is_absolute(self):
        """Whether the right side is a number."""
        return isinstance(self.right, int | float)

    def outcome(self, arranged):
        """Take the differences, over the seeds that have all cells that both quantities have.

        Raises `NotMeasured` if the scores lack one of the two, or no seed has both.
        """
        left = self.left.values(arranged)
        right = self.right if self.is_absolute else self.right.values(arranged)
        differences = over_cells(left - right)
        differences = differences[~np.isnan(differences)]
        if not len(differences):
            raise NotMeasured(f"{self.label} in one seed")
        scale = 1.0 if self.relative_to is None else np.nanmean(self.relative_to.values(arranged))
        return Outcome(differences, self.low * scale, self.high * scale)

    @property
    def shared(self):
        """Measure that both sides have, as text, which the label leaves out; else empty."""
        if self.is_absolute or self.left.name or self.right.name:
            return ""
        return self.left.measure if self.left.measure == self.right.measure else ""

    @property
    def label(self):
        """Name of the difference for texts."""
        left, right = self.left, self.right
        if self.is_absolute:
            return left.label
        if self.shared:
            return f"{left.variant} - {right.variant}"
        if not left.name and left.variant == right.variant:
            return f"{left.variant}, {left.measure} - {right.measure}"
        return f"{left.label} - {right.label}"


def below(left, right, by=0.0):
    """State that the left quantity lies below the right one by more than an amount."""
    return Comparison(left, right, high=-by)


def above(left, right, by=0.0):
    """State that the left quantity lies above the right one by more than an amount."""
    return Comparison(left, right, low=by)


@dataclass(frozen=True)
class Part:
    """One way to measure a claim, or one half of its sentence."""

    name: str
    """In the table, such as ``pixels``; empty where a claim has one part."""
    measure: str
    """How the part is measured."""
    comparisons: list[Comparison] | Callable[[Arranged], list[Comparison]]
    """The part holds where all of them do. A function takes the scores and returns the comparisons,
    if they depend on the held-out classes that were measured."""


@dataclass(frozen=True)
class Claim:
    """A claim and what supports or refutes it."""

    id: str
    """As in the specification of the tasks."""
    statement: str
    """The article's sentence in short."""
    parts: list[Part]
    """The claim holds where all of them do."""
    why: str = ""
    """Defect that the published figure rests on, if any, and further facts beside the verdict; a
    format of the `facts`."""
    facts: dict[str, Callable[[Arranged], str]] = field(default_factory=dict)
    """Texts for ``why``, each a function of the scores."""
    published_as: ScoreKey | None = None
    """Measure of the published figures, if it differs from that of the comparisons."""
    datasets: tuple[str, ...] = ()
    """Data sets that the claim is about; empty for any."""

    @property
    def measure(self):
        """Measures of all parts as text."""
        return "; ".join(
            f"{part.name}: {part.measure}" if part.name else part.measure for part in self.parts
        )
