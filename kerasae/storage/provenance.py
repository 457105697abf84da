"""Provenance records of results.

The record of ``folder/name`` is ``folder/.name.json``: SHA-256, inputs, settings, package versions
and processor. It has no time and no host name, so that identical runs leave identical records.
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
    """A file has changed since it was written, or its record cannot be read."""


def record_of(path):
    """Path of the record of a file."""
    path = Path(path)
    return path.with_name(f".{path.name}.json")


def recorded_by(path):
    """Path of the file that a record describes, or None if the name is not that of a record."""
    path = Path(path)
    is_record = (
        path.name.startswith(".") and path.suffix == ".json" and len(path.name) > len(".x.json")
    )
    return path.with_name(path.name[1:].removesuffix(".json")) if is_record else None


def record(path, made_from, settings, folder):
    """Write the record of a file.

    Parameters
    ----------
    path : path-like
        An existing file.
    made_from : dict of str to str
        Path → SHA-256 of every input, code included.
    settings : dict
        Settings of the job; values that JSON lacks are written as text.
    folder : path-like
        Folder of results, which stays valid when moved. Files in it are recorded as ``inputs``,
        relative to it; code and data outside as ``sources``, relative to the current folder.
    """
    found = {
        "sha256": digest(path),
        "settings": settings,
        **by_place(made_from, folder),
        "versions": versions(),
        "processor": processor(),
    }
    with atomic_write(record_of(path)) as temporary:
        temporary.write_text(json.dumps(found, indent=1, default=str) + "\n")


def by_place(made_from, folder):
    """Divide digests (path → SHA-256) into ``inputs`` and ``sources``, see `record`."""
    inputs, sources = {}, {}
    for source, sha256 in made_from.items():
        below = os.path.relpath(source, folder)
        outside = below.split(os.sep)[0] == os.pardir
        (sources if outside else inputs)[source if outside else Path(below).as_posix()] = sha256
    return {"inputs": inputs, "sources": sources}


def is_current(path, made_from, settings, folder):
    """Whether a file is what a job would write again.

    Parameters
    ----------
    path, made_from, settings, folder
        See `record`.

    Returns
    -------
    bool
        Whether the file is as its record says, and was made from the same inputs, code and
        settings; ``configuration``, which has settings of other files, is not compared.
    """
    try:
        found = read(path)
    except DamagedError:
        return False
    if not found or not Path(path).is_file():
        return False
    expected = {**by_place(made_from, folder), "settings": settings}
    expected = json.loads(json.dumps(expected, default=str))
    for one in (expected, found):
        one["settings"].pop("configuration", None)
    return all(found[name] == expected[name] for name in expected) and (
        found["sha256"] == digest(path)
    )


def checked(path):
    """Digest of a file, checked against its record.

    Parameters
    ----------
    path : path-like
        A file, with or without a record.

    Returns
    -------
    str
        SHA-256 of the file.

    Raises
    ------
    DamagedError
        If the file differs from its record, or the record cannot be read.
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
        The file, not its record.

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
    """Versions of Python, of kerasae and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


@functools.cache
def processor():
    """Name of the processor, if the system reports it; else of the machine type."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
