"""A job of several parts makes what is out of date, and a failed or killed one goes on."""

import importlib.util
import json
from types import SimpleNamespace

import pytest
from projects import ROOT

from kerasae.storage import dependencies, provenance

VARIANTS = ("shallow", "vae", "vq")


@pytest.fixture
def job(tmp_path, monkeypatch):
    """The module that all scripts start with, in a folder with one data set."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code.py").write_text("1")
    (tmp_path / "data.csv").write_text("1")
    spec = importlib.util.spec_from_file_location("job", ROOT / "workflow/scripts/job.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # In a process that ran other tests a collection takes seconds
    monkeypatch.setattr(module, "gc", SimpleNamespace(collect=lambda: None))
    return module


def code(name="code.py"):
    digests = dependencies.digests([], [name])
    return {"modules": [], "files": [name], "sha256": dependencies.combined(digests)}


def described(variant, **params):
    return {
        "wildcards": {"variant": variant, "seed": "1"},
        "inputs": {"data": "data.csv", "models": [f"{variant}.in"]},
        "outputs": {"codes": f"results/own/codes/{variant}.npz"},
        "sources": code(),
        "params": params,
    }


def begin(job, runs, token=""):
    """Start a job of runs, but leave the output of this process as it is."""
    failure = {"file": "results/own/logs/embed/cell.failed", "token": token}
    job.digest.cache_clear()
    job._job.clear()
    job._job.update(
        folder=job.Path("results/own"),
        settings={"rule": "embed", "configuration": {"seeds": [len(runs)]}},
        failure=failure,
    )
    job.atomic_text(failure["file"], "this attempt")
    job._job["parts"] = [job.Part(**run) for run in runs]


def make(job, runs, broken=(), token=""):
    """Run a job; the variants that it made."""
    for run in runs:
        for path in run["inputs"]["models"]:
            if not job.Path(path).exists():
                job.Path(path).write_text(path)
    begin(job, runs, token)
    made = []

    def one(run):
        name = run.wildcards["variant"]
        if name in broken:
            raise FloatingPointError("the loss is nan")
        with run.write("codes") as path:
            path.write_text(f"{name} {run.params}")
        made.append(name)

    job.each_part(one)
    return made


def contents(folder):
    return {path.name: path.read_text() for path in folder.glob("results/own/codes/[!.]*")}


def failed(folder):
    path = folder / "results/own/logs/embed/cell.failed"
    return path.read_text() if path.exists() else None


def test_all_runs_are_made_and_have_records_of_their_own(job, tmp_path):
    assert make(job, [described(name) for name in VARIANTS]) == [*VARIANTS]
    assert contents(tmp_path) == {f"{name}.npz": f"{name} {{}}" for name in VARIANTS}
    record = provenance.read("results/own/codes/vae.npz")
    assert set(record["sources"]) == {"code.py", "data.csv", "vae.in"}
    assert record["settings"]["wildcards"] == {"variant": "vae", "seed": "1"}
    assert not list(tmp_path.glob("results/own/checkpoints/**/*.npz"))
    assert failed(tmp_path) is None


def test_what_is_up_to_date_is_kept(job):
    runs = [described(name, steps=4) for name in VARIANTS]
    make(job, runs)
    assert make(job, runs) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda runs: runs.append(described("pca")), ["pca"]),
        (lambda runs: runs[1]["params"].update(steps=5), ["vae"]),
        (lambda runs: append_to("vae.in"), ["vae"]),
        (lambda runs: append_to("data.csv"), [*VARIANTS]),
        (lambda runs: runs[2]["wildcards"].update(seed="2"), ["vq"]),
        (lambda runs: edited_code(runs[0]), ["shallow"]),
        (lambda runs: append_to("results/own/codes/vae.npz"), ["vae"]),
        (lambda runs: append_to("results/own/codes/.vae.npz.json"), ["vae"]),
    ],
    ids=["run", "setting", "input", "data", "wildcard", "code", "damaged", "damaged record"],
)
def test_a_change_makes_the_runs_anew_that_depend_on_it(job, change, expected):
    runs = [described(name, steps=4) for name in VARIANTS]
    make(job, runs)
    change(runs)
    assert make(job, runs) == expected
    assert make(job, runs) == []


def append_to(path):
    with open(path, "a") as file:
        file.write("x")


def edited_code(run):
    """Give a run other code than the others have."""
    with open("other.py", "w") as file:
        file.write("2")
    run["sources"] = code("other.py")


def test_other_keys_of_the_configuration_do_not_make_a_run_anew(job):
    runs = [described(name) for name in VARIANTS]
    make(job, runs[:2])
    assert provenance.read("results/own/codes/vae.npz")["settings"]["configuration"] == {
        "seeds": [2]
    }
    assert make(job, runs) == ["vq"]


def test_a_failed_run_is_named_when_the_others_are_done_and_they_are_not_made_twice(job, tmp_path):
    make(job, [described(name, steps=4) for name in VARIANTS])
    before = contents(tmp_path)
    runs = [described(name, steps=5) for name in VARIANTS]
    with pytest.raises(
        job.PartError,
        match=r"^shallow \(seed 1\): the loss is nan; vq \(seed 1\): the loss is nan$",
    ):
        make(job, runs, broken=("shallow", "vq"))
    assert contents(tmp_path) == before, "outputs of a failed job are those that were there"
    assert provenance.checked("results/own/codes/vae.npz")
    assert make(job, runs) == ["shallow", "vq"]
    assert set(contents(tmp_path).values()) == {f"{name} {{'steps': 5}}" for name in VARIANTS}
    assert make(job, runs) == []


def test_a_job_that_is_killed_goes_on_with_the_run_it_was_at(job, tmp_path):
    runs = [described(name) for name in VARIANTS]
    with pytest.raises(KeyboardInterrupt):
        make_until(job, runs, "vae")
    assert contents(tmp_path) == {}
    assert make(job, runs) == ["vae", "vq"]
    assert len(contents(tmp_path)) == 3


def make_until(job, runs, last):
    for run in runs:
        job.Path(run["inputs"]["models"][0]).write_text(run["inputs"]["models"][0])
    begin(job, runs)

    def one(run):
        with run.write("codes") as path:
            path.write_text(f"{run.wildcards['variant']} {{}}")
            if run.wildcards["variant"] == last:
                raise KeyboardInterrupt

    job.each_part(one)


def test_what_waits_for_other_settings_is_not_used(job, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        make_until(job, [described(name) for name in VARIANTS], "vae")
    runs = [described(name, steps=9) for name in VARIANTS]
    assert make(job, runs) == [*VARIANTS]
    assert set(contents(tmp_path).values()) == {f"{name} {{'steps': 9}}" for name in VARIANTS}
    assert not list(tmp_path.glob("results/own/checkpoints/**/*.npz"))


def test_a_failure_leaves_another_token_and_a_success_that_of_the_plan(job, tmp_path):
    runs = [described(name) for name in VARIANTS]
    with pytest.raises(job.PartError):
        make(job, runs, broken=("vae",))
    assert failed(tmp_path) == "this attempt"
    make(job, runs, token="first failure")
    assert failed(tmp_path) == "first failure"


def test_code_that_changed_after_planning_stops_the_job_and_gives_no_output(job, tmp_path):
    runs = [described(name) for name in VARIANTS]
    make(job, runs)
    before = contents(tmp_path)
    other = [described(name, steps=4) for name in VARIANTS]
    (tmp_path / "code.py").write_text("2")
    with pytest.raises(job.ChangedError, match="run Snakemake again"):
        make(job, other)
    assert contents(tmp_path) == before


def test_a_file_without_a_record_or_a_record_without_a_file_is_not_current(job, tmp_path):
    made_from, settings = {"code.py": "1"}, {"rule": "a", "params": {"x": (1, 2)}}
    (tmp_path / "own").mkdir()
    path = tmp_path / "own/a.csv"
    path.write_text("1")
    current = (path, made_from, settings, tmp_path / "own")
    assert not provenance.is_current(*current)
    provenance.record(*current)
    assert provenance.is_current(*current), "a tuple is a list in JSON"
    record = json.loads(provenance.record_of(path).read_text())
    assert record["settings"]["params"] == {"x": [1, 2]}
    path.unlink()
    assert not provenance.is_current(*current)


def test_inputs_of_a_run_are_those_of_its_variant(job, monkeypatch):
    monkeypatch.setattr(job, "read", lambda name, path, model=None: (name, path, model))
    run = {
        "wildcards": {"seed": "1", "variant": "b"},
        "inputs": {"data": "data.npz", "outputs": "b.npz", "planes": ["1.npy", "2.npy"]},
        "model": "vae",
    }
    inputs = job.inputs(run, {"settings": {"score": "bce"}, "runs": ["first", "second"]})
    assert inputs["outputs"] == ("outputs", "b.npz", "vae")
    assert list(inputs.each("planes")) == [
        ("first", ("planes", "1.npy", None)), ("second", ("planes", "2.npy", None)),
    ]  # fmt: skip
    assert inputs.run["variant"] == "b"
    assert inputs.settings == {"score": "bce"}
