"""Folders of images."""

import os
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasae.datasets.errors import DatasetError, join_names

DEEP = {"I": np.int32, "I;16": np.uint16, "I;16B": np.uint16, "I;16L": np.uint16, "F": np.float32}
"""Pillow modes of grey images with more than 8 bits → dtype."""
_DTYPES = {"L": np.uint8, "RGB": np.uint8, "I": np.int32, "F": np.float32}
"""Kinds of images → dtype of their values."""
KINDS = {"L": "grey", "RGB": "colour", "I": "grey with more than 8 bits", "F": "float"}
_UNREADABLE = (
    *(".heic", ".heif", ".hif", ".avif", ".jxl", ".svg", ".exr", ".hdr", ".qoi", ".dds", ".ras"),
    *(".dng", ".arw", ".cr2", ".cr3", ".nef", ".orf", ".raf", ".rw2", ".dcm", ".fits", ".xcf"),
)
"""Endings of images that are not read if Pillow does not, refused as a class would shrink."""
PARTS = ("train", "training", "test", "testing", "val", "valid", "validation")
"""Names of folders that are rather parts of a split than classes."""


class _Listing(NamedTuple):
    """The files of a folder of images, those of the test set last; classes are per image or empty.

    ``train`` counts the images to train on, and ``unread`` are files that are no images.
    """

    files: list[Path]
    classes: list[str]
    train: int
    unread: list[Path]


def read_folder(path, colours=None):
    """Read the images of a folder; return arrays, kind and names. A warning names other files.

    The arrays are ``x_train`` (n, H, W, C), if there are classes ``y_train`` (n,), and both of the
    test set, if the folder has one. Kinds are L, grey; RGB, colour; I or F, grey with more than 8
    bits as integers or floats. ``colours`` is the kind to convert to; by default grey if all are
    grey, else colour. Names are paths within the folder of the images to test on, or of all without
    a test set.
    """
    files, classes, train, unread = list_images(path)
    if unread:
        warnings.warn(
            f"Files in {path} that are not read as images: {names_within(path, unread)}",
            stacklevel=2,
        )
    x, kind = _read_stack(files, colours)
    arrays = {"x_train": x[:train], "y_train": np.array(classes[:train])}
    arrays |= {"x_test": x[train:], "y_test": np.array(classes[train:])}
    arrays = {name: array for name, array in arrays.items() if len(array)}
    # A name that is no text in UTF-8 could not be written to any page
    tested = (file.relative_to(path).as_posix() for file in files[train:] or files)
    names = np.array([name.encode("utf-8", "replace").decode() for name in tested])
    return arrays, kind, names


def _read_stack(files, colours):
    """Read images of one size and kind into one array (n, H, W, C); return it and the kind."""
    x, kind = None, colours
    for number, file in enumerate(files):
        received, image = read_image(file)
        if x is None:
            kind = kind or received
            x = np.empty((len(files), *image.shape[:2], 3 if kind == "RGB" else 1), _DTYPES[kind])
        if colours is None and (kind, received) == ("L", "RGB"):  # the first image in colour
            grey, kind = x[:number], "RGB"
            x = np.empty((*x.shape[:3], 3), np.uint8)
            x[:number] = grey
        if received != kind and (received, kind) != ("L", "RGB"):
            raise DatasetError(
                f"{file}: a {KINDS[received]} image. Expected only {KINDS[kind]} images: convert "
                f"all to one kind. Received: {received} instead of {kind}"
            )
        (high, wide), (height, width) = image.shape[:2], x.shape[1:3]
        if (high, wide) != (height, width):
            raise DatasetError(
                f"{file.parent}: expected images of one size, after the turn of an EXIF "
                f"orientation. Resize them. Received: {files[0].name} has {width}×{height}, "
                f"{file.name} {wide}×{high} pixels"
            )
        x[number] = image
    return x, kind


def list_images(path):
    """List the images of a data set and their classes, as `_Listing`.

    Links are followed. Sub-folders without images are ignored.
    """
    images, unread, endings = {}, [], _endings()
    for folder, files in _walk(path):
        images[folder] = [file for file in files if file.suffix.lower() in endings]
        unread += [file for file in files if file.suffix.lower() not in endings]
    refused = [file for file in unread if file.suffix.lower() in _UNREADABLE]
    if refused:
        raise DatasetError(
            f"{path}: images of a format that cannot be read. Convert them, for instance to .png, "
            f"or move them elsewhere. Received: {names_within(path, refused)}"
        )
    images = {folder: files for folder, files in images.items() if files}
    if not images:
        raise DatasetError(
            f"{path}: no images in the folder. Expected files such as .png, .jpg, .tif or .webp. "
            f"Received: {names_within(path, unread) or 'none'}"
        )
    split = _split_folders(path, images)
    if not split:
        files, classes = _with_classes(path, images)
        return _Listing(files, classes, len(files), unread)
    (train, train_classes), (test, test_classes) = (
        _with_classes(top, {f: images[f] for f in images if f.is_relative_to(top)}) for top in split
    )
    if bool(train_classes) != bool(test_classes):
        raise DatasetError(
            f"{path}: expected class folders in both train and test, or in neither. "
            f"Received: class folders in {split[0 if train_classes else 1].name} alone"
        )
    unknown = sorted(set(test_classes) - set(train_classes))
    if unknown:
        raise DatasetError(
            f"{path}: classes in test without images in train. Add images to train on, or name "
            f"known anomalies as anomalies. Received: {join_names(unknown)}"
        )
    return _Listing(train + test, train_classes + test_classes, len(train), unread)


def names_within(path, files):
    """Join the names of files as they are within a folder, also if they are no Unicode."""
    names = (file.relative_to(path).as_posix() for file in files)
    return join_names((name.encode(errors="backslashreplace").decode() for name in names), 5)


def check_regular(path):
    """Raise `DatasetError` for pipes, sockets and devices, which can block, and for dead links."""
    if os.path.lexists(path) and not path.is_file() and not path.is_dir():
        raise DatasetError(
            f"{path} is no regular file. Expected a file or a folder. "
            "Received: a pipe, a socket, a device, or a link to a missing file"
        )


def _endings():
    """List the endings of the image formats that Pillow opens."""
    from PIL import Image

    # Icons hold a picture in several sizes. File managers leave such files in folders
    formats = Image.registered_extensions().items()  # imports the formats, which `OPEN` needs
    opened = {*Image.OPEN, "MPO"} - {"ICNS", "ICO"}  # the reader of JPEG opens MPO
    pictures = {name for name, kind in Image.MIME.items() if kind.startswith("image/")}
    return {ending for ending, name in formats if name in opened & pictures}


def _walk(folder, above=()):
    """Yield a folder and all folders below with their files; links are followed, circles not."""
    here = folder.resolve()
    if here in above:
        return
    entries = sorted(entry for entry in folder.iterdir() if entry.name[0] != ".")
    for entry in entries:
        check_regular(entry)
    yield folder, [entry for entry in entries if entry.is_file()]
    for below in filter(Path.is_dir, entries):
        yield from _walk(below, (*above, here))


def _split_folders(path, images):
    """Return the folders ``train`` and ``test``, or None where the folders are classes.

    ``images`` are the lists of images directly in a folder, none empty, by this folder.
    """
    tops = {path / folder.relative_to(path).parts[0] for folder in images if folder != path}
    parts = {folder.name.lower(): folder for folder in tops if folder.name.lower() in PARTS}
    if set(parts) == {"train", "test"} and len(tops) == 2 and path not in images:
        return parts["train"], parts["test"]
    if parts and (set(parts) != {"train"} or len(tops) == 1):  # a train may be a class of vehicles
        beside = images.get(path, [])
        raise DatasetError(
            f"{path}: folders that look like parts of a split. Expected train and test, and no "
            "other images beside them: rename or move the others, or name one folder as the data. "
            f"Received: {names_within(path, [*sorted(tops), *beside])}"
        )
    return None


def _with_classes(path, images):
    """Return images in reading order and the class of each, see `list_images`."""
    beside = images.get(path, [])
    folders = {folder: files for folder, files in images.items() if folder != path}
    if not folders:
        return beside, []
    wrong = beside or [folder for folder in folders if folder.parent != path]
    if wrong:
        raise DatasetError(
            f"{path}: expected one folder per class, with all images directly in these folders. "
            f"Name the folder of these as the data. Received: {names_within(path, wrong)}"
        )
    files = [file for folder in folders.values() for file in folder]
    return files, [file.parent.name for file in files]


def read_image(file):
    """Read an image as viewers show it: its kind, see `KINDS`, and values (H, W, 1 or 3)."""
    from PIL import Image

    # Opened by its name, a TIFF image turned by 90° has scrambled pixels in Pillow 13
    with open(file, "rb") as stream, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(stream)
            _check_lossless(image, file)
            return _values(_as_shown(image), file)
        except DatasetError:
            raise
        except Exception as error:  # a damaged file can fail in any way
            raise DatasetError(f"{file} is no readable image: {error}") from error


def _check_lossless(image, file):
    """Raise `DatasetError` for images that would be read in part: one frame, or 8 of 16 bits."""
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # cameras append previews to the image
        raise DatasetError(
            f"{file}: several images in one file. Expected one: save each frame or page as a "
            f"separate file. Received: {frames}"
        )
    if image.mode not in DEEP and (
        any(map(_is_deep, image.tile)) or _is_deep_jpeg2000(image, file)
    ):
        raise DatasetError(
            f"{file}: expected 8 bits per value for images in colour or with an alpha channel. "
            "Convert the image to 8 bits or to grey, or save its values as an .npy file. "
            f"Received: {image.mode} of more than 8 bits"
        )


def _is_deep(tile):
    """Tell whether a tile, Pillow's description of image data, has more than 8 bits per value."""
    arguments = tile.args if isinstance(tile.args, tuple) else (tile.args,)
    if tile.codec_name.startswith("ppm"):
        return arguments[1] > 255
    # A byte order follows the 16 bits of a value, none the 16 bits of a pixel, as in BGR;16
    return any(re.search(";16[BLN]", str(argument)) for argument in arguments)


def _is_deep_jpeg2000(image, file):
    """Tell whether a JPEG 2000 image has more than 8 bits per value, which Pillow cuts to 8."""
    if image.format != "JPEG2000":
        return False
    content = file.read_bytes()
    # After the marker: 38 bytes of sizes, the number of components, and 3 bytes for each of them
    start = content.find(b"\xff\x4f\xff\x51") + 42
    return any(bits & 0x7F > 7 for bits in content[start : start + 3 * content[start - 1] : 3])


def _as_shown(image):
    """Turn an image as its EXIF orientation says; damaged EXIF data say nothing."""
    from PIL import ImageOps

    image.load()
    try:
        image.getexif()
    except Exception:  # as any part of a file, they can be damaged in any way
        return image
    return ImageOps.exif_transpose(image)


def _values(image, file):
    """Return the kind and values of an image, see `read_image`."""
    if image.has_transparency_data:
        clear = np.count_nonzero(np.asarray(image.convert("RGBA"))[..., 3] < 255)
        if clear:
            raise DatasetError(
                f"{file}: transparent pixels have no value. Expected an opaque image: put "
                f"it onto a background. Received: {clear} transparent pixels"
            )
    if image.mode in DEEP:
        values = np.asarray(image).astype(DEEP[image.mode])[..., np.newaxis]
        return "F" if image.mode == "F" else "I", values
    if image.mode in ("1", "L", "LA", "La"):
        return "L", np.asarray(image.convert("L"))[..., np.newaxis]
    values = np.asarray(image.convert("RGB"))
    if image.mode in ("P", "PA") and (values == values[..., :1]).all():
        return "L", values[..., :1]
    return "RGB", values
