"""Reader of tables: one row per sample, numeric columns, optionally a column of classes."""

import csv
import itertools
import re
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.labels import label_error, one_line
from kerasae.datasets.limits import check_memory
from kerasae.datasets.values import MERGED
from kerasae.hints import suggestion

MAX_LINE_BYTES = 1 << 26
"""Maximum length of a line of a CSV file, in bytes."""
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
NOT_UTF8 = (
    "expected text in UTF-8. Save the table as UTF-8, which spreadsheets list as CSV UTF-8. "
    "Received: another encoding, such as Latin-1 or UTF-16"
)


def join_names(names, most=20):
    """Join names with commas, at most the first ``most``."""
    names = list(map(str, names))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if names[most:] else "")


def records(path):
    """Yield the records of a CSV file as lists of text, blank lines as empty ones."""
    before = csv.field_size_limit(MAX_LINE_BYTES)
    try:
        with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
            yield from csv.reader(file)
    finally:
        csv.field_size_limit(before)


def column_names(path):
    """Read the column names of a table as written in the file."""
    if path.suffix.lower() == ".csv":
        return next(filter(None, records(path)), [])
    import pyarrow.parquet

    return names_without_index(pyarrow.parquet.read_schema(path))


def names_without_index(schema):
    """Names in an Arrow schema, without the row index that pandas adds."""
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    return [name for name in schema.names if name not in index]


def check_dialect(path):
    """Raise `DatasetError` for a CSV file in another encoding, or without commas between fields."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            lines = list(itertools.islice((line for line in file if line.strip()), 2))
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: {NOT_UTF8}") from error
    if any("\0" in line for line in lines):  # UTF-16 without a byte order mark
        raise DatasetError(f"{path}: {NOT_UTF8}")
    unquoted = [re.sub('"[^"]*"', "", line.strip()) for line in lines]
    first, *second = (re.split(r"[,;\t|]", line) for line in unquoted or [""])
    has_title = second and len(second[0]) > len(first) and not all(map(is_number, second[0]))
    if re.match("sep=", first[0]) or (has_title and (len(first) == 1 or first[0][:1] == "#")):
        raise DatasetError(
            f"{path}: expected column names in the first line. Delete the lines above them, such "
            f"as a title or a comment. Received: {lines[0].strip()[:60]!r} as first line"
        )
    for mark, marks in SEPARATORS.items():
        counts = {line.count(mark) for line in unquoted}
        if len(counts) == 1 and counts.pop() > min(line.count(",") for line in unquoted):
            raise DatasetError(
                f"{path}: the fields seem to be separated by {marks}. Save the table with commas "
                "between the fields, and with points in the numbers. "
                f"Received: {lines[0].strip()[:60]!r} as first line"
            )


def checked_column_names(path):
    """Read the normalised column names of a table; raise `DatasetError` if unusable."""
    if path.suffix.lower() == ".csv":
        check_dialect(path)
    return checked_names(path, column_names(path))


def checked_names(path, names):
    """Normalise column names; raise `DatasetError` if unusable."""
    names = [one_line(name, path, "column name") for name in names]
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
    check_unique(path, names)
    if path.suffix.lower() == ".csv" and all(map(is_number, names)):
        raise DatasetError(
            f"{path}: expected column names in the first line, at least one with a letter. "
            f"Add such a line. Received: {join_names(names)}"
        )
    return names


def check_unique(path, names):
    """Raise `DatasetError` for several columns of the same name."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(
            f"{path}: several columns of the same name. Rename or drop them. "
            f"Received: {join_names(twice)}"
        )


def checked_label(path, labels, names):
    """Normalise the name of the column of labels; raise `DatasetError` if there is none."""
    labels = one_line(labels, path, "column name")
    if labels not in names:
        raise DatasetError(
            f"{path}: no such column for the labels. {suggestion(labels, names)}Expected one of "
            f"{join_names(names)}. Received: {labels}"
        )
    return labels


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
    names = checked_column_names(path)
    if labels is not None and (needed or one_line(labels, path, "column name") in names):
        labels = checked_label(path, labels, names)
    else:
        labels = None
    if only == "y" and labels is None:
        return {}, ()
    table = read_columns(path, names, [labels] if only == "y" else names)
    if only == "y":
        return {"y_train": label_array(path, table[labels])}, ()
    return as_arrays(path, table, labels)


def read_frame(frame, labels=None):
    """Read the rows and the classes of a data frame, as from a Parquet file.

    Parameters
    ----------
    frame : data frame of pandas or Polars, Arrow table
        Or another object with the Arrow C stream or the data frame interchange protocol.
    labels : object, optional
        Name of the column with the classes.

    Returns
    -------
    arrays : dict of str to numpy.ndarray
        See `read_table`.
    columns : tuple of str
        See `read_table`.
    """
    path = Path("X")
    table = as_arrow(path, frame, labels)
    kept = names_without_index(table.schema)
    names = checked_names(path, kept)
    columns = dict(zip(names, map(table.column, kept), strict=True))
    return as_arrays(path, columns, None if labels is None else checked_label(path, labels, names))


def as_arrow(path, frame, labels):
    """Convert a data frame to an Arrow table."""
    import pandas as pd
    import pyarrow.interchange

    if isinstance(frame, pd.DataFrame):
        check_unique(path, map(str, frame.columns))  # Arrow's error lists all columns
        frame = frame.rename(columns=lambda name: "" if pd.isna(name) else name)
        wanted = labels is not None and one_line(labels, path, "column name")
        for name, kind in frame.dtypes.items():
            values = getattr(getattr(kind, "categories", None), "dtype", kind)
            # Words and numbers may be mixed, and Arrow has no intervals
            is_other = isinstance(values, pd.IntervalDtype) or pd.api.types.is_object_dtype(values)
            if is_other and one_line(name, path, "column name") == wanted:
                frame = frame.astype({name: "str"})
        kinds = frame.dtypes.items()  # Arrow has no sparse columns
        frame = frame.astype({at: k.subtype for at, k in kinds if isinstance(k, pd.SparseDtype)})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of names that are numbers and words
            if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
                return pyarrow.table(frame)
            return pyarrow.interchange.from_dataframe(frame)
    except Exception as error:  # any library may fail in any way
        reason = ". ".join(map(str, error.args)).split("\n")[0] or type(error).__name__
        raise DatasetError(
            f"{path}: the data frame cannot be read. Convert or drop the columns without numbers. "
            f"Received: {reason}"
        ) from error


def as_arrays(path, table, labels):
    """Convert columns by name to the arrays of `read_table`, and the names of its columns."""
    found = {}
    if labels is not None:
        found["y_train"] = label_array(path, table.pop(labels))
    return {**found, "x_train": as_float_array(path, table)}, tuple(table)


def label_array(path, column):
    """Convert a column of labels to an array; raise `DatasetError` if it is of lists or others."""
    from pyarrow import types

    if types.is_nested(getattr(column.type, "storage_type", column.type)):
        raise label_error(path, column.type)
    return np.asarray(column.to_pandas())


def record_numbers(path):
    """Numbers of the records of a CSV file as a spreadsheet counts them; the header is the first.

    Blank lines count, and have no number in the list; a quoted line break is part of its record.
    """
    return [number for number, record in enumerate(records(path), 1) if record]


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
        if "invalid UTF8" in reason:
            raise DatasetError(f"{path}: {NOT_UTF8}") from error
        fields = re.match(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)(?:: (.*))?", reason)
        if not fields:
            raise
        row, expected, received, text = fields.groups()
        row, text = row and record_numbers(path)[int(row) - 1], text or ""
        if received == "1" and not text.strip():
            raise DatasetError(
                f"{path}: row {row} has no values. Delete it. Received: {text[:60]!r}"
            ) from error
        advice = "Write decimals with a point, and quote text with commas"
        if text.count('"') % 2:
            advice = "Close its quote"
        raise DatasetError(
            f"{path}: row {row} has more or fewer fields than the header. {advice}. "
            f"Expected: {expected}. Received: {received} ({text[:60]})"
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
    words, incomplete, infinite, merged = [], [], [], []
    rows = len(next(iter(table.values()), ()))
    if table and not rows:
        raise DatasetError(f"{path}: expected rows below the column names. Received: none")
    check_memory(path, 8 * rows * len(table), f"{rows} rows of {len(table)} columns")
    array = np.empty((rows, len(table)))
    for number, (name, column) in enumerate(table.items()):
        values = column_to_floats(column, is_text)
        if values is None:
            words.append(f"{name} ({first_word(path, column, is_text)})")
            continue
        array[:, number] = values
        if are_merged(column, values):
            merged.append(name)
        with np.errstate(over="ignore"):
            broken = values[~np.isfinite(values.astype(np.float32))]
        if np.isnan(broken).any():
            incomplete.append(f"{name} ({np.isnan(broken).sum()} of {rows} rows)")
        elif broken.size:
            infinite.append(f"{broken[0]:g} in {name} ({len(broken)} of {rows} rows)")
    if words:
        has_commas = re.search(r"\('[-+]?\d+,\d+'", " ".join(words))
        raise DatasetError(
            f"{path}: expected numbers in all columns but the labels. Name the column with the "
            "classes as labels; encode or drop the others"
            f"{', or write decimals with a point' if has_commas else ''}. "
            f"Received: text{'' if is_text else ', dates or others'} in {join_names(words)}"
        )
    if incomplete:
        raise DatasetError(
            f"{path}: expected a value in every row. Fill in the missing values, or drop these "
            f"columns. Received: missing values in {join_names(incomplete)}"
        )
    if merged:
        raise DatasetError(f"{path}: {MERGED} {join_names(merged)}")
    if infinite:
        raise DatasetError(
            f"{path}: expected finite numbers. Fill in these values, which may stand for missing "
            f"ones, or drop their rows. Received: {join_names(infinite)}"
        )
    return array


def are_merged(column, values):
    """Whether a column has integers of which ``values``, as float64, keep at most half."""
    import pyarrow as pa
    from pyarrow import compute, types

    if types.is_floating(column.type) or not (np.abs(values) > 2**53).any():
        return False
    if types.is_string(column.type):
        column = compute.utf8_trim_whitespace(column)
    try:
        exact = compute.cast(column, pa.decimal256(76, 0))
    except pa.ArrowInvalid:  # not all are whole numbers
        return False
    return 2 * len(np.unique(values)) <= len(exact.unique())


def first_word(path, column, is_text):
    """First value of a column that is no number, in a CSV file with its row."""
    if not is_text:
        return repr(str(column.drop_null()[0].as_py())[:40])
    _, *numbers = record_numbers(path)
    rows = zip(column.to_pylist(), numbers, strict=True)
    rows = [(text, row) for text, row in rows if text is not None]
    text, row = max(rows, key=lambda value: unlike_number(value[0]))  # the first of the largest
    return f"{text[:40]!r} in row {row}"


def unlike_number(text):
    """How far a text is from a number: 0 for a number, 1 for true or false, 2 for others."""
    if text.strip().lower() in ("true", "false"):
        return 1
    try:
        float(text)
    except ValueError:
        return 2
    return 2 if "_" in text or not text.strip().isascii() else 0  # only Python allows 1_000, ١٢


def column_to_floats(column, is_text):
    """Convert a column to float64, missing values to NaN; None if not numeric."""
    import pyarrow as pa
    from pyarrow import compute, types

    if column.null_count == len(column):
        return np.full(len(column), np.nan)
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
