"""The pages are built without a warning, and their examples run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kerasae import REGISTRY
from kerasae.contract import faults

ROOT = Path(__file__).parents[1]


def examples(page):
    """Python blocks of a page."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)


def test_pages_are_built_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "own-data" / "index.html").exists()


def test_the_contestant_of_the_page_can_take_part(tmp_path):
    (source,) = examples("own-contestant.md")
    (tmp_path / "lasso.py").write_text(source)
    assert faults(f"{tmp_path / 'lasso.py'}:Lasso") == []


def test_the_estimators_of_the_page_work(capsys):
    (source,) = examples("estimators.md")
    exec(compile(source, "estimators.md", "exec"), {})
    accuracy, area, found = capsys.readouterr().out.split("\n", 2)
    assert 0.5 < float(accuracy) <= 1
    assert 0.8 < float(area) <= 1
    assert set(re.findall(r"-?1", found)) <= {"-1", "1"}


def test_the_preprocessing_of_the_page_works():
    (source,) = examples("own-data.md")
    exec(compile(source, "own-data.md", "exec"), {})


def test_the_example_of_the_readme_runs(monkeypatch, tmp_path):
    (source,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    short = source.replace("epochs=60", "epochs=1").replace(
        'load("mnist").x_train', 'load("mnist").x_train[:300]'
    )
    assert short != source
    exec(compile(short, "README.md", "exec"), {})
    assert (tmp_path / "vae.keras").exists()


@pytest.mark.parametrize("name", REGISTRY)
def test_the_protocol_names_the_source_of_every_contestant(name):
    assert re.search(rf"^\| [^|]*\b{name}\b", (ROOT / "docs/protocol.md").read_text(), re.MULTILINE)
