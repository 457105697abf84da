"""Values and ranks of methods on data sets, and Friedman's test.

Demšar: Statistical comparisons of classifiers over multiple data sets, JMLR 7 (2006).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
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
    data set need the same seeds, as a seed is also a split. Incomplete, repeated or infinite
    scores, and fewer than two data sets or methods, raise a `ValueError`.
    """
    _check(scores)
    names = {level: scores[level].unique() for level in ("dataset", "method")}
    if min(map(len, names.values())) < 2:
        counts = f"{len(names['dataset'])} data sets, {len(names['method'])} methods"
        raise ValueError(f"Expected at least two data sets and two methods. Received: {counts}")
    cells = scores.sort_values("seed").groupby(["dataset", "method"])
    values = cells["value"].mean().unstack().reindex(names["dataset"], columns=names["method"])
    absent = np.argwhere(values.isna().to_numpy())
    if len(absent):
        dataset, method = values.index[absent[0, 0]], values.columns[absent[0, 1]]
        others = f", and {len(absent) - 1} further values" if len(absent) > 1 else ""
        raise ValueError(
            "Expected a value of every method for every data set. "
            f"Received: none of method {method!r} for data set {dataset!r}{others}"
        )
    _check_seeds(cells["seed"].agg(frozenset))
    return values.round(DECIMALS)


def _check(scores):
    """Raise a `ValueError` unless the scores have all columns, finite values and no repetition."""
    if not {*COLUMNS} <= {*scores}:
        names = ", ".join(map(str, scores.columns)) or "no column"
        raise ValueError(f"Expected the columns {', '.join(COLUMNS)}. Received: {names}")
    unnamed = scores[["dataset", "method"]].isna().any(axis=1)
    if unnamed.any():
        row = scores.index[unnamed][0]
        raise ValueError(f"Expected a data set and a method in every row. Received: row {row!r}")
    values = pd.to_numeric(scores["value"], errors="coerce")
    problems = {
        "Expected finite values": ~np.isfinite(values),
        "Expected one value per data set, method and seed": scores.duplicated(list(COLUMNS[:3])),
    }
    for expected, wrong in problems.items():
        if wrong.any():
            _, row = next(scores[wrong].iterrows())
            raise ValueError(
                f"{expected}. Received: {row['value']!r} of method {row['method']!r} for data set "
                f"{row['dataset']!r}, seed {row['seed']}"
            )


def _check_seeds(seeds):
    """Raise a `ValueError` unless the methods (data set, method) of a data set have equal seeds."""
    for dataset, of_methods in seeds.groupby(level="dataset", sort=False):
        numbers = of_methods.map(lambda each: {seed for seed in each if pd.notna(seed)})
        every = set().union(*numbers)
        for (_, method), each in of_methods.items():
            own = numbers[dataset, method]
            lacking = sorted(every - own) if own else []
            if lacking or len(each) > len(own) > 0:
                wrong = ", ".join(map(str, lacking)) or "none (NaN) besides others"
                raise ValueError(
                    "Expected the same seeds of all methods for a data set. Received: method "
                    f"{method!r} for data set {dataset!r} "
                    f"{'lacks' if lacking else 'has'} seed {wrong}"
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
