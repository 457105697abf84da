"""Files of data are read and counted; other files are refused or named."""

import io
import os
import socket
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from kerasae import datasets
from kerasae.comparison.reading import planned
from kerasae.datasets import Dataset, DatasetError, load_own, sizes

GAUSSIAN = {"likelihood": "gaussian"}
BYTES = np.random.default_rng(0).integers(0, 256, (12, 6, 5)).astype(np.uint8)
"""Grey images."""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("d.npz", "cannot be read"),
        ("d.npy", "cannot be read"),
        ("d.parquet", "cannot be read"),
        ("d.txt", "unknown format. Expected: .npz"),
        ("photos/a.png", "a.png is no readable image"),
    ],
)
def test_files_that_hold_no_data_are_refused_by_name(tmp_path, name, words):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("text")
    with pytest.raises(DatasetError, match=words):
        load_own(path.parent if "/" in name else path)


def test_what_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(DatasetError, match=r"gone.csv does not exist. Expected: .npz"):
        datasets.load("own", tmp_path / "gone.csv")
    with pytest.raises(DatasetError, match=r"or a path. Received: own"):
        datasets.load("own")


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize(
    "make",
    [os.mkfifo, make_socket, lambda path: path.symlink_to("gone")],
    ids=["pipe", "socket", "link"],
)
@pytest.mark.parametrize("name", ["d.csv", "set/x.png", "set/x"])
def test_what_is_no_regular_file_is_refused_by_name(tmp_path, monkeypatch, make, name):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    Path("set").mkdir()
    make(Path(name))
    for reading in (load_own, lambda path: sizes("own", path)):
        with pytest.raises(
            DatasetError, match=f"{name} is no regular file.*Received: a pipe, a so"
        ):
            reading("set" if "/" in name else name)


@pytest.mark.parametrize(
    ("shape", "is_refused"),
    [
        ((3, 16, 16), True),
        ((1, 28, 28), True),
        ((3, 3, 3), False),
        ((16, 16, 3), False),
        ((4, 4, 9), False),  # a patch of four by four pixels with nine bands
    ],
)
def test_images_with_the_channels_first_are_refused(tmp_path, shape, is_refused):
    images = np.random.default_rng(0).integers(0, 256, (12, *shape)).astype(np.uint8)
    path = tmp_path / "d.npz"
    np.savez(path, x_train=images, y_train=np.arange(12) % 2)
    ways = [
        lambda: load_own(path).x_train,
        lambda: datasets.load_samples(path),
        lambda: planned(images, None, ["vae"], [], ["reconstruction"], 1, None, None)[1].x_train,
        lambda: datasets.load("own", path, setting="unsupervised").samples,
        lambda: datasets.Preprocessing(shape).apply(images / 255),
        lambda: np.empty((1, *shape)) if sizes("own", path).inputs == np.prod(shape) else None,
    ]
    for way in ways:
        if is_refused:
            with pytest.raises(
                DatasetError, match=r"np\.moveaxis\(x, 1, -1\)\. Received: shape \(12"
            ):
                way()
        else:
            assert way().shape[1:] == shape


def test_sizes_are_those_of_what_is_loaded(tmp_path):
    labels = np.arange(12) % 3
    frame = pd.DataFrame(BYTES[:, 0], columns=list("abcde")).assign(kind=labels)
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    np.savez(tmp_path / "d.npz", X=BYTES, y=labels)
    np.savez(tmp_path / "split.npz", x_train=BYTES, x_test=BYTES[:5])
    np.save(tmp_path / "d.npy", BYTES)
    for number, image in enumerate(BYTES):
        path = tmp_path / "set" / str(number % 2) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    for name, options in (
        ("t.csv", {"labels": "kind", **GAUSSIAN}),
        ("t.parquet", {"labels": "kind", "test_share": 0.5, **GAUSSIAN}),
        ("t.csv", GAUSSIAN),
        ("d.npz", {}),
        ("split.npz", {}),
        ("d.npy", {"test_share": 0.3}),
        ("set", {}),
    ):
        data = load_own(tmp_path / name, **options)
        size = data.x_train[0].size
        expected = len(data.x_train), len(data.x_test), size, len(data.classes)
        assert sizes("own", tmp_path / name, **options) == expected, name
    assert sizes("own", tmp_path / "d.npz", train=4, test=100) == (4, 3, 30, 3)


def test_sizes_of_arrays_are_read_from_their_headers(tmp_path):
    path = tmp_path / "d.npz"  # whose header says that it holds 60 TB
    with zipfile.ZipFile(path, "w") as archive, archive.open("x_train.npy", "w") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (60_000_000, 1000, 1000)}
        np.lib.format.write_array_header_1_0(file, header)
    train, test, inputs, classes = sizes("own", path)
    assert (train + test, inputs, classes) == (60_000_000, 1_000_000, 0)


# Anything in a file: strangers may have made it


often = settings(max_examples=60, deadline=None, derandomize=True)
shapes = arrays.array_shapes(min_dims=0, min_side=0, max_side=6)
objects = st.none() | st.text(max_size=3) | st.floats() | st.tuples(st.integers())
some_arrays = arrays.arrays(arrays.scalar_dtypes(), shapes) | arrays.arrays(
    object, shapes, elements=objects
)
options = st.fixed_dictionaries(
    {},
    optional={
        "scale": st.sampled_from(["none", "minmax", "standard"]),
        "likelihood": st.sampled_from(["bernoulli", "gaussian"]),
        "test_share": st.floats(0.01, 0.99),
    },
)
cells = st.one_of(st.integers(-9, 9), st.integers(), st.floats(), st.text(max_size=3), st.none())
rows = st.lists(st.lists(cells, min_size=2, max_size=2), max_size=8)


def read(ending, content, **options):
    """Load data of one's own from bytes, or fail with one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"data{ending}")
        path.write_bytes(content)
        fault, data = "", None
        try:
            data = load_own(path, **options)
        except DatasetError as error:
            fault = str(error)
        assert len(fault.splitlines()) == (data is None)
        if data is not None:
            assert isinstance(data, Dataset)
            assert np.isfinite(data.x_train).all()
            assert len(data.x_train) == len(data.y_train)
            assert len(data.x_test) == len(data.y_test) > 0


@st.composite
def damaged(draw, content):
    """Bytes with some of them changed, left out, put in or cut off."""
    content = bytearray(draw(content))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(content)))
        till = draw(st.integers(at, min(at + 8, len(content))))
        content[at:till] = draw(st.binary(max_size=8))
    return bytes(content[: draw(st.integers(0, len(content)) | st.none())])


def saved(write, *values, **named):
    """The bytes that a function of NumPy writes."""
    file = io.BytesIO()
    write(file, *values, **named)
    return file.getvalue()


@often
@given(
    st.dictionaries(st.sampled_from(["x_train", "y_train", "x_test", "y_test"]), some_arrays),
    options,
)
@example({"x_train": np.eye(4), "y_train": np.zeros(4, "M8[Y]"), "y_test": np.array(True)}, {})
@example({"x_train": np.eye(4), "y_train": np.full(4, 1e300)}, {})
def test_any_arrays(named, options):
    read(".npz", saved(np.savez, **named), **options)


@often
@given(damaged(some_arrays.map(lambda array: saved(np.savez, x_train=array))), options)
def test_damaged_npz(content, options):
    read(".npz", content, **options)


@often
@given(damaged(some_arrays.map(lambda array: saved(np.save, array))), options)
def test_damaged_npy(content, options):
    read(".npy", content, **options)


@often
@given(
    rows.map(lambda rows: "a,b\n" + "\n".join(",".join(map(str, row)) for row in rows)) | st.text(),
    st.sampled_from([None, "a", "b"]),
    options,
)
def test_tables(text, labels, options):
    read(".csv", text.encode("utf-8", "surrogatepass"), labels=labels, **options)


@often
@given(st.binary(), options)
def test_parquet(content, options):
    read(".parquet", b"PAR1" + content + b"PAR1", **options)


class Touched:
    """Leaves a trace when it is unpickled."""

    def __reduce__(self):
        return Path.touch, (Path("executed"),)


@pytest.mark.parametrize("name", ["evil.npz", "evil.npy"])
def test_pickles_are_not_executed(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    evil = np.array([Touched()], dtype=object)
    np.savez(name, x_train=evil) if name == "evil.npz" else np.save(name, evil)
    for reading in (load_own, datasets.load_samples):
        with pytest.raises(DatasetError, match=rf"{name} cannot be read: Object arrays"):
            reading(name)
    assert not Path("executed").exists()
