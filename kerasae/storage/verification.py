"""Verify a folder of results: the signed list of its files, their records, their sources.

The list, ``SHA256SUMS`` in the format of ``sha256sum``, is written by the last rule of the workflow
for each data set. It holds every file and every record, but no logs, benchmarks and checkpoints.
Whoever keeps its digest finds every later change.
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
MARKS = (LIST, "data/images.npz", "data/.images.npz.json", "scores.csv", ".scores.csv.json")
LINE = re.compile(r"[0-9a-f]{64}  .+")
SHOWN = 3
"""How many of the files that were made from something are named."""


class Findings(NamedTuple):
    """What `verify` found in the results of one data set."""

    faults: list
    """A sentence for everything that is not as it was written."""
    notes: list
    """A sentence for everything that was not compared."""
    count: int
    """Files that were compared."""
    digest: str | None
    """SHA-256 of the list, None if there is none."""


def data_sets(folder):
    """Find the results of data sets: the folder itself, or folders in it.

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
        If it is no folder, or holds no results.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"Expected a folder of results. Received: {folder}")
    found = []
    for at, below, _ in os.walk(folder):
        if any(Path(at, mark).exists() for mark in MARKS):
            found.append(Path(at))
            below.clear()
    if not found:
        raise ValueError(
            f"Expected a folder of results that the workflow wrote, such as results/mnist. "
            f"Received: {folder}"
        )
    return sorted(found)


def files_in(folder):
    """List the files of a data set's results, relative to it, without those never listed."""
    found = []
    for at, below, names in os.walk(folder):
        inside = Path(at).relative_to(folder)
        if inside == Path():
            below[:] = [name for name in below if name not in UNLISTED]
        # A link to a folder is not followed, but is one thing that can be foreign
        names = [*names, *(name for name in below if Path(at, name).is_symlink())]
        found += [(inside / name).as_posix() for name in names]
    return sorted(set(found) - {LIST})


def sums(folder, made):
    """List the digests of all files of a data set's results, each compared with its record.

    Parameters
    ----------
    folder : path-like
        The results of one data set.
    made : iterable of path-like
        Files in it that belong to it whether or not they have a record.

    Returns
    -------
    str
        The content of ``SHA256SUMS``: the files in ``made``, all others that have a record, and
        the records.

    Raises
    ------
    DamagedError
        If a file differs from its record.
    """
    folder = Path(folder)
    listed = {Path(os.path.relpath(path, folder)).as_posix() for path in made}
    files = set(files_in(folder))
    for name in files:
        target = recorded(name)
        if target in files:
            listed |= {name, target}
    checked = {name: provenance.checked(folder / name) for name in listed}
    return listing(checked)


def recorded(name):
    """Give the name of the file that a record is about, None if this is no record."""
    target = None if UNFINISHED.fullmatch(Path(name).name) else provenance.recorded_by(name)
    return target and target.as_posix()


def verify(folder, configuration=None):
    """Compare the results of a data set with their list, their records and their sources.

    Parameters
    ----------
    folder : path-like
        The results of one data set, wherever they lie. Code and data outside of it are looked
        for relative to the current folder.
    configuration : dict, optional
        What ``scores.csv`` should have been made by. Other files are not compared with it, as
        those stay that a change of the configuration does not affect.

    Returns
    -------
    Findings
        Without faults if the results are complete and unchanged.
    """
    folder = Path(folder)
    now = {name: _digest(folder / name) for name in files_in(folder)}
    listed, faults = _listed(folder)
    records, unreadable = _records(folder, now, listed)
    found = {}
    for name in sorted({*now, *(listed or ()), *records}):
        fault = _fault(name, now, listed, records, unreadable)
        if fault:
            found[name] = fault
    _outdated(found, records, "inputs", now)
    faults += [f"{folder / name} {fault}" for name, fault in sorted(found.items())]

    sources = {name for record in records.values() for name in record["sources"]}
    at_hand = {name: _digest(name) for name in sources if os.path.lexists(name)}
    notes = []
    if sources and not at_hand:
        notes.append(
            f"{folder}: code and data were not compared, as they are not found from "
            f"{Path.cwd()}: run this where snakemake ran"
        )
    else:
        found = {}
        _outdated(found, records, "sources", at_hand)
        faults += [f"{name} {fault}" for name, fault in sorted(found.items())]

    made_by = records.get("scores.csv", {}).get("settings", {}).get("configuration", {})
    if made_by and configuration not in (None, made_by):
        keys = ", ".join(differing(made_by, configuration))
        faults.append(
            f"{folder / 'scores.csv'} was made by another configuration, which differs in: {keys}. "
            f"Name what was laid over config.yaml with --configfile, or run Snakemake"
        )
    if made_by.get("merge"):
        notes.append(
            f"{folder / 'scores.csv'} includes {', '.join(made_by['merge'])}: the configuration "
            f"of these was not compared"
        )
    return Findings(faults, notes, len(now), _digest(folder / LIST))


def another(folder, received, expected):
    """Say in a list of at most one sentence that the list has another SHA-256 than expected."""
    if expected is None or received == expected.lower():
        return []
    return [f"{folder / LIST} has another SHA-256. Expected: {expected}. Received: {received}"]


def _listed(folder):
    """Read the list: name → SHA-256, None if there is no list; and a sentence if it is damaged."""
    path = folder / LIST
    if not path.exists():
        return None, [f"{path} is missing: Snakemake writes it when all results are made"]
    try:
        text = path.read_bytes().decode()
    except (OSError, ValueError):
        return None, [f"{path} cannot be read: delete it and run Snakemake to write it again"]
    found = {line[66:]: line[:64] for line in text.split("\n") if LINE.fullmatch(line)}
    faults = []
    if listing(found) != text:
        faults.append(f"{path} was damaged or edited: it is not as the workflow writes it")
    return found, faults


def _records(folder, now, listed):
    """Read all records: name of the file → record; and the names of those that are unreadable."""
    found, unreadable = {}, set()
    for name in now:
        target = recorded(name)
        if target:
            try:
                found[target] = provenance.read(folder / target)
            except provenance.DamagedError:
                # Any other file can have such a name
                unreadable |= {target} & {*now, *(listed or ())}
    return found, unreadable


def _fault(name, now, listed, records, unreadable):
    """Say what is wrong with a file in itself, None if nothing."""
    if UNFINISHED.fullmatch(Path(name).name):
        return "was left by an interrupted write: delete it when no workflow is running"
    if name not in now:
        return "is gone"
    if now[name] is None:
        return "cannot be read"
    of = recorded(name)
    is_record = of in records or of in unreadable
    as_recorded = name in records and records[name]["sha256"] == now[name]
    if listed is not None and name in listed and listed[name] != now[name]:
        if as_recorded:
            return f"differs from {LIST}, but not from its record: the list is not of these results"
        return f"was damaged or edited: it differs from {LIST}"
    if name in records and not as_recorded:
        return "was damaged or edited: it differs from its record"
    if name in unreadable:
        return "has a record that is damaged, or of another version of kerasae"
    if name not in records and not is_record:
        if listed and name in listed:
            return "has lost its record, or was made without one"
        return "was not made by the workflow: move it elsewhere"
    if listed is not None and name not in listed:
        return f"is not in {LIST}: run Snakemake to write it again"
    return None


def _outdated(found, records, part, now):
    """Add to the faults (name → text) what changed after other files were made from it."""
    made = defaultdict(list)
    for target, record in sorted(records.items()):
        for source, sha256 in record[part].items():
            if now.get(source) != sha256:
                made[source].append(target)
    for source, names in made.items():
        count = "1 file was" if len(names) == 1 else f"{len(names)} files were"
        fault = found.get(source)
        if fault is None:
            fault = "is another version now" if source in now else "is gone"
        more = ", ..." if len(names) > SHOWN else ""
        found[source] = f"{fault} ({count} made from it: {', '.join(names[:SHOWN])}{more})"


def _digest(path):
    """Compute the SHA-256 of a file, None if it cannot be read."""
    try:  # a pipe would be waited for
        return digest(path) if os.path.isfile(path) else None
    except OSError:
        return None


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
