"""Compare models on data in one call; the workflow's numbers are tested with the workflow."""

import contextlib
import dataclasses
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pytest
import scipy.sparse
import yaml
from conftest import SHAPE, build, faults_of, needs_browser
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

import kerasae
from kerasae import build as build_anew
from kerasae.comparison import processes, reading
from kerasae.comparison.jobs import Schedule
from kerasae.comparison.worker import COMPARISON
from kerasae.datasets import LabelledRows, split
from kerasae.evaluation.scores import read_elsewhere
from kerasae.models import model_class
from kerasae.training.defaults import TrainingOptions
from kerasae.training.run import Builder, train_run
from kerasae.training.train import train

BROKEN = """
from kerasae.models.vanilla import Vanilla


class Broken(Vanilla):
    def objective(self, images, training):
        raise ValueError("no loss today")
"""
KILLED = """
import os, pathlib, signal, time
from kerasae.models.vanilla import Vanilla


class Always(Vanilla):
    def objective(self, images, training):
        os.kill(os.getpid(), signal.SIGKILL)


class Forked(Vanilla):
    def objective(self, images, training):
        if os.fork() == 0:
            with open(pathlib.Path(__file__).with_name("children"), "a") as file:
                print(os.getpid(), file=file)
            time.sleep(1000)  # holds the pipe of the results open
            os._exit(0)
        os.kill(os.getpid(), signal.SIGKILL)


class Asks(Vanilla):
    def objective(self, images, training):
        input("Which loss? ")


class Once(Vanilla):
    def objective(self, images, training):
        begun = pathlib.Path(__file__).with_name("begun")
        if not begun.exists():
            begun.write_text("once")
            os.kill(os.getpid(), signal.SIGKILL)
        begun.write_text("again")
        return super().objective(images, training)
"""
QUICK = {"epochs": 2, "classification": {"epochs": 2}}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Two models, one that fails, and two baselines on a small table, over two seeds."""
    (tmp_path_factory.getbasetemp() / "broken.py").write_text(BROKEN)
    variants = {
        "shallow": {},
        "vae": {},
        "broken": {"model": f"{tmp_path_factory.getbasetemp()}/broken.py:Broken"},
    }
    X, y = load_wine(return_X_y=True, as_frame=True)
    return kerasae.compare(
        X, y, variants=variants, baselines=["pca"], seeds=2, config=QUICK, n_jobs=2, progress=False
    )


def test_models_and_baselines_are_scored_for_every_seed(found):
    scores = found.scores
    rows = scores[(scores["task"] == "reconstruction") & (scores["metric"] == "mse")]
    means = rows[rows["code"].isin(["", "mean"])].groupby("variant")["seed"].apply(set)
    assert means["shallow"] == means["vae"] == means["pca"] == {1, 2}
    assert {"raw_pixels", "from_scratch", "isolation_forest"} <= set(scores["variant"])
    assert set(scores["held_out"]) == {"none", "0"}
    assert found.complete
    assert found.seconds > 0


def test_a_model_that_fails_is_named_and_the_others_are_compared(found):
    assert set(found.failures) == {"broken (seed 1)", "broken (seed 2)"}
    assert "no loss today" in found.failures["broken (seed 1)"]
    assert "broken" not in set(found.scores["variant"])
    assert "broken (seed 2) failed: " in repr(found)


def test_the_result_prints_the_ranking_by_use_and_shows_it_in_a_notebook(found):
    first, *lines = repr(found).splitlines()
    assert first == "data, 2 seeds:"
    assert lines[0].startswith("  compression (lower is better): best autoencoder ")
    ranked = found.rankings
    best = ranked[(ranked["ranking"] == "compression")].iloc[0]
    assert best["variant"] == "pca"  # two epochs do not reach it
    assert "<li><strong>Compression</strong>" in found._repr_html_()


def test_the_models_of_the_first_seed_are_explored_and_no_file_is_replaced(found, tmp_path):
    page = tmp_path / "new" / "wine.html"
    found.explore(page)
    text = page.read_text(encoding="utf-8")
    content = json.loads(re.search(r'id="content">(.*?)</script>', text, re.DOTALL)[1])
    assert list(content["variants"]) == ["shallow", "vae", "pca"]
    assert all("network" in variant for variant in content["variants"].values())
    assert content["samples"]["count"] == 36
    with pytest.raises(FileExistsError, match=r"wine\.html"):
        found.explore(page)


@needs_browser
def test_pages_that_are_saved_open_from_disk_without_a_fault_and_are_the_same_again(
    found, tmp_path, browser
):
    plan = dataclasses.replace(found.plan, config={**found.plan.config, "demonstration": True})
    headed = dataclasses.replace(found, plan=plan)
    for name in ("first", "again"):
        headed.save(tmp_path / name)
    pages = sorted((tmp_path / "first").rglob("*.html"))
    assert {"which_one.html", "explorer.html", "anomaly.html"} <= {page.name for page in pages}
    for page in pages:
        said = "A demonstration: 128 training samples, 2 epochs, 2 seeds. The numbers say nothing"
        assert page.read_text("utf-8").count(said) == 1
        assert faults_of(browser, page) == []
    first, again = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
        for folder in (tmp_path / "first", tmp_path / "again")
    )
    assert first == again


def test_times_are_compared_where_trainings_run_one_at_a_time(monkeypatch):
    numbers = []

    def collect(self, n_jobs, collected, interrupted):
        numbers.append(n_jobs)
        return True

    monkeypatch.setattr(Schedule, "collect", collect)
    X = np.random.default_rng(0).normal(size=(60, 3))
    for alone in (False, True):
        how = {"config": QUICK | {"one_at_a_time": alone}, "n_jobs": 2, "progress": False}
        kerasae.compare(X, variants=["shallow"], seeds=1, **how)
    assert numbers == [2, 1]


def test_saved_results_are_tables_pages_and_a_configuration_and_replace_nothing(found, tmp_path):
    found.save(tmp_path / "wine")
    for page in (tmp_path / "wine").rglob("*.html"):
        assert "A demonstration" not in page.read_text("utf-8")
    again = read_elsewhere(tmp_path / "wine/scores.csv")
    assert again["value"].tolist() == found.scores["value"].tolist()
    config = yaml.safe_load((tmp_path / "wine/config.yaml").read_text())
    assert config["epochs"] == 2
    assert config["seeds"] == [1, 2]
    table = pd.read_csv(tmp_path / "wine/tables/reconstruction.csv", index_col="variant")
    assert {"shallow", "vae", "pca"} <= set(table.index)
    assert "Recommendations: data" in (tmp_path / "wine/which_one.html").read_text()
    before = (tmp_path / "wine/scores.csv").read_bytes()
    with pytest.raises(FileExistsError, match="none are overwritten"):
        found.save(tmp_path / "wine")
    assert (tmp_path / "wine/scores.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"X": "nowhere.csv"}, "nowhere.csv does not exist"),
        ({"variants": ["vea"]}, "Unknown model"),
        ({"variants": {"vae": {"betta": 1}}}, "betta"),
        ({"baselines": ["pcb"]}, "pcb"),
        ({"tasks": []}, "at least one task"),
        ({"variants": [kerasae.build]}, "names of models, 'file.py:Class'"),
        ({"seeds": 1.5}, "a number of seeds, or a list of seeds. Received: 1.5"),
        ({"tasks": ["sampling"]}, "Received: sampling"),
        ({"tasks": ["label_curve"]}, "label_curve, which needs curve"),
        ({"y": None, "tasks": ["classification"]}, "classification, which needs labels"),
        ({"seeds": 0}, "seeds"),
        ({"config": {"epoch": 3}}, "epoch"),
        ({"X": np.full((9, 3), np.nan)}, "finite"),
        ({"X": np.array([[1.0, np.inf]] * 9)}, "inf in column 1, counted from 0"),
        ({"tasks": ["reconstrution"]}, "Did you mean reconstruction.* Received: reconstrution"),
        ({"tasks": "anomalies"}, "Did you mean anomaly.* Received: anomalies"),
        ({"y": pd.array([pd.NA, "a"] * 89, "string")}, "Received: 89 missing labels"),
        ({"y": "class"}, "no columns with names.* the labels 'class' .*Received: ndarray"),
        ({"X": scipy.sparse.eye_array(9)}, r"sparse matrix by X.toarray\(\).* Received: dia_array"),
        ({"X": [{"a": 1}] * 9}, r"dictionaries by pandas.DataFrame\(X\).* Received: list"),
        ({"X": np.array([[1, True]] * 9, object)}, r"objects by X.astype\(float\).* ndarray"),
        ({"X": pd.Series(np.ones(9))}, r"Received: float64 of shape \(9,\)"),
        ({"X": [[1, 2], [3]]}, "X: expected rows of one length.* Received: list of unequal parts"),
        ({"X": (np.ones((9, 2)), np.ones(9))}, "as two arguments, X and y. Received: tuple"),
        ({"y": [[1], [2, 3]]}, "y: expected rows of one length.* Received: list"),
        ({"y": {"a": 1}}, "y: expected an array of labels, one for .* Received: dict"),
        ({"y": {1, 2}}, "y: expected an array of labels, one for .* Received: set"),
        ({"y": np.array(3)}, "y: expected an array of labels, one for .* Received: ndarray"),
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


@pytest.mark.parametrize(
    ("X", "words"), [("t.csv", "name of a column, as X is a path"), ("mnist", "mnist has labels")]
)
def test_labels_beside_what_has_its_own_are_refused(X, words):
    with pytest.raises(ValueError, match=rf"y: expected .*{words}.* Received: ndarray"):
        planned(X, np.arange(9))


def planned(X, y=None, **changes):
    given = ("variants", "baselines", "tasks", "seeds", "anomalies", "config")
    return reading.planned(X, y, **{**dict.fromkeys(given), "seeds": 3, **changes})


def test_arrays_frames_and_files_are_read_alike(tmp_path):
    frame = load_wine(as_frame=True).frame
    frame.to_csv(tmp_path / "wine.csv", index=False)
    X, y = frame.drop(columns="target"), frame["target"]
    plan, expected, _ = planned(tmp_path / "wine.csv", "target")
    for given in ((frame, "target"), (X, y), (X.to_numpy(), y.to_numpy())):
        other, data, _ = planned(*given)
        for one in ("x_train", "y_train", "x_test", "y_test"):
            np.testing.assert_array_equal(getattr(data, one), getattr(expected, one))
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


FRAME = pd.DataFrame(
    {
        "flag": np.arange(60) % 3 == 0,
        "count": np.arange(60) ** 2 % 17,
        "length": np.random.default_rng(0).normal(size=60),
        "kind": np.array(["u", "v"])[np.arange(60) % 2],
    },
    index=pd.Index(np.arange(60)[::-1], name="length"),
)
KINDS = {
    "pandas": lambda frame: frame,
    "nullable": lambda frame: frame.convert_dtypes(),
    "of Arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "objects": lambda frame: frame.astype(object),
    "sparse": lambda frame: frame.astype({"count": pd.SparseDtype(int)}),
    "categories": lambda frame: frame.astype({"kind": "category"}),
    "table": pa.Table.from_pandas,
    "batch": pa.RecordBatch.from_pandas,
    "batches": lambda frame: pa.Table.from_pandas(frame).to_reader(),
    "stream": Stream,
    "interchange": Interchange,
}


def assert_same(data, expected):
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(data, name), getattr(expected, name), strict=True)
    assert data.classes == expected.classes
    assert data.preprocessing.columns == expected.preprocessing.columns


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame_is_read_like_its_file(tmp_path, kind):
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    FRAME.to_parquet(tmp_path / "t.parquet")
    _, expected, _ = planned(tmp_path / "t.csv", "kind")
    assert expected.preprocessing.columns == ("flag", "count", "length")
    for given in (tmp_path / "t.parquet", KINDS[kind](FRAME)):
        assert_same(planned(given, "kind")[1], expected)


@pytest.mark.parametrize(
    "labels",
    [
        FRAME["kind"],
        FRAME["kind"].astype("string"),
        FRAME["kind"].astype("category"),
        FRAME[["kind"]],
        pd.Categorical(FRAME["kind"]),
        pa.array(FRAME["kind"]),
        pa.chunked_array([FRAME["kind"]]).dictionary_encode(),
        FRAME["kind"].tolist(),
    ],
)
def test_labels_of_every_kind_are_classes(labels):
    _, expected, _ = planned(FRAME, "kind")
    assert_same(planned(FRAME.drop(columns="kind"), labels)[1], expected)


@pytest.mark.parametrize("kind", ["str", object])
@pytest.mark.parametrize("name", [3, np.int64(3), "3"])
def test_columns_may_have_numbers_as_names(name, kind):
    _, expected, _ = planned(FRAME, "kind")
    _, data, _ = planned(FRAME.astype({"kind": kind}).set_axis(range(4), axis=1), name)
    np.testing.assert_array_equal(data.x_train, expected.x_train)
    assert data.preprocessing.columns == ("0", "1", "2")


@pytest.mark.parametrize(
    ("name", "given"),
    [("kind", "kind"), ("kind ", "kind"), ("kind", " kind"), (4, "4")],
)
def test_words_and_numbers_may_be_mixed_in_labels(name, given):
    labels = pd.Series([0, "other"] * 30, dtype=object, index=FRAME.index)
    frame = FRAME.assign(kind=labels).rename(columns={"kind": name})
    assert planned(frame, given)[1].classes == ("0", "other")


@pytest.mark.parametrize("as_text", [False, True])
def test_labels_may_be_intervals(as_text):
    labels = pd.cut(FRAME["length"].to_numpy(), [-9, 0, 9])
    frame = FRAME.assign(kind=labels.astype("str") if as_text else labels)
    assert planned(frame, "kind")[1].classes == ("(-9, 0]", "(0, 9]")


@pytest.mark.parametrize("labels", [[[1], [2]], [{"a": 1}, {"a": 2}]])
def test_labels_that_are_no_classes_are_refused(labels):
    table = pa.table({"a": np.arange(60.0), "kind": labels * 30})
    with pytest.raises(ValueError, match=r"expected classes as labels.* Received: lists or"):
        planned(table, "kind")


def test_columns_may_have_names_of_several_levels():
    _, expected, _ = planned(FRAME, "kind")
    frame = FRAME.set_axis(pd.MultiIndex.from_product([["x"], FRAME]), axis=1)
    np.testing.assert_array_equal(planned(frame, ("x", "kind"))[1].x_train, expected.x_train)


@pytest.mark.parametrize("name", [None, np.nan, ""])
def test_columns_without_a_name_are_refused(name):
    frame = FRAME.set_axis([name, *FRAME.columns[1:]], axis=1)
    with pytest.raises(ValueError, match=r"column without a name.* Received: column 1"):
        planned(frame, "kind")


def test_proposed_amounts_fit_few_samples_of_many_values():
    images = np.random.default_rng(0).integers(0, 256, (24, 12, 12)).astype(np.uint8)
    plan, *_ = planned(images, np.arange(24) % 2)
    assert plan.amounts["latent_dim"] == 18


def test_proposed_amounts_fit_the_samples_that_are_used(tmp_path):
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    plan, data, _ = planned(tmp_path / "t.csv", "kind", config={"datasets": {"t": {"train": 12}}})
    assert len(data.x_train) == 12
    assert plan.amounts["labels"] <= 11


def changed(name, values, rows=slice(3)):
    """The frame with other values in some rows of a column."""
    frame = FRAME.reset_index(drop=True)
    frame[name] = frame[name].astype(object if isinstance(values, str) else "Float64")
    frame.loc[frame.index[rows], name] = values
    return frame


@pytest.mark.parametrize(
    "wrap", [lambda frame: frame, pa.Table.from_pandas], ids=["pandas", "Arrow"]
)
@pytest.mark.parametrize(
    ("frame", "labels", "words"),
    [
        (FRAME, "KIND", "no such column.* Did you mean kind.* one of flag, count.* Received: KIND"),
        (FRAME, 7, "no such column for the labels. Expected one of flag.* Received: 7"),
        (FRAME, None, r"expected numbers in all columns .* in kind \('u'\)"),
        (changed("count", pd.NA), "kind", r"missing.* nan in count \(3 of 60 rows\)"),
        (changed("count", np.inf), "kind", r"finite numbers.* inf in count \(3 of 60 rows\)"),
        (changed("count", -1.8e308 / 2), "kind", r"which may stand for missing ones.* in count"),
        (FRAME.assign(flag=None), "kind", r"missing.* nan in flag \(60 of 60 rows\)"),
        (
            FRAME.assign(flag=pd.Categorical([None] * 60)),
            "kind",
            r"missing.* nan in flag \(60 of 60 rows\)",
        ),
        (FRAME.assign(kind=None), "kind", "a label for every sample.* Received: 60 missing labels"),
        (
            FRAME.assign(count=pd.Timestamp("2020-02-03"), flag=pd.Categorical(["a"] * 60)),
            "kind",
            r"in flag \('a'\), count \('2020-02-03 00:00:00'\)",
        ),
    ],
)
def test_what_is_wrong_in_a_frame_is_named(frame, labels, words, wrap):
    with pytest.raises(ValueError, match=words) as caught:
        planned(wrap(frame), labels)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.concat([FRAME, FRAME[["count"]]], axis=1), "same name. Rename or .* Received: count"),
        (pa.table([[1.0] * 9] * 2, names=["a", "a"]), "same name. Rename or .* Received: a"),
        (changed("count", "?", slice(9, 10)), r"others in count \('\?'\)"),
        (FRAME.assign(count=1j), r"others in count \('1j'\)"),
    ],
)
def test_frames_that_are_no_tables_are_refused_by_column(frame, words):
    with pytest.raises(ValueError, match=words) as caught:
        planned(frame, None)
    assert "\n" not in str(caught.value)


def test_data_with_known_anomalies_are_drawn_anew_by_every_seed():
    """The numbers are those of an independent computation on the same draws."""
    X, benign = load_breast_cancer(return_X_y=True)
    y = 1 - benign
    config = {"epochs": 1, "detectors": {"nearest_neighbours": False, "isolation_forest": False}}
    found = kerasae.compare(
        X, y, setting="semi_supervised", variants=["shallow"], baselines=["pca"], seeds=2,
        n_jobs=1, progress=False, config=config,
    )  # fmt: skip
    assert not found.failures
    assert set(found.scores["task"]) == {"anomaly"}
    assert set(found.scores["held_out"]) == {"given"}
    areas = found.scores[found.scores["metric"] == "auroc"]
    for seed in (1, 2):
        data = LabelledRows(X, y == 1).for_seed(seed)
        test, anomalous = data.test("given")
        rows = split(data.y_train, 18, seed).train
        scaled = StandardScaler().fit(data.x_train[rows]).transform(test)
        of_seed = areas[areas["seed"] == seed].set_index(["variant", "score"])["value"]
        assert of_seed["no_model", "far_from_mean"] == pytest.approx(
            roc_auc_score(anomalous, np.linalg.norm(scaled, axis=1)), abs=1e-4
        )
        pca = PCA(6).fit(data.x_train[rows])
        residual = test - pca.inverse_transform(pca.transform(test))
        assert of_seed["pca", "mse"] == pytest.approx(
            roc_auc_score(anomalous, (residual**2).sum(axis=1)), abs=2e-3
        )
    assert found.plan.amounts["latent_dims"] == [6]


def test_a_known_data_set_has_no_known_anomalies():
    with pytest.raises(ValueError, match="Received: setting='unsupervised' for mnist"):
        kerasae.compare("mnist", setting="unsupervised")


def test_a_known_data_set_has_the_settings_of_the_article():
    plan, data, _ = planned("mnist", config={"datasets": {"mnist": {"train": 900, "test": 90}}})
    assert data.x_train.shape == (900, 32, 32, 1)
    assert len(data.x_test) == 90
    assert plan.config["epochs"] == 60
    assert list(plan.variants)[-1] == "vq"
    assert plan.amounts["validation"] == 90


def test_only_the_runs_that_the_tasks_need_are_trained():
    X, y = load_wine(return_X_y=True)
    for tasks, held_out in ((["anomaly"], {"0"}), (["reconstruction"], {"none"})):
        plan, *_ = planned(X, y, tasks=tasks)
        assert {run.held_out for run in Schedule(plan, tasks, "").runs} == held_out


def test_an_interrupted_comparison_ends_with_what_it_has(tmp_path):
    load_wine(as_frame=True).frame.to_csv(tmp_path / "wine.csv", index=False)
    command = Path(sys.executable).with_name("kerasae"), "compare", "wine.csv"
    options = "--labels", "target", "--variant", "shallow", "--seeds", "500", "--jobs", "2"
    with subprocess.Popen(
        [*command, *options, "--task", "reconstruction", "-o", "results"], cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        # A shell has its background jobs ignore interrupts, and what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:  # fmt: skip
        said = b""
        while b"| 5/" not in said and (part := process.stderr.read1(4096)):
            said += part
        os.killpg(process.pid, signal.SIGINT)
        out, more = process.communicate(timeout=300)
    assert process.returncode == 0, said + more
    assert "wine, 500 seeds, interrupted: results so far:\n  compression" in out.decode()
    assert "Traceback" not in (said + more).decode()
    assert (tmp_path / "results/explorer.html").exists()
    scored = pd.read_csv(tmp_path / "results/scores.csv")["seed"].nunique()
    assert 1 <= scored < 500


def test_an_interrupt_is_noted_where_it_would_raise_an_exception():
    usual = signal.getsignal(signal.SIGINT)
    try:
        for handler, noted in ((signal.default_int_handler, True), (signal.SIG_IGN, False)):
            signal.signal(signal.SIGINT, handler)
            with processes.interrupts() as interrupted:
                os.kill(os.getpid(), signal.SIGINT)
                assert interrupted.wait(60 if noted else 0) == noted
            assert signal.getsignal(signal.SIGINT) == handler
    finally:
        signal.signal(signal.SIGINT, usual)


def test_a_killed_process_loses_only_its_job_which_is_tried_again(tmp_path):
    (tmp_path / "killed.py").write_text(KILLED)
    file = tmp_path / "killed.py"
    found = kerasae.compare(
        *load_wine(return_X_y=True), baselines=[], seeds=1, n_jobs=2, progress=False, config=QUICK,
        tasks=["reconstruction"], variants={
            **{name.lower(): {"model": f"{file}:{name}"} for name in ("Always", "Forked", "Asks")},
            "once": {"model": f"{file}:Once"},
            "shallow": {},
        },
    )  # fmt: skip
    killed = "its process was killed (SIGKILL) 2 times, perhaps for lack of memory"
    asked = found.failures.pop("asks (seed 1)")
    assert "EOFError" in asked
    assert found.failures == {"always (seed 1)": killed, "forked (seed 1)": killed}
    assert found.complete
    assert {"once", "shallow"} <= set(found.scores["variant"])
    assert (tmp_path / "begun").read_text() == "again"
    for child in map(int, (tmp_path / "children").read_text().split()):
        with contextlib.suppress(psutil.NoSuchProcess):
            end = time.monotonic() + 300
            while (process := psutil.Process(child)).status() != psutil.STATUS_ZOMBIE:
                assert time.monotonic() < end, process
                time.sleep(0.1)


def test_a_process_ends_when_the_comparison_is_killed(tmp_path):
    (tmp_path / COMPARISON).write_bytes(pickle.dumps((None, [])))
    process = processes.Process(tmp_path, 1)
    assert process.process.poll() is None
    process.jobs.close()
    assert process.process.wait(timeout=300) == -signal.SIGKILL
    process.end()


def test_settings_of_one_comparison_are_not_those_of_the_next(tmp_path):
    X, y = load_wine(return_X_y=True)
    how = [None, ["shallow"], None, None, 1, None]
    np.savez(tmp_path / "wine.npz", X=X, y=y == 2)
    path = tmp_path / "wine.npz"
    first, *_ = reading.planned(path, *how, {}, "semi_supervised")
    given, *_ = reading.planned(path, *how, {"anomaly": {"latent_dim": 7}}, "semi_supervised")
    again, *_ = reading.planned(path, *how, {}, "semi_supervised")
    dims = [plan.amounts["latent_dims"] for plan in (first, given, again)]
    assert dims == [[4], [7], [4]]


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ({"wine": {"rows": "ten"}}, "datasets.wine.rows: expected"),
        ({"wine": {"rows": 1}}, "datasets.wine.rows: expected"),
        ({"wine": {"scale": "robust"}}, "datasets.wine.scale: expected"),
        ({"winee": {"rows": 30}}, "Expected settings of wine .* Received: winee"),
        (["wine"], "datasets: expected"),
        ({"wine": "x.npz"}, "datasets.wine: expected"),
    ],
)
def test_settings_of_the_data_are_checked_before_the_data_are_read(tmp_path, listed, message):
    X, y = load_wine(return_X_y=True)
    np.savez(tmp_path / "wine.npz", X=X, y=y == 2)
    with pytest.raises(ValueError, match=message):
        kerasae.compare(
            tmp_path / "wine.npz", setting="semi_supervised", config={"datasets": listed}
        )


def test_a_score_that_depends_on_no_seed_is_there_once_and_the_comparison_is_saved(tmp_path):
    config = {"datasets": {"mnist": {"train": 300, "test": 200}}, "epochs": 1, "validation": 30}
    how = {"variants": ["shallow"], "baselines": [], "tasks": ["anomaly"], "config": config}
    found = kerasae.compare("mnist", seeds=2, n_jobs=1, progress=False, **how)
    ink = found.scores[(found.scores["score"] == "less_ink") & (found.scores["metric"] == "auroc")]
    assert ink["seed"].isna().tolist() == [True]
    found.save(tmp_path / "saved")
    saved = pd.read_csv(tmp_path / "saved/scores.csv")
    assert len(saved) == len(found.scores)


def test_trainings_on_the_rows_of_each_seed_share_the_compiled_programs(monkeypatch, tmp_path):
    cancer, benign = load_breast_cancer(return_X_y=True)
    rows, traced = LabelledRows(cancer, benign == 0), []
    objective = model_class("vae").objective

    def counted(self, batch, training):
        traced.append(training)
        return objective(self, batch, training)

    monkeypatch.setattr(model_class("vae"), "objective", counted)
    settings = {"model": "vae", "widths": (16, 8)}
    options = TrainingOptions(settings, 10, "gaussian", epochs=3, batch_size=32)
    how = {"latent_dim": 3, "held_out": "given", "verbose": 0}
    together, losses = Builder(build_anew), []
    for seed in (1, 2):
        model, history = train_run(together, options, rows.for_seed(seed), seed=seed, **how)
        losses.append(history["loss"].tolist())
        assert model.preprocessing == rows.for_seed(seed).preprocessing.to_config()
    assert traced == [True, False]
    model.save(tmp_path / "second.keras")
    alone, history = train_run(build_anew, options, rows.for_seed(2), seed=2, **how)
    assert history["loss"].tolist() == losses[1] != losses[0]
    stored = kerasae.load(tmp_path / "second.keras")
    assert stored.preprocessing == alone.preprocessing
    test = rows.for_seed(2).x_test
    np.testing.assert_array_equal(stored.encode(test), alone.encode(test))


def test_a_changed_setting_takes_effect_in_the_next_training(images):
    changed, fresh = build("beta_vae", beta=1.0, seed=2), build("beta_vae", beta=9.0, seed=2)
    how = {"batch_size": 50, "verbose": 0}
    changed.fit(images[:50], **how)
    changed.reseed(2)
    changed.beta = 9.0
    assert changed.fit(images[:50], **how).history == fresh.fit(images[:50], **how).history


@pytest.mark.parametrize("name", ["vanilla", "stacked"])
def test_trainings_of_other_seeds_share_the_compiled_programs(name, images, monkeypatch):
    model, traced = build_anew(name, SHAPE, 4, widths=(16, 8), seed=1), []
    objective = type(model).objective

    def counted(self, batch, training):
        traced.append(training)
        return objective(self, batch, training)

    monkeypatch.setattr(type(model), "objective", counted)
    for seed in (1, 2, 3):
        model.reseed(seed)
        train(model, images[:90], images[90:100], epochs=3, batch_size=32, verbose=0)
    assert len(traced) == 2 * model.stages  # for the training and for the validation
