"""Before any job: amounts fit the data, folders are writable, files exist."""

import os
from pathlib import Path

import numpy as np
import pytest
from projects import ROOT

from kerasae.config.plan import plans
from kerasae.config.planning import (
    AMOUNTS,
    amounts,
    check_amounts,
    check_backend,
    own_amounts,
    schedule,
    shrink_defaults,
    training_seconds,
)
from kerasae.config.reading import ConfigurationError, merge, read, schema, validated
from kerasae.config.sources import check_paths
from kerasae.datasets import Sizes

SCHEMA = schema()
SHIPPED = read(ROOT / "config.yaml")


def configured(**written):
    config = validated(merge(written, merge(SHIPPED, {})), SCHEMA)
    return config, own_amounts(config, written, SCHEMA)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A data set of 40 samples to train on, and 10 for the test, of 6 numbers, in 3 classes."""
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(1).random((50, 6)).astype(np.float32)
    labels = np.arange(50) % 3
    train, test = slice(40), slice(40, 50)
    arrays = {"x_train": rows[train], "y_train": labels[train]}
    np.savez("small.npz", **arrays, x_test=rows[test], y_test=labels[test])
    return {"path": "small.npz"}


def test_what_the_user_laid_over_counts_as_written_and_config_yaml_does_not():
    assert configured()[1] == set()
    assert configured(validation=5000, general={"latent_dim": 20})[1] == {
        "validation",
        "latent_dim",
    }
    edited, _ = configured(classification={"labels": 40}, anomaly={"latent_dim": [2, 3]})
    assert own_amounts(edited, {}, SCHEMA) == {"labels", "latent_dims"}  # in config.yaml itself


def test_defaults_stay_on_mnist_and_shrink_on_small_data(small):
    config, own = configured()
    chosen, notes, _ = amounts("mnist", {}, config, own, pca=True)
    assert chosen == {"validation": 5000, "labels": 550, "latent_dim": 20, "latent_dims": [2]}
    assert notes == []
    chosen, notes, _ = amounts("small", small, config, own, pca=True)
    assert chosen == {"validation": 4, "labels": 18, "latent_dim": 2, "latent_dims": [2]}
    assert notes == [
        "small: defaults reduced for small data: validation is 4 instead of 5000, "
        "classification.labels is 18 instead of 550, general.latent_dim is 2 instead of 20.",
        "small: batch_size is 256, more than the 36 samples to train on: an epoch is one step.",
    ]


def test_defaults_shrink_to_the_samples_that_are_used(small):
    config, own = configured()
    chosen, *_ = amounts("small", {**small, "train": 20}, config, own, pca=True)
    assert chosen["validation"] == 2
    assert amounts("mnist", {"train": 3000}, config, own, pca=True)[0]["validation"] == 300


@pytest.mark.parametrize("train", [3, 5, 9, 30, 400])
@pytest.mark.parametrize("inputs", [1, 2, 5, 100])
@pytest.mark.parametrize("classes", [0, 1, 3])
def test_defaults_fit_whatever_the_data(train, inputs, classes):
    config, own = configured()
    size = Sizes(train, 5, inputs, classes)
    chosen = shrink_defaults({key: 10_000 for key in AMOUNTS}, own, size)
    assert 1 <= chosen["validation"] <= train - 2
    assert 1 <= chosen["latent_dim"] <= min(inputs, train - chosen["validation"])
    assert chosen["labels"] >= 5
    if classes < 2 or train >= 6:
        check_amounts("small", {}, config, chosen, size, pca=True)


def test_what_was_written_does_not_shrink(small):
    for key, way in AMOUNTS.items():
        written = 10_000
        for part in reversed(way):
            written = {part: written}
        config, own = configured(**written)
        assert own == {key}
        with pytest.raises(ConfigurationError) as caught:
            amounts("small", small, config, own, pca=True)
        line = str(caught.value)
        assert line.startswith(f"config: {'.'.join(way)}: expected at most ")
        assert "small" in line
        assert line.endswith("Received: 10000")


@pytest.mark.parametrize(
    ("options", "written", "line"),
    [
        ({"train": 41}, {}, "datasets.small.train: expected at most 40, as small has no"),
        ({"test": 11}, {}, "datasets.small.test: expected at most 10, as small has no"),
        ({"train": 2}, {}, "datasets.small: expected at least 3 training samples. Received: 2"),
        ({}, {"validation": 39}, "validation: expected at most 38, as small has 40"),
        (
            {},
            {"validation": 10, "classification": {"labels": 31}},
            "classification.labels: expected at most 30, as small has 40 training samples, 10 of "
            "them for validation. Received: 31",
        ),
        (
            {"train": 20},
            {"classification": {"curve": [5, 19, "all"]}},
            "classification.curve: expected at most 18, as small has 20",
        ),
        ({}, {"general": {"latent_dim": 7}}, "general.latent_dim: expected at most 6, as"),
        (
            {"train": 9},
            {"validation": 4, "anomaly": {"latent_dim": [2, 6]}},
            "anomaly.latent_dim: expected at most 5, as baselines.pca",
        ),
    ],
)  # fmt: skip
def test_data_too_small_for_what_was_written_are_refused(small, options, written, line):
    config, own = configured(**written)
    with pytest.raises(ConfigurationError) as caught:
        amounts("small", {**small, **options}, config, own, pca=True)
    assert str(caught.value).startswith(f"config: {line}")


def test_what_nobody_needs_may_be_larger_than_the_data(small):
    config, own = configured(general={"latent_dim": 9}, validation=4)
    assert amounts("small", small, config, own, pca=False)[0]["latent_dim"] == 9
    np.save("plain.npy", np.random.default_rng(1).random((50, 6)))
    config, own = configured(classification={"labels": 1000})  # without labels nobody needs them
    assert amounts("plain", {"path": "plain.npy"}, config, own, pca=True)[0]["labels"] == 1000


def test_data_are_not_read_where_all_amounts_are_written():
    written = {
        "validation": 5, "classification": {"labels": 9}, "general": {"latent_dim": 2},
        "anomaly": {"latent_dim": 3},
    }  # fmt: skip
    config, own = configured(**written)
    chosen, notes, _ = amounts("gone", {"path": "gone.npz"}, config, own, pca=True, check=False)
    assert chosen == {"validation": 5, "labels": 9, "latent_dim": 2, "latent_dims": [3]}
    assert notes == []
    with pytest.raises(ConfigurationError, match=r"^config: datasets\.gone: gone\.npz does not"):
        amounts("gone", {"path": "gone.npz"}, config, own, pca=True)


def test_jobs_choose_the_same_amounts_as_the_plan(small):
    config, own = configured(validation=7)
    checked, *_ = amounts("small", small, config, own, pca=True)
    assert amounts("small", small, config, own, pca=True, check=False)[0] == checked


def test_results_are_a_folder_that_can_be_written_to(small, monkeypatch):
    Path("file").write_text("")
    Path("loop").symlink_to("nowhere")
    for results in ("file", "file/below/it", "loop", "loop/below"):
        with pytest.raises(ConfigurationError, match=r"results: expected a folder, or a new name"):
            check_paths({"results": results, "merge": []}, {})
    check_paths({"results": "new/folder", "merge": []}, {})
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ConfigurationError, match=r"expected a writable folder, but \. is not"):
        check_paths({"results": "new/folder", "merge": []}, {})


@pytest.mark.parametrize("key", ["path", "anomalies"])
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("results/small/data/images.npz", "expected data outside the results folder results"),
        ("results", "expected data outside the results folder results"),
        ("link/a.npz", "expected data outside the results folder results"),
        (".", "expected a folder that does not contain the results folder results"),
        ("pictures/../", "expected a folder that does not contain the results folder results"),
        ("a{b}.npz", "expected paths without braces"),
        ("pictures", r"expected paths without braces.*one/\{x\}\.png"),
    ],
)
def test_sources_and_results_lie_apart_and_paths_have_no_braces(small, key, source, words):
    Path("results").mkdir()
    Path("link").symlink_to("results")
    Path("pictures/one").mkdir(parents=True)
    Path("pictures/one/{x}.png").touch()
    with pytest.raises(ConfigurationError, match=rf"^config: datasets\.small\.{key}: {words}"):
        check_paths({"results": "results", "merge": []}, {"small": {**small, key: source}})


def test_anomalies_that_are_not_there_stop_the_workflow(small):
    with pytest.raises(
        ConfigurationError, match=r"^config: datasets\.small\.anomalies: gone.npz does"
    ):
        check_paths(
            {"results": "results", "merge": []}, {"small": {**small, "anomalies": "gone.npz"}}
        )


@pytest.mark.parametrize("source", ["a b.npz", "é.npz", "*.npz", "it's.npz", 'q"q.npz', "../x.npz"])
def test_other_paths_are_taken(small, source):
    check_paths({"results": "results", "merge": []}, {"small": {"path": source}})


def test_tables_to_merge_are_files_of_other_runs(small):
    Path("results/mnist").mkdir(parents=True)
    Path("results/claims").mkdir()
    for path in ("results/mnist/scores.csv", "results/claims/scores.csv"):
        Path(path).touch()
    for path, words in (
        ("gone.csv", "expected files that exist"),
        ("results", "expected files that exist"),
        ("results/mnist/scores.csv", "expected tables of other runs, not of this one"),
        ("results/claims/../mnist/scores.csv", "expected tables of other runs"),
    ):
        with pytest.raises(ConfigurationError, match=rf"^config: merge: {words}.*Received"):
            check_paths({"results": "results", "merge": [path]}, {"mnist": {}})
    check_paths({"results": "results", "merge": ["results/claims/scores.csv"]}, {"mnist": {}})


def test_another_backend_is_refused():
    for backend in ("jax", "torch", "numpy"):
        with pytest.raises(ConfigurationError, match=f"KERAS_BACKEND=.*Received: {backend}"):
            check_backend({"KERAS_BACKEND": backend})
    for allowed in ({}, {"KERAS_BACKEND": ""}, {"KERAS_BACKEND": "tensorflow"}):
        check_backend(allowed)


def test_the_size_of_the_used_part_is_known_where_the_data_were_read(small):
    config, own = configured()
    *_, size = amounts("small", {**small, "train": 20}, config, own, pca=True)
    assert size == Sizes(20, 10, 6, 3)
    written = {
        "validation": 5, "classification": {"labels": 9}, "general": {"latent_dim": 2},
        "anomaly": {"latent_dim": 3},
    }  # fmt: skip
    config, own = configured(**written)
    assert amounts("gone", {"path": "gone.npz"}, config, own, pca=True, check=False)[-1] is None


def test_seconds_of_a_training_grow_with_steps_samples_and_squared_inputs():
    # 215 steps an epoch of 0.7 ms + 256 · 1024² · 25 ps = 7.41 ms
    assert training_seconds(55_000, 1024, epochs=60, batch_size=256) == pytest.approx(95.6, abs=0.1)
    # 22 steps an epoch of 0.7 ms
    assert training_seconds(2717, 6, epochs=300, batch_size=128) == pytest.approx(4.62, abs=0.01)


def test_trainings_on_mnist_are_long_and_those_on_small_data_or_for_few_epochs_are_short(small):
    config, own = configured(datasets={"small": small})
    found, _ = plans(config, own)
    assert {name: it.short for name, it in found.items()} == {"mnist": False, "small": True}
    config, own = configured(epochs=10)
    assert plans(config, own)[0]["mnist"].short


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, None),
        ({"demonstration": False, "epochs": 3}, None),
        ({"demonstration": True, "epochs": 20}, "55,000 training samples, 20 epochs, one seed"),
        (
            {"demonstration": True, "epochs": 1, "seeds": [3, 5], "validation": 512,
             "datasets": {"mnist": {"train": 3072}}},
            "2,560 training samples, 1 epoch, 2 seeds",
        ),
        (
            {"demonstration": True, "epochs": "auto", "validation": 512,
             "datasets": {"mnist": {"train": 3072}}},
            "2,560 training samples, {auto} epochs, one seed",
        ),
    ],
)  # fmt: skip
def test_a_demonstration_says_its_amounts_alike_before_and_in_the_jobs(written, said):
    config, own = configured(**written)
    auto = schedule({"epochs": "auto", "batch_size": "auto"}, 2560)[0]
    expected = said and f"A demonstration: {said.format(auto=auto)}. The numbers say nothing"
    for check in (True, False):  # in a job nothing is checked
        found, _ = plans(config, {*AMOUNTS} if not check else own, check=check)
        line = found["mnist"].demonstration
        assert line == (f"{expected} about the models." if said else "")


def test_the_tour_is_a_demonstration_and_the_bake_off_is_not():
    tour = read(ROOT / "workflow/configs/tour.yaml")
    config, own = configured(**tour)
    assert plans(config, own)[0]["mnist"].demonstration.startswith("A demonstration: ")
    assert plans(*configured())[0]["mnist"].demonstration == ""
