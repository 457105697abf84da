"""Intervals over seeds, and comparisons paired by seed.

Runs of one seed share the split and the order of the data: the difference of two variants varies
less between seeds than either variant.
"""

import numpy as np
import pandas as pd
from scipy import stats

LEVEL = 0.95
"""Confidence level of all intervals; 1 - LEVEL is the joint error of a column's comparisons."""
MANY = 1000
"""Largest number of seeds that `seeds_needed` estimates."""


def half_width(values):
    """Compute half the width of the interval of a mean of values (seeds,), from Student's t.

    In the unit of the values; NaN for fewer than two values.
    """
    values = np.asarray(values, float)
    if len(values) < 2:
        return np.nan
    return float(stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * stats.sem(values))


def holm(p_values):
    """Adjust p-values (n,) for multiple comparisons: Holm, Scand. J. Statist. 6 (1979).

    Return them in the same order, adjusted upwards, at most 1.
    """
    p_values = np.asarray(p_values, float)
    order = np.argsort(p_values)
    factors = len(p_values) - np.arange(len(p_values))
    adjusted = np.minimum(np.maximum.accumulate(factors * p_values[order]), 1)
    return adjusted[np.argsort(order)]


def paired_p_value(one, other):
    """Compute the two-sided p-value of the paired t-test, for arrays (seeds,) in the same order.

    If all differences are equal: 1 if they are 0, else 0.
    """
    difference = np.asarray(one, float) - np.asarray(other, float)
    if np.ptp(difference) == 0:
        return float(difference[0] == 0)
    return float(stats.ttest_1samp(difference, 0).pvalue)


def corrected_p_values(values, reference):
    """Compare all other columns of values (seeds, variants) with a reference by paired t-tests.

    Return a series of Holm-corrected p-values by variant, without the reference; needs two seeds.
    """
    others = values.columns.drop(reference)
    p_values = holm([paired_p_value(values[name], values[reference]) for name in others])
    return pd.Series(p_values, others, float)


def standing(values, higher_is_better):
    """Mark the variants of values (seeds, variants): *best*, *tied* with the best mean, or empty.

    A variant is tied if its paired difference from the best mean is not significant after Holm's
    correction; *best* is tied with none. All are empty for one seed or one variant.
    """
    marks = pd.Series("", values.columns, dtype=object)
    if min(values.shape) < 2:
        return marks
    means = values.mean() if higher_is_better else -values.mean()
    p_values = corrected_p_values(values, means.idxmax())
    first = [means.idxmax(), *p_values.index[p_values > 1 - LEVEL]]
    marks[first] = "best" if len(first) == 1 else "tied"
    return marks


def smallest_significant(seeds, comparisons=1):
    """Compute the smallest significant mean paired difference, for at least 2 seeds.

    In standard deviations of the paired difference between seeds: half the width of Student's t
    interval, with a joint error of 5 % for all comparisons (Bonferroni).
    """
    level = 1 - (1 - LEVEL) / comparisons
    return stats.t.ppf((1 + level) / 2, np.asarray(seeds) - 1) / np.sqrt(seeds)


def seeds_needed(difference, comparisons=1):
    """Estimate the number of seeds that makes a mean paired difference (seeds,) significant.

    The smallest one for which the mean exceeds half the width of its interval, for constant mean
    and standard deviation; None above `MANY`. Comparisons share an error of 5 % (Bonferroni).
    Holm's correction is never stricter: what it leaves undecided needs further seeds.
    """
    numbers = np.arange(2, MANY + 1)
    half = smallest_significant(numbers, comparisons) * np.std(difference, ddof=1)
    enough = abs(np.mean(difference)) > half
    return int(numbers[enough.argmax()]) if enough.any() else None


def can_differ(datasets, methods):
    """Return whether Wilcoxon's signed-rank test can separate two of the methods.

    The p-values of all pairs are Holm-corrected. The smallest p-value before the correction is 2^(1
    - datasets).
    """
    return bool(2.0 ** (1 - datasets) * methods * (methods - 1) / 2 <= 1 - LEVEL)


def by_seed(scores):
    """Arrange tidy scores of one metric as (seeds, variants), without variants that lack a seed.

    A score without a seed, such as that of a detector without a fit, counts for all seeds.
    """
    seeded = scores[scores["seed"].notna()]
    wide = seeded.pivot(index="seed", columns="variant", values="value").dropna(axis=1)
    constant = scores[scores["seed"].isna()].set_index("variant")["value"]
    return wide.assign(**constant)
