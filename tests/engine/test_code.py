"""Code that results depend on is found by its contents."""

import os
import subprocess
import sys

import pytest
from projects import ROOT

from kerasae import BASELINES, REGISTRY
from kerasae.engine import provenance
from kerasae.storage import code

OWN = {
    "mine.py": "import beside, pack\nfrom kerasae.models.vae import VAE\nimport numpy",
    "beside.py": "def f():\n    import lazily",
    "lazily.py": "",
    "pack/__init__.py": "from .part import FACTOR",
    "pack/part.py": "",
    "unused.py": "",
    "numpy_like/__init__.py": "",
}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A model of the user with helpers, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name, text in OWN.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "helper"),
    [
        ("from my_models.blocks.dense import Dense", "my_models/blocks/dense.py"),
        ("import my_models.blocks.dense", "my_models/blocks/dense.py"),
        ("from . import blocks", "my_models/blocks/__init__.py"),
        ("from .blocks.dense import Dense", "my_models/blocks/dense.py"),
        ("from ..shared.layers import f", "shared/layers.py"),
        ("from shared.layers import f", "shared/layers.py"),
    ],
)
def test_a_helper_is_found_however_it_is_imported(tmp_path, monkeypatch, line, helper):
    monkeypatch.chdir(tmp_path)
    for name in ("my_models/blocks/__init__.py", "my_models/blocks/dense.py", "shared/layers.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "my_models/a.py").write_text(line)
    found = {file.resolve() for file in code.model_files("my_models/a.py")}
    assert tmp_path / helper in found


@pytest.mark.parametrize("module", ["mine.py", "mine"])
def test_helpers_beside_a_model_count_as_far_as_they_are_imported(own, module):
    found = {os.path.relpath(file) for file in code.model_files(module)}
    assert found == {*OWN} - {"unused.py", "numpy_like/__init__.py"}


@pytest.mark.parametrize(
    ("model", "expected", "others"),
    [("beta_tc_vae", {"beta_tc_vae", "vae", "base"}, {"vq", "iwae", "__init__"})],
)
def test_the_code_of_a_model_is_its_own_and_no_other_s(model, expected, others):
    found = {file.stem for file in code.model_files(REGISTRY[model].split(":")[0])}
    assert expected <= found
    assert not others & found


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("gone.py", "Received: gone.py"),
        ("kerasae.models.gone", "Received: kerasae.models.gone"),
        ("no_such_package.module", "Received: no_such_package.module"),
        ("pack.gone", "Received: pack.gone"),
        ("broken.py", r"broken.py, line 1: .*Received: "),
    ],
)
def test_what_is_no_code_is_named(own, module, words):
    (own / "broken.py").write_text("def f(:")
    with pytest.raises(ValueError, match=words):
        code.model_files(module)


def test_an_edit_is_seen_whatever_its_time_stamp(own):
    def digest():
        return code.digest_of(code.model_files("mine.py"))

    before = digest()
    os.utime("pack/part.py", (0, 0))
    assert digest() == before
    (own / "pack/part.py").write_text("FACTOR = 1\n")
    os.utime("pack/part.py", (0, 0))
    assert digest() != before


def test_a_step_of_the_engine_is_code_of_its_jobs(monkeypatch):
    assert provenance.code_digest("seeds.py", step="train") != provenance.code_digest(
        "seeds.py", step="embed"
    )


LOADED = """
import sys
import numpy as np
from kerasae import models, datasets
from kerasae.engine import steps
from kerasae.engine.artifacts import Artifacts
from kerasae.engine.run import Run
from kerasae.training.defaults import TrainingOptions
from kerasae.training.run import Builder
data = datasets.load("mnist").first(60, 20)
artifacts, run = Artifacts(sys.argv[1]), Run("mnist", "vae", 2, "none", 1)
artifacts.hold("data", run, data)
before = set(sys.modules)
options = TrainingOptions({"model": "vae"}, validation=10, epochs=1, batch_size=20)
model, history = steps.train(artifacts, run, options, Builder(models.build), verbose=0)
for name, module in sys.modules.items():
    if name.startswith("kerasae.") and getattr(module, "__file__", None):
        print(module.__file__)
"""


def test_a_training_runs_no_code_that_its_digest_leaves_out(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LOADED, tmp_path], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    model = REGISTRY["vae"].split(":")[0]
    known = {str(file) for file in (*code.files_of(*code.TRAINING), *code.model_files(model))}
    # Rooms that hand over what they are given, and names of types
    harmless = ("/engine/", "/storage/", "/types.py", "/__init__.py")
    used = {line for line in done.stdout.splitlines() if not line.endswith(harmless[-1])}
    left_out = {file for file in used - known if not any(part in file for part in harmless)}
    checks = {"declared", "load", "quiet"} | {"outputs"}  # the last is imported, not run
    models = {**REGISTRY, **BASELINES}.values()
    others = {entry.split(":")[0].rpartition(".")[2] for entry in models}
    assert {os.path.basename(file).removesuffix(".py") for file in left_out} <= checks | others
