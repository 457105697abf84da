"""Rankings claim no more than the seeds show; sentences and lines say what their tables have."""

import re

import numpy as np
import pandas as pd
import pytest

from kerasae.evaluation.metric import COLUMNS, ScoreKey, tidy
from kerasae.reporting.rankings import page, rankings
from kerasae.reporting.sentences import line, sentences
from kerasae.reporting.standings import BASELINES, RANKINGS, standings
from kerasae.reporting.statistics import MANY, seeds_needed

SEEDS = range(1, 6)
BY_NAME = {ranking.name: (task, ranking) for task, ranking in RANKINGS}
ALL_WORSE = "All autoencoders are significantly worse than the best baseline"
BCE, LOGISTIC = ScoreKey("bce"), ScoreKey("accuracy", probe="logistic", labels=50)
MSE_AREA, NEIGHBOURS = ScoreKey("auroc", score="mse"), ScoreKey("auroc", score="neighbours")


def rows(variant, key, values, task="reconstruction", held_out="none", seeds=SEEDS, latent_dim=20):
    run = {"dataset": "mnist", "variant": variant, "latent_dim": latent_dim, "held_out": held_out}
    pairs = zip(seeds, values, strict=True)
    return pd.concat([tidy({**run, "seed": seed}, task, {key: value}) for seed, value in pairs])


def scores(*frames):
    empty = pd.DataFrame(columns=COLUMNS)
    return pd.concat([empty, *frames]) if frames else empty


def once(variant, key, value, task="reconstruction", held_out="none"):
    """A score that depends on no seed."""
    return rows(variant, key, [value], task, held_out, [np.nan], np.nan)


def spread(mean, by=1.0, seed=0):
    return mean + by * np.random.default_rng(seed).normal(size=len(SEEDS))


def said(table, ranking="compression"):
    return sentences(standings(table, *BY_NAME[ranking]))


VANILLA, COPY, PCA = spread(64), spread(64, seed=1), spread(107, seed=2)


def test_the_best_is_named_with_its_interval_and_the_baseline():
    table = scores(rows("vanilla", BCE, VANILLA), rows("pca", BCE, PCA))
    first, second = said(table)
    assert first.startswith(f"Best autoencoder: vanilla ({VANILLA.mean():.4g} ± ")
    assert first.endswith(").")
    assert second.startswith("Significantly better than the best baseline, pca (")
    assert second.endswith(": vanilla.")


def test_no_significant_difference_is_a_tie():
    parts = rows("a", BCE, VANILLA), rows("b", BCE, COPY), rows("pca", BCE, PCA)
    (first, _) = said(scores(*parts))
    assert re.fullmatch(r"Best autoencoder: a \(.*\); not significantly worse: b \(.*\)\.", first)
    found = rankings(scores(*parts)).set_index("variant")
    assert found["standing"].to_dict() == {"a": "tied", "b": "tied", "pca": ""}
    assert list(found.index)[-1] == "pca"


def test_no_autoencoder_is_needed_where_the_baseline_is_better():
    parts = (
        rows("vanilla", LOGISTIC, spread(0.7, 0.01), "classification"),
        rows("raw_pixels", LOGISTIC, spread(0.9, 0.01, 1), "classification"),
    )
    *_, last = said(scores(*parts), "features for a classifier")
    assert last.startswith(f"{ALL_WORSE}, raw_pixels (")
    assert last.endswith("): by this measure none is needed.")


def test_a_wild_tie_takes_nothing_from_those_that_beat_the_baseline():
    """With few seeds, a mean of 105 ± 23 does not differ significantly from 64."""
    wild = [60, 64, 110, 180, 62]
    parts = {"vanilla": VANILLA, "wild": wild, "steady": VANILLA + 5, "pca": PCA}
    table = scores(*(rows(name, BCE, values) for name, values in parts.items()))
    first, last = said(table)
    assert re.findall(r"(\w+) \(", first) == ["vanilla", "wild"]
    assert last.startswith("Significantly better than the best baseline, pca (")
    assert last.endswith(": vanilla, steady.")


def test_vaes_count_with_their_posterior_mean_and_samples_with_the_better_sampler():
    table = scores(
        rows("vae", ScoreKey("bce", "sample"), VANILLA + 10),
        rows("vae", ScoreKey("bce", "mean"), VANILLA),
        rows("vae", ScoreKey("frechet_distance", sampler="prior"), spread(20), "samples"),
        rows("vae", ScoreKey("frechet_distance", sampler="mixture"), spread(5), "samples"),
    )
    found = rankings(table).set_index("ranking")["mean"]
    assert found["compression"] == pytest.approx(VANILLA.mean())
    assert found["generation"] == pytest.approx(spread(5).mean())


def test_areas_are_averaged_over_the_classes_and_what_lacks_a_class_is_not_ranked():
    """Merged scores can be incomplete: a mean over the easier classes alone is none."""
    key, fewer = ScoreKey("auroc", score="bce"), range(1, 5)
    both = [rows("a", key, [0.9] * 5, "anomaly", "0"), rows("a", key, [0.1] * 5, "anomaly", "1")]
    easier = rows("b", key, [0.9] * 5, "anomaly", "0")
    one_seed_less = rows("b", key, [0.1] * 4, "anomaly", "1", seeds=fewer)
    for lacking in ([easier], [easier, one_seed_less]):
        assert rankings(scores(*both, *lacking))["variant"].tolist() == ["a"]
    complete = rankings(scores(*both, easier, rows("b", key, [0.1] * 5, "anomaly", "1")))
    assert complete["mean"].tolist() == pytest.approx([0.5, 0.5])


def test_runs_with_other_labels_or_latent_dimensions_are_not_averaged():
    """Merged scores can be of other settings."""
    few, many = (ScoreKey("accuracy", probe="logistic", labels=count) for count in (60, 550))
    mixed = [rows("a", key, [0.7] * 5, "classification") for key in (few, many)]
    table = scores(*mixed, rows("b", few, [0.6] * 5, "classification"))
    assert rankings(table)["variant"].tolist() == ["b"]
    last = said(table, "features for a classifier")[-1]
    assert last.endswith("labels or latent dimensions: a.")
    other = rows("c", BCE, COPY, seeds=range(6, 11), latent_dim=2)
    table = scores(rows("c", BCE, VANILLA), other, rows("d", BCE, COPY))
    assert rankings(table)["variant"].tolist() == ["d"]


def test_bounds_are_not_ranked_and_a_baseline_measured_once_counts():
    constant = [once("entropy_floor", BCE, 45.0), once("mean_image", BCE, 60.0)]
    table = scores(rows("vanilla", BCE, VANILLA), *constant)
    assert rankings(table)["variant"].tolist() == ["mean_image", "vanilla"]
    assert said(table)[-1].startswith(f"{ALL_WORSE}, mean_image (60): ")


def test_one_seed_or_one_variant_is_not_ranked():
    table = scores(*(rows(name, BCE, [value], seeds=[1]) for name, value in (("a", 1), ("b", 9))))
    table = scores(table, rows("pca", BCE, [5.0], seeds=[1]))
    first, last = said(table)
    assert first.startswith("One seed allows no ranking. Best autoencoder in this run: a (1),")
    assert last == "Best baseline: pca (5)."
    assert rankings(table)["standing"].tolist() == ["", "", ""]
    assert "One seed allows no ranking: set more seeds" in page(table, "mnist", "- data")
    assert rankings(scores(rows("a", BCE, VANILLA)))["standing"].tolist() == [""]


def test_the_page_has_the_rankings_and_names_what_was_not_measured():
    table = scores(rows("a", BCE, VANILLA), rows("b", BCE, [9.0] * 5))
    text = page(table, "wine", "- 142 rows_")
    assert "<strong>Generation</strong>: Not measured. Set thorough: true in" in text
    assert "lower is better;\ntable: Reconstruction)" in text
    assert "<h1>Recommendations: wine</h1>" in text
    assert "<pre>- 142 rows_</pre>" in text
    text = text.replace(' class="number"', "")
    assert "<td>compression</td><td>b</td><td>9</td><td></td><td>best</td>" in text
    assert f"<td>a</td><td>{VANILLA.mean():.4g}</td>" in text
    assert "nan" not in text
    assert page(scores(), "mnist", "").count("Not measured.") == len(RANKINGS)


def areas(variant, mean, seed=0, key=MSE_AREA, seeds=SEEDS):
    """Areas for two held-out classes, .1 above and below a mean that varies over the seeds."""
    values = spread(mean, 0.005, seed)[: len(seeds)]
    shifts = {"0": 0.1, "1": -0.1}
    return pd.concat(
        rows(variant, key, values + shift, "anomaly", held_out, seeds)
        for held_out, shift in shifts.items()
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.87, f"{ALL_WORSE}, nearest_neighbours (0."),
        (0.8, "Significantly better than the best baseline, nearest_neighbours (0."),
    ],
)
def test_autoencoders_are_compared_with_the_best_baseline_of_all(value, expected):
    table = scores(
        areas("vanilla", 0.83, 1), areas("pca", 0.7, 2),
        areas("nearest_neighbours", value, 3, NEIGHBOURS),
        areas("no_model", 0.5, 4, ScoreKey("auroc", score="far_from_mean")),
    )  # fmt: skip
    first, last = said(table, "anomaly detection")
    assert first.startswith("Best autoencoder: vanilla (")
    assert last.startswith(expected)
    assert last.endswith(": vanilla." if value < 0.83 else "by this measure none is needed.")
    leaders = ["vanilla", "nearest_neighbours"][:: 1 if value < 0.83 else -1]
    assert rankings(table)["variant"].tolist() == [*leaders, "pca", "no_model"]


def test_a_baseline_that_lacks_a_seed_is_named_as_not_compared():
    fewer = areas("nearest_neighbours", 0.9, key=NEIGHBOURS, seeds=[1, 2])
    table = scores(areas("vanilla", 0.83), areas("pca", 0.7, 2), fewer)
    *_, against, last = said(table, "anomaly detection")
    assert against.startswith("Significantly better than the best baseline, pca (")
    assert last.endswith(
        "for other seeds, held-out classes, labels or latent dimensions: nearest_neighbours."
    )
    assert set(rankings(table)["variant"]) == {"vanilla", "pca"}


def test_further_seeds_of_a_baseline_do_not_count():
    table = scores(
        areas("vanilla", 0.83, seeds=[1, 2, 3]),
        areas("nearest_neighbours", 0.9, 1, NEIGHBOURS),
    )
    found = rankings(table).set_index("variant")["mean"]
    assert found["nearest_neighbours"] == pytest.approx(spread(0.9, 0.005, 1)[:3].mean())
    assert found["vanilla"] == pytest.approx(spread(0.83, 0.005)[:3].mean())


def test_variants_of_different_seeds_are_not_said_to_be_unmeasured():
    table = scores(areas("a", 0.8, seeds=[1, 2]), areas("b", 0.8, seeds=[3, 4]))
    assert said(table, "anomaly detection") == [
        "Not comparable, for other seeds, held-out classes, labels or latent dimensions: a, b."
    ]
    assert rankings(table).empty


def test_baselines_are_those_of_the_models_and_of_all_tasks():
    assert {"pca", "mean_image", "raw_pixels", "from_scratch", "isolation_forest"} <= BASELINES
    assert not {"vae", "vanilla", "entropy_floor", "real_images"} & BASELINES


@pytest.mark.parametrize("name", BY_NAME)
def test_all_keys_of_a_ranking_have_one_direction(name):
    task, ranking = BY_NAME[name]
    directions = {task.metric(key.metric).higher_is_better for key in ranking.score_keys}
    assert directions in ({True}, {False})


def line_of(ranking="compression", **values):
    """The line of a ranking of variants with their values by seed."""
    task, _ = BY_NAME[ranking]
    key = LOGISTIC if ranking == "features for a classifier" else BCE
    seeds = range(1, len(next(iter(values.values()))) + 1)
    frames = [rows(name, key, value, task.name, seeds=seeds) for name, value in values.items()]
    return line(standings(scores(*frames), *BY_NAME[ranking]))


def test_a_line_names_the_best_and_its_relation_to_the_best_baseline():
    text = "compression (lower is better): best autoencoder vanilla (64); "
    assert line_of(vanilla=[64.0], vae=[76.0], pca=[107.0]) == f"{text}best baseline pca (107)"
    better = line_of(vanilla=[64.0, 64.1, 63.9], vae=[76.0, 76.2, 75.9], pca=[107.0] * 3)
    assert better == f"{text}better than the best baseline, pca (107)"
    worse = line_of(vae=[80.0, 81.0, 80.5], pca=[60.0, 60.9, 60.4])
    assert worse.endswith("; worse than the best baseline, pca (60.43)")


def test_a_tie_names_the_number_of_seeds_that_decides_it():
    first, second = np.array([0.80, 0.84, 0.82, 0.83]), np.array([0.81, 0.80, 0.83, 0.82])
    number = seeds_needed(first - second)
    assert 4 < number < MANY
    assert line_of("features for a classifier", a=second, b=first, raw_pixels=second - 1) == (
        "features for a classifier (higher is better): best autoencoder b (0.8225), tied with "
        f"a (0.815) (about {number} seeds needed to decide); better than the best baseline, "
        "raw_pixels (-0.185)"
    )
    assert line_of(vae=[80.0, 81.0], pca=[80.0, 81.0]).endswith(
        f"; tied with the best baseline, pca (80.5) (more than {MANY} seeds needed to decide)"
    )


def test_what_is_undecided_needs_more_seeds_than_there_are():
    rng = np.random.default_rng(0)
    frames = [rows(name, BCE, rng.normal(place, 2, 5)) for place, name in enumerate("abcdef")]
    table = standings(scores(*frames), *BY_NAME["compression"]).table
    assert table["seeds_best"].min() > 5
    assert (table.loc[table["seeds_best"].notna(), "p_best"] > 0.05).all()
