"""What is read from files and folders, and what is refused."""

import os
import socket
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from kerasae import datasets
from kerasae.datasets import DatasetError, idx, limits, load_own, sizes

GAUSSIAN = {"likelihood": "gaussian"}


@pytest.fixture
def bytes_of():
    """Grey images (12, 6, 5) of bytes."""
    return np.random.default_rng(0).integers(0, 256, (12, 6, 5)).astype(np.uint8)


def folder(path, pictures, ending="png"):
    path.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures):
        if not isinstance(picture, Image.Image):
            picture = Image.fromarray(picture)
        picture.save(path / f"{number:02}.{ending}")
    return path


def table(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def everything(data):
    return np.concatenate([data.x_train, data.x_test])


def rows_of(array):
    return sorted(row.tobytes() for row in np.ascontiguousarray(array))


# Images


@pytest.mark.parametrize(
    ("dtype", "high", "ending"),
    [(np.uint16, 65535, "png"), (np.int32, 99999, "tiff"), (np.float32, 0.5, "tiff")],
)
def test_deep_images_keep_their_values(tmp_path, bytes_of, dtype, high, ending):
    deep = (bytes_of / 255 * high).astype(dtype)
    path = folder(tmp_path / "deep", deep, ending)
    data = load_own(path, **GAUSSIAN)
    assert rows_of(everything(data)) == rows_of(deep[..., None].astype(np.float32))
    scaled = load_own(path, scale="minmax")
    assert (scaled.x_train.min(), scaled.x_train.max()) == (0, 1)
    if high > 1:
        with pytest.raises(DatasetError, match=r"values in \[0, 1\].*Set scale: minmax"):
            load_own(path)


@pytest.mark.parametrize(
    ("mode", "depth"), [("1", 1), ("L", 1), ("LA", 1), ("P", 3), ("RGB", 3), ("RGBA", 3)]
)
def test_images_without_transparency_keep_what_they_show(tmp_path, bytes_of, mode, depth):
    pictures = [Image.fromarray(image).convert("RGB").convert(mode) for image in bytes_of]
    data = load_own(folder(tmp_path / "some", pictures))
    shown = [np.asarray(picture.convert("RGB"))[..., :depth] for picture in pictures]
    assert data.x_train.dtype == np.uint8
    assert rows_of(everything(data)) == rows_of(shown)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparent_pixels_are_refused_by_name(tmp_path, bytes_of, mode):
    pictures = [Image.fromarray(image).convert(mode) for image in bytes_of]
    pictures[3].putalpha(Image.fromarray(np.where(bytes_of[3] > 99, 255, 7).astype(np.uint8)))
    clear = np.count_nonzero(bytes_of[3] <= 99)
    with pytest.raises(DatasetError, match=rf"03\.png: transparent.*Received: {clear} transp"):
        load_own(folder(tmp_path / "clear", pictures))


@pytest.mark.parametrize("ending", ["tif", "gif", "png", "webp"])
def test_a_file_of_several_images_is_refused(tmp_path, bytes_of, ending):
    frames = [Image.fromarray(picture) for picture in bytes_of]
    folder(tmp_path / "stacks", bytes_of[:3], ending)
    frames[0].save(tmp_path / f"stacks/03.{ending}", save_all=True, append_images=frames[1:])
    with pytest.raises(DatasetError, match=rf"03\.{ending}: several images.* Received: 12"):
        load_own(tmp_path / "stacks")


def deep_png(colour_type, channels):
    """A PNG of 16 bits, which Pillow cannot write in colour."""
    chunks = b"\x89PNG\r\n\x1a\n"
    rows = b"".join(b"\0" + np.full(channels * 5, 199, ">u2").tobytes() for _ in range(6))
    for name, content in (
        (b"IHDR", struct.pack(">IIBBBBB", 5, 6, 16, colour_type, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ):
        check = struct.pack(">I", zlib.crc32(name + content))
        chunks += struct.pack(">I", len(content)) + name + content + check
    return chunks


DEEP_PPM = b"P6 5 6 65535\n" + np.full(90, 199, ">u2").tobytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rgb.png", deep_png(2, 3)),
        ("la.png", deep_png(4, 2)),
        ("rgba.png", deep_png(6, 4)),
        ("a.ppm", DEEP_PPM),
    ],
)
def test_colours_of_16_bits_are_not_cut_to_8(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(
        DatasetError, match=rf"{name}: expected 8 bits per value for images in colour"
    ):
        load_own(tmp_path, **GAUSSIAN)


def test_images_of_eight_and_more_bits_are_not_mixed(tmp_path, bytes_of):
    path = folder(tmp_path / "mixed", [bytes_of[0], bytes_of[1].astype(np.uint16) * 257])
    with pytest.raises(
        DatasetError, match=r"01\.png: a grey with more than 8 bits image. Expected"
    ):
        load_own(path)


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.int64, np.float64])
def test_masks_are_0_and_1_whatever_their_type(tmp_path, bytes_of, dtype):
    mask = (bytes_of > 99).astype(dtype)
    np.savez(tmp_path / "mask.npz", x_train=mask)
    data = load_own(tmp_path / "mask.npz")
    assert data.x_train.dtype == np.float32
    assert rows_of(everything(data)) == rows_of(mask[..., None].astype(np.float32))


def test_loose_images_beside_classes_are_refused_with_their_names(tmp_path, bytes_of):
    folder(tmp_path / "set" / "hut", bytes_of[:4])
    folder(tmp_path / "set" / "lake", bytes_of[4:8])
    assert load_own(tmp_path / "set").classes == ("hut", "lake")
    folder(tmp_path / "set", bytes_of[8:11])
    with pytest.raises(DatasetError, match=r"3 images beside.*Received: 00\.png, 01\.png, 02"):
        load_own(tmp_path / "set")


def test_images_below_a_class_are_refused_with_their_folder(tmp_path, bytes_of):
    folder(tmp_path / "set" / "hut", bytes_of[:4])
    folder(tmp_path / "set" / "hut" / "more", bytes_of[4:8])
    with pytest.raises(DatasetError, match=r"hut: folders with images within.*Received: more"):
        load_own(tmp_path / "set")


def test_hidden_files_are_no_images(tmp_path, bytes_of):
    path = folder(tmp_path / "set", bytes_of)
    (path / "._00.png").write_bytes(b"what another system keeps beside a file")
    assert len(everything(load_own(path))) == len(bytes_of)


def test_links_to_folders_are_followed(tmp_path, bytes_of):
    folder(tmp_path / "elsewhere", bytes_of[:4])
    path = folder(tmp_path / "set" / "hut", bytes_of[4:8]).parent
    (path / "lake").symlink_to(tmp_path / "elsewhere")
    (path / "hut" / "again").symlink_to(path)  # a cycle
    data = load_own(path)
    assert data.classes == ("hut", "lake")


# What can block, or does not fit


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def make_dead_link(path):
    path.symlink_to("gone")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_pipe, "is no regular file.*Received: a pipe, a socket"),
        (make_socket, "is no regular file.*Received: a pipe, a socket"),
        (make_dead_link, "is a link to a missing file"),
    ],
)
@pytest.mark.parametrize("name", ["d.csv", "d.npz", "d.npy", "d.parquet", "set/x.png", "set/x"])
def test_what_is_no_regular_file_is_refused_by_name(tmp_path, monkeypatch, make, words, name):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    folder(Path("set"), [np.zeros((2, 2), np.uint8)])
    make(Path(name))
    path = "set" if "/" in name else name
    for reading in (load_own, datasets.load_samples, lambda p: sizes("own", p)):
        with pytest.raises(DatasetError, match=f"{name} {words}"):
            reading(path)


def test_too_large_an_image_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = folder(tmp_path / "set", [np.zeros((30, 30), np.uint8)])
    for most in (800, 400):  # Pillow warns beyond the limit, and refuses beyond twice of it
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
        with pytest.raises(
            DatasetError,
            match=rf"00\.png: the image is too large.*at most {most} pixels. Received: 900",
        ):
            load_own(path)


def bomb(path):
    """Write an .npz file whose header says that it holds 60 TB."""
    with zipfile.ZipFile(path, "w") as archive, archive.open("x_train.npy", "w") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (60_000_000, 1000, 1000)}
        np.lib.format.write_array_header_1_0(file, header)
    return path


def test_arrays_that_do_not_fit_are_refused_by_their_header(tmp_path):
    with pytest.raises(DatasetError, match=r"too large. Expected at most .* Received: 6e\+04 GB"):
        load_own(bomb(tmp_path / "d.npz"))


def write_npy(path):
    np.save(path, np.ones((40, 50)))


def write_parquet(path):
    pd.DataFrame(np.ones((40, 50)), columns=[f"c{n}" for n in range(50)]).to_parquet(path)


def write_csv(path):
    pd.DataFrame(np.ones((40, 50)), columns=[f"c{n}" for n in range(50)]).to_csv(path, index=False)


def write_folder(path):
    folder(path, np.ones((40, 20, 20), np.uint8))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("d.npy", write_npy),
        ("d.parquet", write_parquet),
        ("d.csv", write_csv),
        ("d", write_folder),
    ],
)
def test_data_beyond_half_of_the_memory_are_refused(tmp_path, monkeypatch, name, write):
    write(tmp_path / name)
    load_own(tmp_path / name, **GAUSSIAN)
    monkeypatch.setattr(limits, "available_memory", lambda: 10_000)
    with pytest.raises(DatasetError, match=r"Expected at most 5e-06 GB, half of the available"):
        load_own(tmp_path / name, **GAUSSIAN)


def test_the_available_memory_is_what_system_and_group_leave(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(limits, "CGROUP", tmp_path)
    assert limits.available_memory() is None
    (tmp_path / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    7000 kB\n")
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert limits.available_memory() == 7000 * 1024
    (tmp_path / "memory.max").write_text("3000000\n")
    assert limits.available_memory() == 2_000_000


def test_decompression_stops_at_a_limit(monkeypatch):
    content = idx.gzip.compress(bytes(1000))
    assert idx.decompress(content, "file.gz") == bytes(1000)
    monkeypatch.setattr(idx, "MAX_BYTES", 999)
    with pytest.raises(DatasetError, match=r"file.gz is too large. Expected at most 999 bytes"):
        idx.decompress(content, "file.gz")


# Tables


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n" + "1,2,3\n" * 6, r"row 2 has more or fewer.* Expected: 2. Received: 3 \(1,2,3\)"),
        ("a,b\n1,2\n1,2,3\n1,2\n", r"row 3 has more or fewer fields.* Received: 3"),
        ("a,b\n1,2\n1,2\n1\n", r"row 4 has more or fewer fields.* Received: 1 \(1\)"),
        ("x,y,y\n1,2,3\n", "several columns of the same name.* Received: y"),
        ("x,y, y\n1,2,3\n", "several columns of the same name.* Received: y"),
        ("1,2.5\n3,4\n", r"expected column names in the first line.* Received: 1, 2\.5"),
        (",x,y\n0,1,2\n", "column without a name.*index=False.* Received: column 1 of 3"),
        ("Unnamed: 0,x,y\n0,1,2\n", "column without a name.* Received: column 1 of 3"),
        ('x,"y\nz"\n1,2\n', r"a column name with a line break.* Received: 'y\\nz'"),
        ("x,y\u202e\n1,2\n", r"another control character.* Received: 'y\\u202e'"),
    ],
)
def test_tables_with_doubtful_columns_are_refused(tmp_path, text, words):
    with pytest.raises(DatasetError, match=words):
        load_own(table(tmp_path / "t.csv", text), **GAUSSIAN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "a;b\n1,5;2,5\n",
            "separated by semicolons. Save .* commas .* points .* 'a;b' as first line",
        ),
        ('\n"a";"b"\n1;2\n', "separated by semicolons"),
        ("weight, net;age\n" + "1;2\n" * 6, "separated by semicolons"),
        ("a\tb\n1\t2\n", r"separated by tabs.* 'a\\tb' as first line"),
        ("a|b|c\n1|2|3\n", "separated by vertical bars"),
        ("a,b\n1,2\n3,x\n4,?\n", r"Received: text in b \('x' in row 3\)"),
        ("a,b\n1,2\n1_000,2\n", r"Received: text in a \('1_000' in row 3\)"),
        ('a,b\n"1,5",2\n', r"or write decimals with a point. .*\('1,5' in row 2\)"),
        ("a,b\n1,5,2,5\n", "Write decimals with a point.* Expected: 2. Received: 4"),
        ("a,b\n1,\n2,3\nNA,4\n", r"values in a \(1 of 3 rows\), b \(1 of 3 rows\)"),
        ("a,b\n1,-inf\n2,3\n", r"finite numbers.* Received: -inf in b \(1 of 2 rows\)"),
    ],
)
def test_what_is_wrong_in_a_table_is_named(tmp_path, text, words):
    with pytest.raises(DatasetError, match=words):
        load_own(table(tmp_path / "t.csv", text), **GAUSSIAN)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["größe,a\n1,x\n", "b,a\n" + "1,x\n" * 9000 + "1,ä\n"])
def test_tables_in_other_encodings_are_to_be_saved_as_utf_8(tmp_path, encoding, text):
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    with pytest.raises(DatasetError, match=r"t\.csv: expected text in UTF-8. Save .* as UTF-8"):
        load_own(tmp_path / "t.csv", "a", **GAUSSIAN)


def test_semicolons_in_names_and_labels_are_no_separators(tmp_path):
    path = table(tmp_path / "t.csv", "x|y,k;l\n" + "1,a;b\n2,c\n" * 4)
    data = load_own(path, "k;l", **GAUSSIAN)
    assert data.preprocessing.columns == ("x|y",)
    assert data.classes == ("a;b", "c")
    path = table(tmp_path / "one.csv", "x;y\n" + "1\n2\n" * 4)
    assert load_own(path, **GAUSSIAN).preprocessing.columns == ("x;y",)


def test_a_class_that_tables_read_as_missing_is_to_be_renamed(tmp_path):
    path = table(tmp_path / "t.csv", "x,land\n" + "1,NA\n2,EU\n" * 4)
    with pytest.raises(DatasetError, match=r"Rename a class such as NA .* 4 missing labels"):
        load_own(path, "land", **GAUSSIAN)


def test_names_are_taken_without_spaces_around_them(tmp_path):
    path = table(tmp_path / "t.csv", "x , y,\tkind\n" + "1, 2,a\n3 ,4,b\n" * 4)
    data = load_own(path, labels="kind ", **GAUSSIAN)
    assert data.preprocessing.columns == ("x", "y")
    assert data.classes == ("a", "b")
    assert {tuple(row) for row in everything(data)} == {(1, 2), (3, 4)}


def test_true_and_false_are_numbers(tmp_path):
    path = table(tmp_path / "t.csv", "x,y\n" + "1,True\n2,False\n" * 4)
    assert {tuple(row) for row in everything(load_own(path, **GAUSSIAN))} == {(1, 1), (2, 0)}


@pytest.mark.parametrize("index", [None, "number"])
def test_the_index_of_a_parquet_table_is_no_input(tmp_path, index):
    frame = pd.DataFrame({"x": range(9), "y": range(9), "number": np.arange(9) ** 2})
    frame = frame.set_index(index) if index else frame[frame["x"] % 3 > 0]
    frame.to_parquet(tmp_path / "t.parquet")  # the index is neither 0, 1, 2... nor regular
    data = load_own(tmp_path / "t.parquet", **GAUSSIAN)
    assert data.preprocessing.columns == (("x", "y") if index else ("x", "y", "number"))
    assert sizes("own", tmp_path / "t.parquet").inputs == data.x_train.shape[1]


def test_a_hundred_thousand_columns_are_read(tmp_path):
    names = [f"c{number}" for number in range(100_000)]
    rows = np.random.default_rng(0).integers(0, 9, (4, len(names)))
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
    data = load_own(table(tmp_path / "t.csv", "\n".join(lines)), **GAUSSIAN)
    assert rows_of(everything(data)) == rows_of(rows.astype(np.float32))


# Sizes


def test_sizes_are_those_of_what_is_loaded(tmp_path, bytes_of, mnist):
    labels = np.arange(12) % 3
    frame = pd.DataFrame(bytes_of[:, 0], columns=list("abcde")).assign(kind=labels)
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    np.savez(tmp_path / "d.npz", x_train=bytes_of, y_train=labels)
    np.savez(tmp_path / "split.npz", x_train=bytes_of, x_test=bytes_of[:5])
    np.save(tmp_path / "d.npy", bytes_of)
    folder(tmp_path / "set" / "hut", bytes_of[:8])
    folder(tmp_path / "set" / "lake", bytes_of[8:])
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
        found = sizes("own", tmp_path / name, **options)
        inputs = data.x_train[0].size
        assert found == (len(data.x_train), len(data.x_test), inputs, len(data.classes)), name
    assert sizes("own", tmp_path / "d.npz", train=4, test=100) == (4, 3, 30, 3)
    for pad in (0, 2):
        known = datasets.load("mnist", pad=pad)
        assert sizes("mnist", pad=pad) == (60000, 10000, known.x_train[0].size, 10)


def test_sizes_of_arrays_are_read_from_their_headers(tmp_path):
    train, test, inputs, classes = sizes("own", bomb(tmp_path / "d.npz"))
    assert (train + test, inputs, classes) == (60_000_000, 1_000_000, 0)
