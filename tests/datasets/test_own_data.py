"""Data of one's own: every format, how it is split and scaled, and what is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_digits, load_sample_image, load_wine

from kerasae.datasets import GIVEN, Dataset, DatasetError, as_floats, classes, load, load_own, notes


@pytest.fixture(scope="module")
def wine(tmp_path_factory):
    """The wine data (178, 13) of three classes, as a table with the classes in words."""
    bunch = load_wine(as_frame=True)
    table = bunch.data.assign(maker=[f"maker {label}" for label in bunch.target])
    path = tmp_path_factory.mktemp("wine") / "wine.csv"
    table.to_csv(path, index=False)
    return path


def digits():
    """Digits (1797, 8, 8) from 0 to 16, and their labels."""
    bunch = load_digits()
    return bunch.images, bunch.target


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


def folder_of_images(path, sizes=((8, 6), (8, 6)), names=("", ""), mode="RGB"):
    picture = Image.fromarray(load_sample_image("china.jpg")[:60, :80]).convert(mode)
    for number, (name, size) in enumerate(zip(names, sizes, strict=True)):
        (path / name).mkdir(exist_ok=True)
        for turn in range(4):
            rotated = picture.rotate(10 * (4 * number + turn)).resize(size)
            rotated.save(path / name / f"{number}{turn}.png")
    return path


# Formats


def test_arrays_keep_their_own_split(tmp_path):
    images, labels = digits()
    path = save(
        tmp_path / "digits.npz", x_train=images[:1500], y_train=labels[:1500],
        x_test=images[1500:], y_test=labels[1500:],
    )  # fmt: skip
    data = load("digits", path, scale="minmax")
    assert data.x_train.shape == (1500, 8, 8, 1)
    np.testing.assert_allclose(data.x_test[..., 0], images[1500:] / 16, rtol=1e-6)
    np.testing.assert_array_equal(data.y_test, labels[1500:])
    assert data.classes == tuple("0123456789") == classes("digits", path)


def test_a_test_is_drawn_within_each_class_where_there_is_none(tmp_path):
    images, labels = digits()
    data = load_own(save(tmp_path / "d.npz", x_train=images / 16, y_train=labels), test_share=0.25)
    assert len(data.x_test) == round(0.25 * 1797)
    of_all, of_test = (np.bincount(part) for part in (labels, data.y_test))
    assert np.abs(of_test - 0.25 * of_all).max() <= 1
    both = np.concatenate([data.x_train, data.x_test])
    assert sorted(map(bytes, both)) == sorted(
        map(bytes, (images / 16).astype("float32")[..., None])
    )
    again = load_own(tmp_path / "d.npz", test_share=0.25)
    np.testing.assert_array_equal(again.x_test, data.x_test)


def test_one_array_without_labels_has_no_classes(tmp_path):
    np.save(tmp_path / "d.npy", digits()[0] / 16)
    data = load_own(tmp_path / "d.npy")
    assert data.classes == classes("d", tmp_path / "d.npy") == ()
    assert len(data.x_train) + len(data.x_test) == 1797
    assert not data.y_train.any()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_gives_its_columns_but_that_of_the_labels(wine, tmp_path, suffix):
    table, path = pd.read_csv(wine), tmp_path / f"wine.{suffix}"
    table.to_csv(path, index=False) if suffix == "csv" else table.to_parquet(path)
    data = load_own(path, labels="maker", likelihood="gaussian")
    assert data.classes == ("maker 0", "maker 1", "maker 2") == classes("wine", path, "maker")
    assert data.x_train.shape[1:] == (13,)
    rows = np.concatenate([data.x_train, data.x_test])
    assert sorted(rows.sum(axis=1)) == pytest.approx(
        sorted(table.drop(columns="maker").sum(axis=1)), rel=1e-5
    )
    row = data.x_test[0]
    (at,) = np.flatnonzero(np.isclose(table.drop(columns="maker"), row, rtol=1e-5).all(axis=1))
    assert table["maker"][at] == f"maker {data.y_test[0]}"


@pytest.mark.parametrize(("mode", "depth"), [("RGB", 3), ("L", 1)])
def test_a_folder_of_images_has_a_class_for_every_sub_folder(tmp_path, mode, depth):
    path = folder_of_images(tmp_path, names=("hut", "lake"), mode=mode)
    (tmp_path / "empty").mkdir()
    data = load_own(path)
    assert data.classes == ("hut", "lake") == classes("own", path)
    assert data.x_train.shape[1:] == (6, 8, depth)
    assert data.x_train.dtype == np.uint8
    assert np.bincount(data.y_train).tolist() == [3, 3]
    assert np.bincount(data.y_test).tolist() == [1, 1]
    with Image.open(path / "lake" / "11.png") as image:
        wanted = np.asarray(image).reshape(6, 8, depth)
    found = np.concatenate([data.x_train, data.x_test])[
        np.concatenate([data.y_train, data.y_test]) == 1
    ]
    assert (found == wanted).all(axis=(1, 2, 3)).sum() == 1


def test_a_flat_folder_has_no_classes(tmp_path):
    assert load_own(folder_of_images(tmp_path)).classes == classes("own", tmp_path) == ()


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


def test_given_anomalies_are_scaled_as_the_training_was(wine, tmp_path):
    table = pd.read_csv(wine).drop(columns="maker")
    table.iloc[:5].to_csv(tmp_path / "odd.csv", index=False)
    known = {"labels": "maker", "anomalies": tmp_path / "odd.csv"}
    data = load_own(wine, scale="minmax", likelihood="gaussian", **known)
    raw = load_own(wine, labels="maker", likelihood="gaussian")
    low, high = raw.x_train.min(axis=0), raw.x_train.max(axis=0)
    expected = (table.iloc[:5] - low) / (high - low)
    np.testing.assert_allclose(data.anomalies, expected, atol=1e-6)
    images, anomalous = data.test(GIVEN)
    assert anomalous.tolist() == [False] * len(data.x_test) + [True] * 5
    np.testing.assert_array_equal(images[-5:], data.anomalies)


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
    how = load_own(wine, labels="maker", scale="minmax").preprocessing
    with pytest.warns(UserWarning, match=r"odd.csv: [345] of 5 samples .* They are clipped"):
        clipped = how.load(tmp_path / "odd.csv")
    assert (clipped.min(), clipped.max()) == (0, 1)
    inside = load_own(wine, labels="maker", likelihood="gaussian").x_train
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        how.apply(inside, beyond="warn")


def test_constant_columns_become_zero(tmp_path):
    rows = np.random.default_rng(0).random((40, 3))
    rows[:, 1] = 7
    path = save(tmp_path / "d.npz", x_train=rows)
    for scale in ("minmax", "standard"):
        data = load_own(path, scale=scale, likelihood="gaussian")
        assert not data.x_train[:, 1].any()
        assert "1 of 3 columns are constant in the training set." in notes(data)


def test_whole_images_stay_as_they_are_and_become_floats_for_use():
    whole = np.array([[0, 255, 51]], np.uint8)
    np.testing.assert_allclose(as_floats(whole), [[0, 1, 0.2]])
    floats = np.array([[0.5, 3]], np.float32)
    assert as_floats(floats) is floats


# What a run leaves out


def test_the_test_of_a_run_marks_the_class_that_was_held_out(wine):
    data = load_own(wine, labels="maker", scale="minmax")
    images, anomalous = data.test("class_1")
    assert images is data.x_test
    np.testing.assert_array_equal(anomalous, data.y_test == 1)
    assert not data.test("none")[1].any()


@pytest.mark.parametrize("label", [0, 1])
def test_a_test_of_one_class_cannot_show_whether_the_held_out_one_is_found(label):
    rows, labels = np.eye(4, dtype=np.float32), np.array([0, 0, 1, 1])
    data = Dataset(rows, labels, rows[:2], np.full(2, label), ("a", "b"))
    message = f"held-out class b, and of others.*Received: {2 * label} of 2 samples"
    with pytest.raises(DatasetError, match=message):
        data.test("b")
    assert not data.test("none")[1].any()


def test_given_anomalies_that_were_not_given_are_refused():
    rows, labels = np.eye(4, dtype=np.float32), np.zeros(4, int)
    with pytest.raises(DatasetError, match=r"Expected known anomalies.* Received: a data set with"):
        Dataset(rows, labels, rows, labels).test(GIVEN)


def test_a_saved_data_set_is_read_as_it_was(wine, tmp_path):
    data = load_own(wine, labels="maker", scale="minmax")
    data.save(tmp_path / "data.npz")
    again = Dataset.open(tmp_path / "data.npz")
    assert again.classes == data.classes
    assert again.anomalies is None
    np.testing.assert_array_equal(again.x_train, data.x_train)
    np.testing.assert_array_equal(again.y_test, data.y_test)


# What is peculiar, and what is refused


def test_repeated_rows_are_told(tmp_path):
    rows = np.random.default_rng(0).random((20, 3)).astype("float32")
    path = save(tmp_path / "d.npz", x_train=np.repeat(rows, 2, axis=0), x_test=rows[:5])
    found = notes(load_own(path))
    assert "20 training samples are duplicates." in found
    assert any(note.startswith("5 of 5 test samples are also in the training") for note in found)


def test_one_class_is_told(tmp_path):
    path = save(tmp_path / "d.npz", x_train=np.eye(8), y_train=np.full(8, 3))
    assert "There is one class, 3: tasks that need several are skipped." in notes(load_own(path))


ROWS, LABELS = np.eye(8), np.arange(8) % 2


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": ROWS}, "no array x_train.*x_test.*Received: x"),
        (
            {"x_train": ROWS - 3},
            r"values in \[0, 1\]. Set scale: minmax, or like.* Received: -3 to -2",
        ),
        (
            {"x_train": np.full((8, 2), np.nan)},
            r"expected finite numbers.* nan in column 1, counted from 0 \(8 of 8 rows\)",
        ),
        ({"x_train": np.array([["a"] * 3] * 8)}, "expected numbers of shape"),
        (
            {"x_train": np.ones(8)},
            r"expected numbers of shape .* Received: float64 of shape \(8,\)",
        ),
        ({"x_train": np.ones((0, 3))}, "none of them 0"),
        ({"x_train": ROWS, "x_test": ROWS[:, :3]}, r"Expected: \(8,\). Received: \(3,\)"),
        ({"x_train": ROWS, "y_train": LABELS[:5]}, "one label per sample"),
        (
            {"x_train": ROWS, "y_train": LABELS, "x_test": ROWS},
            "Received: x_train, y_train, x_test$",
        ),
        (
            {"x_train": ROWS, "y_train": LABELS, "y_test": LABELS},
            "Received: x_train, y_train, y_test$",
        ),
        ({"x_train": ROWS, "y_train": LABELS + 0.5}, "whole numbers or words. Received: 0.5"),
        ({"x_train": ROWS, "y_train": np.array([1, np.nan] * 4)}, "Received: 4 missing labels"),
        ({"x_train": ROWS, "y_train": np.arange(8)}, "at least two samples of each class"),
        ({"x_train": ROWS, "y_train": np.array(["none", "x"] * 4)}, "other than 'none' and"),
    ],
)
def test_arrays_that_are_no_data_are_refused_with_the_remedy(tmp_path, arrays, words):
    with pytest.raises(DatasetError, match=words):
        load_own(save(tmp_path / "d.npz", **arrays))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("d.csv", "a,b\n1,x\n2,y\n", "expected numbers.* Name the column .* Received: text in b"),
        ("d.csv", "a,b\n1,\n2,3\n", r"missing.* nan in b \(1 of 2 rows\)"),
        ("d.csv", "", "the table is empty. Expected a line of column names"),
        ("d.npz", "text", "cannot be read"),
        ("d.npy", "text", "cannot be read"),
        ("d.parquet", "text", "cannot be read"),
        ("d.txt", "text", "unknown format. Expected: .npz"),
        ("photos/a.png", "text", "a.png is no readable image"),
        ("photos/a.doc", "text", "no images in the folder"),
    ],
)
def test_files_that_hold_no_data_are_refused_by_name(tmp_path, name, content, words):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    with pytest.raises(DatasetError, match=words):
        load_own(path.parent if "/" in name else path)


def test_what_is_not_there_is_refused_by_name(wine, tmp_path):
    with pytest.raises(DatasetError, match=r"gone.csv does not exist. Expected: .npz"):
        load("own", tmp_path / "gone.csv")
    with pytest.raises(DatasetError, match=r"no such column.* maker. Received: grape"):
        load_own(wine, labels="grape")
    with pytest.raises(DatasetError, match=r"or a path. Received: own"):
        load("own")


def test_images_of_several_sizes_are_refused_by_name(tmp_path):
    folder_of_images(tmp_path, sizes=((8, 6), (6, 6)), names=("hut", "lake"))
    with pytest.raises(DatasetError, match=r"00\.png has 8×6, 10\.png 6×6 pixels"):
        load_own(tmp_path)
