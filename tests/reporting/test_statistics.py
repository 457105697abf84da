"""Intervals and comparisons over seeds, against values by hand and SciPy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kerasae.reporting.statistics import (
    by_seed,
    half_width,
    holm,
    paired_p_value,
    seeds_needed,
    smallest_significant,
    standing,
)


def test_half_width_is_that_of_students_t():
    # mean 2, standard deviation 1, t(0.975, 2) = 4.302653
    assert half_width([1, 2, 3]) == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)
    assert np.isnan(half_width([1]))


def test_holm_agrees_with_values_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, 0.8]), [1, 1])
    assert len(holm([])) == 0


def test_paired_p_value_is_that_of_scipy_and_decides_where_nothing_varies():
    one, other = np.random.default_rng(0).normal(size=(2, 6))
    assert paired_p_value(one, other) == pytest.approx(stats.ttest_rel(one, other).pvalue)
    assert paired_p_value([1, 2], [1, 2]) == 1
    assert paired_p_value([1, 2], [2, 3]) == 0


def test_a_score_without_a_seed_counts_for_all_and_a_missing_seed_excludes():
    rows = [("a", 1, 0.5), ("a", 2, 0.6), ("b", 1, 0.7), ("no_model", np.nan, 0.9)]
    frame = pd.DataFrame(rows, columns=["variant", "seed", "value"])
    wide = by_seed(frame)
    assert list(wide.columns) == ["a", "no_model"]
    assert wide["no_model"].tolist() == [0.9, 0.9]


@pytest.mark.parametrize("higher_is_better", [False, True])
def test_a_copy_ties_and_a_variant_that_every_seed_finds_worse_does_not(higher_is_better):
    sign = -1 if higher_is_better else 1
    luck, noise = np.random.default_rng(1).normal(size=(2, 5))
    values = pd.DataFrame({"a": luck, "worse": luck + sign + 0.05 * noise, "copy": luck})
    tied = {"a": "tied", "worse": "", "copy": "tied"}
    assert standing(values, higher_is_better).to_dict() == tied
    without = values[["a", "worse"]]
    assert standing(without, higher_is_better).tolist() == ["best", ""]
    assert standing(without[:1], higher_is_better).tolist() == ["", ""]
    assert standing(values[["a"]], higher_is_better).tolist() == [""]


@pytest.mark.parametrize(("seeds", "expected"), [(3, 2.48), (5, 1.24), (10, 0.715)])
def test_what_seeds_resolve_is_half_of_the_interval_of_students_t(seeds, expected):
    assert smallest_significant(seeds) == pytest.approx(expected, abs=0.005)


def test_the_smallest_number_of_seeds_that_decides_is_found():
    difference = np.array([1.0, 2.0, -0.5, 0.7])
    number = seeds_needed(difference)

    def decided(n):
        half = stats.t.interval(0.95, n - 1, scale=difference.std(ddof=1) / np.sqrt(n))[1]
        return difference.mean() > half

    assert decided(number)
    assert not decided(number - 1)
    assert seeds_needed(-difference) == number
    assert seeds_needed(difference, comparisons=9) > number


def test_differences_without_spread_are_decided_by_two_seeds_unless_they_are_0():
    assert seeds_needed([0.5, 0.5, 0.5]) == 2
    assert seeds_needed([0.0, 0.0, 0.0]) is None
    assert seeds_needed([1.0, -1.0, 0.01]) is None
