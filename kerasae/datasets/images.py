"""Reader of folders of images."""

import re
import warnings

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.limits import check_memory, check_regular
from kerasae.datasets.tables import join_names

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
DEEP = {"I": np.int32, "I;16": np.uint16, "I;16B": np.uint16, "I;16L": np.uint16, "F": np.float32}
"""Pillow modes of grey images with more than 8 bits → dtype."""


def entries(folder):
    """List a folder sorted by name, without hidden files."""
    found = sorted(part for part in folder.iterdir() if part.name[0] != ".")
    for part in found:
        check_regular(part)
    return found


def images_in(folder):
    """List the images directly in a folder, sorted by name."""
    return [
        part for part in entries(folder) if part.suffix.lower() in ENDINGS and not part.is_dir()
    ]


def list_images(path):
    """List the images of a data set and their classes.

    Links are followed. Sub-folders without images are ignored.

    Returns
    -------
    files : list of pathlib.Path
        In reading order.
    classes : list of str
        Sub-folder of each file; empty without sub-folders.

    Raises
    ------
    DatasetError
        If there are no images, or some are beside the sub-folders or nested more deeply.
    """
    beside = images_in(path)
    folders = {part: images_in(part) for part in entries(path) if part.is_dir()}
    folders = {folder: found for folder, found in folders.items() if found}
    if not folders and not beside:
        raise DatasetError(
            f"{path}: no images in the folder. Expected files with {', '.join(ENDINGS)}. "
            "Received: none"
        )
    if folders and beside:
        raise DatasetError(
            f"{path}: {len(beside)} images beside the class folders have no class. Move them into "
            f"a class folder, or elsewhere. Received: {join_names(f.name for f in beside)}"
        )
    for folder in folders:
        below = [part for part in entries(folder) if part.is_dir() and images_in(part)]
        if below:
            raise DatasetError(
                f"{folder}: folders with images within a class folder. Expected one folder "
                f"per class. Received: {join_names(part.name for part in below)}"
            )
    if not folders:
        return beside, []
    return (
        [file for found in folders.values() for file in found],
        [folder.name for folder, found in folders.items() for _ in found],
    )


def open_image(file):
    """Open an image; raise `DatasetError` if it is too large or not readable."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(file)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DatasetError(
            f"{file}: the image is too large. Expected at most {Image.MAX_IMAGE_PIXELS:,} pixels. "
            f"Received: {int(re.search(r'[0-9]+', str(error)).group()):,}"
        ) from error
    except Exception as error:  # a damaged file can fail in any way
        raise DatasetError(f"{file} is no readable image: {error}") from error


def image_kind(image):
    """Kind of an image: grey (L), grey with more than 8 bits (I, F), or colour (RGB)."""
    if image.mode in DEEP:
        return "F" if image.mode == "F" else "I"
    return "L" if image.mode in ("1", "L", "LA", "La") else "RGB"


def check_lossless(image, file):
    """Raise `DatasetError` for images that would be read in part: one frame, or 8 of 16 bits."""
    try:
        frames = getattr(image, "n_frames", 1)
    except Exception as error:  # a damaged file can fail in any way
        raise DatasetError(f"{file} is no readable image: {error}") from error
    if frames > 1 and image.format != "MPO":  # cameras append previews to the image
        raise DatasetError(
            f"{file}: several images in one file. Expected one: save each frame or page as a "
            f"separate file. Received: {frames}"
        )
    if image.mode not in DEEP and any(map(is_deep, image.tile)):
        raise DatasetError(
            f"{file}: expected 8 bits per value for images in colour or with an alpha channel. "
            "Convert the image to 8 bits or to grey, or save its values as an .npy file. "
            f"Received: {image.mode} of 16 bits"
        )


def is_deep(tile):
    """Whether a tile, Pillow's description of image data, has more than 8 bits per value."""
    arguments = tile.args if isinstance(tile.args, tuple) else (tile.args,)
    if tile.codec_name.startswith("ppm"):
        return arguments[1] > 255
    return any(";16" in str(argument) for argument in arguments)


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
        ``x_train`` (n, H, W, C), and, if there are classes, ``y_train`` (n,).
    colours : str
        Kind of the returned images.
    """
    files, classes = list_images(path)
    kinds, sizes = {}, {}
    for file in files:
        with open_image(file) as image:
            check_lossless(image, file)
            kinds.setdefault(image_kind(image), file)
            sizes.setdefault(image.size, file)
        if len(sizes) > 1:
            ((width, height), first), ((wide, high), other) = sizes.items()
            raise DatasetError(
                f"{path}: expected images of one size. Resize them. "
                f"Received: {first.name} has {width}×{height}, {other.name} {wide}×{high} pixels"
            )
    if colours is None:
        colours = next(iter(kinds)) if len(kinds) == 1 else "RGB"
    allowed = {"RGB": {"RGB", "L"}}.get(colours, {colours})
    wrong = [file for found, file in kinds.items() if found not in allowed]
    if wrong:
        words = {"L": "grey", "RGB": "colour", "I": "grey with more than 8 bits", "F": "float"}
        (other,) = (found for found, file in kinds.items() if file == wrong[0])
        raise DatasetError(
            f"{wrong[0]}: a {words[other]} image. Expected only {words[colours]} images: convert "
            f"all to one kind. Received: {other} instead of {colours}"
        )
    (width, height) = next(iter(sizes))
    shape = (len(files), height, width, 3 if colours == "RGB" else 1)
    dtype = {"I": np.int32, "F": np.float32}.get(colours, np.uint8)
    needed = int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
    check_memory(path, needed, f"{len(files)} images of {width}×{height} pixels")
    images = np.empty(shape, dtype)
    for index, file in enumerate(files):
        images[index] = read_pixels(file, colours).reshape(shape[1:])
    return {"x_train": images, **({"y_train": np.array(classes)} if classes else {})}, colours


def read_pixels(file, colours):
    """Read the values of an image; raise `DatasetError` for transparent pixels."""
    with open_image(file) as image:
        try:
            if image.has_transparency_data:
                alpha = np.asarray(image.convert("RGBA"))[..., 3]
                clear = np.count_nonzero(alpha < 255)
                if clear:
                    raise DatasetError(
                        f"{file}: transparent pixels have no value. Expected an opaque image: put "
                        f"it onto a background. Received: {clear} transparent pixels"
                    )
            if image.mode in DEEP:
                return np.asarray(image).astype(DEEP[image.mode])
            return np.asarray(image.convert(colours))
        except DatasetError:
            raise
        except Exception as error:  # a damaged file can fail in any way
            raise DatasetError(f"{file} is no readable image: {error}") from error
