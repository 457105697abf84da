"""Test the article's claims: `verdicts_of` scores for details, `verdict_table` for a table.

How comparisons become a verdict: `studies.bake_off.claims.verdicts`.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kerasae.datasets import NO_CLASS
from kerasae.reporting.statistics import half_width, holm
from studies.bake_off.claims.article import CLAIMS
from studies.bake_off.claims.comparisons import Claim, Part
from studies.bake_off.claims.quantities import NotMeasured, Score, ScoresBySeed
from studies.bake_off.claims.verdicts import NOT_MEASURED, Decision, decide
from studies.bake_off.published import published_figures

COLUMNS = ["id", "statement", "measure", "published", "measured", "verdict", "p", "p of all", "why"]
_PUBLISHED_AS = {"stacked_pixels": "stacked"}
"""Variant → its name in the article, whose stacked one had the companion's stage targets."""
_PUBLISHED_CELLS = ((NO_CLASS, None), ("1", 2))
"""Held-out class and latent dimension of the article's figures."""


@dataclass
class Verdict:
    """A claim, or a part of one, with what was measured."""

    claim: Claim
    part: Part | None
    """None for the whole claim."""
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
        """Row of the `verdict_table`, without the published figures."""
        return {
            "id": self.id,
            "statement": self.claim.statement,
            "measure": (self.part or self.claim).measure,
            "measured": self.measured,
            "verdict": self.decision.word,
            "p": rounded(self.decision.p),
            "p of all": rounded(self.p_of_all),
            "why": "; ".join(filter(None, [self.decision.reason, self.why])),
        }


def verdicts_of(scores, claims=CLAIMS):
    """List the verdicts on claims from tidy scores of one data set, parts after their claim.

    Scores of several data sets, or several scores of a run for a key, raise a `ValueError`. A
    claim of one part is listed alone.
    """
    by_seed, verdicts = ScoresBySeed(scores), []
    for claim in claims:
        parts = [_on_part(claim, part, by_seed) for part in claim.parts]
        missing = [part.decision.reason for part in parts if not part.outcomes]
        pairs = [
            pair for part in parts for pair in zip(part.comparisons, part.outcomes, strict=True)
        ]
        whole = _on_pairs(claim, None, pairs, *missing[:1])
        whole.why = claim.why.format(**_facts(claim, by_seed))
        verdicts += [whole, *parts] if len(parts) > 1 else [whole]
    tested = [each for each in verdicts if each.part is None and not np.isnan(each.decision.p)]
    for verdict, p in zip(tested, holm([each.decision.p for each in tested]), strict=True):
        verdict.p_of_all = float(p)
    return verdicts


def _on_part(claim, part, by_seed):
    """Make the verdict on a part of a claim."""
    if claim.datasets and by_seed.dataset not in claim.datasets:
        return _on_pairs(claim, part, [], f"it is about {', '.join(claim.datasets)}")
    try:
        return _on_pairs(claim, part, part.tested(by_seed))
    except NotMeasured as missing:
        return _on_pairs(claim, part, [], f"the scores lack {missing}")


def _on_pairs(claim, part, pairs, missing=""):
    """Make the verdict from pairs of a comparison and its outcome, if nothing is missing."""
    if missing:
        return Verdict(claim, part, [], [], Decision(NOT_MEASURED, (), np.nan, missing))
    comparisons, outcomes = map(list, zip(*pairs, strict=True))
    decision = decide(outcomes, [comparison.essential for comparison in comparisons])
    return Verdict(claim, part, comparisons, outcomes, decision)


def _facts(claim, by_seed):
    """Write the facts beside a claim as text."""
    texts = {}
    for name, fact in claim.facts.items():
        try:
            is_score = isinstance(fact, Score)
            texts[name] = f"{np.nanmean(fact.values(by_seed)):.3f}" if is_score else fact(by_seed)
        except NotMeasured:
            texts[name] = "(not measured)"
    return texts


def verdict_table(scores, claims=CLAIMS):
    """Make the table of the `verdicts_of` scores, with the `COLUMNS`.

    ``measured`` are the decisive comparisons; ``published`` the article's figures for them, or for
    the first comparison with figures; ``p of all`` is ``p`` corrected for the number of claims.
    """
    dataset = scores["dataset"].iloc[0] if len(scores) else ""
    return as_table(verdicts_of(scores, claims), dataset)


def as_table(verdicts, dataset):
    """Make the `verdict_table` of verdicts on a data set."""
    figures = published_figures(dataset)
    rows = [{**verdict.row, "published": _published(verdict, figures)} for verdict in verdicts]
    return pd.DataFrame(rows, columns=COLUMNS)


def short_verdicts(scores):
    """List the verdicts on the measured claims for the page to explore; none with one seed."""
    if scores["seed"].nunique() < 2:
        return []
    rows = [verdict.row for verdict in verdicts_of(scores) if verdict.part is None]
    keys = ("id", "statement", "verdict", "measured")
    return [{key: row[key] for key in keys} for row in rows if row["verdict"] != NOT_MEASURED]


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


def _published(verdict, figures):
    """Write the article's figures for a comparison of two variants as text, if it gives both."""
    decisive = [verdict.comparisons[at] for at in verdict.decision.decisive]
    for comparison in (*decisive, *verdict.comparisons):
        texts = {}
        for side in (comparison.left, comparison.right):
            if isinstance(side, Score) and (side.held_out, side.latent_dim) in _PUBLISHED_CELLS:
                name = _PUBLISHED_AS.get(side.variant, side.variant)
                if (side.task, name) in figures:
                    texts[name] = f"{name} {figures[side.task, name]:g}"
        if len(texts) == 2:
            return " against ".join(texts.values())
    return ""
