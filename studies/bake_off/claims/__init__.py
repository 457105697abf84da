"""Judge the article's claims from the scores: `judgements` for details, `judge` for a table.

How a claim is judged: `studies.bake_off.claims.verdicts`.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kerasae.datasets import NO_CLASS
from kerasae.evaluation.scores import select
from kerasae.reporting.statistics import half_width, holm
from studies.bake_off.claims.article import CLAIMS
from studies.bake_off.claims.comparisons import Claim
from studies.bake_off.claims.quantities import Arranged, NotMeasured
from studies.bake_off.claims.verdicts import NOT_MEASURED, Decision, decide
from studies.bake_off.published import published

COLUMNS = ["id", "statement", "measure", "published", "measured", "verdict", "p", "p of all", "why"]
_PUBLISHED_AS = {"stacked_pixels": "stacked"}
"""Variant → its name in the article, whose stacked one had the companion's stage targets."""
_PUBLISHED_CELLS = ((NO_CLASS, None), ("1", 2))
"""Held-out class and latent dimension of the article's figures."""


@dataclass
class Judgement:
    """A claim, or a part of one, with what was measured."""

    claim: Claim
    part: object
    """A `Part`, or None for the whole claim."""
    comparisons: list
    outcomes: list
    """Outcomes of the comparisons; both lists are empty if not measured."""
    decision: Decision
    why: str = ""
    """Further facts that a reader needs beside the verdict."""
    p_of_all: float = np.nan
    """p-value of the verdict, corrected for the number of claims (Holm); NaN for a part."""

    @property
    def id(self):
        """Id of the claim, with the name of the part."""
        return f"{self.claim.id} ({self.part.name})" if self.part else self.claim.id

    @property
    def measured(self):
        """Decisive comparisons as text."""
        several = len({comparison.shared for comparison in self.comparisons}) > 1
        return "; ".join(
            _described(self.comparisons[at], self.outcomes[at], with_measure=several)
            for at in self.decision.decisive
        )

    @property
    def row(self):
        """Row of the table of `judge`, without the published figures."""
        return {
            "id": self.id,
            "statement": self.claim.statement,
            "measure": self.part.measure if self.part else self.claim.measure,
            "measured": self.measured,
            "verdict": self.decision.verdict,
            "p": rounded(self.decision.p),
            "p of all": rounded(self.p_of_all),
            "why": "; ".join(filter(None, [self.decision.reason, self.why])),
        }


def judgements(scores, claims=CLAIMS):
    """List the judgements of claims from tidy scores of one data set, parts after their claim.

    Scores of several data sets, or several scores of a run for a measure, raise a `ValueError`. A
    claim of one part is listed alone.
    """
    arranged, judged = Arranged(scores), []
    for claim in claims:
        parts = [_judged(claim, part, arranged) for part in claim.parts]
        whole = _whole(claim, parts)
        whole.why = claim.why.format(**_facts(claim, arranged))
        judged += [whole, *parts] if len(parts) > 1 else [whole]
    wholes = [one for one in judged if one.part is None and not np.isnan(one.decision.p)]
    for one, p in zip(wholes, holm([one.decision.p for one in wholes]), strict=True):
        one.p_of_all = float(p)
    return judged


def _judged(claim, part, arranged):
    """Judge a part of a claim."""
    try:
        if claim.datasets and arranged.dataset not in claim.datasets:
            return _not_measured(claim, part, f"it is about {', '.join(claim.datasets)}")
        comparisons = part.comparisons
        comparisons = comparisons(arranged) if callable(comparisons) else comparisons
        outcomes = [comparison.outcome(arranged) for comparison in comparisons]
    except NotMeasured as absent:
        return _not_measured(claim, part, f"the scores lack {absent}")
    return _decided(claim, part, comparisons, outcomes)


def _whole(claim, parts):
    """Judge a claim from its parts, all of which have to be measured."""
    for part in parts:
        if part.decision.verdict == NOT_MEASURED:
            return _not_measured(claim, None, part.decision.reason)
    comparisons = [one for part in parts for one in part.comparisons]
    return _decided(claim, None, comparisons, [one for part in parts for one in part.outcomes])


def _decided(claim, part, comparisons, outcomes):
    decision = decide(outcomes, [comparison.carries for comparison in comparisons])
    return Judgement(claim, part, comparisons, outcomes, decision)


def _not_measured(claim, part, reason):
    return Judgement(claim, part, [], [], Decision(NOT_MEASURED, (), np.nan, reason))


def _facts(claim, arranged):
    """Write the facts beside a claim as text."""
    texts = {}
    for name, fact in claim.facts.items():
        try:
            texts[name] = fact(arranged)
        except NotMeasured:
            texts[name] = "(not measured)"
    return texts


def judge(scores, claims=CLAIMS):
    """Judge claims by `judgements`, as a table with the `COLUMNS`.

    ``measured`` are the decisive comparisons; ``published`` the article's figures for them, or for
    the first comparison with figures; ``p of all`` is ``p`` corrected for the number of claims.
    """
    return table(judgements(scores, claims), scores["dataset"].iloc[0] if len(scores) else "")


def table(judged, dataset):
    """Make the table of `judge` of judgements on a data set."""
    figures = published(dataset)
    rows = [{**one.row, "published": _published(one, figures)} for one in judged]
    return pd.DataFrame(rows, columns=COLUMNS)


def short_verdicts(scores):
    """List the verdicts on the measured claims for the page to explore; none with one seed."""
    if scores["seed"].nunique() < 2:
        return []
    whole = [one for one in judgements(scores) if one.part is None]
    keys = ("id", "statement", "verdict", "measured")
    measured = (one.row for one in whole if one.decision.verdict != NOT_MEASURED)
    return [{key: row[key] for key in keys} for row in measured]


def rounded(p):
    """Write a p-value with two significant digits; nothing for NaN."""
    return "" if np.isnan(p) else f"{p:.1e}" if p < 0.001 else f"{p:.2g}"


def _described(comparison, outcome, with_measure):
    """Write a comparison as text: its mean, its interval, and the bounds if they are not 0."""
    name = comparison.label
    if with_measure and comparison.shared:
        name = f"{comparison.shared}, {name}"
    half = half_width(outcome.differences)
    mean = outcome.differences.mean() + (comparison.right if comparison.is_absolute else 0)
    # Two significant digits of an interval, three of a mean without an interval
    size, digits = (half, 2) if half > 1e-9 * abs(mean) else (abs(mean), 3)
    decimals = 0 if size == 0 else min(max(digits - 1 - math.floor(math.log10(size)), 0), 6)
    text = f"{name}: {mean:z.{decimals}f}"
    if not np.isnan(half):
        text += f" ± {half:z.{decimals}f}"
    if comparison.is_absolute:
        return f"{text} against {comparison.right:.3g}"
    low, high = (f"{bound:z.3g}" for bound in (outcome.low, outcome.high))
    if np.isfinite([outcome.low, outcome.high]).all():
        return f"{text} (claimed: {low} to {high})"
    if outcome.low not in (0, -np.inf):
        return f"{text} (claimed: above {low})"
    if outcome.high not in (0, np.inf):
        return f"{text} (claimed: below {high})"
    return text


def _published(judgement, figures):
    """Write the article's figures for a comparison as text, empty if it gives none."""
    decisive = [judgement.comparisons[at] for at in judgement.decision.decisive]
    for comparison in (*decisive, *judgement.comparisons):
        texts = []
        for side in (comparison.left, comparison.right):
            if comparison.is_absolute or not side.source:
                continue
            task, measure, variant, *cell = side.source
            if tuple(cell) in _PUBLISHED_CELLS:
                name = _PUBLISHED_AS.get(variant, variant)
                rows = select(figures, task, judgement.claim.published_as or measure)
                texts += [f"{name} {value:g}" for value in rows["value"][rows["variant"] == name]]
        if len(texts) == 2:
            return " against ".join(texts)
    return ""
