"""Pairwise comparisons of methods over data sets.

- *Which differ*: Wilcoxon's signed-rank test for every pair, with Holm's correction. Nemenyi's test
  is not used: its result for two methods depends on the other methods in the comparison (Benavoli,
  Corani, Mangili: Should we really use post-hoc tests based on mean-ranks?, JMLR 17 (2016)).
- *Which are practically equal*: the Bayesian signed-rank test with a region of practical
  equivalence, which can support equality where a test only fails to reject it (Benavoli, Corani,
  Demšar, Zaffalon: Time for a change, JMLR 18 (2017)).
"""

from typing import NamedTuple

import baycomp
import numpy as np
import pandas as pd
import scikit_posthocs
from scipy import stats

from kerasae.reporting.across.ranks import DECIMALS
from kerasae.reporting.statistics import LEVEL, holm

ROPE = 0.01
"""Largest difference that is practically none, in the unit of the values: one point of AUROC."""
_SAMPLES = 50_000
"""Number of posterior samples; the Monte Carlo error of a probability is at most 0.0022."""


class Probabilities(NamedTuple):
    """Posterior probabilities that a method is worse than, equal to or better than another.

    They sum to 1. Each is the share of posterior samples in which its outcome is the most probable
    of the three. *Equal* is a difference within the region of practical equivalence.
    """

    worse: float
    equal: float
    better: float


def wilcoxon_holm(values):
    """Return two-sided p-values (methods, methods) of Wilcoxon's signed-rank test, Holm-corrected.

    Of values (data sets, methods); symmetric, with a diagonal of 1. Exact for up to 50 data sets,
    with ties or zeros up to 13; else by the normal distribution. Both signs share the ranks of
    zeros (Demšar, JMLR 7 (2006)). The correction is valid without a preceding Friedman test.
    """
    # The library's own correction collects garbage: a second per call with TensorFlow imported
    p_values = scikit_posthocs.posthoc_wilcoxon(
        values.to_numpy(float).T.tolist(), zero_method="zsplit", p_adjust=None
    ).to_numpy(copy=True)
    pairs = np.triu_indices(len(p_values), 1)
    p_values[pairs] = holm(p_values[pairs])
    p_values.T[pairs] = p_values[pairs]
    return pd.DataFrame(p_values, index=values.columns, columns=values.columns)


def groups(p_values):
    """List the largest groups of two or more methods of which no two differ significantly.

    Each is a tuple of names in the order of the p-values of `wilcoxon_holm`. A method may be in
    several groups or in none, and a group may skip a method that ranks between its members. More
    than 52 groups raise a `ValueError`.
    """
    letters = scikit_posthocs.compact_letter_display(p_values.to_numpy(), alpha=1 - LEVEL)
    names = [
        tuple(name for name, own in zip(p_values.columns, letters, strict=True) if own[at] != " ")
        for at in range(len(letters.iloc[0]))
    ]
    return [group for group in names if len(group) > 1]


def bayesian_signed_rank(one, other, samples=_SAMPLES):
    """Return the `Probabilities` of the first of two methods, by the Bayesian signed-rank test.

    Values (data sets,) are in the same order of the data sets, and higher is better.
    """
    # Round, so that a difference as large as the rope lies within it
    difference = np.round(np.asarray(one, float) - np.asarray(other, float), DECIMALS)
    zero = np.zeros_like(difference)
    sampled = baycomp.SignedRankTest(zero, difference, ROPE, nsamples=samples, random_state=0)
    return Probabilities(*map(float, sampled.probs()))


def lead(one, other):
    """Return 1 if ``one`` has the larger sum of signed ranks, -1 if ``other`` has, else 0."""
    difference = np.asarray(one, float) - np.asarray(other, float)
    return int(np.sign(np.sum(np.sign(difference) * stats.rankdata(np.abs(difference)))))


def against(values, p_values, reference, samples=_SAMPLES):
    """Compare every other method with a reference, from values (data sets, methods).

    Higher values are better. Return a row per method, in the order of the values: ``p`` from the
    p-values of `wilcoxon_holm`; ``lead``, 1 if its signed ranks exceed those of the reference and
    -1 if they are lower; and its `Probabilities` ``worse``, ``equal`` and ``better``.
    """
    if reference not in values:
        names = ", ".join(map(repr, values))
        raise ValueError(f"Expected a reference out of {names}. Received: {reference!r}")
    rows = {}
    for method in values.columns.drop(reference):
        pair = values[method].to_numpy(), values[reference].to_numpy()
        probabilities = bayesian_signed_rank(*pair, samples)._asdict()
        rows[method] = {"p": p_values.at[method, reference], "lead": lead(*pair), **probabilities}
    return pd.DataFrame.from_dict(rows, orient="index")
