"""How long to train is decided by the number of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kerasae
from kerasae.training.defaults import training_defaults
from kerasae.training.train import train


@pytest.mark.parametrize("rows", [54_000, 55_000, 60_000])
def test_mnist_is_trained_as_in_the_article(rows):
    assert training_defaults(rows) == (60, 256)


@given(st.integers(1, 200_000))
def test_any_number_of_rows_has_defaults_in_their_range(rows):
    epochs, batch_size = training_defaults(rows)
    assert 60 <= epochs <= 300
    assert batch_size in (16, 32, 64, 128, 256)
    assert batch_size <= max(16, rows / 20)


@given(st.integers(900, 50_000))
def test_few_rows_are_trained_on_for_many_steps(rows):
    epochs, batch_size = training_defaults(rows)
    assert epochs * (rows / batch_size) >= 6_000


def small():
    return kerasae.build("shallow", (3,), 2, likelihood="gaussian")


def test_explicit_values_are_honoured_and_others_follow_from_the_rows():
    rows = np.random.default_rng(0).random((40, 3), dtype="float32")
    history = train(small(), rows, rows[:5], epochs=2, verbose=0)
    assert history["epoch"].tolist() == [1, 2]
    assert len(train(small(), rows, rows[:5], verbose=0)) == training_defaults(40)[0]


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -1, 0])
def test_learning_rates_that_train_nothing_are_refused(rate):
    rows = np.zeros((9, 3), "float32")
    with pytest.raises(ValueError, match=f"finite number above 0. Received: {rate}"):
        train(small(), rows, rows, epochs=1, learning_rate=rate)


@pytest.mark.parametrize(("training", "validation"), [(9, 0), (0, 9)])
def test_an_empty_part_is_refused(training, validation):
    rows = np.zeros((9, 3), "float32")
    words = f"Received: {training} to train on, {validation} for validation"
    with pytest.raises(ValueError, match=words):
        train(small(), rows[:training], rows[:validation], epochs=1)
