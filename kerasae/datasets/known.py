"""MNIST and its relatives: where their files are, their checksums, sizes and classes."""

import gzip
import hashlib
import http.client
import io
import os
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kerasae.datasets.dataset import Dataset
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.preprocessing import Preprocessing
from kerasae.storage.atomic import atomic_write
from kerasae.types import Likelihood, StrPath

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
SHIPPED = Path(__file__).parent
MOST_BYTES = 1 << 27
"""Maximum of bytes that are decompressed; the largest file of MNIST has 47 MB."""


@dataclass(frozen=True)
class Source:
    """Locations, checksums and content of four IDX files; the content of MNIST by default."""

    digests: tuple[str, ...]  # SHA-256 of each of `FILES`
    digest_compressed: bool = False  # of the distributed ``.gz`` files, else of what they hold
    url: str = ""  # folder with the ``.gz`` files; empty if the data are not downloaded
    folders: tuple[Path, ...] = ()  # local folders to search
    train: int = 60_000  # number of training images
    test: int = 10_000  # number of test images
    side: int = 28  # height and width in pixels
    classes: tuple[str, ...] = tuple("0123456789")  # names


SOURCES = {
    "mnist": Source(
        digests=(
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
        folders=(SHIPPED / "mnist",),
    ),
    # Xiao, Rasul, Vollgraf: Fashion-MNIST (2017), MIT licence
    "fashion_mnist": Source(
        digests=(
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
        url="http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        folders=(Path("/usr/share/datasets/fashion-mnist"),),
    ),
    # Clanuwat et al.: Deep learning for classical Japanese literature (2018), CC BY-SA 4.0
    "kuzushiji_mnist": Source(
        digests=(
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
        digest_compressed=True,
        url="http://codh.rois.ac.jp/kmnist/dataset/kmnist",
    ),
}
"""Name of a data set → its source."""


def load_known(
    name: str,
    path: StrPath | None = None,
    pad: int = 2,
    likelihood: Likelihood = "bernoulli",
) -> Dataset:
    """Load MNIST or one of its relatives.

    Parameters
    ----------
    name : str
        A name of `SOURCES`.
    path : path-like, optional
        Folder with the four IDX files, each with or without ``.gz``. Default: the first complete
        one of ``$KERASAE_DATA/<name>``, the folders in `SOURCES`, and the download cache
        ``~/.cache/kerasae/<name>``.
    pad : int, optional
        Zero pixels added on each side; 2 turns 28×28 into 32×32, as in the article's code.
    likelihood : {"bernoulli", "gaussian"}, optional
        Likelihood of the models.

    Returns
    -------
    Dataset
        Images (n, H, W, 1) as uint8 and labels (n,).

    Raises
    ------
    DatasetError
        If no folder has the files, or a file is damaged.
    """
    source = SOURCES[name]
    folder = find_folder(name, path)
    x_train, y_train, x_test, y_test = (
        _read_idx(folder, file, digest, source.digest_compressed)
        for file, digest in zip(FILES, source.digests, strict=True)
    )
    margin = ((0, 0), (pad, pad), (pad, pad))
    x_train, x_test = (np.pad(images, margin)[..., np.newaxis] for images in (x_train, x_test))
    preprocessing = Preprocessing(x_train.shape[1:], likelihood, values="bytes", pad=pad)
    return Dataset(x_train, y_train, x_test, y_test, source.classes, preprocessing=preprocessing)


def _read_idx(folder: Path, file: str, digest: str, digest_compressed: bool) -> np.ndarray:
    """Read an IDX file of unsigned bytes of a folder, after a check of its SHA-256."""
    path = find_file(folder, file)
    if path is None or (digest_compressed and path.suffix != ".gz"):
        raise DatasetError(
            f"Expected {file}.gz as distributed, to verify its checksum. Received: {path}"
        )
    content = _verified(path.read_bytes(), digest, digest_compressed, path)
    # Two zeros, the type, the number of dimensions, each of them in 4 bytes, then the data
    start = 4 + 4 * content[3]
    shape = np.frombuffer(content[4:start], dtype=">u4")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def _verified(content: bytes, expected: str, digest_compressed: bool, path: StrPath) -> bytes:
    """Decompress the content of a ``.gz`` file, and check its SHA-256 before or after that."""
    compressed = content
    if Path(path).suffix == ".gz":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(compressed)) as file:
                content = file.read(MOST_BYTES)
        except (EOFError, OSError, zlib.error) as error:
            raise DatasetError(f"{path} is damaged and cannot be decompressed: {error}") from error
    received = hashlib.sha256(compressed if digest_compressed else content).hexdigest()
    if received != expected:
        raise DatasetError(
            f"{path} is damaged, or another file. Expected SHA-256: {expected}. "
            f"Received: {received}"
        )
    return content


def find_folder(name: str, path: StrPath | None = None) -> Path:
    """Find the folder of a data set, or download it; see `load_known`."""
    source = SOURCES[name]
    cache = Path.home() / ".cache" / "kerasae" / name
    if path is not None:
        folders = [Path(path)]
    else:
        root = os.environ.get("KERASAE_DATA")
        folders = [*([Path(root, name)] if root else []), *source.folders, cache]
    for folder in folders:
        if all(find_file(folder, file) for file in FILES):
            return folder
    tried = [str(folder) for folder in folders]
    if path is None and source.url:
        try:
            return _fetch(source, cache)
        except (OSError, http.client.HTTPException) as error:
            tried.append(f"{source.url} ({getattr(error, 'reason', error)})")
    raise DatasetError(
        f"{name}: expected a folder with {', '.join(FILES)}, each with or without .gz. Name it as "
        f"path in the configuration, or make it the folder {name} in the one that KERASAE_DATA "
        f"names. Received: none in {'; '.join(tried)}"
    )


def find_file(folder: StrPath, file: str) -> Path | None:
    """Return the path of a file in a folder, with or without ``.gz``, or None."""
    paths = (Path(folder) / (file + ending) for ending in (".gz", ""))
    return next((path for path in paths if path.is_file()), None)


def _fetch(source: Source, folder: Path) -> Path:
    """Download the files of a source into a folder; each is verified before it is stored."""
    for file, digest in zip(FILES, source.digests, strict=True):
        url = f"{source.url}/{file}.gz"
        with urllib.request.urlopen(url, timeout=30) as answer:
            content = answer.read()
        _verified(content, digest, source.digest_compressed, url)
        with atomic_write(folder / f"{file}.gz") as path:
            path.write_bytes(content)
    return folder
