"""Data and settings of a comparison, from what users give to `kerasae.compare`."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy.sparse
from sklearn.datasets import load_wine

import kerasae
from kerasae.comparison import reading
from kerasae.comparison.jobs import runs_of
from kerasae.evaluation.tasks import TASKS

FRAME = pd.DataFrame(
    {
        "flag": np.arange(60) % 3 == 0,
        "count": np.arange(60) ** 2 % 17,
        "length": np.random.default_rng(0).normal(size=60),
        "kind": np.array(["u", "v"])[np.arange(60) % 2],
    },
    index=pd.Index(np.arange(60)[::-1], name="length"),
)


def planned(X, y=None, **changes):
    names = ("variants", "baselines", "tasks", "seeds", "anomalies", "config")
    return reading.planned(X, y, **{**dict.fromkeys(names), "seeds": 3, **changes})


def assert_same(data, expected):
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(data, name), getattr(expected, name), strict=True)
    assert data.classes == expected.classes
    assert data.preprocessing.columns == expected.preprocessing.columns


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"X": "nowhere.csv"}, "nowhere.csv does not exist"),
        ({"variants": ["vea"]}, "Unknown model"),
        ({"variants": {"vae": {"betta": 1}}}, "betta"),
        ({"variants": [kerasae.build]}, "names of models, 'file.py:Class'"),
        ({"baselines": ["pcb"]}, "pcb"),
        ({"tasks": []}, "at least one task"),
        ({"tasks": ["sampling"]}, "Received: sampling"),
        ({"tasks": ["label_curve"]}, "label_curve, which needs curve"),
        ({"tasks": ["reconstrution"]}, "Did you mean reconstruction.* Received: reconstrution"),
        ({"y": None, "tasks": ["classification"]}, "classification, which needs labels"),
        ({"seeds": 1.5}, "a number of seeds, or a list of seeds. Received: 1.5"),
        ({"seeds": 0}, "seeds"),
        ({"config": {"epoch": 3}}, "epoch"),
        ({"config": {"datasets": {"wine": {}}}}, "Expected settings of data .* Received: wine"),
        ({"config": {"datasets": ["wine"]}}, "datasets: expected"),
        ({"X": "mnist", "setting": "unsupervised"}, "mnist"),
        ({"X": "mnist", "y": np.arange(9)}, "mnist has labels. Received: ndarray"),
        ({"X": "t.csv", "y": np.arange(9)}, "name of a column, as X is a path.* ndarray"),
        ({"X": np.full((9, 3), np.nan)}, "finite"),
        ({"y": pd.array([pd.NA, "a"] * 89, "string")}, "Received: 89 missing labels"),
        ({"y": "class"}, "no columns with names.* the labels 'class' .*Received: ndarray"),
        ({"X": scipy.sparse.eye_array(9)}, r"sparse matrix by X.toarray\(\).* Received: dia_array"),
        ({"X": [[1, 2], [3]]}, "X: expected rows of one length.* Received: list of unequal parts"),
        ({"X": (np.ones((9, 2)), np.ones(9))}, "as two arguments, X and y. Received: tuple"),
        ({"anomalies": np.ones((3, 13))}, "anomalies: expected the path.* Received: ndarray"),
    ],
)
def test_wrong_arguments_end_before_any_training_with_one_line(arguments, words):
    X, y = load_wine(return_X_y=True)
    if "X" in arguments:
        y = None
    with pytest.raises(ValueError, match=words) as caught:
        kerasae.compare(**{"X": X, "y": y, "progress": False, **arguments})
    assert "\n" not in str(caught.value)


def test_arrays_frames_and_files_are_read_alike(tmp_path):
    frame = load_wine(as_frame=True).frame
    frame.to_csv(tmp_path / "wine.csv", index=False)
    X, y = frame.drop(columns="target"), frame["target"]
    plan, expected, _ = planned(tmp_path / "wine.csv", "target")
    for arguments in ((frame, "target"), (X, y), (X.to_numpy(), y.to_numpy())):
        other, data, _ = planned(*arguments)
        for name in ("x_train", "y_train", "x_test", "y_test"):
            np.testing.assert_array_equal(getattr(data, name), getattr(expected, name))
        assert other.amounts == plan.amounts
        assert other.config["epochs"] == plan.config["epochs"] == 300


class Stream:
    """A table of another library, which offers the Arrow C stream alone."""

    def __init__(self, frame):
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema=None):
        return self.frame.__arrow_c_stream__(requested_schema)


class Interchange:
    """A table of another library, which offers the data frame interchange protocol alone."""

    def __init__(self, frame):
        self.frame = pa.Table.from_pandas(frame, preserve_index=False)

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        return self.frame.__dataframe__(nan_as_null, allow_copy)


@pytest.mark.parametrize(
    "convert",
    [
        lambda frame: frame,
        lambda frame: frame.convert_dtypes(),
        lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
        lambda frame: frame.astype(object),
        lambda frame: frame.astype({"count": pd.SparseDtype(int), "kind": "category"}),
        pa.Table.from_pandas,
        lambda frame: pa.Table.from_pandas(frame).to_reader(),
        Stream,
        Interchange,
    ],
)
def test_every_kind_of_frame_is_read_like_its_file(tmp_path, convert):
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    _, expected, _ = planned(tmp_path / "t.csv", "kind")
    assert expected.preprocessing.columns == ("flag", "count", "length")
    assert_same(planned(convert(FRAME), "kind")[1], expected)


@pytest.mark.parametrize(
    "labels",
    [
        FRAME["kind"].astype("category"),
        FRAME[["kind"]],
        pa.chunked_array([FRAME["kind"]]).dictionary_encode(),
        FRAME["kind"].tolist(),
    ],
)
def test_labels_of_every_kind_are_classes(labels):
    assert_same(planned(FRAME.drop(columns="kind"), labels)[1], planned(FRAME, "kind")[1])


@pytest.mark.parametrize(
    ("columns", "labels"),
    [(range(4), np.int64(3)), (range(4), "3"), (pd.MultiIndex.from_product([["x"], FRAME]), None)],
)
def test_columns_may_have_numbers_or_several_levels_as_names(columns, labels):
    frame = FRAME.set_axis(columns, axis=1)
    data = planned(frame, labels or ("x", "kind"))[1]
    np.testing.assert_array_equal(data.x_train, planned(FRAME, "kind")[1].x_train)


def changed(name, values):
    """The frame with other values in three rows of a column."""
    frame = FRAME.reset_index(drop=True).astype({name: "Float64"})
    frame.loc[:2, name] = values
    return frame


@pytest.mark.parametrize("convert", [pd.DataFrame, pa.Table.from_pandas])
@pytest.mark.parametrize(
    ("frame", "labels", "words"),
    [
        (FRAME, "KIND", "no such column.* Did you mean kind.* one of flag, count.* Received: KIND"),
        (FRAME, None, r"expected numbers in all columns .* in kind \('u'\)"),
        (changed("count", pd.NA), "kind", r"missing.* nan in count \(3 of 60 rows\)"),
        (changed("count", np.inf), "kind", r"finite numbers.* inf in count \(3 of 60 rows\)"),
        (changed("count", -1.8e308 / 2), "kind", r"which may stand for missing ones.* in count"),
        (FRAME.assign(kind=None), "kind", "a label for every sample.* Received: 60 missing labels"),
        (FRAME.rename(columns={"flag": ""}), "kind", "column without a name.* Received: column 1"),
    ],
)
def test_faults_of_a_frame_are_named(frame, labels, words, convert):
    with pytest.raises(ValueError, match=words) as caught:
        planned(convert(frame), labels)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.concat([FRAME, FRAME[["count"]]], axis=1), "same name. Rename or .* Received: count"),
        (FRAME.assign(count=1j), r"others in count \('1j'\)"),
        (
            pa.table({"count": [1.0] * 60, "kind": [[1]] * 60}),
            r"classes as labels.* Received: lists or",
        ),
    ],
)
def test_frames_that_are_no_tables_are_refused(frame, words):
    with pytest.raises(ValueError, match=words) as caught:
        planned(frame, "kind")
    assert "\n" not in str(caught.value)


def test_proposed_amounts_fit_few_samples_of_many_values_and_the_rows_that_are_used(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (24, 12, 12)).astype(np.uint8)
    plan, *_ = planned(images, np.arange(24) % 2)
    assert plan.amounts["latent_dim"] == 18
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    plan, data, _ = planned(tmp_path / "t.csv", "kind", config={"datasets": {"t": {"train": 12}}})
    assert len(data.x_train) == 12
    assert plan.amounts["labels"] <= 11


def test_a_known_data_set_has_the_settings_of_the_article():
    plan, data, _ = planned("mnist", config={"datasets": {"mnist": {"train": 900, "test": 90}}})
    assert data.x_train.shape == (900, 32, 32, 1)
    assert len(data.x_test) == 90
    assert plan.config["epochs"] == 60
    assert list(plan.variants)[-1] == "vq"
    assert plan.amounts["validation"] == 90


def test_only_the_runs_that_the_tasks_need_are_trained():
    plan, *_ = planned(*load_wine(return_X_y=True))
    for task, held_out in (("anomaly", {"0"}), ("reconstruction", {"none"})):
        runs = runs_of(plan, TASKS[task].evaluations)
        assert {run.held_out for run in runs} == held_out


def test_settings_of_one_comparison_are_not_those_of_the_next(tmp_path):
    X, y = load_wine(return_X_y=True)
    np.savez(tmp_path / "wine.npz", X=X, y=y == 2)
    dims = [
        planned(tmp_path / "wine.npz", setting="semi_supervised", config=config)[0].amounts
        for config in ({}, {"anomaly": {"latent_dim": 7}}, {})
    ]
    assert [amounts["latent_dims"] for amounts in dims] == [[4], [7], [4]]
