"""Verify a folder of results against its list of files, its records and its sources.

The last rule of the workflow writes the list of each data set, ``SHA256SUMS`` in the format of
``sha256sum``. It has every file and record except logs, benchmarks and checkpoints. A copy of its
digest reveals any later change.
"""

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from kerasae.storage import provenance
from kerasae.storage.atomic import UNFINISHED, digest, listing

LIST = "SHA256SUMS"
UNLISTED = ("logs", "benchmarks", "checkpoints")
MARKER_FILES = (LIST, "data/images.npz", "data/.images.npz.json", "scores.csv", ".scores.csv.json")
LINE = re.compile(r"[0-9a-f]{64}  .+")
MAX_NAMES = 3
"""Maximum number of affected files to name."""


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


def data_sets(folder):
    """Find the folders with the results of a data set, in a folder or the folder itself.

    Parameters
    ----------
    folder : path-like
        Such as ``results/mnist`` or ``results``.

    Returns
    -------
    list of pathlib.Path
        Sorted.

    Raises
    ------
    ValueError
        If it is not a folder, or has no results.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"Expected a folder of results. Received: {folder}")
    found = []
    for at, below, _ in os.walk(folder):
        if any(Path(at, mark).exists() for mark in MARKER_FILES):
            found.append(Path(at))
            below.clear()
    if not found:
        raise ValueError(
            f"Expected a folder of results that the workflow wrote, such as results/mnist. "
            f"Received: {folder}"
        )
    return sorted(found)


def files_in(folder):
    """List the files of a data set's results, relative to the folder, except `UNLISTED` ones."""
    found = []
    for at, below, names in os.walk(folder):
        inside = Path(at).relative_to(folder)
        if inside == Path():
            below[:] = [name for name in below if name not in UNLISTED]
        # A link to a folder is listed, not followed: it may be foreign
        names = [*names, *(name for name in below if Path(at, name).is_symlink())]
        found += [(inside / name).as_posix() for name in names]
    return sorted(set(found) - {LIST})


def sums(folder, made):
    """Content of ``SHA256SUMS`` for the results of a data set.

    Parameters
    ----------
    folder : path-like
        The results of one data set.
    made : iterable of path-like
        Files in the folder to list even without a record.

    Returns
    -------
    str
        Digests of the files in ``made``, of other files with a record, and of the records.

    Raises
    ------
    DamagedError
        If a file differs from its record.
    """
    folder = Path(folder)
    listed = {Path(os.path.relpath(path, folder)).as_posix() for path in made}
    files = set(files_in(folder))
    for name in files:
        target = target_of(name)
        if target in files:
            listed |= {name, target}
    checked = {name: provenance.checked(folder / name) for name in listed}
    return listing(checked)


def target_of(name):
    """Name of the file that a record describes, or None if the name is not that of a record."""
    target = None if UNFINISHED.fullmatch(Path(name).name) else provenance.recorded_by(name)
    return target and target.as_posix()


def verify(folder, configuration=None, expected=None):
    """Compare the results of a data set with their list, their records and their sources.

    Parameters
    ----------
    folder : path-like
        The results of one data set. Code and data are found relative to the current folder.
    configuration : dict, optional
        Expected configuration of ``scores.csv``. Other files are not compared with it, as not
        every change of the configuration affects them.
    expected : str, optional
        Expected SHA-256 of the list.

    Returns
    -------
    Findings
        Without faults if the results are complete and unchanged.
    """
    folder = Path(folder)
    now = {name: _digest(folder / name) for name in files_in(folder)}
    listed, faults = _read_list(folder)
    records, unreadable = _read_records(folder, now, listed)
    found = {}
    for name in sorted({*now, *(listed or ()), *records}):
        fault = _file_fault(name, now, listed, records, unreadable)
        if fault:
            found[name] = fault
    _add_outdated(found, records, "inputs", now)
    faults += [f"{folder / name} {fault}" for name, fault in sorted(found.items())]

    sources = {name for record in records.values() for name in record["sources"]}
    at_hand = {name: _digest(name) for name in sources if os.path.lexists(name)}
    notes = []
    if sources and not at_hand:
        notes.append(
            f"{folder}: code and data were not compared, as they were not found from "
            f"{Path.cwd()}: run this in the folder in which snakemake ran"
        )
    else:
        found = {}
        _add_outdated(found, records, "sources", at_hand)
        faults += [f"{name} {fault}" for name, fault in sorted(found.items())]

    made_by = records.get("scores.csv", {}).get("settings", {}).get("configuration", {})
    if made_by and configuration not in (None, made_by):
        keys = ", ".join(differing_keys(made_by, configuration))
        faults.append(
            f"{folder / 'scores.csv'} was made with another configuration, which differs in: "
            f"{keys}. Give the --configfile options of the run that made it, or run Snakemake"
        )
    if made_by.get("merge"):
        notes.append(
            f"{folder / 'scores.csv'} includes {', '.join(made_by['merge'])}, whose configuration "
            "was not compared"
        )
    received = _digest(folder / LIST)
    if expected is not None and received != expected.lower():
        faults.append(
            f"{folder / LIST} has another SHA-256. Expected: {expected}. Received: {received}"
        )
    return Findings(faults, notes, len(now), received)


def _read_list(folder):
    """Read the list, name → SHA-256 or None if missing or unreadable, and its faults."""
    path = folder / LIST
    if not path.exists():
        return None, [f"{path} is missing: Snakemake writes it when all results are complete"]
    try:
        text = path.read_bytes().decode()
    except (OSError, ValueError):
        return None, [f"{path} cannot be read: delete it and run Snakemake to write it again"]
    found = {line[66:]: line[:64] for line in text.split("\n") if LINE.fullmatch(line)}
    faults = []
    if listing(found) != text:
        faults.append(f"{path} was damaged or edited: its format is not that of the workflow")
    return found, faults


def _read_records(folder, now, listed):
    """Read the records, name of the file → record, and the names of files with unreadable ones."""
    found, unreadable = {}, set()
    for name in now:
        target = target_of(name)
        if target:
            try:
                found[target] = provenance.read(folder / target)
            except provenance.DamagedError:
                # A file that is no record may have such a name, too
                unreadable |= {target} & {*now, *(listed or ())}
    return found, unreadable


def _file_fault(name, now, listed, records, unreadable):
    """Describe the fault of a single file, None if it has none."""
    if UNFINISHED.fullmatch(Path(name).name):
        return "was left by an interrupted write: delete it when no workflow is running"
    if name not in now:
        return "is missing"
    if now[name] is None:
        return "cannot be read"
    target = target_of(name)
    is_record = target in records or target in unreadable
    as_recorded = name in records and records[name]["sha256"] == now[name]
    if listed is not None and name in listed and listed[name] != now[name]:
        if as_recorded:
            return f"differs from {LIST}, but not from its record: the list is of other results"
        return f"was damaged or edited: it differs from {LIST}"
    if name in records and not as_recorded:
        return "was damaged or edited: it differs from its record"
    if name in unreadable:
        return "has a record that is damaged, or of another version of kerasae"
    if name not in records and not is_record:
        if listed and name in listed:
            return "has no record"
        return "was not made by the workflow: move it elsewhere"
    if listed is not None and name not in listed:
        return f"is not in {LIST}: run Snakemake to write it again"
    return None


def _add_outdated(found, records, part, now):
    """Add to the faults (name → text) inputs that changed after they were used."""
    made = defaultdict(list)
    for target, record in sorted(records.items()):
        for source, sha256 in record[part].items():
            if now.get(source) != sha256:
                made[source].append(target)
    for source, names in made.items():
        count = "1 file was" if len(names) == 1 else f"{len(names)} files were"
        fault = found.get(source)
        if fault is None:
            fault = "has changed" if source in now else "is missing"
        more = ", ..." if len(names) > MAX_NAMES else ""
        found[source] = f"{fault} ({count} made from it: {', '.join(names[:MAX_NAMES])}{more})"


def _digest(path):
    """Compute the SHA-256 of a file, None if it cannot be read."""
    try:  # reading a pipe would block
        return digest(path) if os.path.isfile(path) else None
    except OSError:
        return None


def differing_keys(one, other, above=""):
    """List the keys, dotted, in which two nested mappings differ."""
    found = []
    for key in {**one, **other}:
        sides = one.get(key), other.get(key)
        if all(isinstance(side, dict) for side in sides):
            found += differing_keys(*sides, f"{above}{key}.")
        elif sides[0] != sides[1]:
            found.append(f"{above}{key}")
    return found
