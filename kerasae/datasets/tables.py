"""Reader of tables: a row a sample, a column a number, in one column the classes."""

import csv
import re
from collections import Counter

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.labels import plain_text
from kerasae.datasets.limits import check_memory

LONGEST_LINE = 1 << 26
"""Bytes of a line of a CSV file."""


def some(names, most=20):
    """List names, of many the first."""
    names = list(map(str, names))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if names[most:] else "")


def header(path):
    """Read the names of a table's columns as they stand in the file."""
    if path.suffix.lower() == ".csv":
        with open(path, newline="", encoding="utf-8-sig") as file:
            return next((names for names in csv.reader(file) if names), [])
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(path)
    # What pandas wrote as the index of the rows is none of the columns
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    return [name for name in schema.names if name not in index]


def checked_header(path):
    """Read the names of a table's columns, see `plain_text`, or say what is wrong with them."""
    names = [plain_text(name, path, "column name") for name in header(path)]
    if not names:
        raise DatasetError(f"{path}: the table is empty. Expected a line of column names")
    unnamed = [at for at, name in enumerate(names, 1) if re.fullmatch(r"|Unnamed: \d+", name)]
    if unnamed:
        raise DatasetError(
            f"{path}: a column without a name, such as the row numbers that pandas writes. Drop "
            "it (to_csv(..., index=False)), or name it. "
            f"Received: column {some(unnamed)} of {len(names)}"
        )
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(
            f"{path}: several columns of one name. Rename or drop them. Received: {some(twice)}"
        )
    if path.suffix.lower() == ".csv" and all(map(is_number, names)):
        raise DatasetError(
            f"{path}: the first line holds numbers alone, it would be lost as column names. Add a "
            f"line of names above it, with a letter in one of them. Received: {some(names)}"
        )
    return names


def is_number(text):
    """Whether a text is a number."""
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False


def read_table(path, labels=None, only="", needed=True):
    """Read the rows of a table, and the column with the classes.

    Parameters
    ----------
    path : pathlib.Path
        A ``.csv`` or ``.parquet`` file.
    labels : str, optional
        Name of the column with the classes.
    only : {"", "y"}, optional
        All, or the classes alone.
    needed : bool, optional
        Whether the table has to have that column.

    Returns
    -------
    arrays : dict of str to numpy.ndarray
        ``x_train`` (n, d), float64, and ``y_train`` (n,) where the table has labels.
    columns : tuple of str
        Names of the ``d`` columns.
    """
    labels = None if labels is None else plain_text(labels, path, "column name")
    names = checked_header(path)
    if labels is not None and labels not in names:
        if needed:
            raise DatasetError(
                f"{path}: no column of that name for the labels. Expected one of "
                f"{some(names)}. Received: {labels}"
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
    return {**found, "x_train": numbers(path, table)}, tuple(table)


def count_rows(path):
    """Count the rows of a table without keeping them."""
    import pyarrow.parquet

    if path.suffix.lower() == ".parquet":
        return pyarrow.parquet.read_metadata(path).num_rows
    names = checked_header(path)
    return len(next(iter(read_columns(path, names, names[:1]).values())))


def read_columns(path, names, wanted):
    """Read columns by their name, in their order: of a CSV file as text, else as they are."""
    raw = dict(zip(names, header(path), strict=True))
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
    """Read columns of a CSV file as text; every row has to have as many fields as the header."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    size = path.stat().st_size
    check_memory(path, 2 * size, "text")
    try:
        table = arrow.read_csv(
            path,
            arrow.ReadOptions(block_size=min(max(size, 1 << 12), LONGEST_LINE), use_threads=False),
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
        raise DatasetError(
            f"{path}: row {row} has more or fewer fields than the header. Expected: {expected}. "
            f"Received: {received} ({(text or '')[:60]})"
        ) from error
    if table.column_names != wanted:
        raise DatasetError(
            f"{path}: column names cannot be read. Received: {some(table.column_names)}"
        )
    return table


def numbers(path, table):
    """Bring columns to one array of float64, or say which are no numbers."""
    is_text = path.suffix.lower() == ".csv"
    words, empty = [], []
    rows = len(next(iter(table.values()), ()))
    check_memory(path, 8 * rows * len(table), f"{rows} rows of {len(table)} columns")
    array = np.empty((rows, len(table)))
    for number, (name, column) in enumerate(table.items()):
        values = floats(column, is_text)
        if values is None:
            words.append(name)
        elif np.isnan(values).any():
            empty.append(name)
        else:
            array[:, number] = values
    if words:
        raise DatasetError(
            f"{path}: columns that hold no numbers: {some(words)}. Name the one with the "
            "classes as labels in the configuration; encode or drop the others"
        )
    if empty:
        raise DatasetError(
            f"{path}: columns with missing values: {some(empty)}. Fill them in, or drop them"
        )
    return array


def floats(column, is_text):
    """Bring a column to float64, missing values to NaN; None if it holds no numbers."""
    import pyarrow as pa
    from pyarrow import compute, types

    kind, ways = column.type, [[pa.float64()]]
    if is_text:
        column = compute.utf8_trim_whitespace(column)
        ways.append([pa.bool_(), pa.float64()])  # True and False
    elif not any(
        test(kind)
        for test in (
            types.is_integer,
            types.is_floating,
            types.is_boolean,
            types.is_decimal,
            types.is_null,
        )
    ):
        return None
    for way in ways:
        try:
            found = column
            for step in way:
                found = compute.cast(found, step, safe=False)
            return found.to_numpy()
        except pa.ArrowInvalid:
            continue
    return None
