"""Judge the article's claims from the scores: `judge` for a table, `judgements` for all details.

How a claim is judged: `studies.bake_off.claims.verdicts`.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kerasae.datasets import NO_CLASS
from kerasae.evaluation.metrics import Measure
from kerasae.evaluation.scores import select
from kerasae.reporting.statistics import half_width, holm
from studies.bake_off.claims.article import CLAIMS
from studies.bake_off.claims.comparisons import Claim
from studies.bake_off.claims.measures import Arranged, Mean, NotMeasured
from studies.bake_off.claims.verdicts import (
    MIXED,
    NOT_MEASURED,
    REFUTED,
    SUPPORTED,
    Decision,
    decide,
)
from studies.bake_off.published import published

COLUMNS = (
    *("id", "statement", "measure", "published", "measured", "verdict", "p", "p of all", "why"),
)
PUBLISHED_AS = {"stacked_pixels": "stacked"}
"""Variant → its name in the article, whose stacked one had the companion's stage targets."""
PUBLISHED_CELLS = ((NO_CLASS, None), ("1", 2))
"""Held-out class and latent dimension of the article's figures."""


@dataclass
class Judgement:
    """A claim, or a part of one, with what was measured.

    Attributes
    ----------
    claim : Claim
        The claim.
    part : Part or None
        None for the whole claim.
    comparisons, outcomes : list
        All comparisons, and their outcomes; empty if not measured.
    decision : Decision
        The verdict.
    p_of_all : float
        p-value of the verdict, corrected for the number of claims of the page (Holm); NaN for a
        part.
    """

    claim: Claim
    part: object
    comparisons: list
    outcomes: list
    decision: Decision
    p_of_all: float = np.nan

    @property
    def id(self):
        """Of the claim, with the name of the part."""
        return f"{self.claim.id} ({self.part.name})" if self.part else self.claim.id

    @property
    def measured(self):
        """The decisive comparisons as text."""
        several = len({comparison.shared for comparison in self.comparisons}) > 1
        return "; ".join(
            describe(self.comparisons[at], self.outcomes[at], with_measure=several)
            for at in self.decision.decisive
        )


def judgements(scores, claims=CLAIMS):
    """Judge claims and their parts from the scores.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of one data set.
    claims : sequence of Claim
        By default all those of the article.

    Returns
    -------
    list of Judgement
        Each claim, followed by its parts if it has several.

    Raises
    ------
    ValueError
        If the scores are of several data sets, or several scores of a run match a measure.
    """
    return _judgements(_dataset(scores), Arranged(scores), claims)


def _judgements(dataset, arranged, claims):
    found = []
    for claim in claims:
        if claim.datasets and dataset not in claim.datasets:
            reason = f"it is about {', '.join(claim.datasets)}"
            parts = [_not_measured(claim, part, reason) for part in claim.parts]
        else:
            parts = [_judged(claim, part, arranged) for part in claim.parts]
        found.append(_whole(claim, parts))
        if len(parts) > 1:
            found += parts
    wholes = [one for one in found if one.part is None and not np.isnan(one.decision.p)]
    for one, p in zip(wholes, holm([one.decision.p for one in wholes]), strict=True):
        one.p_of_all = float(p)
    return found


def _dataset(scores):
    names = scores["dataset"].unique()
    if len(names) > 1:
        raise ValueError(f"Expected the scores of one data set. Received: {', '.join(names)}")
    return names[0] if len(names) else ""


def _not_measured(claim, part, reason):
    return Judgement(claim, part, [], [], Decision(NOT_MEASURED, (), np.nan, reason))


def _judged(claim, part, arranged):
    """Judge a part of a claim."""
    try:
        comparisons = list(part.of(arranged))
        outcomes = [comparison.measure(arranged) for comparison in comparisons]
    except NotMeasured as absent:
        return _not_measured(claim, part, f"the scores lack {absent}")
    carries = [comparison.carries for comparison in comparisons]
    return Judgement(claim, part, comparisons, outcomes, decide(outcomes, carries))


def _whole(claim, parts):
    """Judge a claim from its parts, all of which have to be measured."""
    for part in parts:
        if part.decision.verdict == NOT_MEASURED:
            return _not_measured(claim, None, part.decision.reason)
    comparisons = [one for part in parts for one in part.comparisons]
    outcomes = [one for part in parts for one in part.outcomes]
    carries = [comparison.carries for comparison in comparisons]
    decision = decide(outcomes, carries)
    if decision.verdict == REFUTED:
        decision = unless_a_part_holds(decision, parts)
    return Judgement(claim, None, comparisons, outcomes, decision)


def unless_a_part_holds(refuted, parts):
    """Turn a refuted claim into a mixed one where a part that carries it is supported.

    Parameters
    ----------
    refuted : Decision
        Of all comparisons.
    parts : list of Judgement
        Of the parts, in the order of the comparisons.

    Returns
    -------
    Decision
    """
    before = 0
    for part in parts:
        holds = part.decision.verdict == SUPPORTED
        if holds and any(comparison.carries for comparison in part.comparisons):
            decisive = (before + part.decision.decisive[0], *refuted.decisive)
            p = max(part.decision.p, refuted.p)
            return Decision(MIXED, decisive, p, f"{part.part.name} holds; {refuted.reason}")
        before += len(part.comparisons)
    return refuted


def judge(scores, claims=CLAIMS):
    """Judge claims from the scores; takes the parameters of `judgements`.

    Returns
    -------
    pandas.DataFrame
        A row a claim, followed by a row a part where it has several, with the `COLUMNS`:
        ``verdict`` is supported, refuted, mixed, undecided or not measured, ``measured`` the
        comparisons that decide, ``published`` the article's figures for them, or for the first
        comparison that has some, ``p`` the p-value of the verdict, ``p of all`` the same corrected
        for the number of claims.

    Raises
    ------
    ValueError
        See `judgements`.
    """
    dataset, arranged, rows = _dataset(scores), Arranged(scores), []
    figures = published(dataset)
    for one in _judgements(dataset, arranged, claims):
        known = {} if one.part else measured_facts(one.claim, arranged)
        beside = "" if one.part else one.claim.why.format(**known)
        rows.append(
            {
                "id": one.id,
                "statement": one.claim.statement,
                "measure": one.part.measure if one.part else one.claim.measure,
                "published": describe_published(one, figures),
                "measured": one.measured,
                "verdict": one.decision.verdict,
                "p": rounded(one.decision.p),
                "p of all": rounded(one.p_of_all),
                "why": "; ".join(filter(None, [one.decision.reason, beside])),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def short_verdicts(scores):
    """List the verdicts on the measured claims for the page to explore; none with one seed."""
    if scores["seed"].nunique() < 2:
        return []
    table = judge(scores)
    whole = ~table["id"].str.contains("(", regex=False) & (table["verdict"] != NOT_MEASURED)
    return table.loc[whole, ["id", "statement", "verdict", "measured"]].to_dict("records")


def rounded(p):
    """Write a p-value with two significant digits; nothing for NaN."""
    return "" if np.isnan(p) else f"{p:.1e}" if p < 0.001 else f"{p:.2g}"


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
        return f"{text} against {comparison.other:.3g}"
    low, high = (f"{bound:z.3g}" for bound in (outcome.low, outcome.high))
    if np.isfinite([outcome.low, outcome.high]).all():
        return f"{text} (claimed: {low} to {high})"
    if outcome.low not in (0, -np.inf):
        return f"{text} (claimed: above {low})"
    if outcome.high not in (0, np.inf):
        return f"{text} (claimed: below {high})"
    return text


def describe_published(judgement, figures):
    """Write the article's figures for a comparison as text, empty if it gives none."""
    decisive = [judgement.comparisons[at] for at in judgement.decision.decisive]
    for comparison in (*decisive, *judgement.comparisons):
        texts = []
        for side in (comparison.one, comparison.other):
            side = getattr(side, "of", side)  # of a logarithm
            measure = isinstance(side, Mean) and (judgement.claim.published_as or side.measures)
            cell = (getattr(side, "held_out", None), getattr(side, "latent_dim", None))
            if isinstance(measure, Measure) and cell in PUBLISHED_CELLS:
                name = PUBLISHED_AS.get(side.variant, side.variant)
                rows = select(figures, side.task, measure)
                texts += [f"{name} {value:g}" for value in rows["value"][rows["variant"] == name]]
        if len(texts) == 2:
            return " against ".join(texts)
    return ""


def measured_facts(claim, arranged):
    """Write the facts beside a claim as text."""
    texts = {}
    for name, fact in claim.facts.items():
        try:
            if callable(fact):
                texts[name] = fact(arranged)
            else:
                texts[name] = f"{np.nanmean(fact.values(arranged)):.3f}"
        except NotMeasured:
            texts[name] = "(not measured)"
    return texts
