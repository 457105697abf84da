"""Judge the article's claims from the scores.

How a claim is judged:

1. Each of its comparisons gets a p-value for its statement, and one for the opposite (for a tie: a
   difference larger than the margin). A p-value is at most 0.05 exactly where the 95 % interval of
   the paired difference over the seeds lies wholly on that side.
2. Supported: all p-values for are at most 0.05. They are not adjusted for their number, as all
   comparisons have to hold: an intersection-union test (Berger, Technometrics 24 (1982)).
3. Refuted: one of the p-values against is at most 0.05 after Holm's adjustment, as one of several
   suffices; for a claim with ``one_suffices=False`` all are, unadjusted.
4. Undecided: else, and always with one seed.

The table shows the comparison of a claim that decides: the one with the largest p-value for, or of
a refuted claim the one with the smallest against. Its 95 % interval is not adjusted.
"""

import math

import numpy as np
import pandas as pd

from kerasae.evaluation.metrics import Measure
from kerasae.evaluation.scores import select
from kerasae.reporting.claims.article import CLAIMS
from kerasae.reporting.claims.measures import Arranged, Mean, NotMeasured
from kerasae.reporting.published import published
from kerasae.reporting.statistics import LEVEL, half_width, holm

SUPPORTED, REFUTED, UNDECIDED = "supported", "refuted", "undecided"
NOT_MEASURED = "not measured"
COLUMNS = ("id", "statement", "measure", "published", "measured", "verdict", "why")
PUBLISHED_AS = {"stacked_pixels": "stacked"}
"""Variant → its name in the article, whose stacked one had the companion's stage targets."""


def judge(scores, claims=CLAIMS):
    """Judge claims from the scores.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of one data set.
    claims : sequence of Claim
        By default all those of the article.

    Returns
    -------
    pandas.DataFrame
        A row a claim, with the `COLUMNS`: ``verdict`` is supported, refuted, undecided or not
        measured, ``measured`` the comparison that decides, ``published`` the article's figures
        for it, or for the first comparison that has some.

    Raises
    ------
    ValueError
        If the scores are of several data sets, or several scores of a run match a measure.
    """
    names = scores["dataset"].unique()
    if len(names) > 1:
        raise ValueError(f"Expected the scores of one data set. Received: {', '.join(names)}")
    dataset = names[0] if len(names) else ""
    figures, arranged, rows = published(dataset), Arranged(scores), []
    for claim in claims:
        decisive, texts = None, {"measured": "", "verdict": NOT_MEASURED}
        if claim.datasets and dataset not in claim.datasets:
            reason = f"it is about {', '.join(claim.datasets)}"
        else:
            try:
                outcomes = [comparison.measure(arranged) for comparison in claim.comparisons]
            except NotMeasured as absent:
                reason = f"the scores lack {absent}"
            else:
                texts["verdict"], at, reason = decide(outcomes, claim.one_suffices)
                decisive = claim.comparisons[at]
                several = len({comparison.shared for comparison in claim.comparisons}) > 1
                texts["measured"] = describe(decisive, outcomes[at], with_measure=several)
        texts["published"] = describe_published(claim, decisive, figures)
        formats = [claim.why, claim.if_refuted if texts["verdict"] == REFUTED else ""]
        known = measured_facts(claim, arranged)
        texts["why"] = "; ".join(
            filter(None, [reason, *(text.format(**known) for text in formats)])
        )
        rows.append({**vars(claim), **texts})
    return pd.DataFrame(rows, columns=COLUMNS)


def decide(outcomes, one_suffices=True):
    """Judge a claim from its comparisons.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of all comparisons of the claim.
    one_suffices : bool
        Whether one comparison with the opposite result refutes it; else all have to be opposite.

    Returns
    -------
    verdict : str
        Supported, refuted or undecided.
    decisive : int
        Index of the comparison that decides.
    reason : str
        Why it is not supported; else empty.
    """
    count, chance = len(outcomes), 1 - LEVEL
    if min(len(outcome.differences) for outcome in outcomes) < 2:
        agree = [outcome.agrees for outcome in outcomes]
        return UNDECIDED, int(np.argmin(agree)), "one seed"
    p_for = [outcome.p_for for outcome in outcomes]
    p_against = [outcome.p_against for outcome in outcomes]
    weakest = int(np.argmax(p_for))
    if max(p_for) <= chance:
        return SUPPORTED, weakest, ""
    contradicted = np.array(holm(p_against) if one_suffices else p_against) <= chance
    if contradicted.any() if one_suffices else contradicted.all():
        reason = "the difference lies outside of the claimed range"
        if count > 1:
            reason = f"{contradicted.sum()} of {count} comparisons have the opposite result"
        return REFUTED, int(np.argmin(p_against)), reason
    if contradicted.any():
        return (
            UNDECIDED,
            weakest,
            f"{contradicted.sum()} of {count} comparisons have the opposite result",
        )
    reason = "the seeds leave the comparison undecided"
    if count > 1:
        reason = (
            f"the seeds leave {sum(p > chance for p in p_for)} of {count} comparisons undecided"
        )
    return UNDECIDED, weakest, reason


def describe(comparison, outcome, with_measure):
    """Write a comparison as text: its mean, its interval, and the bounds if they are not 0."""
    name = comparison.label
    if with_measure and comparison.shared:
        name = f"{comparison.shared}, {name}"
    half = half_width(outcome.differences)
    mean = outcome.differences.mean() + (comparison.other if comparison.is_absolute else 0)
    # Two significant digits of an interval, three of a mean without one
    size, digits = (half, 2) if half > 1e-9 * abs(mean) else (abs(mean), 3)
    decimals = 0 if size == 0 else min(max(digits - 1 - math.floor(math.log10(size)), 0), 6)

    def number(value):
        return f"{value:z.{decimals}f}"

    text = f"{name}: {number(mean)}"
    if not np.isnan(half):
        text += f" ± {number(half)}"
    if comparison.is_absolute:
        return f"{text} against {comparison.other:g}"
    low, high = (f"{bound:z.3g}" for bound in (outcome.low, outcome.high))
    if np.isfinite([outcome.low, outcome.high]).all():
        return f"{text} (claimed: {low} to {high})"
    if outcome.low not in (0, -np.inf):
        return f"{text} (claimed: above {low})"
    if outcome.high not in (0, np.inf):
        return f"{text} (claimed: below {high})"
    return text


def describe_published(claim, decisive, figures):
    """Write the article's figures for a comparison as text, empty if it gives none."""
    first = [] if decisive is None else [decisive]
    for comparison in (*first, *claim.comparisons):
        texts = []
        for side in (comparison.one, comparison.other):
            measure = isinstance(side, Mean) and (claim.published_as or side.measures)
            if isinstance(measure, Measure):
                name = PUBLISHED_AS.get(side.variant, side.variant)
                rows = select(figures, side.task, measure)
                texts += [f"{name} {value:g}" for value in rows["value"][rows["variant"] == name]]
        if len(texts) == 2:
            return " against ".join(texts)
    return ""


def measured_facts(claim, arranged):
    """Write the means of the facts in the explanations of a claim as text."""
    texts = {}
    for name, fact in claim.facts.items():
        try:
            texts[name] = f"{np.nanmean(fact.values(arranged)):.3f}"
        except NotMeasured:
            texts[name] = "(not measured)"
    return texts
