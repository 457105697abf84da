"""A run names its files, artifacts are read as they were written, and logs list them."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from projects import ROOT

from kerasae.engine import steps
from kerasae.engine.artifacts import PATHS, Artifacts, relative
from kerasae.engine.logs import written
from kerasae.engine.run import Run
from kerasae.storage.atomic import digest

RUN = Run("mnist", "vae", 20, "3", 1, label="three")


def test_a_run_and_its_groups_name_files():
    assert RUN.name == "vae-latent20-without_3-seed1"
    assert RUN.group("latent_dim", "held_out", "seed").name == "latent20-without_3-seed1"
    assert RUN.group("seed").name == "seed1"
    assert RUN.group().name == "all"
    assert Run("mnist", "vae", 20, "3", 0).name.endswith("-seed0"), "0 is a seed"


def test_a_group_has_the_label_of_the_class_that_it_holds_out():
    assert RUN.group("held_out").label == "three"
    assert RUN.group("seed").label == "none"


def test_columns_of_scores_are_the_fields_that_are_set():
    assert RUN.group("seed").columns() == {"dataset": "mnist", "seed": 1}
    assert RUN.columns() == {
        "dataset": "mnist", "variant": "vae", "latent_dim": 20, "held_out": "3", "seed": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("plane", np.arange(6.0).reshape(3, 2)),
        ("generated", {"features": np.ones((2, 3)), "mean": np.array(0.5)}),
        ("histories", pd.DataFrame({"epoch": [1, 2], "loss": [0.1, 1 / 3]})),
    ],
)
def test_an_artifact_is_read_as_it_was_written(tmp_path, kind, value):
    Artifacts(tmp_path).write(kind, RUN, value)
    assert (tmp_path / relative(kind, RUN)).is_file()
    found = Artifacts(tmp_path).read(kind, RUN)
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(found, value)
    else:
        np.testing.assert_equal(found, value)


def test_what_is_held_is_read_without_a_file_until_it_is_released(tmp_path):
    artifacts, plane = Artifacts(tmp_path), np.zeros((1, 2))
    artifacts.hold("plane", RUN, plane)
    assert artifacts.read("plane", RUN) is plane
    artifacts.release(RUN)
    with pytest.raises(FileNotFoundError):
        artifacts.read("plane", RUN)


def test_every_kind_has_its_own_file():
    paths = [relative(kind, RUN) for kind in PATHS]
    assert len(set(paths)) == len(paths)


def test_inputs_are_those_of_the_run_and_each_of_several_has_its_label(tmp_path):
    artifacts = Artifacts(tmp_path)
    other = RUN.with_(variant="vq")
    for run in (RUN, other):
        artifacts.hold("outputs", run, run.variant)
    reads = {"outputs": [RUN, other]}
    inputs = steps.inputs(artifacts, RUN, reads, {"score": "bce"})
    assert [(run["variant"], run["held_out"], found) for run, found in inputs.each("outputs")] == [
        ("vae", "three", "vae"), ("vq", "three", "vq"),
    ]  # fmt: skip
    assert (inputs.run["held_out"], inputs.seed) == ("3", 1)
    assert steps.inputs(artifacts, RUN, {"outputs": other}, {})["outputs"] == "vq"


LOGGED = """
import os, sys
from types import SimpleNamespace
from kerasae.engine.logs import logged, planned_code
job = SimpleNamespace(
    log=[f"results/logs/{sys.argv[1]}.log"], input=sys.argv[3:],
    output=[f"results/{sys.argv[1]}.csv"], params=SimpleNamespace(folder="results"),
    config={"code": planned_code(["own.py"])},
)
if sys.argv[2] == "edit":
    open("own.py", "w").write("edited")
with logged(job):
    print("printed")
    os.write(2, b"written by a library\\n")
    if sys.argv[2] == "fail":
        raise ValueError("no scores")
    open(job.output[0], "w").write("1")
    if sys.argv[2] == "late":
        open("own.py", "w").write("edited")
"""


@pytest.fixture
def job(tmp_path):
    """Run a job in a folder; return the lines of its log."""
    (tmp_path / "results/logs").mkdir(parents=True)
    (tmp_path / "own.py").write_text("X = 1")

    def run(name, how="", *inputs):
        command = [sys.executable, "-c", LOGGED, name, how, *inputs]
        done = subprocess.run(
            command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
        )
        assert done.stdout == done.stderr == ""
        return (tmp_path / f"results/logs/{name}.log").read_text().splitlines()

    return run


def test_a_log_has_all_output_and_the_digest_of_what_was_written(job, tmp_path):
    assert job("scores")[:2] == ["printed", "written by a library"]
    assert written(tmp_path / "results") == {
        "scores.csv": {digest(tmp_path / "results/scores.csv")}
    }


def test_a_job_removes_what_an_interrupted_write_of_its_files_left(job, tmp_path):
    left = tmp_path / f"results/.scores.csv.{'0123456789abcdef' * 2}.unfinished.csv"
    other = left.with_name(left.name.replace("scores", "table"))
    for path in (left, other):
        path.write_text("half")
    job("scores")
    assert not left.exists()
    assert other.exists()


def test_the_log_of_a_failed_job_ends_with_its_error_and_names_no_file(job, tmp_path):
    assert job("scores", "fail")[-1] == "ValueError: no scores"
    assert written(tmp_path / "results") == {}


@pytest.mark.parametrize("how", ["edit", "late"])
def test_a_job_refuses_code_that_is_not_that_of_the_plan(job, tmp_path, how):
    *_, error = job("scores", how)
    assert error.endswith("Code changed while Snakemake was running: run Snakemake again")
    assert written(tmp_path / "results") == {}


def test_a_job_refuses_an_input_that_is_not_as_its_job_wrote_it(job, tmp_path):
    job("scores")
    assert job("table", "", "results/scores.csv", "own.py")[0] == "printed"
    (tmp_path / "results/scores.csv").write_text("2")
    *_, error = job("table", "", "results/scores.csv")
    assert "results/scores.csv was damaged or edited after the workflow wrote it" in error
