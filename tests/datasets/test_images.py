"""Folders of images: which files are read, as what, and what is refused."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasae import datasets
from kerasae.comparison.reading import planned
from kerasae.config.proposal import proposal
from kerasae.datasets import DatasetError, load_own, sizes

GAUSSIAN = {"likelihood": "gaussian"}
BYTES = np.random.default_rng(0).integers(0, 256, (12, 6, 5)).astype(np.uint8)
"""Grey images."""


def folder(path, pictures=BYTES, ending="png"):
    path.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures):
        if not isinstance(picture, Image.Image):
            picture = Image.fromarray(picture)
        picture.save(path / f"{number:02}.{ending}")
    return path


def rows_of(data):
    """The samples of a data set, or of an array, to compare sets of samples."""
    if isinstance(data, datasets.Dataset):
        data = np.concatenate([data.x_train, data.x_test])
    return sorted(row.tobytes() for row in np.ascontiguousarray(data))


# What an image holds


@pytest.mark.parametrize(
    ("dtype", "high", "ending"),
    [(np.uint16, 65535, "png"), (np.int32, 99999, "tiff"), (np.float32, 0.5, "tiff")],
)
def test_deep_images_keep_their_values(tmp_path, dtype, high, ending):
    deep = (BYTES / 255 * high).astype(dtype)
    path = folder(tmp_path / "deep", deep, ending)
    assert rows_of(load_own(path, **GAUSSIAN)) == rows_of(deep[..., None].astype(np.float32))
    if high > 1:
        with pytest.raises(DatasetError, match=r"values in \[0, 1\].*Set scale: minmax"):
            load_own(path)


@pytest.mark.parametrize(
    ("mode", "depth"), [("1", 1), ("L", 1), ("LA", 1), ("P", 3), ("RGB", 3), ("RGBA", 3)]
)
def test_images_without_transparency_keep_what_they_show(tmp_path, mode, depth):
    pictures = [Image.fromarray(image).convert("RGB").convert(mode) for image in BYTES]
    data = load_own(folder(tmp_path / "some", pictures))
    seen = [np.asarray(picture.convert("RGB"))[..., :depth] for picture in pictures]
    assert data.x_train.dtype == np.uint8
    assert rows_of(data) == rows_of(seen)


@pytest.mark.parametrize("first", [True, False])
def test_grey_images_become_colour_where_one_image_has_colours(tmp_path, first):
    colour = np.repeat(BYTES[..., None], 3, axis=-1)
    colour[0 if first else -1, 0, 0] = 255, 0, 0
    pictures = [*BYTES]
    pictures[0 if first else -1] = colour[0 if first else -1]
    assert rows_of(load_own(folder(tmp_path / "set", pictures))) == rows_of(colour)


def test_images_of_a_folder_are_held_once(tmp_path):
    import tracemalloc

    pictures = np.random.default_rng(0).integers(0, 256, (40, 256, 256)).astype(np.uint8)
    path = folder(tmp_path / "set", pictures, "bmp")
    datasets.load_samples(path)  # imports
    tracemalloc.start()
    datasets.load_samples(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1.5 * pictures.nbytes


def test_palettes_of_greys_are_grey_and_others_colour(tmp_path):
    greys = np.array([7, 90, 130, 255], np.uint8)[BYTES // 64]
    palette = np.repeat(np.array([[7, 90, 130, 255]], np.uint8).T, 3, axis=1)
    pictures = [Image.fromarray(image // 64) for image in BYTES]
    for picture in pictures:
        picture.putpalette([*palette.ravel(), 255, 0, 0])  # the red is not used
    path = folder(tmp_path / "set", pictures)
    assert rows_of(load_own(path)) == rows_of(greys[..., None])
    pictures[-1].putpalette([*palette.ravel()[:-3], 255, 0, 0])
    colour = np.repeat(greys[..., None], 3, axis=-1)
    colour[-1][BYTES[-1] // 64 == 3] = 255, 0, 0
    assert rows_of(load_own(folder(path, pictures))) == rows_of(colour)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparent_pixels_are_refused_by_name(tmp_path, mode):
    pictures = [Image.fromarray(image).convert(mode) for image in BYTES]
    pictures[3].putalpha(Image.fromarray(np.where(BYTES[3] > 99, 255, 7).astype(np.uint8)))
    clear = np.count_nonzero(BYTES[3] <= 99)
    with pytest.raises(DatasetError, match=rf"03\.png: transparent.*Received: {clear} transp"):
        load_own(folder(tmp_path / "clear", pictures))


@pytest.mark.parametrize("ending", ["tif", "gif", "png", "webp"])
def test_a_file_of_several_images_is_refused(tmp_path, ending):
    frames = [Image.fromarray(picture) for picture in BYTES]
    folder(tmp_path / "stacks", BYTES[:3], ending)
    frames[0].save(tmp_path / f"stacks/03.{ending}", save_all=True, append_images=frames[1:])
    with pytest.raises(DatasetError, match=rf"03\.{ending}: several images.* Received: 12"):
        load_own(tmp_path / "stacks")


def test_pictures_of_cameras_with_previews_are_read(tmp_path):
    for number in range(5):
        picture = Image.new("RGB", (6, 4), (40 * number,) * 3)
        picture.save(tmp_path / f"{number}.mpo", save_all=True, append_images=[picture])
    assert load_own(tmp_path).x_train.shape == (4, 4, 6, 3)


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


def test_colours_of_jpeg_2000_are_not_cut_to_8_bits(tmp_path):
    colour = np.repeat(BYTES[..., None], 3, axis=-1)
    path = folder(tmp_path / "set", colour, "jp2")
    assert rows_of(load_own(path)) == rows_of(colour)
    content = bytearray((path / "03.jp2").read_bytes())
    start = content.index(b"\xff\x4f\xff\x51") + 42  # the bits of the first component, less one
    assert content[start] == 7
    content[start] = 15
    (path / "03.jp2").write_bytes(content)
    with pytest.raises(DatasetError, match=r"03\.jp2: expected 8 bits per value"):
        load_own(path)


def test_images_of_several_kinds_and_sizes_are_refused_by_name(tmp_path):
    path = folder(tmp_path / "deep", [BYTES[0], BYTES[1].astype(np.uint16) * 257])
    with pytest.raises(
        DatasetError, match=r"01\.png: a grey with more than 8 bits image. Expected"
    ):
        load_own(path)
    path = folder(tmp_path / "sizes", [BYTES[0], BYTES[1, :4]])
    with pytest.raises(DatasetError, match=r"00\.png has 5×6, 01\.png 5×4 pixels"):
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


def turned(path, image, orientation, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(image).save(path, exif=exif, **options)


@pytest.mark.parametrize(("ending", "dtype"), [("png", np.uint8), ("lzw.tif", np.uint16)])
@pytest.mark.parametrize("orientation", TURNS)
def test_images_are_turned_as_a_viewer_shows_them(tmp_path, orientation, ending, dtype):
    options = {"compression": "tiff_lzw"} if ending == "lzw.tif" else {}
    for number, image in enumerate(BYTES.astype(dtype)):
        turned(tmp_path / "set" / f"{number:02}.{ending}", image, orientation, **options)
    data = load_own(tmp_path / "set", **GAUSSIAN)
    seen = [TURNS[orientation](image)[..., None] for image in BYTES]
    assert sizes("own", tmp_path / "set").inputs == 30
    assert data.x_train.shape[1:] == seen[0].shape
    assert rows_of(data) == rows_of(np.array(seen, data.x_train.dtype))


def test_images_have_one_size_after_their_turn(tmp_path):
    for number, image in enumerate(BYTES):
        orientation = 1 + number % 8
        stored = image.T if orientation > 4 else image  # 5 pixels wide and 6 high when shown
        turned(tmp_path / "set" / f"{number:02}.png", stored, orientation)
    assert load_own(tmp_path / "set").x_train.shape[1:] == (6, 5, 1)
    turned(tmp_path / "set" / "99.png", BYTES[0], 6)
    with pytest.raises(DatasetError, match=r"EXIF.*00\.png has 5×6, 99\.png 6×5 pixels"):
        load_own(tmp_path / "set")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_data_turn_nothing(tmp_path):
    path = folder(tmp_path / "set", BYTES[:6])
    for number, exif in enumerate([b"Exif\0\0nothing of use", b"Exif\0\0II*\0\x08\0\0\0\xff\0"]):
        Image.fromarray(BYTES[number]).save(path / f"{number:02}.png", exif=exif)
    assert rows_of(load_own(path)) == rows_of(BYTES[:6, ..., None])


# Which files of a folder are read


@pytest.mark.parametrize("ending", ["jfif", "JPG", "avif", "jp2", "tga", "pnm", "gif"])
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
    means = np.sort(np.concatenate([data.x_train, data.x_test]).mean((1, 2, 3)))
    expected = np.repeat(np.arange(9) * 30, 2)
    np.testing.assert_allclose(means, expected, atol=4)  # some formats lose a little


@pytest.mark.parametrize(
    ("place", "name"), [("", "a.heic"), ("lake", "a.SVG"), ("hut/more", "a.dng")]
)
def test_images_that_cannot_be_read_are_refused_by_name(tmp_path, name, place):
    folder(tmp_path / "hut")
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    (tmp_path / place / name).write_bytes(b"an image")
    with pytest.raises(DatasetError, match=rf"Convert them.* Received: {Path(place, name)}$"):
        load_own(tmp_path)


def test_other_files_stop_nothing_and_are_named_once(tmp_path):
    path, odd = folder(tmp_path / "set" / "hut").parent, folder(tmp_path / "odd", BYTES[:2])
    for file in (path / "labels.csv", path / "hut" / "Thumbs.db", path / "<i>.txt", odd / "0.pdf"):
        file.write_text("no image")
    (path / "hut" / "._00.png").write_bytes(b"hidden: what another system keeps beside a file")
    names = "<i>.txt, labels.csv, hut/Thumbs.db"
    with pytest.warns(UserWarning, match="not read as images") as warned:
        data = load_own(path, anomalies=odd)
    assert [str(warning.message) for warning in warned] == [
        f"Files in {path} that are not read as images: {names}",
        f"Files in {odd} that are not read as images: 0.pdf",
    ]
    assert len(rows_of(data)) == 12
    text = datasets.described("own", data, {"path": path, "anomalies": odd})
    assert f"that are not read as images: `{names}`.\n" in text
    assert "that are not read as images: 0.pdf.\n" in text
    with pytest.warns(UserWarning, match=names) as warned:
        planned(path, None, ["vanilla"], [], ["reconstruction"], 1, None, None)
    assert len(warned) == 1
    with pytest.warns(UserWarning, match=names):
        assert f"are not read as images: `{names}`.\n" in proposal(path)[0]


def test_other_files_are_named_where_labels_mark_the_anomalies(tmp_path):
    for label in "01":
        folder(tmp_path / label)
    (tmp_path / "a.txt").write_text("no image")
    with pytest.warns(UserWarning, match="not read as images: a.txt"):
        rows = datasets.load("own", tmp_path, setting="unsupervised")
    assert "as images: a.txt.\n" in datasets.described("own", rows, {"path": tmp_path})


def test_a_folder_without_images_names_what_it_has(tmp_path):
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(DatasetError, match=r"no images in the folder.* Received: a\.txt$"):
        load_own(tmp_path)


def test_too_large_an_image_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = folder(tmp_path / "set", [np.zeros((30, 30), np.uint8)])
    for most in (800, 400):  # Pillow warns beyond the limit, and refuses beyond twice of it
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
        with pytest.raises(DatasetError, match=r"00\.png is no .*\(900 pixels\) exceeds limit"):
            load_own(path)


# How the folders are read


def test_links_to_folders_are_followed(tmp_path):
    folder(tmp_path / "elsewhere", BYTES[:4])
    path = folder(tmp_path / "set" / "hut", BYTES[4:8]).parent
    (path / "lake").symlink_to(tmp_path / "elsewhere")
    (path / "hut" / "again").symlink_to(path)  # a cycle
    assert load_own(path).classes == ("hut", "lake")
    folder(path / "train", BYTES[:4])  # a class of vehicles, as there is no test beside it
    assert load_own(path).classes == ("hut", "lake", "train")


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_folder_of_images_has_a_class_for_every_sub_folder(tmp_path, mode):
    for name, images in (("hut", BYTES[:4]), ("lake", BYTES[4:8])):
        folder(tmp_path / name, [Image.fromarray(image).convert(mode) for image in images])
    (tmp_path / "empty").mkdir()
    data = load_own(tmp_path)
    assert data.classes == ("hut", "lake") == datasets.classes("own", tmp_path)
    assert data.x_train.shape[1:] == (6, 5, len(mode))
    assert [np.bincount(labels).tolist() for labels in (data.y_train, data.y_test)] == [
        [3, 3],
        [1, 1],
    ]
    names = dict(zip(data.names, data.x_test[..., 0], strict=True))
    for name, image in names.items():  # the test samples have the names of their files
        number = int(name[-6:-4]) + 4 * name.startswith("lake/")
        np.testing.assert_array_equal(image, BYTES[number])
    assert data.name(0) == data.names[0]
    assert data.counting == "Images are named by their files."


@pytest.mark.parametrize("names", [("train", "test"), ("Train", "TEST")])
@pytest.mark.parametrize("classes", [("hut", "lake"), ("",)])
def test_folders_of_a_split_are_the_training_and_the_test_set(tmp_path, names, classes):
    half = 6 // len(classes)
    for number, name in enumerate(classes):
        folder(tmp_path / names[0] / name, BYTES[number * half : (number + 1) * half])
        folder(tmp_path / names[1] / name, BYTES[6 + 2 * number : 8 + 2 * number])
    data = load_own(tmp_path)
    tested = 2 * len(classes)
    np.testing.assert_array_equal(data.x_train[..., 0], BYTES[:6])
    np.testing.assert_array_equal(data.x_test[..., 0], BYTES[6 : 6 + tested])
    assert data.names[0] == Path(names[1], classes[0], "00.png").as_posix()
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
        (["Training", "Testing"], SPLIT + "Testing, Training$"),
        (["train"], SPLIT + "train$"),
        (["train/a", "test"], "or in neither. Received: class folders in train alone"),
        (["train", "test/a"], "or in neither. Received: class folders in test alone"),
        (["train/a", "test/a", "test/b"], "without images in train.* Received: b$"),
        (["train/a", "train/b/x", "test/a"], "train: expected one folder per .* Received: b/x$"),
        (["images/a", "images/b"], "one folder per class.* Received: images/a, images/b$"),
        (["hut", "hut/more"], "one folder per class.* Received: hut/more$"),
        (["", "b/x"], "one folder per class.* Received: 00.png, .* and 7 more$"),
    ],
)
def test_folders_that_are_neither_classes_nor_a_split_are_refused(tmp_path, places, words):
    for place in places:
        folder(tmp_path / place)
    for reading in (load_own, lambda path: sizes("own", path)):
        with pytest.raises(DatasetError, match=words):
            reading(tmp_path)


# New images for a model


def test_images_of_a_folder_become_the_inputs_of_the_training(tmp_path):
    path = folder(tmp_path / "set" / "hut").parent
    folder(path / "lake", BYTES[::-1])
    data = load_own(path)
    images, names = data.preprocessing.load_named(path)
    assert (images.dtype, rows_of(images)) == (np.uint8, rows_of(data))
    names = names.tolist()
    assert names == [f"{name}/{n:02}.png" for name in ("hut", "lake") for n in range(12)]
    np.testing.assert_array_equal(images[names.index("lake/00.png"), ..., 0], BYTES[-1])


def test_grey_images_do_for_a_model_of_colour_ones_not_the_other_way(tmp_path):
    grey = folder(tmp_path / "grey")
    colour = folder(tmp_path / "colour", np.repeat(BYTES[..., None], 3, axis=-1))
    images = load_own(colour).preprocessing.load(grey)
    assert images.shape == (12, 6, 5, 3)
    assert (images == BYTES[..., None]).all()
    with pytest.raises(DatasetError, match=r"00\.png: a colour image. Expected only grey images"):
        load_own(grey).preprocessing.load(colour)


@pytest.mark.parametrize("name", ["d.npy", "set"])
def test_deep_images_are_refused_where_bytes_were_trained_on(tmp_path, name):
    folder(tmp_path / "set")
    np.save(tmp_path / "d.npy", BYTES)
    preprocessing = load_own(tmp_path / name).preprocessing
    dark = folder(tmp_path / "dark", [BYTES[0].astype(np.uint16)])
    with pytest.raises(DatasetError, match=r"a grey with more than 8 bits .* only grey images"):
        preprocessing.load(dark)
