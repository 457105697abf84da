"""Reader of tables: one row per sample, numeric columns, optionally a column of classes."""

import csv
import re
from collections import Counter

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.labels import normalize_text
from kerasae.datasets.limits import check_memory

MAX_LINE_BYTES = 1 << 26
"""Maximum length of a line of a CSV file, in bytes."""


def join_names(names, most=20):
    """Join names with commas, at most the first ``most``."""
    names = list(map(str, names))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if names[most:] else "")


def column_names(path):
    """Read the column names of a table as written in the file."""
    if path.suffix.lower() == ".csv":
        with open(path, newline="", encoding="utf-8-sig") as file:
            return next((names for names in csv.reader(file) if names), [])
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(path)
    # The row index written by pandas is no column
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    return [name for name in schema.names if name not in index]


def checked_column_names(path):
    """Read the normalised column names of a table; raise `DatasetError` if unusable."""
    names = [normalize_text(name, path, "column name") for name in column_names(path)]
    if not names:
        raise DatasetError(
            f"{path}: the table is empty. Expected a line of column names. Received: nothing"
        )
    unnamed = [at for at, name in enumerate(names, 1) if re.fullmatch(r"|Unnamed: \d+", name)]
    if unnamed:
        raise DatasetError(
            f"{path}: a column without a name, such as the row numbers of pandas. Name it, or "
            "drop it (to_csv(..., index=False)). "
            f"Received: column {join_names(unnamed)} of {len(names)}"
        )
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(
            f"{path}: several columns of the same name. Rename or drop them. "
            f"Received: {join_names(twice)}"
        )
    if path.suffix.lower() == ".csv" and all(map(is_number, names)):
        raise DatasetError(
            f"{path}: expected column names in the first line, at least one with a letter. "
            f"Add such a line. Received: {join_names(names)}"
        )
    return names


def is_number(text):
    """Whether a text is a number."""
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False


def read_table(path, labels=None, only="", needed=True):
    """Read the rows and the classes of a table.

    Parameters
    ----------
    path : pathlib.Path
        A ``.csv`` or ``.parquet`` file.
    labels : str, optional
        Column with the classes.
    only : {"", "y"}, optional
        "y": read only the classes.
    needed : bool, optional
        Whether the table must have that column.

    Returns
    -------
    arrays : dict of str to numpy.ndarray
        ``x_train`` (n, d), float64, and, if the table has labels, ``y_train`` (n,).
    columns : tuple of str
        Names of the ``d`` columns.
    """
    labels = None if labels is None else normalize_text(labels, path, "column name")
    names = checked_column_names(path)
    if labels is not None and labels not in names:
        if needed:
            raise DatasetError(
                f"{path}: no such column for the labels. Expected one of "
                f"{join_names(names)}. Received: {labels}"
            )
        labels = None
    if only == "y" and labels is None:
        return {}, ()
    table = read_columns(path, names, [labels] if only == "y" else names)
    found = {}
    if labels in table:
        found["y_train"] = np.asarray(table.pop(labels).to_pandas())
    if only == "y":
        return found, ()
    return {**found, "x_train": as_float_array(path, table)}, tuple(table)


def record_numbers(path):
    """Numbers of the records of a CSV file as a spreadsheet counts them; the header is the first.

    Blank lines count, and have no number in the list; a quoted line break is part of its record.
    """
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        return [number for number, record in enumerate(csv.reader(file), 1) if record]


def count_rows(path):
    """Count the rows of a table without keeping them in memory."""
    import pyarrow.parquet

    if path.suffix.lower() == ".parquet":
        return pyarrow.parquet.read_metadata(path).num_rows
    names = checked_column_names(path)
    return len(next(iter(read_columns(path, names, names[:1]).values())))


def read_columns(path, names, wanted):
    """Read columns by name; those of a CSV file as text, others in their type."""
    raw = dict(zip(names, column_names(path), strict=True))
    if path.suffix.lower() == ".csv":
        table = read_csv(path, list(raw.values()), [raw[name] for name in wanted])
        return dict(zip(wanted, table.columns, strict=True))
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        rows = file.metadata.num_rows
        check_memory(path, 8 * rows * len(wanted), f"{rows} rows of {len(wanted)} columns")
        table = file.read(columns=[raw[name] for name in wanted])
    place = {name: number for number, name in enumerate(table.column_names)}
    return {name: table.column(place[raw[name]]) for name in wanted}


def read_csv(path, names, wanted):
    """Read columns of a CSV file as text; every row must have as many fields as the header."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    size = path.stat().st_size
    check_memory(path, 2 * size, "text")
    block_size = min(max(size, 1 << 12), MAX_LINE_BYTES)
    try:
        table = arrow.read_csv(
            path,
            arrow.ReadOptions(block_size=block_size, use_threads=False),
            arrow.ParseOptions(newlines_in_values=True),
            arrow.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=wanted,
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        reason = re.sub(r"^CSV parse error: ", "", str(error).split("\n")[0])
        fields = re.match(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)(?:: (.*))?", reason)
        if not fields:
            raise
        row, expected, received, text = fields.groups()
        row = row and record_numbers(path)[int(row) - 1]
        raise DatasetError(
            f"{path}: row {row} has more or fewer fields than the header. Expected: {expected}. "
            f"Received: {received} ({(text or '')[:60]})"
        ) from error
    if table.column_names != wanted:
        raise DatasetError(
            f"{path}: column names cannot be read. Expected: {join_names(wanted)}. "
            f"Received: {join_names(table.column_names)}"
        )
    return table


def as_float_array(path, table):
    """Convert columns to a float64 array; raise `DatasetError` for text and missing values."""
    is_text = path.suffix.lower() == ".csv"
    words, incomplete = [], []
    rows = len(next(iter(table.values()), ()))
    check_memory(path, 8 * rows * len(table), f"{rows} rows of {len(table)} columns")
    array = np.empty((rows, len(table)))
    for number, (name, column) in enumerate(table.items()):
        values = column_to_floats(column, is_text)
        if values is None:
            words.append(name)
        elif np.isnan(values).any():
            incomplete.append(name)
        else:
            array[:, number] = values
    if words:
        raise DatasetError(
            f"{path}: expected numbers in all columns but that of the labels. Name the column "
            "with the classes as labels; encode or drop the others. "
            f"Received: text in {join_names(words)}"
        )
    if incomplete:
        raise DatasetError(
            f"{path}: expected a value in every row. Fill in the missing values, or drop these "
            f"columns. Received: missing values in {join_names(incomplete)}"
        )
    return array


def column_to_floats(column, is_text):
    """Convert a column to float64, missing values to NaN; None if not numeric."""
    import pyarrow as pa
    from pyarrow import compute, types

    casts = [[pa.float64()]]
    if is_text:
        column = compute.utf8_trim_whitespace(column)
        casts.append([pa.bool_(), pa.float64()])  # True and False
    elif not any(
        test(column.type)
        for test in (
            types.is_integer,
            types.is_floating,
            types.is_boolean,
            types.is_decimal,
            types.is_null,
        )
    ):
        return None
    for steps in casts:
        try:
            values = column
            for step in steps:
                values = compute.cast(values, step, safe=False)
            return values.to_numpy()
        except pa.ArrowInvalid:
            continue
    return None
