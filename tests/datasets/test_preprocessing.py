"""Preprocessing is fitted to the training set and applied to all other samples alike."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from kerasae.comparison.reading import planned
from kerasae.config.proposal import proposal
from kerasae.datasets import Dataset, DatasetError, Preprocessing, load_own

often = settings(max_examples=150, deadline=None, derandomize=True)
RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (12, 6, 5)).astype(np.uint8)
UNIT = RANDOM.random((12, 6, 5))
FRAME = pd.DataFrame(RANDOM.normal(3, 9, (20, 4)), columns=["a b", "größe", "z", "$x$"])
FRAME["kind"] = ["one", "two"] * 10
SCALES = [("standard", "gaussian"), ("minmax", "bernoulli"), ("none", "gaussian")]


def trained(path, array=None, **options):
    """Load data to train on, from an array or a path."""
    if array is not None:
        np.savez(path, x_train=array)
    return load_own(path, **options)


def rows_of(array):
    return sorted(row.tobytes() for row in np.ascontiguousarray(array))


def everything(data):
    return np.concatenate([data.x_train, data.x_test])


def write(frame, path):
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return path


# Tables


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize(("scale", "likelihood"), SCALES)
def test_rows_of_the_training_table_become_the_same_inputs(tmp_path, suffix, scale, likelihood):
    path = write(FRAME, tmp_path / f"t{suffix}")
    data = load_own(path, labels="kind", scale=scale, likelihood=likelihood)
    found = data.preprocessing.load(path)
    assert found.dtype == np.float32
    assert rows_of(found) == rows_of(everything(data))


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A folder, a preprocessing fitted to a table in it, and what it makes of the table."""
    folder = tmp_path_factory.mktemp("order")
    data = load_own(write(FRAME, folder / "t.csv"), "kind", "standard", "gaussian")
    return folder, data.preprocessing, data.preprocessing.load(folder / "t.csv")


@often
@given(st.permutations(list(FRAME)), st.booleans(), st.sampled_from([".csv", ".parquet"]))
def test_the_order_of_columns_does_not_matter(fitted, order, labelled, suffix):
    folder, preprocessing, expected = fitted
    frame = FRAME[order] if labelled else FRAME[order].drop(columns="kind")
    found = preprocessing.load(write(frame, folder / f"new{suffix}"))
    assert found.tobytes() == expected.tobytes()


def test_other_columns_are_refused_by_name(tmp_path):
    data = load_own(write(FRAME, tmp_path / "t.csv"), "kind", "standard", "gaussian")
    more = write(FRAME.assign(extra=1), tmp_path / "more.csv")
    with pytest.raises(
        DatasetError, match=r"does not know.* kind for the labels\. Received: extra"
    ):
        data.preprocessing.load(more)
    less = write(FRAME.drop(columns="z"), tmp_path / "less.csv")
    with pytest.raises(
        DatasetError, match=r"columns that the model needs are missing.*Expected: z"
    ):
        data.preprocessing.load(less)


def test_given_anomalies_go_the_same_way(tmp_path):
    path = write(FRAME, tmp_path / "t.csv")
    odd = write(FRAME[["z", "$x$", "größe", "a b"]] * 9, tmp_path / "odd.csv")
    data = load_own(path, "kind", "standard", "gaussian", anomalies=odd)
    assert data.anomalies.tobytes() == data.preprocessing.load(odd).tobytes()


# Images


def integers(dtype):
    return st.integers(0, min(255, np.iinfo(dtype).max))


kinds = st.sampled_from([np.uint8, np.uint16, np.int16, np.int64, np.float32, np.float64])


@often
@given(
    arrays.arrays(np.uint8, (4, 3, 2), elements=st.integers(0, 255) | st.integers(0, 1)),
    kinds,
    kinds,
    st.sampled_from(SCALES),
)
def test_the_type_of_new_images_does_not_matter(tmp_path_factory, values, train, new, how):
    path = tmp_path_factory.mktemp("types") / "d.npz"
    scale, likelihood = how
    data = trained(path, BYTES[:, :3, :2].astype(train), scale=scale, likelihood=likelihood)
    expected = data.preprocessing.apply(values)
    found, said = attempt(data.preprocessing.apply, values.astype(new))
    if said:
        assert len(said.splitlines()) == 1
        assert values.max() == 1  # of floats none can tell whether 1 is white
    else:
        assert (found.dtype, found.tobytes()) == (expected.dtype, expected.tobytes())


@often
@given(
    arrays.arrays(np.uint8, (8, 3, 2), elements=st.integers(0, 255) | st.integers(0, 1)),
    kinds,
    st.sampled_from(["none", "minmax"]),
)
def test_the_type_of_training_images_changes_nothing_in_silence(
    tmp_path_factory, values, dtype, scale
):
    path = tmp_path_factory.mktemp("types") / "d.npz"
    np.savez(path, x_train=values, x_test=values)
    expected = load_own(path, scale=scale)
    np.savez(path, x_train=values.astype(dtype), x_test=values.astype(dtype))
    found, said = attempt(load_own, path, scale=scale)
    if said:
        assert "Set scale: minmax" in said
        assert values.max() > 1
    else:
        np.testing.assert_array_equal(as_floats(found), as_floats(expected))


def attempt(function, *arguments, **options):
    """Call a function; what it gave, and what it said instead."""
    try:
        return function(*arguments, **options), ""
    except DatasetError as error:
        return None, str(error)


def as_floats(data):
    rows = everything(data)
    return rows.astype(np.float32) / 255 if rows.dtype == np.uint8 else rows


def test_bytes_over_255_become_bytes_again(tmp_path):
    data = trained(tmp_path / "d.npz", BYTES)
    for dtype in (np.float32, np.float64):
        found = data.preprocessing.apply((BYTES / 255).astype(dtype))
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found[..., 0], BYTES)


@pytest.mark.parametrize(
    ("train", "new", "words"),
    [
        (BYTES, UNIT, "images are bytes.*convert the images to uint8. Received: float64 from 0.0"),
        (BYTES, BYTES > 99, "images are bytes.* Received: bool from 0 to 1"),
        (BYTES, (BYTES > 99).astype(float), "images are bytes.* Received: float64 from 0 to 1"),
        (BYTES, BYTES.astype(int) * 9, "images are bytes.* Received: int64"),
        (BYTES, BYTES - 99.0, "images are bytes"),
        (UNIT, BYTES.astype(float), r"needs values in \[0, 1\].* Received: 0 to 255"),
        (UNIT, UNIT - 0.5, r"needs values in \[0, 1\]"),
        (BYTES > 99, BYTES, r"needs values in \[0, 1\].* Received: 0 to 255"),
        (UNIT, UNIT[:, :4], r"another shape.*Expected: \(6, 5, 1\). Received: \(4, 5, 1\)"),
        (
            UNIT,
            np.full((2, 6, 5), np.nan),
            "expected finite numbers.* others in 2 of 2 images",
        ),
    ],
)
@pytest.mark.parametrize("way", ["apply", "x_test", "anomalies"])
def test_samples_of_another_scale_are_refused(tmp_path, train, new, words, way):
    path, odd = tmp_path / "d.npz", tmp_path / "odd.npy"
    np.savez(path, x_train=train, **({"x_test": new} if way == "x_test" else {}))
    np.save(odd, new)
    given = {"anomalies": odd} if way == "anomalies" else {}
    ways = {"apply": lambda: load_own(path).preprocessing.apply(new)}
    with pytest.raises(DatasetError, match=words):
        ways.get(way, lambda: load_own(path, **given))()


def test_an_array_of_two_parts_is_no_list_of_samples(tmp_path):
    data = trained(tmp_path / "d.npz", UNIT)
    np.savez(tmp_path / "new.npz", x_train=UNIT, x_test=UNIT)
    with pytest.raises(DatasetError, match=r"save one array.* Received: a training and"):
        data.preprocessing.load(tmp_path / "new.npz")


# Folders


def folder(path, pictures, mode="L"):
    path.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).convert(mode).save(path / f"{number:02}.png")
    return path


def test_images_of_a_folder_become_the_inputs_of_the_training(tmp_path):
    path = folder(tmp_path / "set" / "hut", BYTES).parent
    folder(path / "lake", BYTES[::-1])
    data = load_own(path)
    found, names = data.preprocessing.load_named(path)
    assert (found.dtype, rows_of(found)) == (np.uint8, rows_of(everything(data)))
    names = names.tolist()
    assert names == [f"{name}/{n:02}.png" for name in ("hut", "lake") for n in range(12)]
    np.testing.assert_array_equal(found[names.index("lake/00.png"), ..., 0], BYTES[-1])


def test_grey_images_do_for_a_model_of_colour_ones_not_the_other_way(tmp_path):
    grey, colour = folder(tmp_path / "grey", BYTES), folder(tmp_path / "colour", BYTES, "RGB")
    found = load_own(colour).preprocessing.load(grey)
    assert found.shape == (12, 6, 5, 3)
    assert (found == BYTES[..., None]).all()
    with pytest.raises(DatasetError, match=r"00\.png: a colour image. Expected only grey images"):
        load_own(grey).preprocessing.load(colour)


@pytest.mark.parametrize("array", [True, False])
def test_deep_images_are_refused_where_bytes_were_trained_on(tmp_path, array):
    train = tmp_path / "d.npz" if array else folder(tmp_path / "set", BYTES)
    data = trained(train, BYTES if array else None)
    dark = tmp_path / "dark"
    dark.mkdir()
    Image.fromarray(BYTES[0].astype(np.uint16)).save(dark / "0.png")
    with pytest.raises(
        DatasetError, match=r"a grey with more than 8 bits image\. Expected only grey"
    ):
        data.preprocessing.load(dark)


# What is kept


def test_mnist_takes_images_with_and_without_its_margin(mnist):
    inner = mnist.x_test[:5, 2:-2, 2:-2]
    for images in (inner, inner[..., 0], inner.astype(int), inner / 255, mnist.x_test[:5]):
        found = mnist.preprocessing.apply(images)
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, mnist.x_test[:5])
    with pytest.raises(DatasetError, match=r"Expected: \(32, 32, 1\). Received: \(30, 30, 1\)"):
        mnist.preprocessing.apply(mnist.x_test[:5, 1:-1, 1:-1])


@pytest.mark.parametrize("scale", ["standard", "minmax"])
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".npy"])
def test_numbers_that_are_large_beside_their_differences_stay_apart(tmp_path, scale, ending):
    rows = pd.DataFrame({"time": 1_700_000_000 + np.arange(40), "step": np.arange(40)})
    path = tmp_path / f"times{ending}"
    if ending == ".npy":
        np.save(path, rows.to_numpy())
    else:
        write(rows, path)
    data = load_own(path, scale=scale, likelihood="gaussian")
    np.testing.assert_allclose(data.x_train[:, 0], data.x_train[:, 1], atol=1e-5)
    new = data.preprocessing.load(path)
    np.testing.assert_allclose(new[:, 0], new[:, 1], atol=1e-5)


FAR = np.array([1e9, 0, 5]) + np.random.default_rng(1).normal(size=(60, 3))
"""Rows whose first column differs by less than float32 resolves."""
ANOMALOUS = (np.arange(60) < 12).astype(int)


@pytest.mark.parametrize("setting", [None, "semi_supervised"])
@pytest.mark.parametrize("kind", ["array", "frame", ".csv", ".parquet", ".npz"])
def test_a_comparison_tells_values_apart_that_float32_does_not(tmp_path, kind, setting):
    frame, y = pd.DataFrame(FAR, columns=list("abc")), ANOMALOUS
    given = {"array": (FAR, y), "frame": (frame.assign(y=y), "y"), ".npz": (tmp_path / "t.npz",)}
    np.savez(tmp_path / "t.npz", X=FAR, y=y)
    if kind in (".csv", ".parquet"):
        given[kind] = (write(frame.assign(y=y), tmp_path / f"t{kind}"), "y")
    X, y, *_ = (*given[kind], None)
    _, data, _ = planned(X, y, None, None, None, [1], None, None, setting)
    data = data.for_seed(1)
    assert data.preprocessing.scale == "standard"
    offset, factor = np.array(data.preprocessing.offset), np.array(data.preprocessing.factor)
    rows = rows_of(np.round(everything(data) / factor + offset - [1e9, 0, 5], 4) + 0.0)
    expected = np.round(FAR - [1e9, 0, 5], 4) + 0.0
    assert set(rows) <= set(rows_of(expected))
    assert len(set(rows)) == len(rows)
    if isinstance(X, type(tmp_path)):
        assert "scale: standard" in proposal(X, y, setting=setting)[0]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (1e9 + RANDOM.normal(size=60), "column 1, counted from 0"),
        (2**24 + np.arange(60), r"Received: 16777216 to 1677727\d in column 1"),
        (1 - 1e-9 * RANDOM.random(60), r"Received: 0\.9999\d+ to 0\.9999\d+ in column 1"),
        (1e14 + np.arange(60) / 64, "column 1, counted from 0"),
    ],
)
def test_values_that_float32_does_not_tell_apart_need_a_scale(tmp_path, column, words):
    rows = np.stack([RANDOM.random(60), column], axis=1)
    with pytest.raises(DatasetError, match=f"float32.* Set scale: standard.*{words}"):
        trained(tmp_path / "d.npz", rows, likelihood="gaussian")
    _, data, _ = planned(rows, None, None, None, None, [1], None, None)
    assert len(np.unique(everything(data)[:, 1])) == 60


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
        np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-3)
        np.testing.assert_allclose(scaled.std(axis=0), 1, rtol=1e-5)
    else:
        np.testing.assert_allclose([scaled.min(axis=0), scaled.max(axis=0)], [[0] * 2, [1] * 2])
    assert np.corrcoef(scaled[:, 1], (column - column.min()) / np.ptp(column))[0, 1] > 0.999


@pytest.mark.parametrize("scale", ["standard", "minmax"])
@pytest.mark.parametrize("constant", [76561198000000001, 0.1 + 0.2, -1e15 / 3, 1e30])
def test_constant_columns_become_zero_whatever_their_size(scale, constant):
    rows = np.stack([RANDOM.normal(size=997), np.full(997, constant)], axis=1)
    assert not Preprocessing.fit(rows, "gaussian", scale).apply(rows)[:, 1].any()


def test_columns_that_differ_by_rounding_alone_are_not_blown_up():
    rows = np.stack([RANDOM.random(60), np.array([0.3, 0.1 + 0.2] * 30)], axis=1)
    scaled = Preprocessing.fit(rows, "gaussian", "standard").apply(rows)
    assert np.abs(scaled[:, 1]).max() < 1e-15


IDS = 76561198000000000 + np.arange(60)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".npy", "frame", "array"])
def test_integers_that_float64_makes_equal_are_refused_by_column(tmp_path, ending, dtype):
    offset = 2**63 if dtype == np.uint64 else 0
    frame = pd.DataFrame(
        {"a": np.arange(60).astype(dtype), "id": IDS.astype(dtype) + dtype(offset)}
    )
    if ending in (".csv", ".parquet"):
        given = write(frame, tmp_path / f"t{ending}")
    elif ending == ".npy":
        np.save(given := tmp_path / "t.npy", frame.to_numpy())
    else:
        given = frame if ending == "frame" else frame.to_numpy()
    with pytest.raises(DatasetError, match=r"Subtract an offset.* become equal in (id|column 1)"):
        planned(given, None, None, None, None, [1], None, None)


@pytest.mark.parametrize("ids", [2**60 + 256 * np.arange(60), 2**53 + 2 * np.arange(60)])
def test_large_integers_that_float64_tells_apart_are_data(tmp_path, ids):
    path = write(pd.DataFrame({"a": np.arange(60), "id": ids}), tmp_path / "t.csv")
    data = load_own(path, scale="standard", likelihood="gaussian")
    assert len(np.unique(everything(data)[:, 1])) == 60


def test_masked_values_are_refused():
    mask, plain = np.ma.masked_equal(np.arange(60) % 3, 0), np.ma.array(np.arange(60) % 3)
    preprocessing = Preprocessing.fit(np.arange(60.0)[:, None], "gaussian", "standard")
    ways = [
        lambda: planned(mask[:, None], plain, None, None, None, [1], None, None),
        lambda: planned(plain[:, None], mask, None, None, None, [1], None, None),
        lambda: preprocessing.apply(mask[:, None]),
    ]
    for way in ways:
        with pytest.raises(DatasetError, match=r"Fill in the masked .* Received: 20 masked"):
            way()


@pytest.mark.parametrize("outlier", [0.0, -1e12])
def test_an_outlier_does_not_hide_that_float32_does_not_tell_the_others_apart(outlier):
    rows = np.r_[outlier, 1e9 + RANDOM.normal(size=59)][:, None]
    with pytest.raises(DatasetError, match=r"float32.* to 100000000\d in column 0"):
        Preprocessing.fit(rows, "gaussian")


@pytest.mark.parametrize(
    "column",
    [
        np.r_[1e7 + 0.3, RANDOM.normal(size=59)],
        np.r_[0.5, [0.3, 0.1 + 0.2] * 29, 0.3],
        np.r_[np.zeros(57), 0.1, 0.2, 0.3],
    ],
)
def test_outliers_and_rounding_need_no_scale(column):
    rows = np.stack([RANDOM.random(60), column], axis=1)
    found = Preprocessing.fit(rows, "gaussian").apply(rows)
    np.testing.assert_array_equal(found, rows.astype(np.float32))


def test_images_that_float32_does_not_tell_apart_need_a_scale(tmp_path):
    with pytest.raises(
        DatasetError, match=r"float32.* or scale: minmax. Received: 1000000000 to 1000000001$"
    ):
        trained(tmp_path / "d.npz", 1e9 + UNIT, likelihood="gaussian")
    assert "scale: minmax" in proposal(tmp_path / "d.npz")[0]


@pytest.mark.parametrize("column", [np.full(60, 1e9 + 0.1), np.array([0.3, 0.1 + 0.2] * 30)])
def test_constant_columns_need_no_scale(tmp_path, column):
    rows = np.stack([RANDOM.random(60), column], axis=1)
    data = trained(tmp_path / "d.npz", rows, likelihood="gaussian")
    assert np.ptp(data.x_train, axis=0)[1] == 0


@pytest.mark.parametrize("scale", ["none", "minmax", "standard"])
@pytest.mark.parametrize("value", [-3.4028234663852886e38, 1e38, 9.96921e36, 1e20])
@pytest.mark.parametrize("share", [2, 60])
@pytest.mark.parametrize("others", [1, 0])
def test_no_data_values_are_refused_by_column(tmp_path, scale, value, share, others):
    rows = others * RANDOM.normal(size=(60, 3))
    rows[:: 60 // share, 1] = value
    frame = pd.DataFrame(rows, columns=list("abc"))
    how = {"scale": scale, "likelihood": "gaussian"}
    if share == 60:  # the whole column: only new rows are others
        frame.loc[:1, "b"] = 1.0
    with pytest.raises(DatasetError, match=rf"{re.escape(f'{value:g}')} in b$"):
        load_own(write(frame, tmp_path / "t.csv"), **how)


@pytest.mark.parametrize("least", [1.0, 1e-6])
def test_large_values_alone_are_data(tmp_path, least):
    rows = 2e30 * (least + RANDOM.random((40, 2)))
    rows[0, 0] = 0.0
    data = trained(tmp_path / "d.npz", rows, scale="standard", likelihood="gaussian")
    np.testing.assert_allclose(data.x_train.std(axis=0), 1, rtol=1e-5)


def test_images_with_no_data_values_are_refused(tmp_path):
    for place in range(len(UNIT)):  # in the training or the test set
        images = UNIT.copy()
        images[place, 2] = -3.4e38
        with pytest.raises(DatasetError, match=r"(no-data|missing).* Received: -3\.4e\+38$"):
            trained(tmp_path / "d.npz", images, scale="minmax")


@pytest.mark.parametrize(("scale", "likelihood"), SCALES)
def test_it_survives_as_text(tmp_path, scale, likelihood):
    data = load_own(write(FRAME, tmp_path / "t.csv"), "kind", scale, likelihood)
    again = Preprocessing.from_config(json.loads(json.dumps(data.preprocessing.to_config())))
    assert again == data.preprocessing
    data.save(tmp_path / "saved.npz")
    kept = Dataset.open(tmp_path / "saved.npz").preprocessing
    assert kept == data.preprocessing
    assert kept.load(tmp_path / "t.csv").tobytes() == again.load(tmp_path / "t.csv").tobytes()


GOOD = {
    "shape": [2], "likelihood": "gaussian", "scale": "standard",
    "offset": [0.5, 1.0], "factor": [2.0, 3.0], "columns": ["a", "b"],
}  # fmt: skip


def test_what_earlier_versions_stored_is_read():
    stored = {
        **GOOD,
        "labels": None,
        "values": "floats",
        "numbers": "whole",
        "colours": "",
        "pad": 0,
    }
    found = Preprocessing.from_config({**stored, "numbers": "whole"})
    assert found == Preprocessing.from_config(GOOD)
    np.testing.assert_array_equal(found.apply(np.array([[1.5, 0.0]])), [[2, -3]])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("shape", value) for value in ("ab", 2, None, ["2"], [2.0])),
        *(("likelihood", value) for value in ("poisson", None, [])),
        *(("scale", value) for value in ("log", 5, None, [])),
        *(("offset", value) for value in ("x", None, {}, 0.5, [0.5], ["a", "b"], [[1], [2]])),
        *(("factor", value) for value in ("x", [float("nan"), 1], [float("inf"), 1])),
        *(("columns", value) for value in ("ab", 5, ["a"], ["a", "a"], [["a"]])),
        *(("values", value) for value in ("words", None)),
        *(("pad", value) for value in ("x", None, 1.5, [1])),
        ("gamma", 2),
    ],
)
def test_a_damaged_preprocessing_is_refused_in_one_line(key, value):
    with pytest.raises(DatasetError, match=r"is damaged\. Train the model again\..*Received: {'sh"):
        Preprocessing.from_config({**GOOD, key: value})


def test_values_too_large_without_a_scale_need_one():
    rows = 1e17 * RANDOM.normal(size=(20, 3))
    preprocessing = Preprocessing.fit(rows, "gaussian")
    with pytest.raises(DatasetError, match=r"too large .* Set scale: standard\. Fill in"):
        preprocessing.apply(rows)


def test_what_cannot_be_scaled_is_refused(tmp_path):
    rows = RANDOM.random((20, 3)) * 1e-30
    data = trained(tmp_path / "d.npz", rows, scale="standard", likelihood="gaussian")
    with pytest.raises(DatasetError, match="values too large to be scaled"):
        data.preprocessing.apply(np.full((2, 3), 1e30))
