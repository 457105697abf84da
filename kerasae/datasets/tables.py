"""Tables: CSV files, Parquet files and data frames of one row per sample and numeric columns."""

import csv
import re
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np

from kerasae.datasets.errors import DatasetError, join_names
from kerasae.datasets.labels import label_error, one_line
from kerasae.datasets.values import MERGED, merged_column
from kerasae.types import suggestion

_MAX_LINE_BYTES = 1 << 26
"""Maximum length of a row of a CSV file, in bytes."""
_NOT_UTF8 = (
    "expected text in UTF-8. Save the table as UTF-8, which spreadsheets list as CSV UTF-8. "
    "Received: another encoding, such as Latin-1 or UTF-16"
)


def read_table(path, labels=None, needed=True, only=""):
    """Read a ``.csv`` or ``.parquet`` file; return its arrays, column names and row numbers.

    The arrays are ``x_train`` (n, d), float64, and, if the table has labels, ``y_train`` (n,).
    ``labels`` names the column of classes, which a table must have if it is ``needed``. With
    ``only="y"`` only the classes are read. Row numbers are those of a CSV file in a spreadsheet,
    which starts with 1, else None.
    """
    written, rows = structure(path)
    names = _checked_names(path, written)
    labels = _label_column(path, labels, names, needed)
    pairs = zip(names, written, strict=True)
    wanted = {name: raw for name, raw in pairs if only == "" or name == labels}
    read = _read_parquet if rows is None else _read_csv
    table = read(path, list(wanted.values()), rows)
    arrays, columns = _as_arrays(path, dict(zip(wanted, table, strict=True)), labels, rows)
    return arrays, columns, None if rows is None else np.array(rows)


def read_frame(frame, labels=None):
    """Read a data frame as a Parquet file: the arrays and the columns of `read_table`.

    It is of pandas or Polars, an Arrow table, or any object with the Arrow C stream or the data
    frame interchange protocol. ``labels`` is the name of the column with the classes.
    """
    path = Path("X")
    table = _as_arrow(path, frame, labels)
    written = _names_without_index(table.schema)
    names = _checked_names(path, written)
    columns = dict(zip(names, map(table.column, written), strict=True))
    return _as_arrays(path, columns, _label_column(path, labels, names))


def structure(path):
    """Read the names of the columns as written, and the row numbers of a CSV file; else None."""
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet

        return _names_without_index(pyarrow.parquet.read_schema(path)), None
    records = _records(path)
    _, names = next(records, (0, []))
    if any("\0" in name for name in names):  # UTF-16 without a byte order mark
        raise DatasetError(f"{path}: {_NOT_UTF8}")
    rows = []
    for number, record in records:
        if len(record) != len(names):
            raise DatasetError(
                f"{path}: row {number} has more or fewer fields than the header. Separate fields "
                "by commas, write decimals with a point, quote text with commas, and delete lines "
                f"above the header. Expected: {len(names)}. Received: {len(record)} "
                f"({','.join(record)[:60]})"
            )
        rows.append(number)
    return names, rows


def count_table(path):
    """Count the rows and the columns of a table."""
    import pyarrow.parquet

    names, rows = structure(path)
    if rows is None:
        rows = range(pyarrow.parquet.read_metadata(path).num_rows)
    return len(rows), len(_checked_names(path, names))


def _records(path):
    """Yield the records of a CSV file that are not blank, with their numbers in a spreadsheet.

    Blank lines count, and a quoted line break is part of its record.
    """
    before, number = csv.field_size_limit(_MAX_LINE_BYTES), 0
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            for number, record in enumerate(csv.reader(file, strict=True), 1):
                if record:
                    yield number, record
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: {_NOT_UTF8}") from error
    except csv.Error as error:
        raise DatasetError(
            f"{path}: row {number + 1} cannot be read. Separate fields by commas, and close "
            f"quotes. Received: {error}"
        ) from error
    finally:
        csv.field_size_limit(before)


def _names_without_index(schema):
    """List the names in an Arrow schema, without the row index that pandas adds."""
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    return [name for name in schema.names if name not in index]


def _checked_names(path, names):
    """Strip column names; raise `DatasetError` if one is missing, or used twice."""
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
    _check_unique(path, names)
    if path.suffix.lower() == ".csv" and all(map(_is_number, names)):
        raise DatasetError(
            f"{path}: expected column names in the first line, at least one with a letter. "
            f"Add such a line. Received: {join_names(names)}"
        )
    return names


def _check_unique(path, names):
    """Raise `DatasetError` for several columns of the same name."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(
            f"{path}: several columns of the same name. Rename or drop them. "
            f"Received: {join_names(twice)}"
        )


def _label_column(path, labels, names, needed=True):
    """Name of the column of labels, or None; raise `DatasetError` if a needed one is missing."""
    labels = labels if labels is None else one_line(labels, path, "column name")
    if labels is None or labels in names:
        return labels
    if needed:
        raise DatasetError(
            f"{path}: no such column for the labels. {suggestion(labels, names)}Expected one of "
            f"{join_names(names)}. Received: {labels}"
        )
    return None


def _is_number(text):
    """Tell whether a text is a finite number, unlike 1_000 or digits of other scripts."""
    try:
        return np.isfinite(float(text)) and "_" not in text and text.strip().isascii()
    except ValueError:
        return False


def _read_parquet(path, names, rows):
    """Read columns of a Parquet file."""
    import pyarrow.parquet

    table = pyarrow.parquet.ParquetFile(path).read(columns=names)
    return map(table.column, names)


def _read_csv(path, names, rows):
    """Read columns of a CSV file as text."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    table = arrow.read_csv(
        path,
        arrow.ReadOptions(
            block_size=min(max(path.stat().st_size, 1 << 12), _MAX_LINE_BYTES), use_threads=False
        ),
        arrow.ParseOptions(newlines_in_values=True),
        arrow.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=names,
            strings_can_be_null=True,
        ),
    )
    if names and (table.column_names, len(table)) != (names, len(rows)):
        raise DatasetError(
            f"{path}: the quotes are not closed where they should be. Expected: {len(rows)} rows. "
            f"Received: {len(table)}"
        )
    return table.columns


def _as_arrow(path, frame, labels):
    """Convert a data frame to an Arrow table."""
    import pandas as pd
    import pyarrow.interchange

    if isinstance(frame, pd.DataFrame):
        _check_unique(path, map(str, frame.columns))  # Arrow's error lists all columns
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


def _as_arrays(path, table, labels, rows=None):
    """Convert columns by name to the arrays of `read_table`, and the names of its columns.

    ``rows`` are the numbers of the rows of a CSV file, whose columns are text.
    """
    arrays = {}
    if labels is not None:
        arrays["y_train"] = _label_array(path, table.pop(labels))
    return {**arrays, "x_train": _float_array(path, table, rows)}, tuple(table)


def _label_array(path, column):
    """Convert a column of labels to an array; raise `DatasetError` if it is of lists or others."""
    from pyarrow import types

    if types.is_nested(getattr(column.type, "storage_type", column.type)):
        raise label_error(path, column.type)
    return np.asarray(column.to_pandas())


def _float_array(path, table, rows):
    """Convert columns to a float64 array, missing values to NaN; raise `DatasetError` for text."""
    count = len(next(iter(table.values()), ()))
    if table and not count:
        raise DatasetError(f"{path}: expected rows below the column names. Received: none")
    array = np.empty((count, len(table)))
    words, merged = [], []
    for number, (name, column) in enumerate(table.items()):
        column = column if rows is None else _typed(column)
        values = _as_floats(column)
        if values is None:
            words.append(f"{name} ({_first_word(column, rows)})")
            continue
        array[:, number] = values
        if not column.null_count and merged_column(column.to_numpy()[:, np.newaxis]) is not None:
            merged.append(name)
    if words:
        kind = "text, dates or others" if rows is None else "text"
        raise DatasetError(
            f"{path}: expected numbers in all columns but the labels. Name the column with the "
            "classes as labels. Encode or drop the others. Separate fields by commas, and write "
            f"decimals with a point. Received: {kind} in {join_names(words)}"
        )
    if merged:
        raise DatasetError(f"{path}: {MERGED} {join_names(merged)}")
    return array


def _typed(text):
    """Convert a column of text to numbers, or true and false, if all of it is."""
    import pyarrow as pa
    from pyarrow import compute

    text = column = compute.utf8_trim_whitespace(text)
    for kind in (pa.float64(), pa.bool_()):
        with suppress(pa.ArrowInvalid):
            column = compute.cast(text, kind)
            break
    if column.type == pa.float64() and (np.abs(column.to_numpy()) > 2**53).any():
        for kind in (pa.uint64(), pa.int64()):  # which tell apart what float64 may not
            with suppress(pa.ArrowInvalid):
                column = compute.cast(text, kind)
    return column


def _as_floats(column):
    """Convert a column to float64, missing values to NaN; None if it is not numeric."""
    import pyarrow as pa
    from pyarrow import compute, types

    is_numeric = (
        types.is_integer(column.type)
        or types.is_floating(column.type)
        or types.is_boolean(column.type)
        or types.is_decimal(column.type)
    )
    if column.null_count == len(column):
        return np.full(len(column), np.nan)
    return compute.cast(column, pa.float64(), safe=False).to_numpy() if is_numeric else None


def _first_word(column, rows):
    """Return the first value of a column that is no number, in a CSV file with its row."""
    if rows is None:
        return repr(str(column.drop_null()[0].as_py())[:40])
    cells = [cell for cell in zip(column.to_pylist(), rows, strict=True) if cell[0] is not None]
    text, row = next((cell for cell in cells if not _is_number(cell[0])), cells[0])
    return f"{text[:40]!r} in row {row}"
