"""Provenance of results: what the last job of a data set writes, and `kerasae verify` compares.

``SHA256SUMS`` lists all files of the results in the format of ``sha256sum``. ``provenance.json``
has the configuration as written, versions, the processor, and the digests of code and data.
"""

import hashlib
import inspect
import json
import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from kerasae.engine import steps
from kerasae.engine.logs import ChangedError, check_files, written
from kerasae.storage.atomic import UNFINISHED, digest, listing
from kerasae.storage.code import PACKAGE, digest_of, files_of

SUMS, PROVENANCE = "SHA256SUMS", "provenance.json"
UNLISTED = ("logs", "benchmarks", "checkpoints")
"""Folders whose files are no results."""
PACKAGES = (
    *("kerasae", "keras", "tensorflow", "numpy", "scipy", "scikit-learn", "pandas"),
    *("umap-learn", "matplotlib"),
)
LINE = re.compile(r"[0-9a-f]{64}  .+")


class Findings(NamedTuple):
    """Findings of `verify` in the results of one data set."""

    faults: list
    """A sentence for each missing, changed or foreign file."""
    notes: list
    """A sentence for each comparison that was not possible."""
    compared: int
    """Number of compared files."""
    digest: str | None
    """SHA-256 of the list, or None without a list."""


def code_digest(*parts, step=None, files=()):
    """Compute the SHA-256 of code that a job depends on.

    ``parts`` are folders and files below ``kerasae/``, ``step`` names a function of
    `kerasae.engine.steps`, and ``files`` are further files, such as those of a model.
    """
    source = [inspect.getsource(getattr(steps, step))] if step else []
    return digest_of([*files_of(*parts), *files], *source)


def data_digest(paths):
    """Compute the SHA-256 of files and folders of data, names included; empty without any."""
    text = listing(_digests(paths))
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def check_data(paths, planned):
    """Raise a `ChangedError` if data do not have the digest that they had when planned."""
    if data_digest(paths) != planned:
        raise ChangedError("Data changed while Snakemake was running: run Snakemake again")


def check_known(folder, configuration, own):
    """Raise a `ChangedError` if Snakemake has no record of results that may be out of date.

    ``folder`` has the results of one data set and need not exist, ``configuration`` is the one as
    written, and ``own`` are files of the user's models.
    """
    folder = Path(folder)
    if not folder.is_dir() or not results_in(folder):
        return
    record, _ = _read_provenance(folder)
    code = _package_digests() | _digests(own)
    if (record.get("configuration"), record.get("code")) != (configuration, code):
        raise ChangedError(
            f"{folder} has results, but .snakemake in this folder has no record of them, so that "
            "Snakemake cannot tell which are out of date. Bring back .snakemake, or move the "
            "results elsewhere"
        )


def sums(folder, made):
    """Return the content of ``SHA256SUMS`` for the files ``made`` in a folder of results.

    Raise a `ChangedError` if a file is not as its job wrote it.
    """
    folder = Path(folder)
    listed = {Path(os.path.relpath(path, folder)).as_posix() for path in made}
    check_files(folder, [folder / name for name in sorted(listed)])
    return listing({name: digest(folder / name) for name in listed})


def provenance(configuration, code, data):
    """Return the content of ``provenance.json``.

    ``configuration`` is the one as written; ``code`` and ``data`` are files and folders besides
    those of the package.
    """
    record = {
        "configuration": configuration,
        "versions": versions(),
        "processor": processor(),
        "code": _package_digests() | _digests(code),
        "data": _digests(data),
    }
    return json.dumps(record, indent=1, default=str) + "\n"


def data_sets(folder):
    """Find the folders with the results of a data set, in a folder or the folder itself, sorted.

    Raise a ValueError if it is not a folder, or has no results.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"Expected a folder of results. Received: {folder}")
    marks, folders = (SUMS, PROVENANCE, "data/images.npz", "scores.csv"), []
    for at, below, _ in os.walk(folder):
        if any(Path(at, mark).exists() for mark in marks):
            folders.append(Path(at))
            below.clear()
    if not folders:
        raise ValueError(
            f"Expected a folder of results that the workflow wrote, such as results/mnist. "
            f"Received: {folder}"
        )
    return sorted(folders)


def results_in(folder):
    """List the files of results, relative to the folder, except those of `UNLISTED` folders."""
    files = set()
    for at, below, names in os.walk(folder):
        inside = Path(at).relative_to(folder)
        if inside == Path():
            below[:] = [name for name in below if name not in UNLISTED]
        # A link to a folder is listed, not followed: it may be foreign
        names = [*names, *(name for name in below if Path(at, name).is_symlink())]
        files |= {(inside / name).as_posix() for name in names}
    return sorted(files - {SUMS})


def verify(folder, configuration=None, expected=None):
    """Compare the results of a data set with their list, and with code, configuration and data.

    Code and data of the user are found relative to the current folder. Compare with a
    ``configuration`` as written, and with the ``expected`` SHA-256 of the list, if they are given.
    Return `Findings`.
    """
    folder = Path(folder)
    listed, faults = _read_sums(folder)
    record, unread = _read_provenance(folder)
    faults += unread
    now, logged, left = results_in(folder), written(folder), []
    for name in sorted({*now, *listed}):
        if name in now and name not in listed and name in logged:
            left.append(f"{folder / name} was left by a run of another configuration")
        elif fault := _fault(folder, name, now, listed, logged):
            faults.append(f"{folder / name} {fault}")
    changed, missing = _changed({**record.get("code", {}), **record.get("data", {})})
    faults += [f"{path} has changed since the results were made" for path in changed]
    notes = [*left, *(f"{path} was not compared: it is missing" for path in missing)]
    if record and configuration is not None and record["configuration"] != configuration:
        keys = ", ".join(differing_keys(record["configuration"], configuration))
        faults.append(f"{folder} was made with another configuration, which differs in: {keys}.")
    if record and record["versions"] != versions():
        keys = ", ".join(differing_keys(record["versions"], versions()))
        notes.append(f"{folder} was made with other versions of: {keys}.")
    if merged := record.get("configuration", {}).get("merge"):
        names = ", ".join(map(str, merged))
        notes.append(f"{folder} includes {names}, whose configuration was not compared")
    path = folder / SUMS
    signed = digest(path) if path.is_file() else None
    if expected and signed and signed != expected.lower():
        faults.append(f"{path} has another SHA-256. Expected: {expected}. Received: {signed}")
    return Findings(faults, notes, len(listed), signed)


def differing_keys(one, other, above=""):
    """List the keys, dotted, in which two nested mappings differ."""
    keys = []
    for key in {**one, **other}:
        sides = one.get(key), other.get(key)
        if all(isinstance(side, dict) for side in sides):
            keys += differing_keys(*sides, f"{above}{key}.")
        elif sides[0] != sides[1]:
            keys.append(f"{above}{key}")
    return keys


def versions():
    """Versions of Python, of kerasae and of the packages that results depend on."""
    numbers = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            numbers[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            numbers[name] = "not installed"
    return numbers


def processor():
    """Name of the processor, if the system reports it; else of the machine type."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _read_sums(folder):
    """Read the list of files, name → SHA-256, and its faults."""
    path = folder / SUMS
    if not path.exists():
        return {}, [f"{path} is missing: Snakemake writes it when all results are complete"]
    try:
        text = path.read_bytes().decode()
    except (OSError, ValueError):
        return {}, [f"{path} cannot be read: delete it and run Snakemake to write it again"]
    listed = {line[66:]: line[:64] for line in text.split("\n") if LINE.fullmatch(line)}
    if listing(listed) != text:
        return listed, [f"{path} was damaged or edited: its format is not that of the workflow"]
    return listed, []


def _read_provenance(folder):
    """Read what the results were made from, and its faults."""
    path = folder / PROVENANCE
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        kinds = {"configuration": dict, "versions": dict, "code": dict, "data": dict}
        if all(isinstance(record[key], kind) for key, kind in kinds.items()):
            return record, []
    except FileNotFoundError:
        return {}, [f"{path} is missing: Snakemake writes it when all results are complete"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        pass
    return {}, [f"{path} was damaged or edited: delete it and run Snakemake to write it again"]


def _fault(folder, name, now, listed, logged):
    """Describe the fault of a single file, None if it has none."""
    if UNFINISHED.fullmatch(Path(name).name):
        return "was left by an interrupted write: delete it when no workflow is running"
    if name not in now:
        return "is missing"
    if name not in listed:
        return f"is not in {SUMS}: another file than the workflow's, or newer than the list"
    path = folder / name
    try:  # reading a pipe would block
        received = digest(path) if path.is_file() else None
    except OSError:
        received = None
    if received is None:
        return "cannot be read"
    if received != listed[name]:
        return f"was damaged or edited: it differs from {SUMS}"
    if received not in logged.get(name, {received}):
        return f"was damaged or edited: it differs from the log of its job and not from {SUMS}"
    return None


def _changed(digests):
    """List the files of code and data, path → SHA-256, that differ now, and those that are gone."""
    changed, missing = [], []
    for path, sha256 in digests.items():
        file = Path(path)
        if path.startswith("kerasae/") and not file.is_file():  # no clone: the installed package
            file = PACKAGE.parent / path
        if not file.is_file():
            missing.append(path)
        elif digest(file) != sha256:
            changed.append(path)
    return changed, missing


def _package_digests():
    """Digests of the files of the package, by path."""
    files = files_of("")
    return {file.relative_to(PACKAGE.parent).as_posix(): digest(file) for file in files}


def _digests(paths):
    """Digests of files, and of all files in folders, by path."""
    return {str(file): digest(file) for path in paths for file in _files_below(path)}


def _files_below(path):
    """List a file, or the files of a folder, following each link to a folder once."""
    if not os.path.exists(path):
        raise ValueError(f"Expected a file or folder. Received: {path}")
    if not os.path.isdir(path):
        return [Path(path)]
    files, visited = [], set()
    for folder, below, names in os.walk(path, followlinks=True):
        real = os.path.realpath(folder)
        if real in visited:
            below.clear()  # a cyclic or duplicate link
            continue
        visited.add(real)
        files += [path for name in names if (path := Path(folder, name)).is_file()]
    return sorted(files)
