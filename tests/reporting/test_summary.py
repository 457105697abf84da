"""Closing lines of a run: the rankings, the number of seeds needed, and the cost of a seed."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kerasae.evaluation.metric import ScoreKey, tidy
from kerasae.reporting.statistics import MANY, seeds_needed, smallest_significant
from kerasae.reporting.summary import closing_lines, seconds_of_a_seed

BCE = ScoreKey("bce")


def rows(variant, values, measure=BCE, task="reconstruction"):
    run = {"dataset": "mnist", "variant": variant, "latent_dim": 20, "held_out": "none"}
    return pd.concat(
        tidy({**run, "seed": seed}, task, {measure: value}) for seed, value in enumerate(values, 1)
    )


def job(folder, rule, run, cpu_time, seconds=1.0):
    path = folder / "benchmarks" / rule / f"{run}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\th:m:s\tcpu_time\n{seconds}\t0:00:01\t{cpu_time}\n")


@pytest.fixture
def results(tmp_path):
    """Write scores into a folder of results; returns it."""

    def write(*parts):
        folder = tmp_path / "mnist"
        folder.mkdir(exist_ok=True)
        pd.concat(parts).to_csv(folder / "scores.csv", index=False)
        return folder

    return write


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


def test_with_one_seed_the_best_is_named_but_not_ranked(results):
    folder = results(rows("vae", [76.0]), rows("vanilla", [64.0]), rows("pca", [107.0]))
    title, answer, unknown, _ = closing_lines(folder, [1], 2)
    assert title == "mnist, 1 seed:"
    assert answer == (
        "  compression (lower is better): best autoencoder vanilla (64); best baseline pca (107)"
    )
    assert unknown.startswith("  One seed allows no ranking")
    assert unknown.endswith(": 3 seeds 2.5, 5 seeds 1.2, 10 seeds 0.72.")


def test_with_several_seeds_the_best_and_the_baseline_are_compared(results):
    folder = results(
        rows("vanilla", [64.0, 64.1, 63.9]),
        rows("vae", [76.0, 76.2, 75.9]),
        rows("pca", [107.0] * 3),
    )
    assert closing_lines(folder, [1, 2, 3], 2) == [
        "mnist, 3 seeds:",
        "  compression (lower is better): best autoencoder vanilla (64); better than the best "
        "baseline, pca (107)",
        "  To add a seed, set seeds: [1, 2, 3, 4] in the configuration.",
    ]


def test_a_tie_names_the_number_of_seeds_needed(results):
    first, second = np.array([0.80, 0.84, 0.82, 0.83]), np.array([0.81, 0.80, 0.83, 0.82])
    kind = {"measure": ScoreKey("accuracy", probe="logistic"), "task": "classification"}
    folder = results(
        rows("a", second, **kind), rows("b", first, **kind), rows("raw_pixels", second - 1, **kind)
    )
    number = seeds_needed(first - second)
    assert 4 < number < MANY
    assert closing_lines(folder, [1, 2, 3, 4], 2)[1] == (
        "  features for a classifier (higher is better): best autoencoder b (0.8225), tied with "
        f"a (0.815) (about {number} seeds needed to decide); better than the best baseline, "
        "raw_pixels (-0.185)"
    )


def test_a_better_baseline_is_named_as_better_and_a_tie_with_it_as_a_tie(results):
    worse = results(rows("vae", [80.0, 81.0, 80.5]), rows("pca", [60.0, 60.9, 60.4]))
    assert closing_lines(worse, [1], 2)[1].endswith("; worse than the best baseline, pca (60.43)")
    equal = results(rows("vae", [80.0, 81.0]), rows("pca", [80.0, 81.0]))
    assert closing_lines(equal, [1], 2)[1].endswith(
        f"; tied with the best baseline, pca (80.5) (more than {MANY} seeds needed to decide)"
    )


def test_what_is_undecided_needs_more_seeds_than_there_are(results):
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(5):
        parts = [rows(name, rng.normal(place, 1, 4)) for place, name in enumerate("abcdef")]
        line = closing_lines(results(*parts), [1, 2, 3, 4], 2)[1]
        if "about" in line:
            found += 1
            assert int(line.split("about ")[1].split()[0]) > 4
    assert found


def test_a_further_seed_costs_what_the_jobs_of_one_seed_took(results):
    folder = results(rows("vanilla", [64.0, 64.0]))
    for seed in (1, 2):
        job(folder, "train", f"vanilla-latent20-without_none-seed{seed}", 500)
        job(folder, "train", f"vanilla-latent2-without_1-seed{seed}", 690)
        job(folder, "no_model", f"latent2-without_1-seed{seed}", "NA", seconds=10)
    job(folder, "scores", "all", 9999)
    job(folder, "train", "vanilla-latent20-without_none-seed3", 77)  # a seed that is not complete
    assert seconds_of_a_seed(folder / "benchmarks") == 1200
    assert closing_lines(folder, [1, 4], 4)[-1] == (
        "  A further seed takes about 20 minutes of processor time, 5 minutes on 4 cores. "
        "To add one, set seeds: [1, 4, 5] in the configuration."
    )
    for cores in (1, None):
        assert "20 minutes of processor time. " in closing_lines(folder, [1, 4], cores)[-1]


def test_where_jobs_take_all_seeds_the_cost_of_one_is_unknown(results):
    folder = results(rows("vanilla", [64.0, 64.0]))
    job(folder, "plane", "latent20-without_none-seed1", 500)
    job(folder, "train_all_seeds", "latent20-without_none", 500)
    assert seconds_of_a_seed(folder / "benchmarks") == 0
    assert closing_lines(folder, [1, 2], 4)[-1] == (
        "  To add a seed, set seeds: [1, 2, 3] in the configuration."
    )


def test_no_lines_without_scores(tmp_path, results):
    assert closing_lines(tmp_path / "nothing", [1], 2) == []
    assert closing_lines(results(rows("pca", [107.0])), [1], 2) == []
    assert seconds_of_a_seed(tmp_path / "nothing") == 0
