"""What a result depends on: code, found by its imports, and data, each file by its content."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from kerasae.storage import dependencies, provenance, verification
from kerasae.storage.atomic import digest

SCRIPTS = Path(__file__).parents[1] / "workflow" / "scripts"

OWN = {
    "mine.py": "import beside, pack, spaced.deep\nfrom kerasae.models.vae import VAE\nimport numpy",
    "beside.py": "def f():\n    import lazily",
    "lazily.py": "",
    "pack/__init__.py": "from .part import FACTOR\nfrom . import inner",
    "pack/part.py": "",
    "pack/other.py": "import pack.inner.deepest",
    "pack/inner/__init__.py": "from ..other import X",
    "pack/inner/deepest.py": "import mine",
    "pack/unused.py": "",
    "spaced/deep.py": "from .twin import *",
    "spaced/twin.py": "from spaced import third",
    "spaced/third.py": "",
    "unused.py": "",
    "numpy_like/__init__.py": "",
}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A model of one's own with helpers, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name, code in OWN.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code)
    return tmp_path


def files_of(*modules):
    """Code files, those of the package by their names in it."""
    found = dependencies.code_files(*modules)
    return {os.path.relpath(Path(file).resolve(), dependencies.ROOT) for file in found}


def own_files(*modules):
    """Code files that lie in the current folder."""
    return {file for file in dependencies.code_files(*modules) if not file.startswith("..")}


@pytest.mark.parametrize("entry", ["mine.py", "mine", "pack.inner.deepest"])
def test_helper_modules_and_packages_of_one_s_own_count_as_far_as_they_are_imported(own, entry):
    assert own_files(entry) == {*OWN} - {"pack/unused.py", "unused.py", "numpy_like/__init__.py"}
    assert "kerasae/models/vae.py" in files_of(entry)


def test_a_file_elsewhere_is_followed_beside_it_and_not_here(own, tmp_path):
    (own / "deeper").mkdir()
    (own / "deeper" / "other.py").write_text("import beside, twin")
    (own / "deeper" / "twin.py").write_text("")
    assert own_files("deeper/other.py") == {"deeper/other.py", "deeper/twin.py"}


def test_an_installed_package_is_followed_in_itself_alone(own, monkeypatch):
    site = own / "site"
    for name, code in {
        "apart/__init__.py": "from .one import A",
        "apart/one.py": "import apart.two, stranger",
        "apart/two.py": "",
        "stranger.py": "",
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(code)
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    assert own_files("apart.one") == {f"site/apart/{n}.py" for n in ("__init__", "one", "two")}


def test_a_model_s_code_is_its_own_and_no_other_s():
    found = files_of("kerasae.models.sparse")
    assert {"kerasae/models/sparse.py", "kerasae/models/base.py"} <= found
    assert not {"kerasae/models/vq.py", "kerasae/models/__init__.py"} & found


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("gone.py", "Received: gone.py"),
        ("kerasae.models.gone", "Received: kerasae.models.gone"),
        ("no_such_package.module", "Received: no_such_package.module"),
        ("pack.gone", "Received: pack.gone"),
        ("broken.py", r"broken.py, line 1: .*Received: "),
    ],
)
def test_what_is_no_code_is_named(own, entry, words):
    (own / "broken.py").write_text("def f(:")
    with pytest.raises(ValueError, match=words):
        dependencies.code_files(entry)


def test_an_edit_is_seen_whatever_its_time_stamp(own):
    before = dependencies.digests(["mine.py"], [])
    os.utime("pack/part.py", (0, 0))
    assert dependencies.digests(["mine.py"], []) == before
    (own / "pack/part.py").write_text("FACTOR = 1\n")
    os.utime("pack/part.py", (0, 0))
    after = dependencies.digests(["mine.py"], [])
    assert {name for name in before if before[name] != after[name]} == {"pack/part.py"}
    assert dependencies.combined(before) != dependencies.combined(after)


def test_data_are_all_files_of_a_folder_linked_ones_included_each_folder_once(own):
    for name in ("images/a/1.png", "images/b/deeper/1.png", "elsewhere/c/1.png"):
        (own / name).parent.mkdir(parents=True)
        (own / name).write_text(name)
    (own / "images/c").symlink_to(own / "elsewhere/c")
    (own / "images/around").symlink_to(own / "images")
    (own / "images/a/2.png").symlink_to(own / "elsewhere/c/1.png")
    (own / "images/a/broken.png").symlink_to(own / "nowhere")
    assert dependencies.data_files("images") == [
        "images/a/1.png", "images/a/2.png", "images/b/deeper/1.png", "images/c/1.png",
    ]  # fmt: skip
    assert dependencies.data_files("images/a/1.png") == ["images/a/1.png"]


def test_files_that_change_places_are_other_data(own):
    for name in "ab":
        (own / "images" / name).mkdir(parents=True)
        (own / "images" / name / "1.png").write_text(name)
    before = dependencies.combined(dependencies.digests([], ["images"]))
    (own / "images/a").rename(own / "images/c")
    (own / "images/b").rename(own / "images/a")
    (own / "images/c").rename(own / "images/b")
    assert dependencies.combined(dependencies.digests([], ["images"])) != before
    with pytest.raises(ValueError, match=r"Expected a file or folder\. Received: gone"):
        dependencies.digests([], ["gone"])


@pytest.fixture
def job(own, monkeypatch):
    """The scripts' module in a job that reads one file and is to write to ``results/own``."""
    monkeypatch.syspath_prepend(SCRIPTS)
    import job

    planned = {"modules": ["mine.py"], "files": ["unused.py"]}
    planned["sha256"] = dependencies.combined(dependencies.digests(["mine.py"], ["unused.py"]))
    made_from = job.unchanged(planned)
    state = {"planned": planned, "folder": Path("results/own"), "made_from": made_from}
    monkeypatch.setattr(job, "_job", {**state, "settings": {}})
    return SimpleNamespace(module=job, planned=planned, path=Path("results/own/scores.csv"))


def test_a_job_records_all_code_and_data_and_takes_away_the_list_of_the_results(job):
    listed = job.path.with_name(verification.LIST)
    listed.parent.mkdir(parents=True)
    listed.write_text("")
    with job.module.atomic_write(job.path) as path:
        path.write_text("1")
    assert provenance.read(job.path)["sources"] == job.module.unchanged(job.planned)
    assert provenance.read(job.path)["sources"]["pack/part.py"] == digest("pack/part.py")
    assert not listed.exists()


@pytest.mark.parametrize("name", ["pack/part.py", "unused.py"])
def test_a_job_refuses_code_or_data_that_changed_since_it_was_planned(job, name):
    Path(name).write_text("NEW = 1")
    os.utime(name, (0, 0))
    with pytest.raises(job.module.ChangedError, match=r"run Snakemake again\. Received: another"):
        job.module.unchanged(job.planned)


def test_what_was_computed_while_code_changed_is_not_written(job):
    job.path.parent.mkdir(parents=True)
    job.path.write_text("before")

    def compute():
        with job.module.atomic_write(job.path) as path:
            path.write_text("1")
            Path("beside.py").write_text("NEW = 1")

    with pytest.raises(job.module.ChangedError):
        compute()
    assert job.path.read_text() == "before"
    assert [path.name for path in job.path.parent.iterdir()] == ["scores.csv"]
