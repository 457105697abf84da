"""Reader of IDX files, the format of MNIST and its relatives."""

import gzip
import hashlib
import io
import math
import zlib
from pathlib import Path

import numpy as np

from kerasae.datasets.errors import DatasetError

MAX_BYTES = 1 << 27
"""Maximum size of a decompressed file; MNIST's largest has 47 MB."""
MAX_DIMENSIONS = 64
"""Maximum number of dimensions of a NumPy array."""


def check_digest(content, expected, path):
    """Compare the SHA-256 of ``content`` with the expected one.

    Raises
    ------
    DatasetError
        If they differ; the message has both.
    """
    received = hashlib.sha256(content).hexdigest()
    if received != expected:
        raise DatasetError(
            f"{path} is damaged, or another file. Expected SHA-256: {expected}. "
            f"Received: {received}"
        )


def decompress(content, path):
    """Decompress the content of a ``.gz`` file; return other content unchanged.

    Parameters
    ----------
    content : bytes
        Content of the file.
    path : path-like or str
        Origin of the content, for the ending and for messages.
    """
    if Path(path).suffix != ".gz":
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            found = file.read(MAX_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise DatasetError(
            f"{path} is damaged and cannot be decompressed. Download it again. Received: {error}"
        ) from error
    if len(found) > MAX_BYTES:
        raise DatasetError(
            f"{path} is too large. Expected at most {MAX_BYTES:,} bytes when decompressed. "
            "Received: more"
        )
    return found


def parse(content, path):
    """Parse an IDX file of unsigned bytes.

    Parameters
    ----------
    content : bytes
        Two zeros, the type 8 (unsigned byte), the number of dimensions, each dimension as
        a big-endian 32-bit integer, then the data.
    path : path-like
        Origin of the content, for messages.

    Returns
    -------
    numpy.ndarray of uint8
        Read-only.

    Raises
    ------
    DatasetError
        If the content has another format, or a length that contradicts its header.
    """
    dimensions = content[3] if len(content) > 3 else 0
    start = 4 + 4 * dimensions
    if content[:3] != b"\x00\x00\x08" or len(content) < start or dimensions > MAX_DIMENSIONS:
        raise DatasetError(
            f"{path} is no IDX file of unsigned bytes. Expected 00 00 08 and a complete header. "
            f"Received: {content[:16].hex(' ') or 'nothing'}"
        )
    shape = tuple(np.frombuffer(content[4:start], dtype=">u4").tolist())
    if len(content) - start != math.prod(shape):
        raise DatasetError(
            f"{path} is truncated or too long. Expected {math.prod(shape)} bytes for the shape "
            f"{shape}. Received: {len(content) - start}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
