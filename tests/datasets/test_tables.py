"""CSV files, Parquet files and data frames: what becomes a number, a label and a name."""

import decimal
from itertools import product

import numpy as np
import pandas as pd
import pyarrow
import pytest

from kerasae import datasets
from kerasae.comparison.reading import planned
from kerasae.datasets import DatasetError, load_own, sizes
from kerasae.datasets.files import read
from kerasae.datasets.tables import read_frame

GAUSSIAN = {"likelihood": "gaussian"}
ROWS = np.arange(80.0).reshape(40, 2)


def table(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(data):
    return {tuple(row) for row in np.concatenate([data.x_train, data.x_test]).tolist()}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n" + "1,2,3\n" * 6, r"row 2 has more or fewer.* Expected: 2. Received: 3 \(1,2,3\)"),
        ("a,b\n1,2\n1,2\n1\n", r"row 4 has more or fewer fields.* Received: 1 \(1\)"),
        ("a,b\n1,2\n3,4\n  ", "row 4 has more or fewer fields.* Received: 1"),
        ('a,b\n1,"2\n"\n\n\n3,4,5\n', "row 5 has more or fewer fields"),
        ("My table\n\na,b\n1,2\n", "row 3 .* delete lines above the header. Expected: 1"),
        (
            "a;b\n1,5;2,5\n",
            "row 2 has more .* Separate fields by commas.* Expected: 1. Received: 3",
        ),
        ("a,b\n1,5,2,5\n", "write decimals with a point.* Expected: 2. Received: 4"),
        ("x,y, y\n1,2,3\n", "several columns of the same name.* Received: y"),
        ("1,2.5\n3,4\n", r"expected column names in the first line.* Received: 1, 2\.5"),
        (",x,y\n0,1,2\n", "column without a name.*index=False.* Received: column 1 of 3"),
        ("Unnamed: 0,x,y\n0,1,2\n", "column without a name.* Received: column 1 of 3"),
        ('x,"y\nz"\n1,2\n', r"a column name with a line break.* Received: 'y\\nz'"),
        ("", "the table is empty. Expected a line of column names"),
        ("a,b\n", "expected rows below the column names"),
        ('a,b\n1,2\n1,"3\n' + "1,2\n" * 40000, "row 3 cannot be read.* close quotes.{,70}$"),
        (
            "a,b\n1,x\n2,y\n",
            r"Name the column with the classes.* Received: text in b \('x' in row 2\)",
        ),
        ("a,b\n1,2\n\n3,x\n4,?\n", r"Received: text in b \('x' in row 4\)"),
        ("a,b\n1,2\n1２,2\nx,3\n", r"Received: text in a \('1２' in row 3\)"),
        ("a,b\n1,2\n1_000,2\n", r"Received: text in a \('1_000' in row 3\)"),
        ('a,b\n"1,5",2\n', r"write decimals with a point. .*\('1,5' in row 2\)"),
        ("a,b\n1,true\n1,1\n", r"Received: text in b \('true' in row 2\)"),
        ("a,b\n1,\n2,3\nNA,4\n", r"missing.* nan in a \(1 of 3 rows\), nan in b \(1 of 3 rows\)"),
        ("a,b\n1,-inf\n2,3\n", r"finite numbers.* Received: -inf in b \(1 of 2 rows\)"),
        ("a,b\n1,True\n2,\n", r"finite numbers.* Received: nan in b \(1 of 2 rows\)"),
    ],
)
def test_what_is_wrong_in_a_csv_file_is_named(tmp_path, text, words):
    with pytest.raises(DatasetError, match=words):
        load_own(table(tmp_path / "t.csv", text), **GAUSSIAN)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
def test_tables_in_other_encodings_are_to_be_saved_as_utf_8(tmp_path, encoding):
    (tmp_path / "t.csv").write_bytes(("b,a\n" + "1,x\n" * 9000 + "1,ä\n").encode(encoding))
    with pytest.raises(DatasetError, match=r"t\.csv: expected text in UTF-8. Save .* as UTF-8"):
        load_own(tmp_path / "t.csv", "a", **GAUSSIAN)


def test_a_table_of_labels_alone_has_no_samples(tmp_path):
    path = table(tmp_path / "t.csv", "kind\n" + "x\ny\n" * 4)
    assert datasets.classes("own", path, "kind") == ("x", "y")
    with pytest.raises(DatasetError, match=r"expected numbers of shape.* of shape \(8, 0\)"):
        load_own(path, "kind", **GAUSSIAN)


def test_a_missing_label_and_a_missing_column_are_named(tmp_path):
    path = table(tmp_path / "t.csv", "x,land\n" + "1,NA\n2,EU\n" * 4)
    with pytest.raises(DatasetError, match=r"Rename a class such as NA .* 4 missing labels"):
        load_own(path, "land", **GAUSSIAN)
    with pytest.raises(DatasetError, match=r"no such column.* Did you mean land.* Received: lant"):
        load_own(path, "lant", **GAUSSIAN)


def test_spaces_around_names_and_numbers_do_not_count(tmp_path):
    path = table(tmp_path / "t.csv", "x , y,\tk;l\n" + "1, 2,a;b\n3 ,4.5,b\n" * 4)
    data = load_own(path, labels="k;l ", **GAUSSIAN)
    assert data.preprocessing.columns == ("x", "y")
    assert data.classes == ("a;b", "b")
    assert rows_of(data) == {(1, 2), (3, 4.5)}


def test_true_and_false_are_numbers(tmp_path):
    path = table(tmp_path / "t.csv", "x,y\n" + "1,True\n2,False\n" * 4)
    assert rows_of(load_own(path, **GAUSSIAN)) == {(1, 1), (2, 0)}


def test_numbers_are_read_to_the_last_digit(tmp_path):
    numbers = (
        np.random.default_rng(0).normal(size=2000) * 10.0 ** np.arange(-300, 300).repeat(4)[:2000]
    )
    path = table(tmp_path / "t.csv", "x\n" + "\n".join(map(repr, numbers.tolist())))
    assert read(path).arrays["x_train"][:, 0].tolist() == numbers.tolist()


@pytest.mark.parametrize("index", [None, "number"])
def test_the_index_of_a_parquet_table_is_no_input(tmp_path, index):
    frame = pd.DataFrame({"x": range(9), "y": range(9), "number": np.arange(9) ** 2})
    frame = frame.set_index(index) if index else frame[frame["x"] % 3 > 0]
    path = tmp_path / "year=2020" / "t.parquet"  # a folder's name adds no column
    path.parent.mkdir()
    frame.to_parquet(path)  # the index is neither 0, 1, 2... nor regular
    data = load_own(path, **GAUSSIAN)
    assert data.preprocessing.columns == (("x", "y") if index else ("x", "y", "number"))
    assert sizes("own", path).inputs == data.x_train.shape[1]
    assert frame[["x", "y"]].to_numpy()[data.names].tolist() == data.x_test[:, :2].tolist()


@pytest.mark.slow
def test_a_hundred_thousand_columns_are_read(tmp_path):
    rows = np.random.default_rng(0).integers(0, 9, (4, 100_000))
    names = [f"c{number}" for number in range(rows.shape[1])]
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
    raw = read(table(tmp_path / "t.csv", "\n".join(lines)))
    assert raw.columns == tuple(names)
    np.testing.assert_array_equal(raw.arrays["x_train"], rows)


# Data frames


@pytest.mark.parametrize(
    "column",
    [
        pd.arrays.SparseArray([1.0, 0.0, 2.0]),
        pd.array([1, 0, 2], "Int64"),
        pd.array([1, 0, 2], "int64[pyarrow]"),
        np.array([1, 0, 2], np.float16),
        pd.Series([1, 0.0, 2], dtype=object),
        [decimal.Decimal(value) for value in (1, 0, 2)],
    ],
    ids=lambda column: str(getattr(column, "dtype", "decimal")),
)
def test_columns_of_any_numeric_type_are_numbers(column):
    arrays, columns = read_frame(pd.DataFrame({"a": column, "k": list("xyx")}), "k")
    assert (arrays["x_train"].tolist(), columns) == ([[1], [0], [2]], ("a",))
    assert arrays["y_train"].tolist() == ["x", "y", "x"]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (["1", "2"], r"text, dates or others in a \('1'\)"),
        (pd.to_datetime(["2020-01-01"] * 2), r"others in a \('2020-01-01 00:00:00'\)"),
        ([1j, 2], r"others in a \('1j'\)"),
        ([[1], [2]], r"others in a \('\[1\]'\)"),
    ],
)
def test_columns_of_other_types_are_refused_with_a_value(column, words):
    with pytest.raises(DatasetError, match=words):
        read_frame(pd.DataFrame({"a": column}))


def test_lists_are_no_labels():
    for labels in ([[1], [2]], [{"a": 1}] * 2):
        with pytest.raises(DatasetError, match="expected classes as labels"):
            read_frame(pyarrow.table({"a": [1, 2], "k": labels}), "k")


# Integers that float64 does not tell apart


IDS = 76561198000000000 + np.arange(60)


@pytest.mark.parametrize(
    ("ending", "offset"),
    [
        *product([".csv", ".parquet", ".npy", "frame", "array"], [0, 2**63]),
        *product([".csv", "frame"], [2**65]),  # NumPy and Parquet have no such integers
    ],
)
def test_integers_that_float64_makes_equal_are_refused_by_column(tmp_path, ending, offset):
    ids = [int(number) + offset for number in IDS]
    frame = pd.DataFrame({"a": np.arange(60), "id": ids})
    if offset == 2**63:
        frame["a"] = frame["a"].astype(np.uint64)
    path = tmp_path / f"t{ending}"
    if ending == ".csv":
        frame.to_csv(path, index=False)
    elif ending == ".parquet":
        frame.to_parquet(path, index=False)
    elif ending == ".npy":
        np.save(path, frame.to_numpy())
    data = {"frame": frame, "array": frame.to_numpy()}.get(ending, path)
    with pytest.raises(DatasetError, match=r"Subtract an offset.* become equal in (id|column 1)"):
        planned(data, None, None, None, None, [1], None, None)


@pytest.mark.parametrize(
    "ids",
    [2**60 + 256 * np.arange(60), [2**70 * number for number in range(60)], [2**65, 1.5] * 30],
)
def test_large_numbers_that_float64_tells_apart_are_data(tmp_path, ids):
    path = tmp_path / "t.csv"
    pd.DataFrame({"a": np.arange(60), "id": pd.Series(ids, dtype=object)}).to_csv(path, index=False)
    numbers = read(path).arrays["x_train"][:, 1]
    assert numbers.tolist() == [float(number) for number in ids]


# The names of rows


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("blank", [(), (0, 7, 8), range(40)])
def test_a_row_of_a_csv_file_has_the_number_that_a_spreadsheet_shows(tmp_path, blank, end):
    lines, numbers = ["", "a,b"], []
    for number, (a, b) in enumerate(ROWS):
        numbers.append(len(lines) + 1)
        lines.append(
            f'"{a}{end}",{b}' if number % 3 == 0 else f"{a},{b}"
        )  # one row of a spreadsheet
        lines += [""] * (number in blank)
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbf" + (end.join(lines) + end).encode())
    assert read(tmp_path / "t.csv").names.tolist() == numbers
    data = load_own(tmp_path / "t.csv", **GAUSSIAN)
    row_of = dict(zip(numbers, ROWS.tolist(), strict=True))
    assert [row_of[name] for name in data.names] == data.x_test.tolist()
    assert data.counting == "Rows are numbered as in a spreadsheet: the header is row 1."
