"""Scores: one tidy table with a row per number and a column per qualifier."""

import csv
import math
import re
from pathlib import Path

import pandas as pd

from kerasae.evaluation.metric import CODES, COLUMNS, KEYS
from kerasae.evaluation.tasks import TASKS

_NUMERIC = ("seed", "latent_dim", "labels")
"""Columns of integers; blank where they do not apply."""
LARGEST_TABLE = 64 * 2**20
"""Largest file size of an external table, in bytes; 1000 runs have about 10 MB."""
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_NAME = ("a name of small letters, digits and _", r"[a-z][a-z0-9_]{0,99}")
_NAME_OR_BLANK = ("a name of small letters, digits and _, or nothing", r"([a-z][a-z0-9_]{0,99})?")
_WHOLE = ("a whole number or nothing", r"([0-9]{1,10}(\.0)?)?")
SCHEMA = {
    "dataset": _NAME,
    "variant": _NAME,
    "seed": _WHOLE,
    "latent_dim": _WHOLE,
    "held_out": ("at most 200 printable characters", r".{1,200}"),
    "task": (f"one of {', '.join(TASKS)}", "|".join(TASKS)),
    "metric": ("a metric of the task", _NAME[1]),
    "code": (f"one of {', '.join(CODES)}, or nothing", f"({'|'.join(CODES)})?"),
    "sampler": _NAME_OR_BLANK,
    "probe": _NAME_OR_BLANK,
    "labels": _WHOLE,
    "score": _NAME_OR_BLANK,
    "reference": _NAME_OR_BLANK,
    "classes": ("at most 200 letters, digits, _ and spaces", r"[\w ]{0,200}"),
    "value": ("a finite number", f"{_NUMBER}|-inf"),
}
"""Column → description and pattern of valid values. No value may contain markup."""


class ScoresError(ValueError):
    """An external table is not a valid table of scores. The message is one line."""


def read(path):
    """Return scores as a data frame; text columns stay text, with "" where they do not apply."""
    texts = {name: str for name in COLUMNS if name not in (*_NUMERIC, "value")}
    blank = {name: [""] for name in (*_NUMERIC, "value")}
    return pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=blank)


def select(scores, task, measure):
    """Return the rows of a measure of a task; a blank code matches any."""
    fits = (scores["task"] == task) & (scores["metric"] == measure.metric)
    for column, value in measure.qualifiers.items():
        same = scores[column] == value
        fits &= same | (scores[column] == "") if column == "code" else same
    return scores[fits]


def read_elsewhere(path):
    """Return scores that were computed elsewhere, from a CSV file in UTF-8 with the `COLUMNS`.

    Names in a table reach figures and pages: only values that this package could have written are
    accepted, see `SCHEMA`. Repeated rows are dropped. A ScoresError names file, line and column.
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
                keys, value = _checked(row, f"{path}, line {reader.line_num}")
                if values.setdefault(keys, value) != value:
                    known = " ".join(str(key) for key in keys if key not in ("", None))
                    raise ScoresError(
                        f"{path}, line {reader.line_num}, column value: expected one value for "
                        f"{shown(known)}. Received: {values[keys]} and {value}"
                    )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScoresError(f"{path}: expected a table of scores. Received: {error}") from None
    if not values:
        raise ScoresError(f"{path}: expected a table of scores. Received: no rows")
    return pd.DataFrame([(*keys, value) for keys, value in values.items()], columns=COLUMNS)


def _checked(row, place):
    """Return the keys and the value of a row (list of str), with integers as int, or raise."""
    if len(row) != len(COLUMNS):
        raise ScoresError(f"{place}: expected {len(COLUMNS)} columns. Received: {len(row)}")
    named = dict(zip(COLUMNS, row, strict=True))
    for column, (expected, pattern) in SCHEMA.items():
        text = named[column]
        fits = re.fullmatch(pattern, text) and (text.isprintable() or not text)
        if column == "metric":  # the task was checked before
            names = [metric.name for metric in TASKS[named["task"]].metrics]
            expected, fits = f"one of {', '.join(names)}", text in names
        if fits and column == "value":  # of codes with a dead unit
            fits = math.isfinite(float(text)) or (named["metric"], text) == ("log_volume", "-inf")
        if not fits:
            raise ScoresError(
                f"{place}, column {column}: expected {expected}. Received: {shown(text)}"
            )
    for column in _NUMERIC:
        named[column] = int(float(named[column])) if named[column] else None
    return tuple(named[column] for column in KEYS), float(named["value"])


def shown(text):
    """Return external text quoted on one line, with control characters escaped."""
    return repr(text if len(text) <= 200 else f"{text[:200]}...")


def merged(own, others):
    """Return all scores of the data set of ``own``, with those of ``others``.

    Of a number in several tables, such as one without a seed, the first is kept.
    """
    parts = [own, *(other[other["dataset"].isin(own["dataset"])] for other in others)]
    return pd.concat(parts).drop_duplicates(list(KEYS), ignore_index=True)


def with_integers(scores):
    """Return scores with columns of integers, written as 1, not 1.0, beside blanks."""
    return scores.astype(dict.fromkeys(_NUMERIC, "Int64"))
