"""Comparisons of two quantities over the seeds, and claims made of them.

A comparison states between which bounds the difference of two quantities lies. It is tested on the
differences of the runs that share a seed, by Student's t.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from kerasae.reporting.statistics import half_width, paired_p_value
from studies.bake_off.claims.quantities import (
    Formula,
    NotMeasured,
    Score,
    ScoresBySeed,
    over_cells,
)


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

    left: Score | Formula
    right: Score | Formula | float
    low: float = -np.inf
    high: float = np.inf
    """Bounds in the unit of the quantities."""
    relative_to: Score | Formula | None = None
    """If given, the bounds are shares of its mean."""
    essential: bool = True
    """Whether the claim rests on the comparison. The others are a part of the statement that
    anything would meet, or a measure with a known defect. They can leave a claim undecided or make
    it mixed, but cannot save it."""

    @property
    def is_absolute(self):
        """Whether the right side is a number."""
        return isinstance(self.right, int | float)

    def outcome(self, by_seed):
        """Take the differences, over the seeds that have all cells that both quantities have.

        Raises `NotMeasured` if the scores lack one of the two, or no seed has both.
        """
        left = self.left.values(by_seed)
        right = self.right if self.is_absolute else self.right.values(by_seed)
        differences = over_cells(left - right)
        differences = differences[~np.isnan(differences)]
        if not len(differences):
            raise NotMeasured(f"{self.label} in one seed")
        scale = 1.0 if self.relative_to is None else np.nanmean(self.relative_to.values(by_seed))
        return Outcome(differences, self.low * scale, self.high * scale)

    def in_cell(self, held_out, latent_dim):
        """Make the same comparison of the scores of a held-out class and latent dimension."""
        cell = {"held_out": held_out, "latent_dim": latent_dim}
        return replace(self, left=replace(self.left, **cell), right=replace(self.right, **cell))

    @property
    def shared(self):
        """Measure that both sides have, as text, which the label leaves out; else empty."""
        sides = (self.left, self.right)
        measures = {side.measure if isinstance(side, Score) else "" for side in sides}
        return measures.pop() if len(measures) == 1 else ""

    @property
    def label(self):
        """Name of the difference for texts."""
        left, right = self.left, self.right
        if self.is_absolute:
            return left.label
        if self.shared:
            return f"{left.variant} - {right.variant}"
        if isinstance(left, Score) and isinstance(right, Score) and left.variant == right.variant:
            return f"{left.variant}, {left.measure} - {right.measure}"
        return f"{left.label} - {right.label}"


@dataclass(frozen=True)
class Part:
    """One way to measure a claim, or one half of its sentence."""

    name: str
    """In the table, such as ``pixels``; empty where a claim has one part."""
    measure: str
    """How the part is measured."""
    comparisons: list[Comparison]
    """The part holds where all of them do."""
    cells: Callable[[tuple[str, int]], bool] | None = None
    """If given, the comparisons are repeated in each measured cell for which it returns True."""

    def tested(self, by_seed):
        """List pairs of a comparison and its outcome; a cell that lacks a score is left out."""
        if self.cells is None:
            return [(comparison, comparison.outcome(by_seed)) for comparison in self.comparisons]
        pairs = []
        for cell in filter(self.cells, by_seed.cells):
            comparisons = [comparison.in_cell(*cell) for comparison in self.comparisons]
            with suppress(NotMeasured):
                pairs += [(comparison, comparison.outcome(by_seed)) for comparison in comparisons]
        if not pairs:
            raise NotMeasured("further held-out classes or latent dimensions")
        return pairs


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
    facts: dict[str, Score | Callable[[ScoresBySeed], str]] = field(default_factory=dict)
    """Scores whose means ``why`` names, or functions that write other facts."""
    datasets: tuple[str, ...] = ()
    """Data sets that the claim is about; empty for any."""

    @property
    def measure(self):
        """Measures of all parts as text."""
        return "; ".join(
            f"{part.name}: {part.measure}" if part.name else part.measure for part in self.parts
        )
