"""How long to train is decided by the number of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kerasae
from kerasae.training.defaults import training_defaults
from kerasae.training.train import train


def test_mnist_is_trained_as_in_the_article():
    assert {training_defaults(rows) for rows in (54_000, 55_000, 60_000)} == {(60, 256)}


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


def test_explicit_values_are_honoured_and_others_follow_from_the_rows(monkeypatch):
    rows, taken = np.random.default_rng(0).random((40, 3), dtype="float32"), []
    history = train(small(), rows, rows[:5], epochs=2, verbose=0)
    assert history["epoch"].tolist() == [1, 2]
    model = small()
    monkeypatch.setattr(model, "fit", lambda *_, **options: taken.append(options))
    train(model, rows, rows[:5], verbose=0)
    assert (taken[0]["epochs"], taken[0]["batch_size"]) == training_defaults(40)


def test_options_that_train_nothing_are_refused():
    rows = np.zeros((9, 3), "float32")
    for rate in (float("nan"), float("inf"), -1, 0):
        with pytest.raises(ValueError, match=f"finite number above 0. Received: {rate}"):
            train(small(), rows, rows, epochs=1, learning_rate=rate)
    with pytest.raises(ValueError, match="Received: 9 to train on, 0 for validation"):
        train(small(), rows, rows[:0], epochs=1)
