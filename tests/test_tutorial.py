"""The pages of the tutorial do what they show."""

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from test_documentation import ROOT, blocks

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
    done = subprocess.run(
        ["bash", "-e", "-c", content],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
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


def test_the_tutorial_on_mnist(follow):
    names, rankings = follow("mnist.md")
    losses = names["history"].history["loss"]
    assert losses[-1] < losses[0] / 2
    assert Path("digits.png").exists()
    assert rankings["compression"].idxmin() == "vanilla"
    assert rankings["features for a classifier"][["vanilla", "vae"]].min() > 0.5


def test_the_tutorial_on_a_table(follow):
    names, rankings = follow("table.md")
    found, scores = names["found"], names["scores"]
    assert found["wrong"].all()
    assert len(found) == scores["wrong"].sum() == 8
    areas = rankings["anomaly detection"]
    assert areas[["pca", "vanilla"]].min() > areas["no_model"] + 0.1


def test_the_tutorial_on_an_own_model(follow):
    _, rankings = follow("own-model.md")
    losses = rankings["compression"]
    assert losses[["vanilla", "sphere"]].max() < losses["pca"]
