"""Reader of folders of images."""

import re
import warnings

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.limits import check_memory, check_regular
from kerasae.datasets.tables import some

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
DEEP = {"I": np.int32, "I;16": np.uint16, "I;16B": np.uint16, "I;16L": np.uint16, "F": np.float32}
"""Modes of grey images of more than eight bits → type of their values."""


def entries(folder):
    """Files and folders in a folder, in the order of their names; hidden ones do not count."""
    found = sorted(part for part in folder.iterdir() if part.name[0] != ".")
    for part in found:
        check_regular(part)
    return found


def pictures(folder):
    """Files with images in a folder, in the order of their names."""
    return [
        part for part in entries(folder) if part.suffix.lower() in ENDINGS and not part.is_dir()
    ]


def picture_files(path):
    """List the images of a folder.

    Links to folders and files are followed. A sub-folder without images is no class.

    Returns
    -------
    files : list of pathlib.Path
        In the order in which they are read.
    classes : list of str
        For every file the name of its sub-folder; empty where there are none.

    Raises
    ------
    DatasetError
        If there are no images, or some would be passed over: those beside the sub-folders or in
        folders below them.
    """
    beside = pictures(path)
    folders = {part: pictures(part) for part in entries(path) if part.is_dir()}
    folders = {folder: found for folder, found in folders.items() if found}
    if not folders and not beside:
        raise DatasetError(f"{path}: no images in it. Expected files with {', '.join(ENDINGS)}")
    if folders and beside:
        raise DatasetError(
            f"{path}: {len(beside)} images lie beside the folders of the classes, and have no "
            f"class. Move them into one, or away. Received: {some(f.name for f in beside)}"
        )
    for folder in folders:
        below = [part for part in entries(folder) if part.is_dir() and pictures(part)]
        if below:
            raise DatasetError(
                f"{folder}: folders with images within the folder of a class. Expected one folder "
                f"a class. Received: {some(part.name for part in below)}"
            )
    if not folders:
        return beside, []
    return (
        [file for found in folders.values() for file in found],
        [folder.name for folder, found in folders.items() for _ in found],
    )


def opened(file):
    """Open an image, or say why it cannot be."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(file)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DatasetError(
            f"{file}: too large an image. Expected at most {Image.MAX_IMAGE_PIXELS:,} pixels. "
            f"Received: {int(re.search(r'[0-9]+', str(error)).group()):,}"
        ) from error
    except Exception as error:  # a damaged file can fail in any way
        raise DatasetError(f"{file} is no readable image: {error}") from error


def kind(image):
    """Tell what an image holds: grey values (L), deep ones (I, F), or colours (RGB)."""
    if image.mode in DEEP:
        return "F" if image.mode == "F" else "I"
    return "L" if image.mode in ("1", "L", "LA", "La") else "RGB"


def check_whole(image, file):
    """Refuse an image of which a part alone would be read: one frame, or 8 bits of 16."""
    try:
        frames = getattr(image, "n_frames", 1)
    except Exception as error:  # a damaged file can fail in any way
        raise DatasetError(f"{file} is no readable image: {error}") from error
    if frames > 1 and image.format != "MPO":  # cameras put previews behind the image
        raise DatasetError(
            f"{file}: several images in one file. Expected one: save each frame or page as a file "
            f"of its own. Received: {frames}"
        )
    if image.mode not in DEEP and any(map(is_deep, image.tile)):
        raise DatasetError(
            f"{file}: an image of more than 8 bits in colours or with an alpha channel, of which 8 "
            "bits alone would be read. Expected 8 bits, or grey ones. Convert it, or save the "
            f"values as an .npy file. Received: {image.mode} of 16 bits"
        )


def is_deep(tile):
    """Whether a part of an image file, as Pillow describes it, has more than 8 bits a value."""
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
        What the images are brought to: grey, colour, or grey with more than eight bits, whole
        numbers or floats. By default grey if all are grey, else colour.

    Returns
    -------
    arrays : dict of str to numpy.ndarray
        ``x_train`` (n, H, W, C), and ``y_train`` (n,) where there are classes.
    colours : str
        As above.
    """
    files, classes = picture_files(path)
    kinds, sizes = {}, {}
    for file in files:
        with opened(file) as image:
            check_whole(image, file)
            kinds.setdefault(kind(image), file)
            sizes.setdefault(image.size, file)
        if len(sizes) > 1:
            ((width, height), first), ((wide, high), other) = sizes.items()
            raise DatasetError(
                f"{path}: images of several sizes: {first.name} has {width}×{height}, "
                f"{other.name} {wide}×{high} pixels. Bring them to one size"
            )
    if colours is None:
        colours = next(iter(kinds)) if len(kinds) == 1 else "RGB"
    allowed = {"RGB": {"RGB", "L"}}.get(colours, {colours})
    wrong = [file for found, file in kinds.items() if found not in allowed]
    if wrong:
        words = {"L": "grey", "RGB": "colour", "I": "grey with more than 8 bits", "F": "float"}
        (other,) = (found for found, file in kinds.items() if file == wrong[0])
        raise DatasetError(
            f"{wrong[0]}: a {words[other]} image where {words[colours]} ones are expected. Bring "
            f"all to one kind. Received: {other} instead of {colours}"
        )
    (width, height) = next(iter(sizes))
    shape = (len(files), height, width, 3 if colours == "RGB" else 1)
    dtype = {"I": np.int32, "F": np.float32}.get(colours, np.uint8)
    needed = int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
    check_memory(path, needed, f"{len(files)} images of {width}×{height} pixels")
    images = np.empty(shape, dtype)
    for place, file in enumerate(files):
        images[place] = pixels(file, colours).reshape(shape[1:])
    return {"x_train": images, **({"y_train": np.array(classes)} if classes else {})}, colours


def pixels(file, colours):
    """Read the values of one image; transparency is refused, as it has no value."""
    with opened(file) as image:
        try:
            if image.has_transparency_data:
                alpha = np.asarray(image.convert("RGBA"))[..., 3]
                clear = np.count_nonzero(alpha < 255)
                if clear:
                    raise DatasetError(
                        f"{file}: transparent pixels have no value. Lay the image onto a "
                        f"background. Received: {clear} transparent pixels"
                    )
            if image.mode in DEEP:
                return np.asarray(image).astype(DEEP[image.mode])
            return np.asarray(image.convert(colours))
        except DatasetError:
            raise
        except Exception as error:  # a damaged file can fail in any way
            raise DatasetError(f"{file} is no readable image: {error}") from error
