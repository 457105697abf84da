"""Values and ranks of methods on data sets, and Friedman's test.

Demšar: Statistical comparisons of classifiers over multiple data sets, JMLR 7 (2006).
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

COLUMNS = ("dataset", "method", "seed", "value")
DECIMALS = 12
"""Decimals of a mean over seeds: equal values tie whatever the order of their summation."""


class Friedman(NamedTuple):
    """Result of Friedman's test: χ², corrected for ties, and the p-value of equal methods.

    χ² is at least 0, larger for larger differences of the average ranks, and has (methods - 1)
    degrees of freedom.
    """

    statistic: float
    p: float


def by_dataset(scores):
    """Return means over the seeds (data sets, methods), rounded to 12 decimals; higher is better.

    Scores have `COLUMNS`. A score without a seed (NaN) counts for all seeds; all other methods of a
    data set need the same seeds, as a seed is also a split. Incomplete or repeated scores, and
    fewer than two data sets or methods, raise a `ValueError`.
    """
    cells = scores.sort_values("seed").groupby(["dataset", "method"])
    names = {level: scores[level].unique() for level in ("dataset", "method")}
    values = cells["value"].mean().unstack().reindex(names["dataset"], columns=names["method"])
    if min(values.shape) < 2:
        counts = "{} data sets, {} methods".format(*values.shape)
        raise ValueError(f"Expected at least two data sets and two methods. Received: {counts}")
    absent = values.isna().stack()
    if absent.any():
        dataset, method = absent.idxmax()
        raise ValueError(
            "Expected a value of every method for every data set. "
            f"Received: none of method {method!r} for data set {dataset!r}"
        )
    seeds = cells["seed"].agg(lambda seeds: frozenset(seeds.dropna()))
    if (cells.size() > seeds.map(len).clip(lower=1)).any():
        raise ValueError(
            "Expected one value per data set, method and seed, or one without a seed. "
            "Remove the repeated rows"
        )
    _check_seeds(seeds)
    return values.round(DECIMALS)


def _check_seeds(seeds):
    """Raise a `ValueError` unless all methods (data set, method) of a data set have equal seeds."""
    for (dataset, method), own in seeds.items():
        lacking = frozenset().union(*seeds[dataset]) - own
        if own and lacking:
            raise ValueError(
                "Expected the same seeds of all methods for a data set. Received: method "
                f"{method!r} for data set {dataset!r} lacks seed {', '.join(map(str, lacking))}"
            )


def ranks(values):
    """Rank methods (data sets, methods) on each data set: 1 is the best, ties share their ranks."""
    return values.rank(axis=1, ascending=False, method="average")


def average_ranks(values):
    """Average the ranks of each method over the data sets: a series by method, the best first."""
    return ranks(values).mean().sort_values(kind="stable")


def friedman(values):
    """Test whether methods (data sets, methods) differ at all: Friedman's test.

    Its χ² distribution is an approximation for more than some 10 data sets and 5 methods (Demšar).
    NaN for two methods, which Wilcoxon's test compares; p is 1 if all ranks are equal.
    """
    if values.shape[1] < 3:
        return Friedman(np.nan, np.nan)
    if (ranks(values) == (values.shape[1] + 1) / 2).all(axis=None):
        return Friedman(0.0, 1.0)
    result = stats.friedmanchisquare(*values.to_numpy().T)
    return Friedman(float(result.statistic), float(result.pvalue))
