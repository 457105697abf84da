"""The pages and the notebook of the tutorial do what they show."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from test_documentation import ROOT, blocks

NOTEBOOK = ROOT / "docs/tutorial.ipynb"
NUMBER = re.compile(r"\d+(\.\d+)?")


def environment():
    """Variables for a process that finds this environment and this package first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


def output_of(language, content, names):
    """Run a block, and return what it prints."""
    if language == "python":
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(content, "page", "exec"), names)
        return printed.getvalue()
    command = ["bash", "-e", "-c", content]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines(text):
    """Lines of an output without their numbers, which differ between processors."""
    return [" ".join(NUMBER.sub("#", line).split()) for line in text.splitlines() if line.strip()]


@pytest.fixture
def follow(monkeypatch, tmp_path):
    """Do in an empty folder what a page says, and return its variables and its rankings."""
    monkeypatch.chdir(tmp_path)

    def run(page):
        names, printed = {}, ""
        for language, title, content in blocks((ROOT / "docs/tutorial" / page).read_text("utf-8")):
            if title:
                Path(title).write_text(content, encoding="utf-8")
            elif language in ("python", ""):
                printed = output_of(language, content, names)
            elif language == "text" and "is better" not in content:  # verdicts may differ, too
                assert [line for line in lines(content) if line not in lines(printed)] == []
        rankings = pd.read_csv("results/which_one.csv").set_index("variant")
        return names, {name: rows["mean"] for name, rows in rankings.groupby("ranking")}

    return run


@pytest.mark.slow
def test_the_tutorial_on_mnist(follow):
    names, rankings = follow("mnist.md")
    losses = names["history"].history["loss"]
    assert losses[-1] < losses[0] / 2
    assert Path("digits.png").exists()
    assert rankings["compression"].idxmin() == "vanilla"
    assert rankings["features for a classifier"][["vanilla", "vae"]].min() > 0.5


@pytest.mark.slow
def test_the_tutorial_on_a_table(follow):
    names, rankings = follow("table.md")
    table, wrong = names["table"], names["found"]
    assert wrong["wrong"].all()
    assert len(wrong) == names["scores"]["wrong"].sum() == 8
    rows = pd.read_csv("new.csv", dtype=str)
    for row, column in zip(wrong["sample"], wrong["where"], strict=True):
        assert float(rows[column][row - 2]) == table.iloc[469 + row - 2][column]
    aurocs = rankings["anomaly detection"]
    assert aurocs[["pca", "vanilla"]].min() > aurocs["no_model"] + 0.1


@pytest.mark.slow
def test_the_tutorial_on_an_own_model(follow):
    _, rankings = follow("own-model.md")
    losses = rankings["compression"]
    assert losses[["vanilla", "sphere"]].max() < losses["pca"]


SHOWN = """
print(json.dumps({
    "losses": losses, "codes": codes.shape, "between": between.shape, "seen": len(seen),
    "classes": np.unique(labels[labels != 1]).tolist(), "tiles": tiles.shape,
    "of_loss": auroc_of_loss, "of_ink": auroc_of_ink,
    "correlation": stats.spearmanr(ink, loss).statistic,
}))
"""
"""A cell that prints values of the notebook."""


@pytest.mark.slow
def test_the_notebook_runs_and_finds_what_it_says(monkeypatch, tmp_path):
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(f"import json\n{SHOWN}"))
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": tmp_path}})
    client.execute()
    values = json.loads(notebook.cells[-1].outputs[-1]["text"])
    losses = values["losses"]
    assert len(losses) == 9
    assert losses["vanilla"] < min(losses[name] for name in losses if "vae" in name)
    assert max(losses.values()) < 300
    assert (values["codes"], values["between"]) == ([2, 20], [10, 32, 32, 1])
    assert 1 not in values["classes"]
    assert values["tiles"] == [12, 12, 32, 32]
    assert values["of_loss"] < 0.4
    assert values["of_ink"] > 0.8
    assert values["correlation"] > 0.5
    assert list(tmp_path.iterdir()) == []


def test_the_notebook_is_small_and_was_run_from_top_to_bottom():
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert len(text) < 400_000
    assert re.findall(r"/(?:home|tmp|root|work|Users)/", text) == []
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = [output.output_type for cell in code for output in cell.outputs]
    assert set(kinds) <= {"display_data", "execute_result", "stream"}
