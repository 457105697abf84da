"""Atomic file writes, and the SHA-256 of files."""

import contextlib
import hashlib
import os
import re
import uuid
from pathlib import Path

UNFINISHED = re.compile(r"\.(?:(?P<name>.+)\.)?[0-9a-f]{32}(?:\.unfinished)?(?:\.\w+)?")
"""File names of the temporary files that an interrupted `atomic_write` leaves."""


@contextlib.contextmanager
def atomic_write(path):
    """Yield a temporary `Path` to write to, and rename it to ``path`` if no error occurs.

    The temporary file has the same folder and ending. Missing parent folders are created.
    If the process or the machine fails meanwhile, ``path`` keeps its previous content.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unique = f"{_short(path.name)}.{uuid.uuid4().hex}"
    temporary = path.with_name(f".{unique}.unfinished{path.suffix}")
    try:
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())  # else a crash could keep the new name but not the content
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path, text):
    """Write a text file in UTF-8, see `atomic_write`."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def remove_unfinished(path):
    """Remove the temporary files that interrupted writes of ``path`` left.

    Only safe while no other process writes ``path``.
    """
    path = Path(path)
    if path.parent.is_dir():
        for other in path.parent.iterdir():
            match = UNFINISHED.fullmatch(other.name)
            if match and match["name"] == _short(path.name):
                other.unlink(missing_ok=True)


def _short(name):
    """Shorten a long file name to its hash, as names may have at most 255 bytes."""
    encoded = name.encode()
    return name if len(encoded) <= 180 else hashlib.sha256(encoded).hexdigest()


def digest(path):
    """Return the SHA-256 of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def listing(digests):
    """Format digests (path → SHA-256) as ``sha256sum`` does, sorted by path."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))
