"""Amounts of a configuration fit the data, or are refused."""

import numpy as np
import pytest
from projects import ROOT

from kerasae.config.amounts import AMOUNTS, check, fitted, own_amounts, training_seconds
from kerasae.config.plan import check_backend, plans
from kerasae.config.reading import merge, read
from kerasae.config.schema import ConfigurationError, validated
from kerasae.datasets import Sizes

SHIPPED = read(ROOT / "config.yaml")


def configured(**written):
    config = validated(merge(written, merge(SHIPPED, {})))
    return config, own_amounts(config, written)


def planned(options, **written):
    """Plan and notes of the data set ``small``."""
    datasets = {"mnist": False, "small": options}
    planned, notes = plans(*configured(datasets=datasets, **written))
    return planned["small"], notes


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


def test_values_of_config_yaml_count_as_written_where_they_were_edited():
    assert configured()[1] == set()
    assert configured(validation=5000, general={"latent_dim": 20})[1] == {
        "validation",
        "latent_dim",
    }
    edited, _ = configured(classification={"labels": 40}, anomaly={"latent_dim": [2, 3]})
    assert own_amounts(edited, {}) == {"labels", "latent_dims"}  # in config.yaml itself


def test_defaults_stay_on_mnist_and_shrink_on_small_data(small):
    mnist, notes = plans(*configured())
    amounts = {"validation": 5000, "labels": 550, "latent_dim": 20, "latent_dims": [2]}
    assert (mnist["mnist"].amounts, notes) == (amounts, [])
    plan, notes = planned(small)
    assert plan.amounts == {"validation": 4, "labels": 18, "latent_dim": 2, "latent_dims": [2]}
    assert plan.size == Sizes(40, 10, 6, 3)
    assert notes == [
        "small: defaults reduced for small data: validation is 4 instead of 5000, "
        "classification.labels is 18 instead of 550, general.latent_dim is 2 instead of 20.",
        "small: batch_size is 256, more than the 36 samples to train on: an epoch is one step.",
    ]


def test_defaults_shrink_to_the_samples_that_are_used(small):
    plan, _ = planned({**small, "train": 20})
    assert plan.amounts["validation"] == 2
    assert plan.size == Sizes(20, 10, 6, 3)


@pytest.mark.parametrize("train", [3, 5, 9, 30, 400])
@pytest.mark.parametrize("inputs", [1, 2, 5, 100])
@pytest.mark.parametrize("classes", [0, 1, 3])
def test_defaults_fit_whatever_the_data(train, inputs, classes):
    config, own = configured()
    size = Sizes(train, 5, inputs, classes)
    amounts = fitted(config, own, size)
    assert 1 <= amounts["validation"] <= train - 2
    assert 1 <= amounts["latent_dim"] <= min(inputs, train - amounts["validation"])
    assert amounts["labels"] >= 5
    if classes < 2 or train >= 6:
        check("small", {}, config, amounts, size, pca=True)


def test_written_amounts_do_not_shrink(small):
    for key, way in AMOUNTS.items():
        written = 10_000
        for part in reversed(way):
            written = {part: written}
        assert configured(**written)[1] == {key}
        with pytest.raises(ConfigurationError) as caught:
            planned(small, **written)
        assert str(caught.value).startswith(f"config: {'.'.join(way)}: expected at most ")
        assert str(caught.value).endswith("Received: 10000")


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
    with pytest.raises(ConfigurationError) as caught:
        planned({**small, **options}, **written)
    assert str(caught.value).startswith(f"config: {line}")


def test_amounts_without_a_user_may_be_larger_than_the_data(small):
    baselines = {"pca": False}
    plan, _ = planned(small, general={"latent_dim": 9}, validation=4, baselines=baselines)
    assert plan.amounts["latent_dim"] == 9
    np.save("plain.npy", np.random.default_rng(1).random((50, 6)))
    plan, _ = planned({"path": "plain.npy"}, classification={"labels": 1000})  # no labels
    assert plan.amounts["labels"] == 1000


def test_another_backend_is_refused():
    for backend in ("jax", "torch", "numpy"):
        with pytest.raises(ConfigurationError, match=f"KERAS_BACKEND=.*Received: {backend}"):
            check_backend({"KERAS_BACKEND": backend})
    for allowed in ({}, {"KERAS_BACKEND": ""}, {"KERAS_BACKEND": "tensorflow"}):
        check_backend(allowed)


def test_seconds_of_a_training_grow_with_steps_samples_and_squared_inputs():
    # 215 steps an epoch of 0.7 ms + 256 · 1024² · 25 ps = 7.41 ms
    assert training_seconds(55_000, 1024, epochs=60, batch_size=256) == pytest.approx(95.6, abs=0.1)
    # 22 steps an epoch of 0.7 ms
    assert training_seconds(2717, 6, epochs=300, batch_size=128) == pytest.approx(4.62, abs=0.01)


def test_trainings_on_mnist_are_long_and_those_on_small_data_or_for_few_epochs_are_short(small):
    config, own = configured(datasets={"small": small})
    planned, _ = plans(config, own)
    assert {name: plan.short for name, plan in planned.items()} == {"mnist": False, "small": True}
    config, own = configured(epochs=10)
    assert plans(config, own)[0]["mnist"].short


@pytest.mark.parametrize(
    ("written", "amounts"),
    [
        ({"epochs": 20}, "55,000 training samples, 20 epochs, one seed"),
        (
            {
                "epochs": 1,
                "seeds": [3, 5],
                "validation": 512,
                "datasets": {"mnist": {"train": 3072}},
            },
            "2,560 training samples, 1 epoch, 2 seeds",
        ),
    ],
)
def test_a_demonstration_says_its_amounts(written, amounts):
    plan = plans(*configured(demonstration=True, **written))[0]["mnist"]
    expected = f"A demonstration: {amounts}. The numbers say nothing about the models."
    assert plan.demonstration == expected


def test_the_tour_is_a_demonstration_and_the_bake_off_is_not():
    tour = configured(**read(ROOT / "workflow/configs/tour.yaml"))
    assert plans(*tour)[0]["mnist"].demonstration.startswith("A demonstration: ")
    assert plans(*configured())[0]["mnist"].demonstration == ""
