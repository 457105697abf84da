"""Reader of folders of images."""

import os
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.limits import check_memory, check_regular
from kerasae.datasets.tables import join_names

DEEP = {"I": np.int32, "I;16": np.uint16, "I;16B": np.uint16, "I;16L": np.uint16, "F": np.float32}
"""Pillow modes of grey images with more than 8 bits → dtype."""
DTYPES = {"L": np.uint8, "RGB": np.uint8, "I": np.int32, "F": np.float32}
"""Kinds of images → dtype of their values."""
KINDS = {"L": "grey", "RGB": "colour", "I": "grey with more than 8 bits", "F": "float"}
UNREADABLE = (
    *(".heic", ".heif", ".hif", ".avif", ".jxl", ".svg", ".exr", ".hdr", ".qoi", ".dds", ".ras"),
    *(".dng", ".arw", ".cr2", ".cr3", ".nef", ".orf", ".raf", ".rw2", ".dcm", ".fits", ".xcf"),
)
"""Endings of images that are not read if Pillow does not, refused as a class would shrink."""
ICONS = ("ICNS", "ICO")
"""Formats that hold a picture in several sizes. File managers leave such files in folders."""
PARTS = ("train", "training", "test", "testing", "val", "valid", "validation")
"""Names of folders that are rather parts of a split than classes."""


class Listing(NamedTuple):
    """The files of a folder of images.

    Attributes
    ----------
    files : list of pathlib.Path
        Images in reading order, those to test on last.
    classes : list of str
        Class of each image; empty without classes.
    train : int
        Number of images to train on; all if the folder has no ``test``.
    unread : list of pathlib.Path
        Files that are not read, as they are no images.
    """

    files: list[Path]
    classes: list[str]
    train: int
    unread: list[Path]


def endings():
    """List the endings of the image formats that Pillow opens."""
    from PIL import Image

    found = Image.registered_extensions().items()  # imports the formats, which `OPEN` needs
    return {
        ending
        for ending, name in found
        if (name in Image.OPEN or name == "MPO")  # which the reader of JPEG opens
        and name not in ICONS
        and Image.MIME.get(name, "").startswith("image/")
    }


def entries(folder):
    """List a folder sorted by name, without hidden files."""
    found = sorted(part for part in folder.iterdir() if part.name[0] != ".")
    for part in found:
        check_regular(part)
    return found


def walk(folder, above=()):
    """Yield a folder and all folders below with their files; links are followed, circles not."""
    here = folder.resolve()
    if here in above:
        return
    parts = {part: part.is_dir() for part in entries(folder)}
    yield folder, [part for part, is_folder in parts.items() if not is_folder]
    for part, is_folder in parts.items():
        if is_folder:
            yield from walk(part, (*above, here))


def list_images(path):
    """List the images of a data set and their classes.

    Links are followed. Sub-folders without images are ignored.

    Returns
    -------
    Listing

    Raises
    ------
    DatasetError
        If there are no images, some are of a format that cannot be read, or their folders are
        neither classes nor a split.
    """
    images, unread, known = {}, [], endings()
    for folder, files in walk(path):
        images[folder] = [file for file in files if file.suffix.lower() in known]
        unread += [file for file in files if file.suffix.lower() not in known]
    refused = [file for file in unread if file.suffix.lower() in UNREADABLE]
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
    split = split_folders(path, images)
    if not split:
        files, classes = with_classes(path, images)
        return Listing(files, classes, len(files), unread)
    (train, train_classes), (test, test_classes) = (
        with_classes(part, {f: images[f] for f in images if f.is_relative_to(part)})
        for part in split
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
    return Listing(train + test, train_classes + test_classes, len(train), unread)


def names_within(path, files):
    """Join the names of files as they are within a folder, also if they are no Unicode."""
    names = (file.relative_to(path).as_posix() for file in files)
    return join_names((name.encode(errors="backslashreplace").decode() for name in names), 5)


def split_folders(path, images):
    """Return the folders ``train`` and ``test``, or None where the folders are classes.

    Parameters
    ----------
    path : pathlib.Path
        The folder of the data set.
    images : dict of pathlib.Path to list
        Folder → images directly in it, none empty.
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


def with_classes(path, images):
    """Return images in reading order and the class of each, see `list_images`."""
    beside = images.get(path, [])
    folders = {folder: files for folder, files in images.items() if folder != path}
    if not folders:
        return beside, []
    nested = [folder for folder in folders if folder.parent != path]
    top = Path(os.path.commonpath([folder.parent for folder in folders]))
    if beside:
        raise DatasetError(
            f"{path}: {len(beside)} images beside the class folders have no class. Move them into "
            f"a class folder, or elsewhere. Received: {join_names(f.name for f in beside)}"
        )
    if top != path:
        raise DatasetError(
            f"{path}: the images are further below. Use {top}, in which they are. "
            f"Received: {names_within(path, folders)}"
        )
    if nested:
        folder = path / nested[0].relative_to(path).parts[0]
        nested = [part for part in nested if part.is_relative_to(folder)]
        raise DatasetError(
            f"{folder}: folders with images within a class folder. Expected one folder per class. "
            f"Received: {names_within(folder, nested)}"
        )
    return (
        [file for files in folders.values() for file in files],
        [folder.name for folder, files in folders.items() for _ in files],
    )


def open_image(stream, file):
    """Open an image; raise `DatasetError` if it is too large or not readable."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(stream)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DatasetError(
            f"{file}: the image is too large. Expected at most {Image.MAX_IMAGE_PIXELS:,} pixels. "
            f"Received: {int(re.search(r'[0-9]+', str(error)).group()):,}"
        ) from error
    except UnidentifiedImageError as error:
        raise DatasetError(
            f"{file} is no readable image: it is damaged, or of another format than it is named"
        ) from error
    except Exception as error:  # a damaged file can fail in any way
        raise DatasetError(f"{file} is no readable image: {error}") from error


def check_lossless(image, file):
    """Raise `DatasetError` for images that would be read in part: one frame, or 8 of 16 bits."""
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # cameras append previews to the image
        raise DatasetError(
            f"{file}: several images in one file. Expected one: save each frame or page as a "
            f"separate file. Received: {frames}"
        )
    if image.mode not in DEEP and (any(map(is_deep, image.tile)) or is_deep_jpeg2000(image, file)):
        raise DatasetError(
            f"{file}: expected 8 bits per value for images in colour or with an alpha channel. "
            "Convert the image to 8 bits or to grey, or save its values as an .npy file. "
            f"Received: {image.mode} of more than 8 bits"
        )


def is_deep(tile):
    """Whether a tile, Pillow's description of image data, has more than 8 bits per value."""
    arguments = tile.args if isinstance(tile.args, tuple) else (tile.args,)
    if tile.codec_name.startswith("ppm"):
        return arguments[1] > 255
    # A byte order follows the 16 bits of a value, none the 16 bits of a pixel, as in BGR;16
    return any(re.search(";16[BLN]", str(argument)) for argument in arguments)


def is_deep_jpeg2000(image, file):
    """Whether a JPEG 2000 image has more than 8 bits per value, which Pillow cuts to 8."""
    if image.format != "JPEG2000":
        return False
    content = file.read_bytes()
    # After the marker: 38 bytes of sizes, the number of components, and 3 bytes for each of them
    start = content.find(b"\xff\x4f\xff\x51") + 42
    return any(bits & 0x7F > 7 for bits in content[start : start + 3 * content[start - 1] : 3])


def as_shown(image):
    """Turn an image as its EXIF orientation says; damaged EXIF data say nothing."""
    from PIL import ImageOps

    image.load()
    try:
        image.getexif()
    except Exception:  # as any part of a file, they can be damaged in any way
        return image
    return ImageOps.exif_transpose(image)


def read_image(file):
    """Read an image as viewers show it.

    Returns
    -------
    kind : {"L", "RGB", "I", "F"}
        Grey, colour, or grey with more than 8 bits as integers or floats.
    values : numpy.ndarray of shape (H, W, 1) or (H, W, 3)

    Raises
    ------
    DatasetError
        If the image is not readable, has transparent pixels, or would be read in part.
    """
    # Opened by its name, a TIFF image turned by 90° has scrambled pixels in Pillow 13
    with open(file, "rb") as stream:
        opened = open_image(stream, file)
        try:
            check_lossless(opened, file)
            image = as_shown(opened)
            if image.has_transparency_data:
                alpha = np.asarray(image.convert("RGBA"))[..., 3]
                clear = np.count_nonzero(alpha < 255)
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
        except DatasetError:
            raise
        except Exception as error:  # a damaged file can fail in any way
            raise DatasetError(f"{file} is no readable image: {error}") from error


def read_folder(path, colours=None):
    """Read the images of a folder.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    colours : {"L", "RGB", "I", "F"}, optional
        Kind to convert the images to: grey, colour, or grey with more than 8 bits as integers or
        floats. Default: grey if all are grey, else colour.

    Returns
    -------
    arrays : dict of str to numpy.ndarray
        ``x_train`` (n, H, W, C), if there are classes ``y_train`` (n,), and both of the test set,
        if the folder has one.
    colours : str
        Kind of the returned images.

    Warns
    -----
    UserWarning
        If there are other files; names them.
    """
    files, classes, train, unread = list_images(path)
    if unread:
        warnings.warn(
            f"Files in {path} that are not read as images: {names_within(path, unread)}",
            stacklevel=2,
        )
    images, wanted = None, colours
    for index, file in enumerate(files):
        kind, values = read_image(file)
        if images is None:
            colours = colours or kind
            images = empty(path, len(files), values.shape, colours)
        if values.shape[:2] != images.shape[1:3]:
            (high, wide), (height, width) = values.shape[:2], images.shape[1:3]
            turned = ", as turned by an EXIF orientation if they have one" * (
                (high, wide) == (width, height)
            )
            raise DatasetError(
                f"{path}: expected images of one size. Resize them. Received: {files[0].name} has "
                f"{width}×{height}, {file.name} {wide}×{high} pixels{turned}"
            )
        if (colours, kind) == ("L", "RGB") and wanted is None:  # after grey images
            colours, grey = "RGB", images
            images = empty(path, len(files), values.shape, colours)
            images[:index] = grey[:index]
        elif kind not in {"RGB": ("RGB", "L")}.get(colours, (colours,)):
            raise DatasetError(
                f"{file}: a {KINDS[kind]} image. Expected only {KINDS[colours]} images: convert "
                f"all to one kind. Received: {kind} instead of {colours}"
            )
        images[index] = values
    arrays = {"x_train": images[:train]}
    if classes:
        arrays["y_train"] = np.array(classes[:train])
    if train < len(files):
        arrays["x_test"] = images[train:]
        if classes:
            arrays["y_test"] = np.array(classes[train:])
    return arrays, colours


def empty(path, count, shape, colours):
    """Array for images (H, W, C) of a kind; raise `DatasetError` if it exceeds the memory."""
    shape = (count, *shape[:2], 3 if colours == "RGB" else 1)
    needed = int(np.prod(shape, dtype=object)) * np.dtype(DTYPES[colours]).itemsize
    check_memory(path, needed, f"{count} images of {shape[2]}×{shape[1]} pixels")
    return np.empty(shape, DTYPES[colours])
