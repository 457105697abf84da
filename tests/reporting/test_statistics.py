"""Intervals and comparisons over seeds, against values by hand and SciPy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kerasae.evaluation.metric import ScoreKey, tidy
from kerasae.reporting import tables
from kerasae.reporting.statistics import best, by_seed, half_width, holm, paired_p_value


def test_half_width_is_that_of_students_t():
    # mean 2, standard deviation 1, t(0.975, 2) = 4.302653
    assert half_width([1, 2, 3]) == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)
    assert np.isnan(half_width([1]))


def test_half_width_covers_the_mean_as_often_as_it_says():
    draws = np.random.default_rng(0).normal(5, 2, (2000, 4))
    covered = [abs(values.mean() - 5) <= half_width(values) for values in draws]
    assert 0.935 < np.mean(covered) < 0.965


def test_holm_agrees_with_values_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, 0.8]), [1, 1])
    assert len(holm([])) == 0


def test_paired_p_value_is_that_of_scipy_and_decides_where_nothing_varies():
    one, other = np.random.default_rng(0).normal(size=(2, 6))
    assert paired_p_value(one, other) == pytest.approx(stats.ttest_rel(one, other).pvalue)
    assert paired_p_value([1, 2], [1, 2]) == 1
    assert paired_p_value([1, 2], [2, 3]) == 0


def table_of(seeds, **offsets):
    """Variants that share each seed's luck, and differ by an offset and a little noise."""
    rng = np.random.default_rng(1)
    luck = rng.normal(0, 1, seeds)
    columns = {name: luck + offset for name, offset in offsets.items()}
    return pd.DataFrame(columns) + rng.normal(0, 0.05, (seeds, len(offsets)))


@pytest.mark.parametrize("higher_is_better", [False, True])
def test_a_copy_ties_and_a_crippled_one_is_worse(higher_is_better):
    sign = 1 if higher_is_better else -1
    values = table_of(5, model=0, worse=-sign)
    values["copy"] = values["model"]
    assert set(best(values, higher_is_better)) == {"model", "copy"}


def test_the_best_stands_alone_where_the_seeds_agree():
    assert best(table_of(5, a=0, b=1, c=0.5), higher_is_better=True) == ["b"]


def test_noise_alone_crowns_nobody_too_often():
    rng = np.random.default_rng(0)
    alone = [
        len(best(pd.DataFrame(rng.normal(size=(6, 5)), columns=list("abcde")), True)) == 1
        for _ in range(300)
    ]
    assert np.mean(alone) < 0.05


def test_one_seed_ranks_nothing():
    assert best(table_of(1, a=0, b=9), higher_is_better=True) == []


def test_the_order_of_the_seeds_does_not_matter():
    values = table_of(5, a=0, b=0.04, c=0.1)
    assert best(values, True) == best(values.sample(frac=1, random_state=0), True)


def test_a_score_without_a_seed_counts_for_all_and_a_missing_seed_excludes():
    rows = [("a", 1, 0.5), ("a", 2, 0.6), ("b", 1, 0.7), ("no_model", np.nan, 0.9)]
    frame = pd.DataFrame(rows, columns=["variant", "seed", "value"])
    wide = by_seed(frame)
    assert list(wide.columns) == ["a", "no_model"]
    assert wide["no_model"].tolist() == [0.9, 0.9]


def seeds(count, **values):
    run = {"dataset": "mnist", "latent_dim": 20, "held_out": "none"}
    frames = [
        tidy(
            {**run, "variant": name, "seed": seed}, "reconstruction", {ScoreKey("bce"): value(seed)}
        )
        for name, value in values.items()
        for seed in range(count)
    ]
    return pd.concat(frames)


def test_table_names_the_best_only_where_the_interval_says_so():
    frame = seeds(
        4, a=lambda s: 60 + s, copy=lambda s: 60 + s, crippled=lambda s: 70 + s + 0.1 * s**2
    )
    table = tables.table(frame, "reconstruction", ["a", "copy", "crippled"])
    assert table["BCE best"].tolist() == ["tied", "tied", ""]
    alone = tables.table(frame.query("variant != 'copy'"), "reconstruction", ["a", "crippled"])
    assert alone["BCE best"].tolist() == ["best", ""]
