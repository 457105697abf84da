"""Atomic file writes, and the SHA-256 of files."""

import contextlib
import hashlib
import os
import re
import uuid
from pathlib import Path

UNFINISHED = re.compile(r"\.(?:(?P<name>.+)\.)?[0-9a-f]{32}(?:\.unfinished)?(?:\.\w+)?")
"""Names of the temporary files that a killed `atomic_write` leaves behind."""


@contextlib.contextmanager
def atomic_write(path):
    """Give a temporary path to write to, which becomes ``path`` when all went well.

    A process that is killed while it writes, or a machine that goes down, leaves what stood at
    ``path`` before.

    Parameters
    ----------
    path : path-like
        Where the file shall be. Its folder is made if it is missing.

    Yields
    ------
    pathlib.Path
        A path in the same folder with the same ending.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unique = f"{_short(path.name)}.{uuid.uuid4().hex}"
    temporary = path.with_name(f".{unique}.unfinished{path.suffix}")
    try:
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())  # or the new name could outlive a crash, and the content not
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_unfinished(path):
    """Remove the temporary files of interrupted writes of ``path``.

    To be called only where no other process can be writing ``path`` at the same time.
    """
    path = Path(path)
    if path.parent.is_dir():
        for other in path.parent.iterdir():
            match = UNFINISHED.fullmatch(other.name)
            if match and match["name"] == _short(path.name):
                other.unlink(missing_ok=True)


def _short(name):
    """Give a file name, or its hash where more would not fit into the 255 bytes of a name."""
    encoded = name.encode()
    return name if len(encoded) <= 180 else hashlib.sha256(encoded).hexdigest()


def digest(path):
    """Compute the SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def listing(digests):
    """Write digests (path → SHA-256) in the format of ``sha256sum``, sorted by path."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))
