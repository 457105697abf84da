"""Scores: one tidy table with a row per number and a column per qualifier."""

import csv
import math
import re

import pandas as pd

from kerasae.evaluation.metric import CODES, COLUMNS, KEYS
from kerasae.evaluation.tasks import TASKS

_NUMERIC = ("seed", "latent_dim", "labels")
"""Columns of integers; blank where they do not apply."""
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
    """A table of another run is no table of scores. The message is one line."""


def read(path):
    """Return scores as a data frame; text columns stay text, with "" where they do not apply."""
    texts = {name: str for name in COLUMNS if name not in (*_NUMERIC, "value")}
    blank = {name: [""] for name in (*_NUMERIC, "value")}
    return pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=blank)


def select(scores, task, key):
    """Return the rows of a `ScoreKey` of a task; a blank code matches any."""
    rows = (scores["task"] == task) & (scores["metric"] == key.metric)
    for column, value in key.qualifiers.items():
        same = scores[column] == value
        rows &= same | (scores[column] == "") if column == "code" else same
    return scores[rows]


def read_elsewhere(path):
    """Return scores that were computed elsewhere, from a CSV file in UTF-8 with the `COLUMNS`.

    The table may come from a stranger, and its names reach figures and pages: only values that this
    package could have written are accepted, see `SCHEMA`. Repeated rows are dropped. A ScoresError
    names file, line and column.
    """
    values = {}
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if tuple(header) != COLUMNS:
                raise ScoresError(
                    f"{path}, line 1: expected the columns {', '.join(COLUMNS)}. "
                    f"Received: {_quoted(', '.join(header))}"
                )
            for row in filter(None, reader):
                keys, value = _checked(row, f"{path}, line {reader.line_num}")
                if values.setdefault(keys, value) != value:
                    number = " ".join(str(key) for key in keys if key not in ("", None))
                    raise ScoresError(
                        f"{path}, line {reader.line_num}, column value: expected one value for "
                        f"{_quoted(number)}. Received: {values[keys]} and {value}"
                    )
    except OSError as error:
        raise ScoresError(
            f"{path}: expected a table of scores. Received: {error.strerror}"
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScoresError(f"{path}: expected a table of scores. Received: {error}") from None
    if not values:
        raise ScoresError(f"{path}: expected a table of scores. Received: no rows")
    return pd.DataFrame([(*keys, value) for keys, value in values.items()], columns=COLUMNS)


def _checked(row, place):
    """Return the keys and the value of a row (list of str), with integers as int.

    Raise a ScoresError if the row does not fit the `SCHEMA`.
    """
    if len(row) != len(COLUMNS):
        raise ScoresError(f"{place}: expected {len(COLUMNS)} columns. Received: {len(row)}")
    named = dict(zip(COLUMNS, row, strict=True))
    for column, (expected, pattern) in SCHEMA.items():
        text = named[column]
        fits = re.fullmatch(pattern, text) and (text.isprintable() or not text)
        if column == "metric":  # the task was checked before
            names = [metric.name for metric in TASKS[named["task"]].metrics]
            expected, fits = f"one of {', '.join(names)}", text in names
        if fits and column == "value":  # codes with a dead unit have no volume
            fits = math.isfinite(float(text)) or (named["metric"], text) == ("log_volume", "-inf")
        if not fits:
            raise ScoresError(
                f"{place}, column {column}: expected {expected}. Received: {_quoted(text)}"
            )
    for column in _NUMERIC:
        named[column] = int(float(named[column])) if named[column] else None
    return tuple(named[column] for column in KEYS), float(named["value"])


def _quoted(text):
    """Return external text quoted on one line, with control characters escaped."""
    return repr(text if len(text) <= 200 else f"{text[:200]}...")


def merged(own, others):
    """Return the scores of the data set of ``own``, from it and from ``others``.

    A number that several tables have, such as one without a seed, comes from the first of them.
    """
    tables = [own, *(other[other["dataset"].isin(own["dataset"])] for other in others)]
    return pd.concat(tables).drop_duplicates(list(KEYS), ignore_index=True)


def with_integers(scores):
    """Return scores with columns of integers, written as 1, not 1.0, beside blanks."""
    return scores.astype(dict.fromkeys(_NUMERIC, "Int64"))
