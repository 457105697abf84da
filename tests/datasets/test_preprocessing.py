"""Preprocessing is fitted to the training set and applied to all other samples alike."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kerasae.comparison.reading import planned
from kerasae.config.proposal import proposal
from kerasae.datasets import Dataset, DatasetError, Preprocessing, as_floats, load_own

often = settings(max_examples=60, deadline=None, derandomize=True)
RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (12, 6, 5)).astype(np.uint8)
UNIT = RANDOM.random((12, 6, 5))
FRAME = pd.DataFrame(RANDOM.normal(3, 9, (20, 4)), columns=["a b", "größe", "z", "$x$"])
FRAME["kind"] = ["one", "two"] * 10
SCALES = [("standard", "gaussian"), ("minmax", "bernoulli"), ("none", "gaussian")]


def trained(path, array, **options):
    """Load an array to train on."""
    np.savez(path, x_train=array)
    return load_own(path, **options)


def rows_of(array):
    return sorted(row.tobytes() for row in np.ascontiguousarray(array))


def everything(data):
    return np.concatenate([data.x_train, data.x_test])


def write(frame, path):
    frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path)
    return path


def attempt(function, *arguments, **options):
    """Call a function; return its result and the message of its error."""
    try:
        return function(*arguments, **options), ""
    except DatasetError as error:
        return None, str(error)


# Tables


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize(("scale", "likelihood"), SCALES)
@pytest.mark.filterwarnings("ignore:.*They are clipped")
def test_rows_of_the_training_table_become_the_same_inputs_also_from_a_stored_model(
    tmp_path, suffix, scale, likelihood
):
    path = write(FRAME, tmp_path / f"t{suffix}")
    data = load_own(path, labels="kind", scale=scale, likelihood=likelihood)
    inputs = data.preprocessing.load(path)
    assert inputs.dtype == np.float32
    assert rows_of(inputs) == rows_of(everything(data))
    config = json.loads(json.dumps(data.preprocessing.to_config()))
    assert Preprocessing.from_config(config) == data.preprocessing
    data.save(tmp_path / "saved.npz")
    stored = Dataset.open(tmp_path / "saved.npz").preprocessing
    assert stored.load(path).tobytes() == inputs.tobytes()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("order", [[4, 3, 2, 1, 0], [2, 0, 3, 1]], ids=str)
def test_the_order_of_columns_does_not_matter_nor_that_of_the_labels(tmp_path, order, suffix):
    data = load_own(write(FRAME, tmp_path / "t.csv"), "kind", "standard", "gaussian")
    new = write(FRAME[FRAME.columns[order]], tmp_path / f"new{suffix}")
    inputs = data.preprocessing.load(new)
    assert inputs.tobytes() == data.preprocessing.load(tmp_path / "t.csv").tobytes()
    anomalous = load_own(tmp_path / "t.csv", "kind", "standard", "gaussian", anomalies=new)
    assert anomalous.anomalies.tobytes() == inputs.tobytes()


def test_other_columns_are_refused_by_name(tmp_path):
    data = load_own(write(FRAME, tmp_path / "t.csv"), "kind", "standard", "gaussian")
    more = write(FRAME.assign(extra=1), tmp_path / "more.csv")
    with pytest.raises(DatasetError, match=r"does not know.* kind for the lab.* Received: extra"):
        data.preprocessing.load(more)
    less = write(FRAME.drop(columns="z"), tmp_path / "less.csv")
    with pytest.raises(DatasetError, match=r"columns that the model needs .* missing.*Expected: z"):
        data.preprocessing.load(less)


# Images


kinds = st.sampled_from([np.uint8, np.uint16, np.int64, np.float32, np.float64])
images = arrays.arrays(np.uint8, (8, 3, 2), elements=st.integers(0, 255) | st.integers(0, 1))


@often
@given(images, kinds, kinds, st.sampled_from(SCALES))
def test_the_type_of_new_images_does_not_matter(tmp_path_factory, values, train, new, options):
    path = tmp_path_factory.mktemp("types") / "d.npz"
    scale, likelihood = options
    data = trained(path, BYTES[:, :3, :2].astype(train), scale=scale, likelihood=likelihood)
    expected = data.preprocessing.apply(values)
    inputs, fault = attempt(data.preprocessing.apply, values.astype(new))
    if fault:
        assert len(fault.splitlines()) == 1
        assert values.max() == 1  # of floats none can tell whether 1 is white
    else:
        assert (inputs.dtype, inputs.tobytes()) == (expected.dtype, expected.tobytes())


@often
@given(images, kinds, st.sampled_from(["none", "minmax"]))
def test_the_type_of_training_images_changes_nothing_in_silence(
    tmp_path_factory, values, dtype, scale
):
    path = tmp_path_factory.mktemp("types") / "d.npz"
    np.savez(path, x_train=values, x_test=values)
    expected = load_own(path, scale=scale)
    np.savez(path, x_train=values.astype(dtype), x_test=values.astype(dtype))
    data, fault = attempt(load_own, path, scale=scale)
    if fault:
        assert "Set scale: minmax" in fault
        assert values.max() > 1
    else:
        np.testing.assert_array_equal(as_floats(everything(data)), as_floats(everything(expected)))


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.int64, np.float64])
def test_masks_are_0_and_1_whatever_their_type(tmp_path, dtype):
    mask = (BYTES > 99).astype(dtype)
    data = trained(tmp_path / "mask.npz", mask)
    assert data.x_train.dtype == np.float32
    assert rows_of(everything(data)) == rows_of(mask[..., None].astype(np.float32))


@pytest.mark.parametrize(
    ("train", "new", "words"),
    [
        (BYTES, UNIT, "images are bytes.*convert the images to uint8. Received: float64 from 0.0"),
        (BYTES, (BYTES > 99).astype(float), "images are bytes.* Received: float64 from 0 to 1"),
        (BYTES, BYTES.astype(int) * 9, "images are bytes.* Received: int64"),
        (BYTES, BYTES - 99.0, "images are bytes"),
        (UNIT, BYTES.astype(float), r"needs values in \[0, 1\].* Received: 0 to 255"),
        (UNIT, UNIT[:, :4], r"another shape.*Expected: \(6, 5, 1\). Received: \(4, 5, 1\)"),
        (UNIT, np.full((2, 6, 5), np.nan), "expected finite numbers.* others in 2 of 2 images"),
    ],
)
def test_samples_of_another_scale_are_refused(tmp_path, train, new, words):
    path, odd = tmp_path / "d.npz", tmp_path / "odd.npy"
    np.save(odd, new)
    np.savez(path, x_train=train)
    for way in (
        lambda: load_own(path).preprocessing.apply(new),
        lambda: load_own(path, anomalies=odd),
        lambda: np.savez(path, x_train=train, x_test=new) or load_own(path),
    ):
        with pytest.raises(DatasetError, match=words):
            way()


def test_mnist_takes_images_with_and_without_its_margin(mnist):
    inner = mnist.x_test[:5, 2:-2, 2:-2]
    for images in (inner[..., 0], inner.astype(int), inner / 255, mnist.x_test[:5]):
        inputs = mnist.preprocessing.apply(images)
        assert inputs.dtype == np.uint8
        np.testing.assert_array_equal(inputs, mnist.x_test[:5])
    with pytest.raises(DatasetError, match=r"Expected: \(32, 32, 1\). Received: \(30, 30, 1\)"):
        mnist.preprocessing.apply(mnist.x_test[:5, 1:-1, 1:-1])


def test_masked_values_are_refused():
    mask, plain = np.ma.masked_equal(np.arange(60) % 3, 0), np.ma.array(np.arange(60) % 3)
    preprocessing = Preprocessing.fit(np.arange(60.0)[:, None], "gaussian", "standard")
    for way in (
        lambda: planned(mask[:, None], plain, None, None, None, [1], None, None),
        lambda: planned(plain[:, None], mask, None, None, None, [1], None, None),
        lambda: preprocessing.apply(mask[:, None]),
    ):
        with pytest.raises(DatasetError, match=r"Fill in the masked .* Received: 20 masked"):
            way()


# Values that float32 does not tell apart


FAR = np.array([1e9, 0, 5]) + np.random.default_rng(1).normal(size=(60, 3))
"""Rows whose first column differs by less than float32 resolves."""


@pytest.mark.parametrize("setting", [None, "semi_supervised"])
@pytest.mark.parametrize("kind", ["array", "frame", ".csv", ".parquet"])
def test_a_comparison_tells_values_apart_that_float32_does_not(tmp_path, kind, setting):
    labels = (np.arange(60) < 12).astype(int)
    frame = pd.DataFrame(FAR, columns=list("abc")).assign(y=labels)
    X, y = {"array": (FAR, labels), "frame": (frame, "y")}.get(kind, (None, "y"))
    if X is None:
        X = write(frame, tmp_path / f"t{kind}")
        assert "scale: standard" in proposal(X, y, setting=setting)[0]
    _, data, _ = planned(X, y, None, None, None, [1], None, None, setting)
    data = data.for_seed(1)
    assert data.preprocessing.scale == "standard"
    offset, factor = np.array(data.preprocessing.offset), np.array(data.preprocessing.factor)
    rows = rows_of(np.round(everything(data) / factor + offset - [1e9, 0, 5], 4) + 0.0)
    assert set(rows) <= set(rows_of(np.round(FAR - [1e9, 0, 5], 4) + 0.0))
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (1e9 + RANDOM.normal(size=60), "column 1, counted from 0"),
        (2**24 + np.arange(60), r"Received: 16777216 to 16777275 in column 1"),
        (1 - 1e-9 * RANDOM.random(60), "in column 1"),
        (np.r_[-1e12, 1e9 + RANDOM.normal(size=59)], r"to 100000000\d in column 1"),  # an outlier
    ],
)
def test_values_that_float32_does_not_tell_apart_need_a_scale(column, words):
    rows = np.stack([RANDOM.random(60), column], axis=1)
    with pytest.raises(DatasetError, match=f"float32.* Set scale: standard.*{words}"):
        Preprocessing.fit(rows, "gaussian")


@pytest.mark.parametrize(
    "column",
    [
        np.r_[1e7 + 0.3, RANDOM.normal(size=59)],
        np.r_[0.5, [0.3, 0.1 + 0.2] * 29, 0.3],
        np.r_[np.zeros(57), 0.1, 0.2, 0.3],
        np.full(60, 1e9 + 0.1),
    ],
)
def test_outliers_rounding_and_constant_columns_need_no_scale(column):
    rows = np.stack([RANDOM.random(60), column], axis=1)
    inputs = Preprocessing.fit(rows, "gaussian").apply(rows)
    np.testing.assert_array_equal(inputs, rows.astype(np.float32))


def test_images_that_float32_does_not_tell_apart_need_a_scale(tmp_path):
    words = r"float32.* or scale: minmax. Received: 1000000000 to 1000000001$"
    with pytest.raises(DatasetError, match=words):
        trained(tmp_path / "d.npz", 1e9 + UNIT, likelihood="gaussian")
    assert "scale: minmax" in proposal(tmp_path / "d.npz")[0]


@pytest.mark.parametrize("scale", ["standard", "minmax"])
@pytest.mark.parametrize(
    "column",
    [
        1_700_000_000_000_000_000 + RANDOM.integers(0, 10**6, 900),
        1e15 + 50 * RANDOM.normal(size=900),
        1.7e9 + 1e-4 * RANDOM.normal(size=900),
        1e-19 * RANDOM.random(900),
        1e-170 * RANDOM.random(900),
        np.arange(900) % 2 * 1e-19,
    ],
)
def test_columns_that_differ_little_beside_their_size_are_scaled(scale, column):
    rows = np.stack([RANDOM.normal(size=900), column], axis=1)
    scaled = Preprocessing.fit(rows, "gaussian", scale).apply(rows).astype(float)
    if scale == "standard":
        np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=5e-3)
        np.testing.assert_allclose(scaled.std(axis=0), 1, rtol=1e-5)
    else:
        np.testing.assert_allclose([scaled.min(axis=0), scaled.max(axis=0)], [[0] * 2, [1] * 2])
    assert np.corrcoef(scaled[:, 1], (column - column.min()) / np.ptp(column))[0, 1] > 0.999


@pytest.mark.parametrize("scale", ["standard", "minmax"])
@pytest.mark.parametrize("constant", [7, 76561198000000001, 0.1 + 0.2, 1e30])
def test_constant_columns_become_zero_whatever_their_size(scale, constant):
    rows = np.stack([RANDOM.normal(size=997), np.full(997, constant)], axis=1)
    assert not Preprocessing.fit(rows, "gaussian", scale).apply(rows)[:, 1].any()


def test_columns_that_differ_by_rounding_alone_are_not_blown_up():
    rows = np.stack([RANDOM.random(60), np.array([0.3, 0.1 + 0.2] * 30)], axis=1)
    scaled = Preprocessing.fit(rows, "gaussian", "standard").apply(rows)
    assert np.abs(scaled[:, 1]).max() < 1e-15


# Values that stand for missing ones, and values that are too large


@pytest.mark.parametrize("scale", ["none", "minmax", "standard"])
@pytest.mark.parametrize(
    ("value", "share", "others"),
    [(-3.4028234663852886e38, 2, 1), (1e20, 2, 0), (9.96921e36, 58, 1)],
)
def test_no_data_values_are_refused_by_column(tmp_path, scale, value, share, others):
    frame = pd.DataFrame(others * RANDOM.normal(size=(60, 3)), columns=list("abc"))
    frame.loc[: share - 1, "b"] = value
    with pytest.raises(DatasetError, match=rf"{re.escape(f'{value:g}')} in b$"):
        load_own(write(frame, tmp_path / "t.csv"), scale=scale, likelihood="gaussian")


@pytest.mark.parametrize("least", [1.0, 1e-6])
def test_large_values_alone_are_data(least):
    rows = 2e30 * (least + RANDOM.random((40, 2)))
    rows[0, 0] = 0.0
    inputs = Preprocessing.fit(rows, "gaussian", "standard").apply(rows)
    np.testing.assert_allclose(inputs.std(axis=0), 1, rtol=1e-5)


def test_images_with_no_data_values_are_refused(tmp_path):
    for place in range(len(UNIT)):  # in the training or the test set
        images = UNIT.copy()
        images[place, 2] = -3.4e38
        with pytest.raises(DatasetError, match=r"(no-data|missing).* Received: -3\.4e\+38$"):
            trained(tmp_path / "d.npz", images, scale="minmax")


def test_values_too_large_for_the_models_are_refused():
    rows = 1e17 * RANDOM.normal(size=(20, 3))
    preprocessing = Preprocessing.fit(rows, "gaussian")
    with pytest.raises(DatasetError, match=r"too large .* Set scale: standard\. Fill in"):
        preprocessing.apply(rows)
    preprocessing = Preprocessing.fit(RANDOM.random((20, 3)) * 1e-30, "gaussian", "standard")
    with pytest.raises(DatasetError, match="values too large to be scaled"):
        preprocessing.apply(np.full((2, 3), 1e30))


# The preprocessing in a model's file


GOOD = {
    "shape": [2], "likelihood": "gaussian", "scale": "standard",
    "offset": [0.5, 1.0], "factor": [2.0, 3.0], "columns": ["a", "b"],
}  # fmt: skip


def test_what_earlier_versions_stored_is_read():
    defaults = {"labels": None, "values": "floats", "colours": "", "pad": 0}
    stored = Preprocessing.from_config({**GOOD, **defaults, "numbers": "whole"})
    assert stored == Preprocessing.from_config(GOOD)
    np.testing.assert_array_equal(stored.apply(np.array([[1.5, 0.0]])), [[2, -3]])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("shape", value) for value in ("ab", None, [2.0])),
        *(("likelihood", value) for value in ("poisson", [])),
        *(("scale", value) for value in ("log", None)),
        *(("offset", value) for value in ("x", None, {}, [0.5], ["a", "b"], [[1], [2]])),
        *(("factor", value) for value in ([float("nan"), 1], [float("inf"), 1])),
        *(("columns", value) for value in ("ab", ["a"], ["a", "a"], [["a"]])),
        *(("values", value) for value in ("words", None)),
        *(("pad", value) for value in ("x", 1.5)),
        ("gamma", 2),
    ],
)
def test_a_damaged_preprocessing_is_refused_in_one_line(key, value):
    with pytest.raises(DatasetError, match=r"is damaged\. Train the model again\..*Received: {'sh"):
        Preprocessing.from_config({**GOOD, key: value})
