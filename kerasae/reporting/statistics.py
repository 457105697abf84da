"""Intervals over seeds, and comparisons that are paired by seed.

Runs of the same seed share the split and the data order, so that the difference of two
variants varies less between seeds than either of them.
"""

import numpy as np
from scipy import stats

LEVEL = 0.95
"""Of all intervals; 1 - LEVEL is what a comparison may err by, over all of a column."""


def half_width(values):
    """Half the width of the interval of a mean, from Student's t.

    Parameters
    ----------
    values : array of shape (seeds,)
        One value a seed.

    Returns
    -------
    float
        In the unit of the values; NaN with fewer than two of them.
    """
    values = np.asarray(values, float)
    if len(values) < 2:
        return np.nan
    return float(stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * stats.sem(values))


def holm(p_values):
    """Adjust p-values for that there are several: Holm, Scand. J. Statist. 6 (1979).

    Parameters
    ----------
    p_values : array of shape (n,)
        In any order.

    Returns
    -------
    numpy.ndarray of shape (n,)
        In the same order, none smaller than before, at most 1.
    """
    p_values = np.asarray(p_values, float)
    order = np.argsort(p_values)
    factors = len(p_values) - np.arange(len(p_values))
    adjusted = np.minimum(np.maximum.accumulate(factors * p_values[order]), 1)
    return adjusted[np.argsort(order)]


def paired_p_value(one, other):
    """Two-sided p-value of the paired t-test, for arrays (seeds,) in the same order.

    Differences that do not vary are no evidence where they are 0, and beyond doubt elsewhere.
    """
    difference = np.asarray(one, float) - np.asarray(other, float)
    if np.ptp(difference) == 0:
        return float(difference[0] == 0)
    return float(stats.ttest_1samp(difference, 0).pvalue)


def best(values, higher_is_better):
    """Find the variants that the seeds cannot tell from the best.

    Parameters
    ----------
    values : pandas.DataFrame of shape (seeds, variants)
        A number for every seed and variant.
    higher_is_better : bool
        Which way is better.

    Returns
    -------
    list of str
        The variant with the best mean, and all whose paired difference from it is not
        significant after Holm's correction. Empty with fewer than two seeds: then nothing
        can be told.
    """
    if len(values) < 2:
        return []
    means = values.mean() if higher_is_better else -values.mean()
    first = means.idxmax()
    others = [name for name in values if name != first]
    p_values = holm([paired_p_value(values[first], values[name]) for name in others])
    return [first, *(name for name, p in zip(others, p_values, strict=True) if p > 1 - LEVEL)]


def by_seed(scores):
    """Arrange the tidy scores of one metric as (seeds, variants).

    What was measured without a seed, such as a score without a model, is the same for all
    seeds; a variant that lacks a seed that others have is left out.
    """
    seeded = scores[scores["seed"].notna()]
    wide = seeded.pivot(index="seed", columns="variant", values="value").dropna(axis=1)
    constant = scores[scores["seed"].isna()].set_index("variant")["value"]
    return wide.assign(**constant)
