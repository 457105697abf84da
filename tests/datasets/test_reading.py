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

from kerasae import build, datasets
from kerasae.comparison.reading import planned
from kerasae.config.proposal import proposal
from kerasae.datasets import DatasetError, load_own, sizes

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


# As EXIF defines them: what a viewer shows of the stored rows
TURNS = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.swapaxes(0, 1),
    6: lambda image: image[::-1].swapaxes(0, 1),
    7: lambda image: image[::-1, ::-1].swapaxes(0, 1),
    8: lambda image: image[:, ::-1].swapaxes(0, 1),
}


def turned(path, image, orientation, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(image).save(path, exif=exif, **how)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("ending", ["png", "tif", "lzw.tif"])
@pytest.mark.parametrize("orientation", TURNS)
def test_images_are_turned_as_a_viewer_shows_them(tmp_path, bytes_of, orientation, ending, dtype):
    how = {"compression": "tiff_lzw"} if ending == "lzw.tif" else {}
    for number, image in enumerate(bytes_of.astype(dtype)):
        turned(tmp_path / "set" / f"{number:02}.{ending}", image, orientation, **how)
    data = load_own(tmp_path / "set", **GAUSSIAN)
    shown = [TURNS[orientation](image)[..., None] for image in bytes_of]
    assert data.x_train.shape[1:] == shown[0].shape
    assert rows_of(everything(data)) == rows_of(np.array(shown, data.x_train.dtype))


def test_photographs_of_one_size_after_their_turn_are_read_everywhere(tmp_path, bytes_of):
    for number, image in enumerate(bytes_of):
        orientation = 1 + number % 8
        stored = image.T if orientation > 4 else image  # 5 pixels wide and 6 high when shown
        turned(tmp_path / "set" / f"{number:02}.png", stored, orientation)
    turned(tmp_path / "odd" / "0.png", bytes_of[0], 3)
    data = load_own(tmp_path / "set", anomalies=tmp_path / "odd")
    assert data.x_train.shape[1:] == (6, 5, 1)
    assert sizes("own", tmp_path / "set").inputs == 30
    np.testing.assert_array_equal(data.anomalies[0, ..., 0], bytes_of[0, ::-1, ::-1])
    new = data.preprocessing.load(tmp_path / "set")
    np.testing.assert_array_equal(new[2, ..., 0], bytes_of[2, ::-1, ::-1])
    turned(tmp_path / "set" / "99.png", bytes_of[0], 6)
    with pytest.raises(DatasetError, match=r"00\.png has 5×6, 99\.png 6×5 pixels"):
        load_own(tmp_path / "set")


def test_damaged_exif_data_turn_nothing(tmp_path, bytes_of):
    path = folder(tmp_path / "set", bytes_of[:6])
    for number, exif in enumerate([b"Exif\0\0nothing of use", b"Exif\0\0II*\0\x08\0\0\0\xff\0"]):
        Image.fromarray(bytes_of[number]).save(path / f"{number:02}.png", exif=exif)
    assert rows_of(everything(load_own(path))) == rows_of(bytes_of[:6, ..., None])


@pytest.mark.parametrize("ending", ["gif", "png", "tif", "tga"])
def test_palettes_of_greys_are_grey_and_others_colour(tmp_path, bytes_of, ending):
    greys = np.array([7, 90, 130, 255], np.uint8)[bytes_of // 64]
    palette = np.repeat(np.array([[7, 90, 130, 255]], np.uint8).T, 3, axis=1)
    pictures = [Image.fromarray(image // 64) for image in bytes_of]
    for picture in pictures:
        picture.putpalette([*palette.ravel(), 255, 0, 0])  # the red is not used
    path = folder(tmp_path / "set", pictures, ending)
    data = load_own(path)
    assert rows_of(everything(data)) == rows_of(greys[..., None])
    assert sizes("own", path).inputs == 30
    pictures[-1].putpalette([*palette.ravel()[:-3], 255, 0, 0])
    data = load_own(folder(path, pictures, ending))
    colour = np.repeat(greys[..., None], 3, axis=-1)
    colour[-1][bytes_of[-1] // 64 == 3] = 255, 0, 0
    assert rows_of(everything(data)) == rows_of(colour)


def test_colours_of_jpeg_2000_are_not_cut_to_8_bits(tmp_path, bytes_of):
    colour = np.repeat(bytes_of[..., None], 3, axis=-1)
    path = folder(tmp_path / "set", colour, "jp2")
    assert rows_of(everything(load_own(path))) == rows_of(colour)
    content = bytearray((path / "03.jp2").read_bytes())
    start = content.index(b"\xff\x4f\xff\x51") + 42  # the bits of the first component, less one
    assert content[start] == 7
    content[start] = 15
    (path / "03.jp2").write_bytes(content)
    with pytest.raises(DatasetError, match=r"03\.jp2: expected 8 bits per value"):
        load_own(path)


def test_pixels_of_16_bits_have_colours_of_fewer_than_8(tmp_path):
    head = struct.pack("<IHHII", 70 + 16, 0, 0, 70, 40) + struct.pack(
        "<iiHHIIiiII", 2, 4, 1, 16, 3, 16, 0, 0, 0, 0
    )
    pixels = np.array([[0xF800, 0x07E0]] * 4, "<u2")  # red and green
    for number in range(4):
        masks = struct.pack("<IIII", 0xF800, 0x07E0, 0x001F, 0)
        (tmp_path / f"{number}.bmp").write_bytes(b"BM" + head + masks + pixels.tobytes())
    data = load_own(tmp_path)
    assert data.x_train[0, 0].tolist() == [[255, 0, 0], [0, 255, 0]]


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
    with pytest.raises(DatasetError, match=r"directly in these.*Received: 00\.png, 01\.png, 02"):
        load_own(tmp_path / "set")


def test_images_below_a_class_are_refused_with_their_folder(tmp_path, bytes_of):
    folder(tmp_path / "set" / "hut", bytes_of[:4])
    folder(tmp_path / "set" / "hut" / "more", bytes_of[4:8])
    with pytest.raises(DatasetError, match=r"set: expected one folder per.*Received: hut/more$"):
        load_own(tmp_path / "set")


# Which files of a folder are read


@pytest.mark.parametrize(
    "ending", ["jfif", "JPG", "jpe", "avif", "jp2", "j2k", "tga", "pcx", "sgi", "dib", "pnm"]
)
def test_all_formats_of_images_are_read(tmp_path, ending):
    grey = np.repeat(np.arange(9, dtype=np.uint8)[:, None, None] * 30, 16, axis=1).repeat(
        16, axis=2
    )
    path = folder(tmp_path / "set" / "hut", grey).parent
    (path / "lake").mkdir()
    for number, image in enumerate(grey):
        kind = {"jfif": "JPEG", "JPG": "JPEG"}.get(ending)
        Image.fromarray(image).save(path / "lake" / f"{number}.{ending}", kind)
    data = load_own(path)
    assert data.x_train.shape[1:] == (16, 16, 1)
    for label in (0, 1):
        found = np.concatenate(
            [data.x_train[data.y_train == label], data.x_test[data.y_test == label]]
        )
        found = np.sort(found.mean((1, 2, 3)))
        np.testing.assert_allclose(found, np.arange(9) * 30, atol=4)  # some formats lose a little


@pytest.mark.parametrize("name", ["a.heic", "a.HEIF", "a.svg", "a.nef", "a.jxl", "a.dng"])
@pytest.mark.parametrize("place", ["", "lake", "hut/more"])
def test_images_that_cannot_be_read_are_refused_by_name(tmp_path, bytes_of, name, place):
    folder(tmp_path / "hut", bytes_of)
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    (tmp_path / place / name).write_bytes(b"an image")
    with pytest.raises(DatasetError, match=rf"Convert them.* Received: {Path(place, name)}$"):
        load_own(tmp_path)


def test_other_files_stop_nothing_and_are_named_once(tmp_path, bytes_of):
    path = folder(tmp_path / "set" / "hut", bytes_of).parent
    odd = folder(tmp_path / "odd", bytes_of[:2])
    for file in (path / "labels.csv", path / "hut" / "Thumbs.db", path / "<i>.txt", odd / "0.pdf"):
        file.write_text("no image")
    names = "<i>.txt, labels.csv, hut/Thumbs.db"
    with pytest.warns(UserWarning, match="not read as images") as warned:
        data = load_own(path, anomalies=odd)
    assert [str(warning.message) for warning in warned] == [
        f"Files in {path} that are not read as images: {names}",
        f"Files in {odd} that are not read as images: 0.pdf",
    ]
    assert len(everything(data)) == 12
    said = datasets.described("own", data, {"path": path, "anomalies": odd})
    assert f"that are not read as images: `{names}`.\n" in said
    assert "that are not read as images: 0.pdf.\n" in said
    with pytest.warns(UserWarning, match=names) as warned:
        planned(path, None, ["vanilla"], [], ["reconstruction"], 1, None, None)
    assert len(warned) == 1
    with pytest.warns(UserWarning, match=names):
        assert f"are not read as images: `{names}`.\n" in proposal(path)[0]


def test_other_files_may_have_names_that_are_no_unicode(tmp_path, bytes_of):
    path = folder(tmp_path / "set", bytes_of)
    Path(os.fsdecode(os.fsencode(path / "caf") + b"\xe9.txt")).write_text("")
    with pytest.warns(UserWarning, match="not read as images"):
        data = load_own(path)
    assert rb"caf\udce9.txt" in datasets.described("own", data, {"path": path}).encode()


def test_other_files_are_named_where_labels_mark_the_anomalies(tmp_path, bytes_of):
    for label in "01":
        folder(tmp_path / label, bytes_of)
    (tmp_path / "a.txt").write_text("no image")
    with pytest.warns(UserWarning, match="not read as images: a.txt"):
        rows = datasets.load("own", tmp_path, setting="unsupervised")
    assert "as images: a.txt.\n" in datasets.described("own", rows, {"path": tmp_path})


def test_arrays_have_no_files_even_beside_a_folder_of_that_name(tmp_path, monkeypatch, bytes_of):
    monkeypatch.chdir(tmp_path)
    Path("X").mkdir()
    Path("X", "notes.txt").write_text("")
    plan, data, _ = planned(bytes_of, None, ["vanilla"], [], ["reconstruction"], 1, None, None)
    assert "notes.txt" not in datasets.described("data", data, plan.options)


# How the folders are read


@pytest.mark.parametrize("names", [("train", "test"), ("Train", "TEST")])
@pytest.mark.parametrize("classes", [("hut", "lake"), ("",)])
def test_folders_of_a_split_are_the_training_and_the_test_set(tmp_path, bytes_of, names, classes):
    half = 6 // len(classes)
    for number, name in enumerate(classes):
        folder(tmp_path / names[0] / name, bytes_of[number * half : (number + 1) * half])
        folder(tmp_path / names[1] / name, bytes_of[6 + 2 * number : 8 + 2 * number])
    data = load_own(tmp_path)
    tested = 2 * len(classes)
    np.testing.assert_array_equal(data.x_train[..., 0], bytes_of[:6])
    np.testing.assert_array_equal(data.x_test[..., 0], bytes_of[6 : 6 + tested])
    assert data.classes == datasets.classes("own", tmp_path) == tuple(filter(None, classes))
    assert data.y_train.tolist() == ([0, 0, 0, 1, 1, 1] if data.classes else [0] * 6)
    assert data.y_test.tolist() == ([0, 0, 1, 1] if data.classes else [0, 0])
    assert sizes("own", tmp_path) == (6, tested, 30, len(data.classes))
    for reading in (data.preprocessing.load, datasets.load_samples):
        with pytest.raises(DatasetError, match="name one of the two folders"):
            reading(tmp_path)
        assert len(data.preprocessing.load(tmp_path / names[1])) == tested
    with pytest.raises(DatasetError, match="expected one set of samples"):
        datasets.load("own", tmp_path, setting="unsupervised")


SPLIT = "look like parts of a split. Expected train and test.* Received: "


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (["train", "test", "val"], SPLIT + "test, train, val$"),
        (["train/a", "test/a", "ground_truth/a"], SPLIT + "ground_truth, test, train$"),
        (["train", "test", ""], SPLIT + "test, train, 00.png"),
        (["train/a", "val/a"], SPLIT + "train, val$"),
        (["Training", "Testing"], SPLIT + "Testing, Training$"),
        (["hut", "lake", "test"], SPLIT + "hut, lake, test$"),
        (["train"], SPLIT + "train$"),
        (["train/a", "test"], "or in neither. Received: class folders in train alone"),
        (["train", "test/a"], "or in neither. Received: class folders in test alone"),
        (["train/a", "test/a", "test/b"], "without images in train.* Received: b$"),
        (
            ["train/a", "train/b/x", "test/a"],
            "train: expected one folder per .* Received: b/x$",
        ),
        (
            ["images/a", "images/b"],
            "Use {0}/images, in .* Received: images/a, images/b$",
        ),
        (["x/y/images/a"], "Use {0}/x/y/images, in"),
        (["set/train/a", "set/test/a"], "Use {0}/set, in"),
        (["train/images/a", "test/a"], "{0}/train: expected .* Use {0}/train/images, in"),
        (["a", "b/x"], "{0}: expected one folder per class.* Received: b/x$"),
        (
            ["a/train", "a/test", "b/train"],
            "per class.* Received: a/test, a/train, b/train$",
        ),
        (["", "b/x"], "expected one folder per class.* Received: 00.png, .* and 7 more$"),
    ],
)
def test_folders_that_are_neither_classes_nor_a_split_are_refused(
    tmp_path, bytes_of, places, words
):
    for place in places:
        folder(tmp_path / place, bytes_of)
    for reading in (load_own, datasets.load_samples, lambda path: sizes("own", path)):
        with pytest.raises(DatasetError, match=words.format(tmp_path)):
            reading(tmp_path)


def test_a_class_of_trains_is_one(tmp_path, bytes_of):
    folder(tmp_path / "car", bytes_of)
    folder(tmp_path / "train", bytes_of)
    assert load_own(tmp_path).classes == ("car", "train")


def test_a_folder_without_images_names_what_it_has(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.txt").write_text("")
    with pytest.raises(DatasetError, match=r"no images in the folder.* Received: set/a\.txt$"):
        load_own(tmp_path)


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


# The axes of arrays


@pytest.mark.parametrize(
    ("shape", "is_refused"),
    [
        ((3, 16, 16), True),
        ((1, 28, 28), True),
        ((4, 32, 32), True),
        ((3, 5, 40), True),
        ((3, 3, 3), False),
        ((16, 16, 3), False),
        ((1, 64, 1), False),
        ((1, 64, 3), False),
        ((3, 64, 4), False),
        ((4, 4, 9), False),  # a patch of four by four pixels with nine bands
        ((16, 16, 9), False),
    ],
)
def test_images_with_the_channels_first_are_refused(tmp_path, shape, is_refused):
    images = np.random.default_rng(0).integers(0, 256, (12, *shape)).astype(np.uint8)
    path = tmp_path / "d.npz"
    np.savez(path, x_train=images, y_train=np.arange(12) % 2)
    np.save(tmp_path / "d.npy", images)
    ways = [
        lambda: load_own(path).x_train,
        lambda: load_own(tmp_path / "d.npy").x_train,
        lambda: datasets.load_samples(tmp_path / "d.npy"),
        lambda: (
            planned(images, None, ["vanilla"], [], ["reconstruction"], 1, None, None)[1].x_train
        ),
        lambda: datasets.load("own", path, setting="unsupervised").samples,
        lambda: datasets.Preprocessing(shape).apply(images / 255),
    ]
    for way in ways:
        if is_refused:
            with pytest.raises(
                DatasetError, match=r"np\.moveaxis\(x, 1, -1\)\. Received: shape \(12"
            ):
                way()
        else:
            assert way().shape[1:] == shape
    if is_refused:
        with pytest.raises(DatasetError, match="channels come first"):
            sizes("own", path)
        with pytest.raises(ValueError, match=rf"\({shape[1]}, {shape[2]}, {shape[0]}\)\. Received"):
            build("vanilla", shape, 2)
    else:
        assert sizes("own", path).inputs == np.prod(shape)


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
        (make_dead_link, "is no regular file.*or a link to a missing file"),
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
            match=r"00\.png is no readable image: .*\(900 pixels\) exceeds limit of [48]00 pixels",
        ):
            load_own(path)


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
            r"row 2 has more .* Separate fields by commas, .* point.* Expected: 1. Received: 3",
        ),
        ('\n"a";"b"\n1;2\n', "row 2 cannot be read. Separate fields by commas"),
        ("weight, net;age\n" + "1;2\n" * 6, "row 2 has more or fewer fields"),
        ("a\tb\n1\t2\n", "a column name with .* separate fields by commas"),
        ("a|b|c\n1|2|3\n", r"Separate fields by commas.* text in a\|b\|c \('1\|2\|3' in row 2\)"),
        ("a,b\n1,2\n\n3,x\n4,?\n", r"Received: text in b \('x' in row 4\)"),
        ("a,b\n1,2\n1２,2\nx,3\n", r"Received: text in a \('1２' in row 3\)"),
        (
            'a,b,c\n1,2,3\n1,"2,3\n' + "1,2,3\n" * 40000,
            "row 3 cannot be read.* close quotes",
        ),
        ("a,b\n1,2\n1,z\n1," + "x" * 200_000 + "\n", r"text in b \('z' in row 3\)"),
        (
            '"size, cm";"weight, kg"\n' + "1,5;1,7\n" * 6,
            "row 1 .* Separate fields by commas",
        ),
        ("My table\n\na,b\n1,2\n", "row 3 .* delete lines above the header. Expected: 1"),
        ("# of me, here\na,b,c\n1,2,3\n", "row 2 .* delete lines above the header. Expected: 2"),
        ("a,b\n1,2\n \t\n3,4\n", "row 3 has more or fewer fields.* Received: 1"),
        ("a,b\n1,2\n3,4\n  ", "row 4 has more or fewer fields.* Received: 1"),
        ("a,b\n", "expected rows below the column names"),
        ("a,b\n1,2\n1_000,2\n", r"Received: text in a \('1_000' in row 3\)"),
        ('a,b\n"1,5",2\n', r"and write decimals with a point. .*\('1,5' in row 2\)"),
        ("a,b\n1,5,2,5\n", "write decimals with a point.* Expected: 2. Received: 4"),
        ("a,b\n1,\n2,3\nNA,4\n", r"nan in a \(1 of 3 rows\), nan in b \(1 of 3 rows\)"),
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


def test_a_quote_that_is_not_closed_is_named_in_one_short_line(tmp_path):
    path = table(tmp_path / "t.csv", 'a,kind\n1,x\n2,"y\n' + "3,x\n" * 40000)
    with pytest.raises(DatasetError, match=r"row 3 .* close quotes. Received: .{,90}$"):
        load_own(path, "kind", **GAUSSIAN)


def test_a_table_of_labels_alone_has_no_samples(tmp_path):
    path = table(tmp_path / "t.csv", "kind\n" + "x\ny\n" * 4)
    assert datasets.classes("own", path, "kind") == ("x", "y")
    with pytest.raises(DatasetError, match=r"expected numbers of shape.* of shape \(0, 0\)"):
        load_own(path, "kind", **GAUSSIAN)


def test_columns_may_have_long_texts_as_labels(tmp_path):
    path = table(tmp_path / "t.csv", "a,kind\n" + f"1,{'x' * 200_000}\n2,y\n" * 4)
    assert sorted(map(len, load_own(path, "kind", **GAUSSIAN).classes)) == [1, 200_000]


def test_pictures_of_two_orientations_are_refused_as_they_are_turned(tmp_path):
    picture, turned = Image.new("L", (6, 4)), Image.Exif()
    turned[0x0112] = 6
    picture.save(tmp_path / "a.jpg")
    picture.save(tmp_path / "b.jpg", exif=turned)
    with pytest.raises(DatasetError, match=r"turn of an EXIF orientation.* b.jpg 4×6 pixels"):
        load_own(tmp_path)


def test_pictures_of_cameras_with_previews_are_read(tmp_path):
    for number in range(5):
        picture = Image.new("RGB", (6, 4), (40 * number,) * 3)
        picture.save(tmp_path / f"{number}.mpo", save_all=True, append_images=[picture])
    assert load_own(tmp_path).x_train.shape == (4, 4, 6, 3)


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
    path = tmp_path / "d.npz"  # whose header says that it holds 60 TB
    with zipfile.ZipFile(path, "w") as archive, archive.open("x_train.npy", "w") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (60_000_000, 1000, 1000)}
        np.lib.format.write_array_header_1_0(file, header)
    train, test, inputs, classes = sizes("own", path)
    assert (train + test, inputs, classes) == (60_000_000, 1_000_000, 0)
