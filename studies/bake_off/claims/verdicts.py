"""Verdicts: what the comparisons of a claim say together.

1. Each comparison gets a p-value for its statement, and one for the opposite (for a tie: a
   difference larger than the margin). A p-value is at most 0.05 exactly where the 95 % interval of
   the paired difference over the seeds lies wholly on that side.
2. Supported: all p-values for are at most 0.05. They are not adjusted for their number, as all
   comparisons have to hold: an intersection-union test (Berger, Technometrics 24 (1982)).
3. Refuted: of the comparisons that the claim rests on, some have the opposite result and none
   holds, each after Holm's adjustment, as one of several suffices.
4. Mixed: some comparisons hold and some have the opposite result, each after Holm's adjustment.
5. Undecided: else, and always with one seed.
"""

from typing import NamedTuple

import numpy as np

from kerasae.reporting.statistics import LEVEL, holm

SUPPORTED, REFUTED, MIXED, UNDECIDED = "supported", "refuted", "mixed", "undecided"
NOT_MEASURED = "not measured"


class Decision(NamedTuple):
    """What the comparisons of a claim say together."""

    word: str
    """Supported, refuted, mixed, undecided or not measured."""
    decisive: tuple
    """Indices of the comparisons that decide: the weakest of a supported or undecided claim, the
    clearest opposite one of a refuted claim, the clearest one on each side of a mixed claim."""
    p: float
    """p-value of the verdict; of an undecided claim the smaller one of supported and refuted; NaN
    for one seed."""
    reason: str
    """Counts of the comparisons that hold, and that have the opposite result, among those that the
    claim rests on, or among all for a mixed claim; empty where all hold."""


def decide(outcomes, essential=None):
    """Decide on a claim, or a part of one, from the outcomes of all its comparisons.

    ``essential`` tells for each comparison whether the claim rests on it; all are by default, or if
    none is.
    """
    if min(len(outcome.differences) for outcome in outcomes) < 2:
        weakest = int(np.argmin([outcome.inside for outcome in outcomes]))
        return Decision(UNDECIDED, (weakest,), np.nan, "one seed")
    every = np.ones(len(outcomes), bool)
    rests_on = np.array(essential) if any(essential or ()) else every
    p_for = np.array([outcome.p_for for outcome in outcomes])
    p_against = np.array([outcome.p_against for outcome in outcomes])
    weakest, chance = int(np.argmax(p_for)), 1 - LEVEL
    if p_for.max() <= chance:
        return Decision(SUPPORTED, (weakest,), float(p_for.max()), "")
    p_held, p_refuted = (float(min(holm(p_values[rests_on]))) for p_values in (p_for, p_against))
    if p_refuted <= chance < p_held:
        clearest = int(np.flatnonzero(rests_on)[np.argmin(p_against[rests_on])])
        return Decision(REFUTED, (clearest,), p_refuted, _counted(p_for, p_against, rests_on))
    p_mixed = float(max(min(holm(p_for)), min(holm(p_against))))
    if p_mixed <= chance:
        decisive = int(np.argmin(p_for)), int(np.argmin(p_against))
        return Decision(MIXED, decisive, p_mixed, _counted(p_for, p_against, every))
    p = float(min(p_for.max(), p_refuted))
    return Decision(UNDECIDED, (weakest,), p, _counted(p_for, p_against, rests_on))


def _counted(p_for, p_against, rests_on):
    """Count the comparisons that hold and those with the opposite result, adjusted for these."""
    holds, opposite = ((holm(p[rests_on]) <= 1 - LEVEL).sum() for p in (p_for, p_against))
    if rests_on.sum() == 1:
        return "the opposite" if opposite else "the seeds leave it undecided"
    rests = "" if rests_on.all() else " that the claim rests on"
    return (
        f"{holds} of {rests_on.sum()} comparisons{rests} hold, {opposite} have the opposite result"
    )
