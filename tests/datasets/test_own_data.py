"""Data of one's own: how they are split, scaled, named, stored and described."""

import time

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits, load_wine

from kerasae.datasets import GIVEN, Dataset, DatasetError, as_floats, classes, load, load_own, notes
from kerasae.datasets.files import Raw
from kerasae.datasets.own_data import prepared

GAUSSIAN = {"likelihood": "gaussian"}
DATA = "Samples are numbered from 0, in the order of the data."
ROWS, LABELS = np.arange(80.0).reshape(40, 2), np.arange(40) % 2


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.fixture(scope="module")
def wine(tmp_path_factory):
    """The wine data (178, 13) of three classes, as a table with the classes in words."""
    bunch = load_wine(as_frame=True)
    table = bunch.data.assign(maker=[f"maker {label}" for label in bunch.target])
    path = tmp_path_factory.mktemp("wine") / "wine.csv"
    table.to_csv(path, index=False)
    return path


def test_arrays_keep_their_own_split(tmp_path):
    images, labels = load_digits().images, load_digits().target
    path = save(
        tmp_path / "digits.npz", x_train=images[:1500], y_train=labels[:1500],
        x_test=images[1500:], y_test=labels[1500:],
    )  # fmt: skip
    data = load("digits", path, scale="minmax")
    assert data.x_train.shape == (1500, 8, 8, 1)
    np.testing.assert_allclose(data.x_test[..., 0], images[1500:] / 16, rtol=1e-6)
    np.testing.assert_array_equal(data.y_test, labels[1500:])
    assert data.classes == tuple("0123456789") == classes("digits", path)
    assert data.names.tolist() == list(range(297))
    assert data.counting == "Samples are numbered from 0, in the order of the test set."


def test_a_test_set_is_drawn_within_each_class_where_there_is_none(tmp_path):
    images, labels = load_digits().images / 16, load_digits().target
    data = load_own(save(tmp_path / "d.npz", X=images, y=labels), test_share=0.25)
    assert len(data.x_test) == round(0.25 * 1797)
    all_counts, counts = (np.bincount(part) for part in (labels, data.y_test))
    assert np.abs(counts - 0.25 * all_counts).max() <= 1
    both = np.concatenate([data.x_train, data.x_test])
    assert sorted(map(bytes, both)) == sorted(map(bytes, images.astype("float32")[..., None]))
    again = load_own(tmp_path / "d.npz", test_share=0.25)
    np.testing.assert_array_equal(again.x_test, data.x_test)


@pytest.mark.parametrize("kind", ["parquet", "npy", "npz", "memory"])
def test_samples_without_labels_have_no_classes_and_are_numbered_from_0(tmp_path, kind):
    path = tmp_path / f"t.{kind}"
    if kind == "parquet":
        pd.DataFrame(ROWS, columns=["a", "b"], index=range(7, 47)).to_parquet(path)
    elif kind == "npy":
        np.save(path, ROWS)
    elif kind == "npz":
        np.savez(path, X=ROWS)
    raw = Raw("X", {"x_train": ROWS})
    data = prepared(raw, **GAUSSIAN) if kind == "memory" else load_own(path, **GAUSSIAN)
    assert data.classes == ()
    assert not data.y_train.any()
    assert len(data.x_train) + len(data.x_test) == 40
    assert ROWS[data.names].tolist() == data.x_test.tolist()
    assert data.counting == DATA


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_gives_its_columns_but_that_of_the_labels(wine, tmp_path, suffix):
    table, path = pd.read_csv(wine), tmp_path / f"wine.{suffix}"
    table.to_csv(path, index=False) if suffix == "csv" else table.to_parquet(path)
    data = load_own(path, labels="maker", **GAUSSIAN)
    assert data.classes == ("maker 0", "maker 1", "maker 2") == classes("wine", path, "maker")
    rows = table.drop(columns="maker").to_numpy(np.float32)
    positions = data.names - 2 if suffix == "csv" else data.names
    np.testing.assert_array_equal(data.x_test, rows[positions])
    assert table["maker"][positions].tolist() == [data.classes[label] for label in data.y_test]
    others = np.setdiff1d(np.arange(178), positions)
    assert sorted(map(bytes, data.x_train)) == sorted(map(bytes, rows[others]))


# Scaling


def test_columns_are_scaled_by_what_the_training_tells(wine):
    raw = load_own(wine, labels="maker", likelihood="gaussian")
    minmax = load_own(wine, labels="maker", scale="minmax")
    low, high = raw.x_train.min(axis=0), raw.x_train.max(axis=0)
    expected = np.clip((raw.x_test - low) / (high - low), 0, 1)
    np.testing.assert_allclose(minmax.x_test, expected, atol=1e-6)
    standard = load_own(wine, labels="maker", scale="standard", likelihood="gaussian")
    expected = (raw.x_test - raw.x_train.mean(axis=0)) / raw.x_train.std(axis=0)
    np.testing.assert_allclose(standard.x_test, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("other", "names", "counting"),
    [
        ("csv", ["2 of bad.csv", "3 of bad.csv"], ""),
        ("npy", ["0 of bad.npy", "1 of bad.npy"], f" In bad.npy: {DATA}"),
    ],
)
def test_known_anomalies_are_scaled_like_the_training_set_and_name_their_file(
    wine, tmp_path, other, names, counting
):
    table, path = pd.read_csv(wine).drop(columns="maker"), tmp_path / f"bad.{other}"
    np.save(path, table[:2]) if other == "npy" else table[:2].to_csv(path, index=False)
    data = load_own(wine, "maker", "minmax", "gaussian", anomalies=path)
    raw = load_own(wine, "maker", **GAUSSIAN)
    low, high = raw.x_train.min(axis=0), raw.x_train.max(axis=0)
    np.testing.assert_allclose(data.anomalies, (table[:2] - low) / (high - low), atol=1e-6)
    images, anomalous = data.test(GIVEN)
    assert anomalous.tolist() == [False] * len(data.x_test) + [True] * 2
    np.testing.assert_array_equal(images[-2:], data.anomalies)
    assert [data.name(len(data.x_test) + number) for number in (0, 1)] == names
    assert data.counting == raw.counting + counting
    few = data.first(test=3)
    assert few.names.tolist() == [*data.names[:3], *names]


def test_what_makes_given_anomalies_anomalous_is_not_clipped(wine, tmp_path):
    table = pd.read_csv(wine).drop(columns="maker")
    odd = table.iloc[:5].add([0, 0, 1e4, 1e4, -1e4], axis=0)
    odd.to_csv(tmp_path / "odd.csv", index=False)
    known = {"labels": "maker", "scale": "minmax", "anomalies": tmp_path / "odd.csv"}
    with pytest.raises(DatasetError, match=r"odd.csv: [345] of 5 samples .* likelihood: gaussian"):
        load_own(wine, **known)
    kept = load_own(wine, likelihood="gaussian", **known).anomalies
    assert kept.max() > 10
    assert kept.min() < -10
    # A model clips new samples, and says so
    preprocessing = load_own(wine, labels="maker", scale="minmax").preprocessing
    with pytest.warns(UserWarning, match=r"odd.csv: [345] of 5 samples .* They are clipped"):
        clipped = preprocessing.load(tmp_path / "odd.csv")
    assert (clipped.min(), clipped.max()) == (0, 1)


def test_whole_images_stay_as_they_are_and_become_floats_for_use():
    whole = np.array([[0, 255, 51]], np.uint8)
    np.testing.assert_allclose(as_floats(whole), [[0, 1, 0.2]])
    floats = np.array([[0.5, 3]], np.float32)
    assert as_floats(floats) is floats


# The test set of a run, and the stored data


def test_the_test_set_of_a_run_marks_the_class_that_was_held_out(wine):
    data = load_own(wine, labels="maker", scale="minmax")
    images, anomalous = data.test("class_1")
    assert images is data.x_test
    np.testing.assert_array_equal(anomalous, data.y_test == 1)
    assert not data.test("none")[1].any()
    with pytest.raises(DatasetError, match=r"Expected known anomalies.* Received: a data set with"):
        data.test(GIVEN)


@pytest.mark.parametrize("label", [0, 1])
def test_a_test_of_one_class_cannot_show_whether_the_held_out_one_is_found(label):
    rows, labels = np.eye(4, dtype=np.float32), np.array([0, 0, 1, 1])
    data = Dataset(rows, labels, rows[:2], np.full(2, label), ("a", "b"))
    message = f"held-out class b, and of others.*Received: {2 * label} of 2 samples"
    with pytest.raises(DatasetError, match=message):
        data.test("b")
    assert not data.test("none")[1].any()


def test_stored_data_are_read_as_they_were_and_stored_again_byte_for_byte(
    wine, tmp_path, monkeypatch
):
    data = load_own(wine, labels="maker", scale="minmax")
    for name, now in (("first", 1e9), ("second", 1.5e9)):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        data.save(tmp_path / f"{name}.npz")
        data = Dataset.open(tmp_path / f"{name}.npz")
    again = load_own(wine, labels="maker", scale="minmax")
    for stored, expected in zip(data, again, strict=True):
        np.testing.assert_array_equal(stored, expected)
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()


def test_data_that_an_earlier_version_stored_are_read(tmp_path):
    np.savez(tmp_path / "old.npz", x_train=ROWS, y_train=LABELS, x_test=ROWS, y_test=LABELS,
             classes=np.array(["x", "y"]))  # fmt: skip
    assert Dataset.open(tmp_path / "old.npz").name(3) == "3, y"


# What is peculiar, and what is refused


def test_peculiar_data_are_told(tmp_path):
    rows = np.random.default_rng(0).random((20, 3)).astype("float32")
    rows[:, 1] = 0.5
    path = save(tmp_path / "d.npz", x_train=np.repeat(rows, 2, axis=0), x_test=rows[:5])
    *others, leak = notes(load_own(path))
    assert others == [
        "There are no labels: tasks that need them are skipped.",
        "1 of 3 columns are constant in the training set.",
        "20 training samples are duplicates.",
    ]
    assert leak.startswith("5 of 5 test samples are also in the training set")
    path = save(tmp_path / "d.npz", x_train=np.eye(8), y_train=np.full(8, 3))
    assert "There is one class, 3: tasks that need several are skipped." in notes(load_own(path))


EYE, PAIRS = np.eye(8), np.arange(8) % 2


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": EYE}, "no array x_train.*x_test.*Received: x"),
        ({"x_train": EYE - 3}, r"values in \[0, 1\]. Set scale: minmax, .* Received: -3 to -2"),
        ({"x_train": np.full((8, 2), np.nan)}, r"nan in column 1, counted from 0 \(8 of 8 rows\)"),
        ({"x_train": np.array([["a"] * 3] * 8)}, "expected numbers of shape"),
        (
            {"x_train": np.ones(8)},
            r"expected numbers of shape .* Received: float64 of shape \(8,\)",
        ),
        ({"x_train": np.ones((0, 3))}, "none of them 0"),
        ({"x_train": EYE, "x_test": EYE[:, :3]}, r"Expected: \(8,\). Received: \(3,\)"),
        ({"x_train": EYE, "y_train": PAIRS[:5]}, "one label per sample"),
        (
            {"x_train": EYE, "y_train": PAIRS, "x_test": EYE, "y_test": PAIRS[:5]},
            "one label per sample in the test set. Received: 8 samples, 5 labels",
        ),
        ({"x_train": EYE, "y_train": PAIRS, "x_test": EYE}, "Received: x_train, y_train, x_test$"),
        (
            {"x_train": EYE, "y_train": PAIRS, "y_test": PAIRS},
            "both samples and labels of a test set",
        ),
        ({"x_train": EYE, "y_train": PAIRS + 0.5}, "whole numbers or words. Received: 0.5"),
        ({"x_train": EYE, "y_train": np.array([1, np.nan] * 4)}, "Received: 4 missing labels"),
        ({"x_train": EYE, "y_train": np.arange(8)}, "at least two samples of each class"),
    ],
)
def test_arrays_that_are_no_data_are_refused_with_the_remedy(tmp_path, arrays, words):
    with pytest.raises(DatasetError, match=words):
        load_own(save(tmp_path / "d.npz", **arrays))
