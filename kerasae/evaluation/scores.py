"""Numbers in one tidy table."""

import csv
import math
import re
from pathlib import Path

import pandas as pd

COLUMNS = ("dataset", "variant", "seed", "latent_dim", "held_out", "task", "metric", "value")
KEYS = COLUMNS[:-1]
TASKS = (
    *("training_time", "reconstruction", "classification", "label_curve", "anomaly"),
    *("samples", "interpolation", "latent_space", "uncertainty"),
)
LARGEST_TABLE = 64 * 2**20
"""Bytes of a table from elsewhere; a comparison of 1000 runs has about 10 MB."""
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
NAME = ("a name of small letters, digits and _", r"[a-z][a-z0-9_]{0,99}")
WHOLE = ("a whole number or nothing", r"([0-9]{1,10}(\.0)?)?")
SCHEMA = {
    "dataset": NAME,
    "variant": NAME,
    "seed": WHOLE,
    "latent_dim": WHOLE,
    "held_out": ("at most 200 printable characters", r".{1,200}"),
    "task": (f"one of {', '.join(TASKS)}", "|".join(TASKS)),
    "metric": ("the name of a metric", r"[a-z][\w %]{0,99}( \([\w ]{1,99}\))?"),
    "value": ("a finite number", f"{NUMBER}|-inf"),
}
"""Column → what a value has to be, in words and as a pattern. No value may hold markup."""


class ScoresError(ValueError):
    """A table from elsewhere is not a table of scores. The message is one line."""


def tidy(run, task, metrics):
    """Make the rows of one run and task.

    Parameters
    ----------
    run : mapping
        ``dataset``, ``variant``, ``seed``, ``latent_dim`` and ``held_out`` of the run.
    task : str
        Name of the task.
    metrics : dict of str to float
        What was measured.

    Returns
    -------
    pandas.DataFrame
        With the `COLUMNS`, a row a number.
    """
    keys = {column: run[column] for column in COLUMNS[:5]}
    rows = [{**keys, "task": task, "metric": name, "value": x} for name, x in metrics.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def read(path):
    """Read scores; labels of classes and ``none`` stay text."""
    return pd.read_csv(path, dtype={"held_out": str}, keep_default_na=False, na_values=[""])


def read_elsewhere(path):
    """Read scores that were computed elsewhere, by a closed schema.

    Names in a table reach figures and pages: only what this package could have written is read.

    Parameters
    ----------
    path : path-like
        A CSV file in UTF-8 with exactly the `COLUMNS`.

    Returns
    -------
    pandas.DataFrame
        With the `COLUMNS`; rows that repeat another one are dropped.

    Raises
    ------
    ScoresError
        If the file cannot be read, is empty, too large or no such table, if a value does not fit
        the `SCHEMA`, or if one number comes twice with different values. One line that names
        the file, the line in it and the column.
    """
    path = Path(path)
    if not path.is_file():
        raise ScoresError(f"{path}: expected a table of scores. Received: no such file")
    if (size := path.stat().st_size) > LARGEST_TABLE:
        raise ScoresError(
            f"{path}: expected a table of scores of at most {LARGEST_TABLE} bytes. Received: {size}"
        )
    values = {}
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if tuple(header) != COLUMNS:
                raise ScoresError(
                    f"{path}, line 1: expected the columns {', '.join(COLUMNS)}. "
                    f"Received: {shown(', '.join(header))}"
                )
            for row in filter(None, reader):
                keys, value = checked(row, f"{path}, line {reader.line_num}")
                if values.setdefault(keys, value) != value:
                    raise ScoresError(
                        f"{path}, line {reader.line_num}, column value: expected one value for "
                        f"{shown(' '.join(map(str, keys)))}. Received: {values[keys]} and {value}"
                    )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScoresError(f"{path}: expected a table of scores. Received: {error}") from None
    if not values:
        raise ScoresError(f"{path}: expected a table of scores. Received: no rows")
    return pd.DataFrame([(*keys, value) for keys, value in values.items()], columns=COLUMNS)


def checked(row, place):
    """Check one row, a list of str; return its keys and its value, seeds and such as numbers."""
    if len(row) != len(COLUMNS):
        raise ScoresError(f"{place}: expected {len(COLUMNS)} columns. Received: {len(row)}")
    for (column, (expected, pattern)), text in zip(SCHEMA.items(), row, strict=True):
        fits = re.fullmatch(pattern, text) and text.isprintable()
        if fits and column == "value":  # codes with a dead unit have no volume
            fits = math.isfinite(float(text)) or row[-2:] == ["log volume", "-inf"]
        if not fits:
            raise ScoresError(
                f"{place}, column {column}: expected {expected}. Received: {shown(text)}"
            )
    dataset, variant, seed, latent_dim, *rest, value = row
    seed, latent_dim = (int(float(text)) if text else None for text in (seed, latent_dim))
    return (dataset, variant, seed, latent_dim, *rest), float(value)


def shown(text):
    """Quote text from elsewhere on one line, control characters escaped."""
    return repr(text if len(text) <= 80 else f"{text[:80]}...")


def merged(own, others):
    """Lay scores of one data set together with what was computed elsewhere.

    Parameters
    ----------
    own : pandas.DataFrame
        Scores of one data set.
    others : sequence of pandas.DataFrame
        Scores of other runs, of the same data set and of any others.

    Returns
    -------
    pandas.DataFrame
        All scores of the data set. A number that several have, such as one that knows no seed, is
        that of the first of them.
    """
    parts = [own, *(other[other["dataset"].isin(own["dataset"])] for other in others)]
    return pd.concat(parts).drop_duplicates(list(KEYS), ignore_index=True)
