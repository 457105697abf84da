"""Records: where a result came from, written beside it.

The record of ``folder/name`` is ``folder/.name.json``: its SHA-256, what it was made from, by which
settings, and the versions and the processor it was made with. It holds no time and no name of a
machine, so that the same work leaves the same record.
"""

import functools
import json
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from kerasae.storage.atomic import atomic_write, digest

PACKAGES = (
    *("kerasae", "keras", "tensorflow", "numpy", "scipy", "scikit-learn", "pandas"),
    *("umap-learn", "matplotlib"),
)
PARTS = {"sha256": str, "inputs": dict, "sources": dict, "settings": dict}


class DamagedError(ValueError):
    """A file is not what was once written there."""


def record_of(path):
    """Give the path of a file's record."""
    path = Path(path)
    return path.with_name(f".{path.name}.json")


def recorded_by(path):
    """Give the path of the file that a record is about, None if this is no record by its name."""
    path = Path(path)
    known = path.name.startswith(".") and path.suffix == ".json" and len(path.name) > len(".x.json")
    return path.with_name(path.name[1:].removesuffix(".json")) if known else None


def record(path, made_from, settings, folder):
    """Write down where a file came from.

    Parameters
    ----------
    path : path-like
        The file, which is there.
    made_from : dict of str to str
        Path → SHA-256 of all that it was made from, code included.
    settings : dict
        What it was made by; what JSON does not know is written as text.
    folder : path-like
        The folder of results that can be moved as one. ``inputs`` are paths in it, relative to
        it; ``sources`` are code and data outside, relative to the current folder.
    """
    inputs, sources = {}, {}
    for source, sha256 in made_from.items():
        below = os.path.relpath(source, folder)
        outside = below.split(os.sep)[0] == os.pardir
        (sources if outside else inputs)[source if outside else Path(below).as_posix()] = sha256
    found = {
        "sha256": digest(path),
        "settings": settings,
        "inputs": inputs,
        "sources": sources,
        "versions": versions(),
        "processor": processor(),
    }
    with atomic_write(record_of(path)) as temporary:
        temporary.write_text(json.dumps(found, indent=1, default=str) + "\n")


def checked(path):
    """Give the digest of a file that is still what was written there.

    Parameters
    ----------
    path : path-like
        A file, with a record or without.

    Returns
    -------
    str
        Its SHA-256.

    Raises
    ------
    DamagedError
        If it has a record, and differs from it, or if the record cannot be read.
    """
    found = digest(path)
    expected = read(path).get("sha256", found)
    if found != expected:
        raise DamagedError(
            f"{path} was damaged or edited after the workflow wrote it. Restore it, or delete it "
            f"and run Snakemake to regenerate it. Expected SHA-256: {expected}. Received: {found}"
        )
    return found


def read(path):
    """Read the record of a file.

    Parameters
    ----------
    path : path-like
        The file, not the record.

    Returns
    -------
    dict
        See `record`; empty if there is no record.

    Raises
    ------
    DamagedError
        If the record cannot be read.
    """
    at = record_of(path)
    try:
        found = json.loads(at.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(
        isinstance(found.get(name), kind) for name, kind in PARTS.items()
    ):
        raise DamagedError(
            f"The record {at} is damaged, or of another version of kerasae. Restore it, or delete "
            f"{path} and run Snakemake to regenerate both. Received: {at}"
        )
    return found


@functools.cache
def versions():
    """Give the versions of Python, this package and those that results depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


@functools.cache
def processor():
    """Name the processor, if the system does."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
