"""Tables, read once into a typed pandas frame and then encoded as arrays of numbers and labels.

`_read_csv`, `_read_parquet` and `_as_pandas` make the frame. `encode` is the one place that turns
its columns into numbers.
"""

import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np

from kerasae.datasets.errors import DatasetError, join_names
from kerasae.datasets.labels import label_error, one_line
from kerasae.datasets.values import MERGED, merged_column
from kerasae.types import suggestion

MISSING = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("N/A", "NA", "NULL", "NaN", "n/a", "nan", "null"),
)
"""Fields of a CSV file that stand for missing values."""
_NUMBERS = ("boolean", "decimal", "floating", "integer", "mixed-integer-float")
"""What `pandas.api.types.infer_dtype` calls columns of numbers."""
_NOT_UTF8 = (
    "expected text in UTF-8. Save the table as UTF-8, which spreadsheets list as CSV UTF-8. "
    "Received: another encoding, such as Latin-1 or UTF-16"
)


def read_table(path, labels=None, needed=True, only_labels=False):
    """Read a ``.csv`` or ``.parquet`` file; return its arrays, column names and row numbers.

    The arrays are ``x_train`` (n, d), float64, and, if the table has labels, ``y_train`` (n,).
    ``labels`` names the column of classes, which a table must have if it is ``needed``. Row numbers
    are those of a CSV file in a spreadsheet, which starts with 1, else None.
    """
    written, rows = structure(path)
    names = _checked_names(path, written)
    labels = _label_column(path, labels, names, needed)
    columns = [names.index(labels)] if only_labels else range(len(names))
    if rows is None:
        frame = _read_parquet(path, [written[at] for at in columns])
    else:
        frame = _read_csv(path, names, columns, labels, len(rows))
    frame = frame.set_axis([names[at] for at in columns], axis=1)
    return *encode(path, frame, labels, rows), None if rows is None else np.array(rows)


def read_frame(frame, labels=None):
    """Read a data frame in memory; return the arrays and the column names of `read_table`.

    It is of pandas or Polars, an Arrow table, or any object with the Arrow C stream or the data
    frame interchange protocol. ``labels`` is the name of the column with the classes.
    """
    path = Path("X")
    frame = _as_pandas(path, frame)
    written = ["" if name is None or name != name else name for name in frame.columns]
    names = _checked_names(path, written)
    return encode(path, frame.set_axis(names, axis=1), _label_column(path, labels, names))


def structure(path):
    """Read the names of the columns as written, and the row numbers of a CSV file; else None."""
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet

        schema = pyarrow.parquet.read_schema(path)
        index = (schema.pandas_metadata or {}).get("index_columns", [])
        return [name for name in schema.names if name not in index], None
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
    number = 0
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
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(
            f"{path}: several columns of the same name. Rename or drop them. "
            f"Received: {join_names(twice)}"
        )
    if path.suffix.lower() == ".csv" and all(map(_is_number, names)):
        raise DatasetError(
            f"{path}: expected column names in the first line, at least one with a letter. "
            f"Add such a line. Received: {join_names(names)}"
        )
    return names


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


def _read_parquet(path, names):
    """Read columns of a Parquet file into a frame, without what pandas stores about them."""
    import pyarrow.parquet

    # A ParquetFile adds no columns for folders named like year=2020
    table = pyarrow.parquet.ParquetFile(path).read(names).select(names)
    return table.replace_schema_metadata(None).to_pandas()


def _read_csv(path, names, columns, labels, count):
    """Read columns of a CSV file of some number of rows into a frame, the labels as text."""
    import pandas as pd

    # A dictionary of types would make a Series of each column, which takes seconds for 100,000
    as_text = {labels: lambda text: None if text.strip() in MISSING else text}
    frame = pd.read_csv(
        path, header=0, names=names, usecols=columns, index_col=False, low_memory=False,
        converters=None if labels is None else as_text, na_values=MISSING, keep_default_na=False,
    )  # fmt: skip
    if len(frame) != count:
        raise DatasetError(
            f"{path}: the quotes are not closed where they should be, or a row is of spaces. "
            f"Expected: {count} rows. Received: {len(frame)}"
        )
    return frame


def _as_pandas(path, frame):
    """Convert a data frame to pandas."""
    import pandas as pd
    import pyarrow.interchange

    if isinstance(frame, pd.DataFrame):
        return frame
    try:
        if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
            return pyarrow.table(frame).to_pandas()
        return pyarrow.interchange.from_dataframe(frame).to_pandas()
    except Exception as error:  # any library may fail in any way
        reason = ". ".join(map(str, error.args)).split("\n")[0] or type(error).__name__
        raise DatasetError(
            f"{path}: the data frame cannot be read. Convert or drop the columns without numbers. "
            f"Received: {reason}"
        ) from error


def encode(path, frame, labels=None, rows=None):
    """Encode a typed frame; return the arrays and the column names of `read_table`.

    ``rows`` are the row numbers of a CSV file.
    """
    arrays = {}
    if labels is not None:
        arrays["y_train"] = _label_array(path, frame[labels])
        frame = frame.drop(columns=labels)
    arrays["x_train"] = _float_array(path, frame, rows)
    return arrays, tuple(frame)


def _label_array(path, column):
    """Convert a column of labels to an array; raise `DatasetError` if it is of lists or others."""
    from pandas.api.types import is_list_like

    if column.dtype.kind == "O" and column.map(is_list_like).any():
        raise label_error(path, "lists or others with several values")
    return np.asarray(column)


def _float_array(path, frame, rows):
    """Convert a frame to a float64 array, missing values to NaN; raise `DatasetError` for text."""
    if frame.shape[1] and not len(frame):
        raise DatasetError(f"{path}: expected rows below the column names. Received: none")
    words = []
    for at in [at for at, dtype in enumerate(frame.dtypes) if dtype.kind not in "biuf"]:
        name, column = frame.columns[at], frame.iloc[:, at]
        numbers = _numbers_of(column, rows is not None)
        if numbers is None:
            words.append(f"{name} ({_first_word(column, rows)})")
        else:
            _check_distinct(path, name, numbers)
            frame = frame.assign(**{name: numbers.astype(float)})
    if words:
        kind = "text, dates or others" if rows is None else "text"
        raise DatasetError(
            f"{path}: expected numbers in all columns but the labels. Name the column with the "
            "classes as labels. Encode or drop the others. Separate fields by commas, and write "
            f"decimals with a point. Received: {kind} in {join_names(words)}"
        )
    array = frame.to_numpy(np.float64, na_value=np.nan)
    for at in np.flatnonzero((np.abs(array) > 2**53).any(axis=0)):
        if frame.dtypes.iloc[at].kind in "iu":
            _check_distinct(path, frame.columns[at], frame.iloc[:, at])
    return array


def _numbers_of(column, is_text):
    """Return a column that has no numeric type as numbers, or None if one value is no number.

    ``is_text``: the column was read as text, which happens to numbers if one of them is a whole
    number of more than 64 bits.
    """
    import pandas as pd

    if column.isna().all():
        return pd.Series(np.nan, column.index)
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "string" and is_text and all(map(_is_number, column.dropna())):
        return pd.Series(map(_exact, column), dtype=object)
    return column.where(column.notna(), np.nan) if kind in _NUMBERS else None


def _exact(text):
    """Convert the text of a number to an integer where it is one, else to a float."""
    return int(text) if re.fullmatch(r"\s*[+-]?[0-9]+\s*", str(text)) else float(text)


def _check_distinct(path, name, column):
    """Raise `DatasetError` for a column of integers that float64 does not tell apart."""
    values = column.dropna().to_numpy()
    is_whole = values.dtype.kind in "iu" or all(isinstance(value, int) for value in values)
    if len(values) and is_whole and merged_column(values[:, np.newaxis]) is not None:
        raise DatasetError(f"{path}: {MERGED} {name}")


def _is_number(text):
    """Tell whether a text is a finite number, unlike 1_000 or digits of other scripts."""
    try:
        return np.isfinite(float(text)) and "_" not in text and text.strip().isascii()
    except ValueError:
        return False


def _first_word(column, rows):
    """Return the first value of a column that is no number, in a CSV file with its row."""
    values = column.dropna()
    if rows is None:
        return repr(str(next((v for v in values if isinstance(v, str)), values.iloc[0]))[:40])
    at = next((at for at, text in values.items() if not _is_number(str(text))), values.index[0])
    return f"{str(values[at])[:40]!r} in row {rows[at]}"
