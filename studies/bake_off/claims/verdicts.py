"""Verdicts: what the comparisons of a claim say together.

1. Each comparison gets a p-value for its statement, and one for the opposite (for a tie: a
   difference larger than the margin). A p-value is at most 0.05 exactly where the 95 % interval of
   the paired difference over the seeds lies wholly on that side.
2. Supported: all p-values for are at most 0.05. They are not adjusted for their number, as all
   comparisons have to hold: an intersection-union test (Berger, Technometrics 24 (1982)).
3. Refuted: of the comparisons that carry the claim some have the opposite result, and none holds,
   each after Holm's adjustment, as one of several suffices.
4. Mixed: some comparisons hold and some have the opposite result, each after Holm's adjustment; or
   a claim would be refuted, but a part of it is supported by itself.
5. Undecided: else, and always with one seed.
"""

from typing import NamedTuple

import numpy as np

from kerasae.reporting.statistics import LEVEL, holm

SUPPORTED, REFUTED, MIXED, UNDECIDED = "supported", "refuted", "mixed", "undecided"
NOT_MEASURED = "not measured"
VERDICTS = (SUPPORTED, REFUTED, MIXED, UNDECIDED, NOT_MEASURED)


class Decision(NamedTuple):
    """What the comparisons of a claim say together.

    Attributes
    ----------
    verdict : str
        Supported, refuted, mixed or undecided.
    decisive : tuple of int
        Indices of the comparisons that decide: the weakest of a supported or undecided claim, the
        clearest opposite one of a refuted claim, that and the clearest one for of a mixed claim.
    p : float
        p-value of the verdict; of an undecided claim the smaller one of supported and refuted; NaN
        for one seed.
    reason : str
        How many comparisons hold, and how many have the opposite result, of those that the claim
        rests on, or of all for a mixed claim; empty where all hold.
    """

    verdict: str
    decisive: tuple
    p: float
    reason: str


def decide(outcomes, carries=None):
    """Judge a claim, or a part of one, from its comparisons.

    Parameters
    ----------
    outcomes : sequence of studies.bake_off.claims.comparisons.Outcome
        Of all comparisons.
    carries : sequence of bool, optional
        Whether the claim rests on each comparison; by default on all. If on none, on all.

    Returns
    -------
    Decision
    """
    count, chance = len(outcomes), 1 - LEVEL
    weakest = int(np.argmin([outcome.inside for outcome in outcomes]))
    if min(len(outcome.differences) for outcome in outcomes) < 2:
        return Decision(UNDECIDED, (weakest,), np.nan, "one seed")
    carry = np.ones(count, bool) if carries is None or not any(carries) else np.array(carries)
    p_for = np.array([outcome.p_for for outcome in outcomes])
    p_against = np.array([outcome.p_against for outcome in outcomes])
    weakest = int(np.argmax(p_for))
    if p_for.max() <= chance:
        return Decision(SUPPORTED, (weakest,), float(p_for.max()), "")
    holds, opposite = (np.array(holm(p_values)) <= chance for p_values in (p_for, p_against))
    clearest_against = int(np.argmin(p_against))
    p_refuted, p_held = (float(min(holm(p_values[carry]))) for p_values in (p_against, p_for))
    if p_refuted <= chance < p_held:
        at = np.flatnonzero(carry)[np.argmin(p_against[carry])]
        return Decision(REFUTED, (int(at),), p_refuted, _counted(p_for, p_against, carry))
    if holds.any() and opposite.any():
        p = float(max(min(holm(p_for)), min(holm(p_against))))
        reason = _counted(p_for, p_against, np.ones(count, bool))
        return Decision(MIXED, (int(np.argmin(p_for)), clearest_against), p, reason)
    p = float(min(p_for.max(), p_refuted, 1))
    return Decision(UNDECIDED, (weakest,), p, _counted(p_for, p_against, carry))


def _counted(p_for, p_against, carry):
    """Say how many of the comparisons that count hold, and how many have the opposite result.

    Holm's adjustment is for these alone, as that of the verdict.
    """
    holds, opposite = ((holm(p[carry]) <= 1 - LEVEL).sum() for p in (p_for, p_against))
    if carry.sum() == 1:
        return "the opposite" if opposite else "the seeds leave it undecided"
    rests = "" if carry.all() else " that the claim rests on"
    return f"{holds} of {carry.sum()} comparisons{rests} hold, {opposite} have the opposite result"
