"""Rankings claim no more than the seeds show, and compare with the baselines."""

import re

import numpy as np
import pandas as pd
import pytest

from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.scores import COLUMNS
from kerasae.reporting.rankings import page, rankings
from kerasae.reporting.sentences import sentences
from kerasae.reporting.standings import BASELINES, RANKINGS, standings

SEEDS = range(1, 6)
BY_NAME = {ranking.name: (task, ranking) for task, ranking in RANKINGS}
ALL_WORSE = "All autoencoders are significantly worse than the best baseline"
BCE, LOGISTIC = ScoreKey("bce"), ScoreKey("accuracy", probe="logistic", labels=50)


def row(variant, seed, latent_dim, held_out, task, measure, value):
    qualifiers = ("" if part is None else part for part in measure[1:])
    return ("mnist", variant, seed, latent_dim, held_out, task, measure.metric, *qualifiers, value)


def rows(variant, measure, values, task="reconstruction", held_out="none", seeds=SEEDS):
    return [
        row(variant, seed, 20, held_out, task, measure, value)
        for seed, value in zip(seeds, values, strict=True)
    ]


def area(score):
    return ScoreKey("auroc", score=score)


MSE_AREA = area("mse")


def scores(*parts):
    return pd.DataFrame([one for part in parts for one in part], columns=COLUMNS)


def spread(mean, by=1.0, seed=0):
    return mean + by * np.random.default_rng(seed).normal(size=len(SEEDS))


VANILLA, COPY, PCA = spread(64), spread(64, seed=1), spread(107, seed=2)


def test_the_best_is_named_with_its_interval_and_the_baseline():
    table = scores(rows("vanilla", BCE, VANILLA), rows("pca", BCE, PCA))
    first, second = sentences(standings(table, *BY_NAME["compression"]))
    assert first.startswith(f"Best autoencoder: vanilla ({VANILLA.mean():.4g} ± ")
    assert first.endswith(").")
    assert second.startswith("Significantly better than the best baseline, pca (")
    assert second.endswith(": vanilla.")


def test_no_significant_difference_is_a_tie():
    parts = rows("a", BCE, VANILLA), rows("b", BCE, COPY), rows("pca", BCE, PCA)
    (first, _) = sentences(standings(scores(*parts), *BY_NAME["compression"]))
    assert re.fullmatch(r"Best autoencoder: a \(.*\); not significantly worse: b \(.*\)\.", first)
    found = rankings(scores(*parts)).set_index("variant")
    assert found["standing"].to_dict() == {"a": "tied", "b": "tied", "pca": ""}
    assert list(found.index)[-1] == "pca"


def test_no_autoencoder_is_needed_where_the_baseline_is_better():
    parts = (
        rows("vanilla", LOGISTIC, spread(0.7, 0.01), "classification"),
        rows("raw_pixels", LOGISTIC, spread(0.9, 0.01, 1), "classification"),
    )
    *_, last = sentences(standings(scores(*parts), *BY_NAME["features for a classifier"]))
    assert last.startswith(f"{ALL_WORSE}, raw_pixels (")
    assert last.endswith("): by this measure none is needed.")


def test_what_is_not_shown_to_beat_the_baseline_is_said():
    parts = rows("vanilla", BCE, VANILLA), rows("pca", BCE, COPY)
    *_, last = sentences(standings(scores(*parts), *BY_NAME["compression"]))
    assert last.startswith("No autoencoder is significantly better than the best baseline, pca (")
    assert last.endswith(").")
    parts += (rows("shallow", BCE, VANILLA + 50),)
    *_, last = sentences(standings(scores(*parts), *BY_NAME["compression"]))
    assert last.endswith("); 1 of 2 significantly worse.")


def test_a_wild_tie_takes_nothing_from_those_that_beat_the_baseline():
    """With few seeds, a mean of 105 ± 23 does not differ significantly from 64."""
    wild = [60, 64, 110, 180, 62]
    parts = {"vanilla": VANILLA, "wild": wild, "steady": VANILLA + 5, "pca": PCA}
    table = scores(*(rows(name, BCE, values) for name, values in parts.items()))
    first, last = sentences(standings(table, *BY_NAME["compression"]))
    assert re.findall(r"(\w+) \(", first) == ["vanilla", "wild"]
    assert last.startswith("Significantly better than the best baseline, pca (")
    assert last.endswith(": vanilla, steady.")


def test_one_seed_cannot_rank():
    table = scores(rows("a", BCE, [1.0], seeds=[1]), rows("b", BCE, [9.0], seeds=[1]))
    (first,) = sentences(standings(table, *BY_NAME["compression"]))
    assert first.startswith("One seed allows no ranking. Best autoencoder in this run: a (1),")
    assert rankings(table)["standing"].tolist() == ["", ""]
    assert "One seed allows no ranking: set more seeds" in page(table, "mnist", "- data")


@pytest.mark.parametrize("order", [[5, 4, 3, 2, 1], [3, 1, 4, 5, 2]])
def test_permuting_the_seeds_changes_nothing(order):
    def table(seeds):
        third = spread(64.5, seed=3)
        parts = {"a": VANILLA, "b": COPY, "c": third, "pca": PCA}
        return scores(*(rows(name, BCE, values, seeds=seeds) for name, values in parts.items()))

    pd.testing.assert_frame_equal(rankings(table(SEEDS)), rankings(table(order)))
    assert page(table(SEEDS), "mnist", "") == page(table(order), "mnist", "")


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


def test_areas_are_averaged_over_the_classes_held_out():
    table = scores(
        rows("a", area("bce"), [0.9] * 5, "anomaly", "1"),
        rows("a", area("bce"), [0.5] * 5, "anomaly", "7"),
    )
    assert rankings(table)["mean"].tolist() == pytest.approx([0.7])


def test_what_lacks_a_class_that_others_have_is_not_ranked():
    """Merged scores can be incomplete: a mean over the easier classes alone is none."""
    both = [*rows("a", area("bce"), [0.9] * 5, "anomaly", "0")]
    both += rows("a", area("bce"), [0.1] * 5, "anomaly", "1")
    easier = rows("b", area("bce"), [0.9] * 5, "anomaly", "0")
    one_seed_less = rows("b", area("bce"), [0.1] * 4, "anomaly", "1", seeds=range(1, 5))
    for lacking in (easier, easier + one_seed_less):
        assert rankings(scores(both, lacking))["variant"].tolist() == ["a"]
    other = rows("b", area("bce"), [0.1] * 5, "anomaly", "1")
    found = rankings(scores(both, easier + other))
    assert found["mean"].tolist() == pytest.approx([0.5, 0.5])


def test_runs_with_other_labels_or_latent_dimensions_are_not_averaged():
    """Merged scores can be of other settings."""
    few, many = (ScoreKey("accuracy", probe="logistic", labels=count) for count in (60, 550))
    mixed = rows("a", few, [0.5] * 5, "classification") + rows(
        "a", many, [0.9] * 5, "classification"
    )
    alone = rows("b", few, [0.6] * 5, "classification")
    assert rankings(scores(mixed, alone))["variant"].tolist() == ["b"]
    said = sentences(standings(scores(mixed, alone), *BY_NAME["features for a classifier"]))
    assert said[-1].endswith("labels or latent dimensions: a.")
    other = [(*one[:3], 2, *one[4:]) for one in rows("c", BCE, COPY, seeds=range(6, 11))]
    table = scores(rows("c", BCE, VANILLA), other, rows("d", BCE, COPY))
    assert rankings(table)["variant"].tolist() == ["d"]


def test_bounds_are_not_ranked_and_the_mean_image_is_a_baseline():
    constant = [
        row(name, np.nan, np.nan, "none", "reconstruction", BCE, value)
        for name, value in (("entropy_floor", 45.0), ("mean_image", 60.0))
    ]
    table = scores(rows("vanilla", BCE, VANILLA), constant)
    assert rankings(table)["variant"].tolist() == ["mean_image", "vanilla"]
    *_, last = sentences(standings(table, *BY_NAME["compression"]))
    assert last.startswith(f"{ALL_WORSE}, mean_image (60): ")


def test_what_was_not_measured_is_said():
    said = page(scores(rows("a", BCE, VANILLA)), "wine", "- 142 rows_")
    assert "<strong>Generation</strong>: Not measured. Set thorough: true in" in said
    assert "lower is better;\ntable: Reconstruction)" in said
    assert "<h1>Recommendations: wine</h1>" in said
    assert "<pre>- 142 rows_</pre>" in said


def test_the_page_has_the_rankings_with_their_intervals():
    said = page(scores(rows("a", BCE, VANILLA), rows("b", BCE, [9.0] * 5)), "mnist", "")
    said = said.replace(' class="number"', "")
    assert "<td>compression</td><td>b</td><td>9</td><td></td><td>best</td>" in said
    assert f"<td>a</td><td>{VANILLA.mean():.4g}</td>" in said
    assert "nan" not in said
    assert page(scores(), "mnist", "").count("Not measured.") == len(RANKINGS)


def areas(variant, mean, seed=0, measure=MSE_AREA, seeds=SEEDS):
    """Areas for two held-out classes, .1 above and below a mean that varies over the seeds."""
    values = spread(mean, 0.005, seed)[: len(seeds)]
    return [
        one
        for held_out, shift in (("0", 0.1), ("1", -0.1))
        for one in rows(variant, measure, values + shift, "anomaly", held_out, seeds)
    ]


DETECTOR_SCORES = {"nearest_neighbours": area("neighbours"), "isolation_forest": area("isolation")}


@pytest.mark.parametrize("detector", DETECTOR_SCORES)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.87, f"{ALL_WORSE}, {{}} (0."),
        (0.8, "Significantly better than the best baseline, {} (0."),
    ],
)
def test_the_best_baseline_of_all_is_what_autoencoders_are_held_against(detector, value, said):
    table = scores(
        areas("vanilla", 0.83, 1), areas("pca", 0.7, 2),
        areas(detector, value, 3, DETECTOR_SCORES[detector]),
        areas("no_model", 0.5, 4, area("far_from_mean")),
    )  # fmt: skip
    first, last = sentences(standings(table, *BY_NAME["anomaly detection"]))
    assert first.startswith("Best autoencoder: vanilla (")
    assert last.startswith(said.format(detector))
    assert last.endswith(": vanilla." if value < 0.83 else "by this measure none is needed.")
    leaders = ["vanilla", detector] if value < 0.83 else [detector, "vanilla"]
    assert rankings(table)["variant"].tolist() == [*leaders, "pca", "no_model"]


def test_a_baseline_measured_once_is_the_best_baseline_where_its_mean_is_highest():
    once = [
        row("no_model", np.nan, np.nan, held_out, "anomaly", area("less_ink"), value)
        for held_out, value in (("0", 0.99), ("1", 0.95))
    ]
    table = scores(areas("vanilla", 0.83), areas("pca", 0.7, 2), once)
    *_, last = sentences(standings(table, *BY_NAME["anomaly detection"]))
    assert last.startswith(f"{ALL_WORSE}, no_model (0.97): ")


def test_the_best_of_one_seed_is_named_among_all_baselines():
    table = scores(
        areas("vanilla", 0.83, seeds=[1]), areas("pca", 0.7, seeds=[1]),
        areas("nearest_neighbours", 0.86, measure=area("neighbours"), seeds=[1]),
    )  # fmt: skip
    *_, last = sentences(standings(table, *BY_NAME["anomaly detection"]))
    assert last.startswith("Best baseline: nearest_neighbours (0.86")


def test_a_baseline_that_lacks_a_seed_is_named_as_not_compared():
    fewer = areas("nearest_neighbours", 0.9, measure=area("neighbours"), seeds=[1, 2])
    table = scores(areas("vanilla", 0.83), areas("pca", 0.7, 2), fewer)
    *_, against, last = sentences(standings(table, *BY_NAME["anomaly detection"]))
    assert against.startswith("Significantly better than the best baseline, pca (")
    assert last.endswith(
        "for other seeds, held-out classes, labels or latent dimensions: nearest_neighbours."
    )
    assert set(rankings(table)["variant"]) == {"vanilla", "pca"}


def test_further_seeds_of_a_baseline_do_not_count():
    table = scores(
        areas("vanilla", 0.83, seeds=[1, 2, 3]),
        areas("nearest_neighbours", 0.9, 1, area("neighbours")),
    )
    found = rankings(table).set_index("variant")["mean"]
    assert found["nearest_neighbours"] == pytest.approx(spread(0.9, 0.005, 1)[:3].mean())
    assert found["vanilla"] == pytest.approx(spread(0.83, 0.005)[:3].mean())


def test_variants_of_different_seeds_are_not_said_to_be_unmeasured():
    table = scores(areas("a", 0.8, seeds=[1, 2]), areas("b", 0.8, seeds=[3, 4]))
    (said,) = sentences(standings(table, *BY_NAME["anomaly detection"]))
    assert (
        said
        == "Not comparable, for other seeds, held-out classes, labels or latent dimensions: a, b."
    )
    assert rankings(table).empty


def test_baselines_are_those_of_the_models_and_of_all_tasks():
    assert {"pca", "mean_image", "raw_pixels", "from_scratch", "isolation_forest"} <= BASELINES
    assert not {"vae", "vanilla", "entropy_floor", "real_images"} & BASELINES


@pytest.mark.parametrize("name", BY_NAME)
def test_all_measures_of_a_ranking_have_one_direction(name):
    task, ranking = BY_NAME[name]
    directions = {task.metric(measure.metric).higher_is_better for measure in ranking.score_keys}
    assert directions in ({True}, {False})


def test_one_variant_alone_is_not_called_the_best():
    assert rankings(scores(rows("a", BCE, VANILLA)))["standing"].tolist() == [""]
