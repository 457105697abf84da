"""Which one for me: what the seeds tell, no more, and the baselines beside it."""

import re

import numpy as np
import pandas as pd
import pytest

from kerasae.evaluation.scores import COLUMNS
from kerasae.reporting.rankings import PURPOSES, page, rankings, sentences

SEEDS = range(1, 6)
BY_NAME = {purpose.name: purpose for purpose in PURPOSES}


def rows(variant, metric, values, task="reconstruction", held_out="none", seeds=SEEDS):
    return [
        ("mnist", variant, seed, 20, held_out, task, metric, value)
        for seed, value in zip(seeds, values, strict=True)
    ]


def scores(*parts):
    return pd.DataFrame([row for part in parts for row in part], columns=COLUMNS)


def spread(mean, by=1.0, seed=0):
    return mean + by * np.random.default_rng(seed).normal(size=len(SEEDS))


VANILLA, COPY, PCA = spread(64), spread(64, seed=1), spread(107, seed=2)


def test_the_best_is_named_with_its_interval_and_the_baseline():
    table = scores(rows("vanilla", "bce", VANILLA), rows("pca", "bce", PCA))
    first, second = sentences(table, BY_NAME["compression"])
    assert first.startswith(f"vanilla ({VANILLA.mean():.4g} ± ")
    assert first.endswith("is the best of the autoencoders.")
    assert second.startswith("Better than the best baseline, pca (")
    assert second.endswith(": vanilla.")


def test_what_the_seeds_cannot_tell_apart_is_a_tie():
    parts = rows("a", "bce", VANILLA), rows("b", "bce", COPY), rows("pca", "bce", PCA)
    (first, _) = sentences(scores(*parts), BY_NAME["compression"])
    assert first.startswith("The seeds cannot tell apart ")
    found = rankings(scores(*parts)).set_index("variant")
    assert found["standing"].to_dict() == {"a": "tied", "b": "tied", "pca": ""}
    assert list(found.index)[-1] == "pca"


def test_no_autoencoder_is_needed_where_the_baseline_is_better():
    parts = (
        rows("vanilla", "logistic accuracy", spread(0.7, 0.01), "classification"),
        rows("raw_pixels", "logistic accuracy", spread(0.9, 0.01, 1), "classification"),
    )
    *_, last = sentences(scores(*parts), BY_NAME["features for a classifier"])
    assert last.startswith("Worse than the best baseline, raw_pixels (")
    assert last.endswith("): all, so that no autoencoder is needed for this.")


def test_what_is_not_shown_to_beat_the_baseline_is_said():
    parts = rows("vanilla", "bce", VANILLA), rows("pca", "bce", COPY)
    *_, last = sentences(scores(*parts), BY_NAME["compression"])
    assert last.startswith("The seeds show none to be better than the best baseline, pca (")
    assert last.endswith(").")
    parts += (rows("shallow", "bce", VANILLA + 50),)
    *_, last = sentences(scores(*parts), BY_NAME["compression"])
    assert last.endswith("), and 1 of 2 to be worse.")


def test_a_wild_one_that_ties_takes_nothing_from_those_that_beat_the_baseline():
    """With few seeds a mean of 105 ± 23 cannot be told from one of 64."""
    wild = [60, 64, 110, 180, 62]
    parts = {"vanilla": VANILLA, "wild": wild, "steady": VANILLA + 5, "pca": PCA}
    table = scores(*(rows(name, "bce", values) for name, values in parts.items()))
    first, last = sentences(table, BY_NAME["compression"])
    assert re.findall(r"(\w+) \(", first) == ["vanilla", "wild"]
    assert last.startswith("Better than the best baseline, pca (")
    assert last.endswith(": vanilla, steady.")


def test_one_seed_cannot_rank():
    table = scores(rows("a", "bce", [1.0], seeds=[1]), rows("b", "bce", [9.0], seeds=[1]))
    (first,) = sentences(table, BY_NAME["compression"])
    assert first.startswith("One seed cannot rank. In this run a (1) came first")
    assert rankings(table)["standing"].tolist() == ["", ""]
    assert "with one seed nothing can be ranked" in page(table, "mnist", "- data")


@pytest.mark.parametrize("order", [[5, 4, 3, 2, 1], [3, 1, 4, 5, 2]])
def test_permuting_the_seeds_changes_nothing(order):
    def table(seeds):
        third = spread(64.5, seed=3)
        parts = {"a": VANILLA, "b": COPY, "c": third, "pca": PCA}
        return scores(*(rows(name, "bce", values, seeds=seeds) for name, values in parts.items()))

    pd.testing.assert_frame_equal(rankings(table(SEEDS)), rankings(table(order)))
    assert page(table(SEEDS), "mnist", "") == page(table(order), "mnist", "")


def test_vaes_count_with_their_mean_code_and_samples_with_the_better_sampler():
    table = scores(
        rows("vae", "bce", VANILLA + 10),
        rows("vae", "bce of the mean code", VANILLA),
        rows("vae", "frechet distance (prior)", spread(20), "samples"),
        rows("vae", "frechet distance (mixture)", spread(5), "samples"),
    )
    found = rankings(table).set_index("purpose")["mean"]
    assert found["compression"] == pytest.approx(VANILLA.mean())
    assert found["generation"] == pytest.approx(spread(5).mean())


def test_areas_are_averaged_over_the_classes_held_out():
    table = scores(
        rows("a", "auc_bce", [0.9] * 5, "anomaly", "1"),
        rows("a", "auc_bce", [0.5] * 5, "anomaly", "7"),
    )
    assert rankings(table)["mean"].tolist() == pytest.approx([0.7])


def test_what_lacks_a_class_that_others_have_is_not_ranked():
    """Merged scores can be incomplete: a mean over the easier classes alone is none."""
    both = [*rows("a", "auc_bce", [0.9] * 5, "anomaly", "0")]
    both += rows("a", "auc_bce", [0.1] * 5, "anomaly", "1")
    easier = rows("b", "auc_bce", [0.9] * 5, "anomaly", "0")
    one_seed_less = rows("b", "auc_bce", [0.1] * 4, "anomaly", "1", seeds=range(1, 5))
    for lacking in (easier, easier + one_seed_less):
        assert rankings(scores(both, lacking))["variant"].tolist() == ["a"]
    other = rows("b", "auc_bce", [0.1] * 5, "anomaly", "1")
    found = rankings(scores(both, easier + other))
    assert found["mean"].tolist() == pytest.approx([0.5, 0.5])


def test_bounds_are_no_contestants_and_the_mean_image_is_a_baseline():
    constant = [
        ("mnist", name, np.nan, np.nan, "none", "reconstruction", "bce", value)
        for name, value in (("entropy_floor", 45.0), ("mean_image", 60.0))
    ]
    table = scores(rows("vanilla", "bce", VANILLA), constant)
    assert rankings(table)["variant"].tolist() == ["mean_image", "vanilla"]
    *_, last = sentences(table, BY_NAME["compression"])
    assert last.startswith("Worse than the best baseline, mean_image (60): all")


def test_what_was_not_measured_is_said():
    said = page(scores(rows("a", "bce", VANILLA)), "wine", "- 142 rows_")
    assert "<strong>Generation</strong>: Not measured here." in said
    assert "table: reconstruction)" in said
    assert "<h1>Which one for me? wine</h1>" in said
    assert "<pre>- 142 rows_</pre>" in said


def test_the_page_has_the_rankings_with_their_intervals():
    said = page(scores(rows("a", "bce", VANILLA), rows("b", "bce", [9.0] * 5)), "mnist", "")
    assert "<td>compression</td><td>b</td><td>9</td><td></td><td>best</td>" in said
    assert f"<td>a</td><td>{VANILLA.mean():.4g}</td>" in said
    assert "nan" not in said
    assert page(scores(), "mnist", "").count("Not measured here.") == len(PURPOSES)


def areas(variant, mean, seed=0, metric="auc_mse", seeds=SEEDS):
    """Areas for two held-out classes, .1 above and below a mean that varies over the seeds."""
    values = spread(mean, 0.005, seed)[: len(seeds)]
    return [
        row
        for held_out, shift in (("0", 0.1), ("1", -0.1))
        for row in rows(variant, metric, values + shift, "anomaly", held_out, seeds)
    ]


DETECTOR_METRICS = {"nearest_neighbours": "auc_neighbours", "isolation_forest": "auc_isolation"}


@pytest.mark.parametrize("detector", DETECTOR_METRICS)
@pytest.mark.parametrize(
    ("area", "said"),
    [
        (0.87, "Worse than the best baseline, {} (0."),
        (0.8, "Better than the best baseline, {} (0."),
    ],
)
def test_the_best_baseline_of_all_is_what_autoencoders_are_held_against(detector, area, said):
    table = scores(
        areas("vanilla", 0.83, 1), areas("pca", 0.7, 2),
        areas(detector, area, 3, DETECTOR_METRICS[detector]),
        areas("no_model", 0.5, 4, "auc_far_from_mean"),
    )  # fmt: skip
    first, last = sentences(table, BY_NAME["anomaly detection"])
    assert first.startswith("vanilla (")
    assert last.startswith(said.format(detector))
    assert last.endswith(": vanilla." if area < 0.83 else "no autoencoder is needed for this.")
    leaders = ["vanilla", detector] if area < 0.83 else [detector, "vanilla"]
    assert rankings(table)["variant"].tolist() == [*leaders, "pca", "no_model"]


def test_a_baseline_measured_once_is_the_best_baseline_where_its_mean_is_highest():
    once = [
        ("mnist", "no_model", np.nan, np.nan, held_out, "anomaly", "auc_less_ink", area)
        for held_out, area in (("0", 0.99), ("1", 0.95))
    ]
    table = scores(areas("vanilla", 0.83), areas("pca", 0.7, 2), once)
    *_, last = sentences(table, BY_NAME["anomaly detection"])
    assert last.startswith("Worse than the best baseline, no_model (0.97): all")


def test_the_best_of_one_seed_is_named_among_all_baselines():
    table = scores(
        areas("vanilla", 0.83, seeds=[1]), areas("pca", 0.7, seeds=[1]),
        areas("nearest_neighbours", 0.86, metric="auc_neighbours", seeds=[1]),
    )  # fmt: skip
    *_, last = sentences(table, BY_NAME["anomaly detection"])
    assert last.startswith("The best baseline had nearest_neighbours (0.86")


def test_a_baseline_that_lacks_a_seed_is_named_as_not_compared():
    fewer = areas("nearest_neighbours", 0.9, metric="auc_neighbours", seeds=[1, 2])
    table = scores(areas("vanilla", 0.83), areas("pca", 0.7, 2), fewer)
    *_, against, last = sentences(table, BY_NAME["anomaly detection"])
    assert against.startswith("Better than the best baseline, pca (")
    assert last.endswith("lack a seed or a held-out class of others: nearest_neighbours.")
    assert set(rankings(table)["variant"]) == {"vanilla", "pca"}


def test_further_seeds_of_a_baseline_do_not_count():
    table = scores(
        areas("vanilla", 0.83, seeds=[1, 2, 3]),
        areas("nearest_neighbours", 0.9, 1, "auc_neighbours"),
    )
    found = rankings(table).set_index("variant")["mean"]
    assert found["nearest_neighbours"] == pytest.approx(spread(0.9, 0.005, 1)[:3].mean())
    assert found["vanilla"] == pytest.approx(spread(0.83, 0.005)[:3].mean())


def test_variants_of_different_seeds_are_not_said_to_be_unmeasured():
    table = scores(areas("a", 0.8, seeds=[1, 2]), areas("b", 0.8, seeds=[3, 4]))
    (said,) = sentences(table, BY_NAME["anomaly detection"])
    assert said == "Not compared, as they lack a seed or a held-out class of others: a, b."
    assert rankings(table).empty
