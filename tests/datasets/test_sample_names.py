"""Samples are named as in the user's data: by their row, their file, or their place."""

import time

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from kerasae.datasets import GIVEN, Dataset, DatasetError, load, load_own, open_stored
from kerasae.datasets.files import Raw, counting_of, read
from kerasae.datasets.labelled_rows import labelled
from kerasae.datasets.own_data import prepared

SPREADSHEET = "Rows are numbered as in a spreadsheet: the header is row 1."
OF_DATA = "Samples are numbered from 0, in the order of the data."
OF_TEST = "Samples are numbered from 0, in the order of the test set."
ROWS = np.arange(80.0).reshape(40, 2)
LABELS = np.arange(40) % 2


def as_csv(rows, labels, blank=(), end="\n"):
    """A CSV file and the number of each row, as typed and counted by hand.

    Every third row has a line break in a quoted value; after some rows come blank lines.
    """
    lines, numbers = ["a,b,kind"], []
    for number, ((a, b), label) in enumerate(zip(rows, labels, strict=True)):
        numbers.append(len(lines) + 1)
        lines.append(f'"{a}{end}",{b},{label}' if number % 3 == 0 else f"{a},{b},{label}")
        lines += [""] * (number in blank)
    return end.join(lines) + end, numbers


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("blank", [(), (0, 7, 8), range(40)])
def test_a_row_of_a_csv_file_has_the_number_that_a_spreadsheet_shows(tmp_path, blank, end):
    text, numbers = as_csv(ROWS, LABELS, blank, end)
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read(tmp_path / "t.csv").names.tolist() == numbers
    data = load_own(tmp_path / "t.csv", labels="kind", likelihood="gaussian")
    row_of = dict(zip(numbers, ROWS.tolist(), strict=True))
    assert [row_of[name] for name in data.names] == data.x_test.tolist()
    assert data.counting == SPREADSHEET


def test_blank_lines_before_the_header_count_and_a_broken_row_is_named_by_its_number(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n\na,b\n1,2\n\n3,4\n")
    assert read(path).names.tolist() == [4, 6]
    path.write_text('a,b\n1,"2\n"\n\n\n3,4,5\n')
    with pytest.raises(DatasetError, match="row 5 has more or fewer fields"):
        load_own(path)


def written(folder, kind):
    """Data of 40 rows in some format, what reads them, and how they are counted."""
    path = folder / f"t.{kind}"
    if kind == "parquet":
        pd.DataFrame(ROWS, columns=["a", "b"], index=range(7, 47)).to_parquet(path)
    elif kind == "npy":
        np.save(path, ROWS)
    elif kind == "npz":
        np.savez(path, X=ROWS, y=LABELS)
    return path


@pytest.mark.parametrize("kind", ["parquet", "npy", "npz"])
def test_samples_of_other_files_are_numbered_from_0(tmp_path, kind):
    data = load_own(written(tmp_path, kind), likelihood="gaussian")
    assert ROWS[data.names].tolist() == data.x_test.tolist()
    assert data.counting == OF_DATA


def test_so_are_samples_in_memory_and_those_of_a_test_set_of_its_own(tmp_path):
    how = {"path": "X", "labels": None, "scale": "none", "likelihood": "gaussian"}
    data = prepared(Raw({"x_train": ROWS}), **how, test_share=0.5, anomalies=None)
    assert ROWS[data.names].tolist() == data.x_test.tolist()
    assert data.counting == OF_DATA
    np.savez(tmp_path / "t.npz", x_train=ROWS[:30], x_test=ROWS[30:])
    data = load_own(tmp_path / "t.npz", likelihood="gaussian")
    assert (data.names.tolist(), data.counting) == (list(range(10)), OF_TEST)


def test_known_sets_have_the_place_in_the_test_set_and_the_class(mnist):
    assert mnist.counting == OF_TEST
    assert mnist.name(7) == f"7, {mnist.y_test[7]}"


def test_images_have_the_names_of_their_files(tmp_path):
    for number in range(12):
        file = tmp_path / "set" / "AB"[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4), number, np.uint8)).save(file)
    data = load_own(tmp_path / "set", test_share=0.5)
    expected = [f"{'AB'[pixel % 2]}/{pixel}.png" for pixel in data.x_test[:, 0, 0, 0]]
    assert data.names.tolist() == expected
    assert data.name(0) == expected[0]
    assert data.counting == "Images are named by their files."


def test_images_of_a_split_have_the_names_of_their_files(tmp_path):
    for part, count in (("train", 3), ("test", 2)):
        for name in "AB":
            (tmp_path / part / name).mkdir(parents=True)
            for number in range(count):
                image = Image.fromarray(np.full((8, 8), number, np.uint8))
                image.save(tmp_path / part / name / f"{number}.png")
    names = ["test/A/0.png", "test/A/1.png", "test/B/0.png", "test/B/1.png"]
    assert load_own(tmp_path).names.tolist() == names


@pytest.mark.parametrize("kind", ["csv", "npz", "memory"])
@pytest.mark.parametrize(
    "how",
    [{"setting": "semi_supervised"}, {"setting": "semi_supervised", "order": "file", "rows": 20},
     {"setting": "unsupervised"}, {"setting": "unsupervised", "rows": 20}],
    ids=str,
)  # fmt: skip
def test_every_seed_names_the_rows_that_it_draws(tmp_path, kind, how):
    how = {**how, "scale": "none"}
    if kind == "memory":
        data, numbers = labelled(Raw({"x_train": ROWS, "y_train": LABELS}), "X", **how), range(40)
    elif kind == "npz":
        data, numbers = load("t", written(tmp_path, kind), **how), range(40)
    else:
        text, numbers = as_csv(ROWS, LABELS, blank=(3, 4, 20))
        (tmp_path / "t.csv").write_text(text)
        data = load("t", tmp_path / "t.csv", labels="kind", **how)
    row_of = dict(zip(numbers, ROWS.tolist(), strict=True))
    data.save(tmp_path / "stored.npz")
    found = []
    for seed in (1, 2):
        for drawn in (data.for_seed(seed), open_stored(tmp_path / "stored.npz").for_seed(seed)):
            samples, _ = drawn.test(GIVEN)
            assert [row_of[name] for name in drawn.names] == samples.tolist()
            shown = drawn.with_anomalies()
            assert shown.name(0) == f"{drawn.names[0]}, normal"
            assert drawn.counting == (SPREADSHEET if kind == "csv" else OF_DATA)
            found.append(drawn.names.tolist())
    assert found[0] == found[1]
    assert (found[0] == found[2]) == (how.get("order") == "file" and "rows" not in how) or (
        how["setting"] == "unsupervised" and "rows" not in how
    )


@pytest.mark.parametrize(
    ("other", "names", "said"),
    [
        ("csv", ["2 of bad.csv", "3 of bad.csv"], SPREADSHEET),
        ("npy", ["0 of bad.npy", "1 of bad.npy"], f"{SPREADSHEET} In bad.npy: {OF_DATA}"),
    ],
)
def test_known_anomalies_name_their_own_file(tmp_path, other, names, said):
    frame = pd.DataFrame(ROWS, columns=["a", "b"])
    frame.to_csv(tmp_path / "good.csv", index=False)
    if other == "csv":
        frame[:2].to_csv(tmp_path / "bad.csv", index=False)
    else:
        np.save(tmp_path / "bad.npy", ROWS[:2])
    data = load_own(
        tmp_path / "good.csv", likelihood="gaussian", anomalies=tmp_path / f"bad.{other}"
    )
    assert [data.name(len(data.x_test) + number) for number in (0, 1)] == names
    assert [ROWS[int(name) - 2].tolist() for name in data.names[:8]] == data.x_test.tolist()
    assert data.counting == said
    few = data.first(test=3)
    assert [few.name(number) for number in range(5)] == [*data.names[:3], *names]


def test_stored_data_keep_their_names_and_those_of_an_earlier_version_are_read(tmp_path):
    data = Dataset(ROWS, LABELS, ROWS[:3], LABELS[:3], ("x", "y"))
    again = [data, data._replace(names=np.array(["A/1.png", "2", "B/3.png"]), counting="By file.")]
    for one in again:
        one.save(tmp_path / "data.npz")
        found = Dataset.open(tmp_path / "data.npz")
        assert found.counting == one.counting
        assert [found.name(at) for at in range(3)] == [one.name(at) for at in range(3)]
    np.savez(tmp_path / "old.npz", x_train=ROWS, y_train=LABELS, x_test=ROWS, y_test=LABELS,
             classes=np.array(["x", "y"]))  # fmt: skip
    assert Dataset.open(tmp_path / "old.npz").name(3) == "3, y"


def test_stored_data_are_the_same_byte_for_byte_when_they_are_stored_again(tmp_path, monkeypatch):
    frame = pd.DataFrame(ROWS, columns=["a", "b"]).assign(kind=LABELS)
    frame.to_csv(tmp_path / "t.csv", index=False)
    for how in ({"likelihood": "gaussian"}, {"setting": "unsupervised"}):
        for name, now in (("one", 1e9), ("two", 1.5e9)):
            monkeypatch.setattr(time, "time", lambda now=now: now)
            load("t", tmp_path / "t.csv", labels="kind", **how).save(tmp_path / f"{name}.npz")
        one, two = ((tmp_path / f"{name}.npz").read_bytes() for name in ("one", "two"))
        assert one == two


def test_how_names_count_is_one_sentence_for_each_kind():
    kinds = (None, np.array([2, 4]), np.array(["a.png"]))
    said = [counting_of(names) for names in kinds]
    assert len(set(said)) == 3
    assert all(one.count(".") == 1 for one in said)
