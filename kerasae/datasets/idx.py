"""Reader of IDX files, the format in which MNIST and its relatives are distributed."""

import gzip
import hashlib
import io
import math
import zlib
from pathlib import Path

import numpy as np

from kerasae.datasets.errors import DatasetError

MOST_BYTES = 1 << 27
"""Of a decompressed file; the largest one of MNIST has 47 MB."""
MOST_DIMENSIONS = 64
"""That an array of NumPy can have."""


def check_digest(content, expected, path):
    """Compare the SHA-256 of ``content`` with the expected one.

    Raises
    ------
    DatasetError
        If they differ; names both.
    """
    received = hashlib.sha256(content).hexdigest()
    if received != expected:
        raise DatasetError(
            f"{path} is damaged or another file. Expected SHA-256: {expected}. Received: {received}"
        )


def decompress(content, path):
    """Decompress the content of a ``.gz`` file, else return it as it is.

    Parameters
    ----------
    content : bytes
        What the file holds.
    path : path-like or str
        Where it came from: decides by its ending, and is named in the message.
    """
    if Path(path).suffix != ".gz":
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            found = file.read(MOST_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise DatasetError(
            f"{path} is damaged: it cannot be decompressed ({error}). Fetch it again."
        ) from error
    if len(found) > MOST_BYTES:
        raise DatasetError(
            f"{path} is too large. Expected at most {MOST_BYTES:,} bytes when decompressed. "
            "Received: more"
        )
    return found


def parse(content, path):
    """Turn the bytes of an IDX file of unsigned bytes into an array.

    Parameters
    ----------
    content : bytes
        Two zeros, the type 8 (unsigned byte), the number of dimensions, each dimension as
        four bytes with the highest first, then the data.
    path : path-like
        Where it came from, for the messages.

    Returns
    -------
    numpy.ndarray of uint8
        Read-only.

    Raises
    ------
    DatasetError
        If it is no such file, or shorter or longer than its header says.
    """
    dimensions = content[3] if len(content) > 3 else 0
    start = 4 + 4 * dimensions
    if content[:3] != b"\x00\x00\x08" or len(content) < start or dimensions > MOST_DIMENSIONS:
        raise DatasetError(
            f"{path} is no IDX file of unsigned bytes. Expected 00 00 08 and a whole header. "
            f"Received: {content[:16].hex(' ') or 'nothing'}"
        )
    shape = tuple(np.frombuffer(content[4:start], dtype=">u4").tolist())
    if len(content) - start != math.prod(shape):
        raise DatasetError(
            f"{path} is truncated or too long. Expected {math.prod(shape)} bytes for the shape "
            f"{shape}. Received: {len(content) - start}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
