"""Where a file came from, written down beside it, and whether it still is what was written.

The record of ``folder/name`` is ``folder/.name.json``: its SHA-256, what it was made from, by which
settings, and the versions and the processor it was made with. It holds no time and no name of a
machine, so that the same work leaves the same record.
"""

import functools
import hashlib
import json
import platform
import sys
from importlib import metadata
from pathlib import Path

from kerasae.files import whole

PACKAGES = (
    *("kerasae", "keras", "tensorflow", "numpy", "scipy", "scikit-learn", "pandas"),
    *("umap-learn", "matplotlib"),
)


class DamagedError(ValueError):
    """A file is not what was once written there."""


def digest(path):
    """Give the SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_of(path):
    """Give the path of a file's record."""
    path = Path(path)
    return path.with_name(f".{path.name}.json")


def record(path, inputs, settings):
    """Write down where a file came from.

    Parameters
    ----------
    path : path-like
        The file, which is there.
    inputs : dict of str to str
        Path → digest of all that it was made from, code included.
    settings : dict
        What it was made by; what JSON does not know is written as text.
    """
    found = {
        "sha256": digest(path),
        "settings": settings,
        "inputs": inputs,
        "versions": versions(),
        "processor": processor(),
    }
    with whole(record_of(path)) as temporary:
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
        If it has a record, and is not as that says.
    """
    found = digest(path)
    expected = read(path).get("sha256", found)
    if found != expected:
        raise DamagedError(
            f"{path} is damaged, or was changed by hand: delete it, and it is made anew. "
            f"Expected SHA-256: {expected}. Received: {found}"
        )
    return found


def read(path):
    """Read the record of a file; without one, or where that is damaged, it is empty."""
    try:
        found = json.loads(record_of(path).read_text())
    except (OSError, ValueError):
        return {}
    parts = {"sha256": str, "inputs": dict, "settings": dict}
    known = isinstance(found, dict) and all(
        isinstance(found.get(name), kind) for name, kind in parts.items()
    )
    return found if known else {}


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
    """Name the processor, as far as the system tells."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def faults(folder, configuration=None):
    """Find what does not belong to the code, the configuration and the data at hand.

    Parameters
    ----------
    folder : path-like
        Results. Paths in their records are relative to the folder where the workflow ran, which
        has to be the current one.
    configuration : dict, optional
        What ``scores.csv`` shall have been made by. Other files are not held to it, as what is
        not affected by a change stays.

    Returns
    -------
    list of str
        A sentence for every file that is gone, damaged, or was made from or by something else.

    Raises
    ------
    FileNotFoundError
        If the folder holds no records.
    """
    now, found = functools.cache(_digest_or_none), []
    records = sorted(Path(folder).rglob(".*.json"))
    if not records:
        raise FileNotFoundError(f"{folder} holds no results of the workflow")
    for at in records:
        path = at.with_name(at.name[1:].removesuffix(".json"))
        known = read(path)
        if not known:
            found.append(f"{at} is damaged: nothing is known of {path.name}")
        elif now(path) is None:
            found.append(f"{path} is gone")
        elif now(path) != known["sha256"]:
            found.append(f"{path} is damaged, or was changed by hand")
        else:
            other = [source for source, was in known["inputs"].items() if now(Path(source)) != was]
            if other:
                found.append(f"{path} was made from another {', '.join(other)}")
            made_by = known["settings"].get("configuration", {})
            if path.name == "scores.csv" and configuration not in (None, made_by):
                keys = ", ".join(differing(made_by, configuration))
                found.append(f"{path} was made by another configuration: {keys}")
    return found


def _digest_or_none(path):
    """Give the digest of a file, None where there is none."""
    return digest(path) if path.is_file() else None


def differing(one, other, above=""):
    """Name the keys, dotted, in which two nested mappings differ."""
    found = []
    for key in {**one, **other}:
        sides = one.get(key), other.get(key)
        if all(isinstance(side, dict) for side in sides):
            found += differing(*sides, f"{above}{key}.")
        elif sides[0] != sides[1]:
            found.append(f"{above}{key}")
    return found
