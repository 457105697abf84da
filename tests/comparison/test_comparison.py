"""Compare models on data in one call; the workflow's numbers are tested with the workflow."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import faults_of, needs_browser
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

import kerasae
from kerasae.datasets import LabelledRows, split
from kerasae.evaluation.scores import read_elsewhere

BROKEN = """
import os, signal
from kerasae.models.vanilla import Vanilla


class Broken(Vanilla):
    def objective(self, images, training):
        raise ValueError("no loss today")


class Killed(Vanilla):
    def objective(self, images, training):
        os.kill(os.getpid(), signal.SIGKILL)
"""
QUICK = {"epochs": 2, "classification": {"epochs": 2}}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """Two models, one that fails, and a baseline on a small table, over two seeds."""
    path = tmp_path_factory.mktemp("own") / "broken.py"
    path.write_text(BROKEN)
    return kerasae.compare(
        *load_wine(return_X_y=True, as_frame=True),
        variants={"shallow": {}, "vae": {}, "broken": {"model": f"{path}:Broken"}},
        baselines=["pca"],
        tasks=["reconstruction"],
        seeds=2,
        config=QUICK,
        n_jobs=2,
        progress=False,
    )


def test_models_and_baselines_are_scored_for_every_seed(result):
    scores = result.scores
    rows = scores[(scores["task"] == "reconstruction") & (scores["metric"] == "mse")]
    seeds = rows[rows["code"].isin(["", "mean"])].groupby("variant")["seed"].apply(set)
    assert seeds["shallow"] == seeds["vae"] == seeds["pca"] == {1, 2}
    assert set(scores["held_out"]) == {"none"}
    assert result.complete
    assert result.seconds > 0


def test_a_model_that_fails_is_named_and_the_others_are_compared(result):
    assert set(result.failures) == {"broken (seed 1)", "broken (seed 2)"}
    assert "no loss today" in result.failures["broken (seed 1)"]
    assert "broken" not in set(result.scores["variant"])
    assert "broken (seed 2) failed: " in repr(result)


def test_the_result_prints_the_ranking_by_use_and_shows_it_in_a_notebook(result):
    first, second, *_ = repr(result).splitlines()
    assert first == "data, 2 seeds:"
    assert second.startswith("  compression (lower is better): best autoencoder ")
    rankings = result.rankings
    best = rankings[rankings["ranking"] == "compression"].iloc[0]
    assert best["variant"] == "pca"  # two epochs do not reach it
    assert "<li><strong>Compression</strong>" in result._repr_html_()


def test_saved_results_are_tables_pages_and_a_configuration(result, tmp_path):
    result.save(tmp_path / "wine")
    again = read_elsewhere(tmp_path / "wine/scores.csv")
    assert again["value"].tolist() == result.scores["value"].tolist()
    config = yaml.safe_load((tmp_path / "wine/config.yaml").read_text())
    assert config["epochs"] == 2
    assert config["seeds"] == [1, 2]
    table = pd.read_csv(tmp_path / "wine/tables/reconstruction.csv", index_col="variant")
    assert {"shallow", "vae", "pca"} <= set(table.index)
    assert "Recommendations: data" in (tmp_path / "wine/which_one.html").read_text()
    page = (tmp_path / "wine/explorer.html").read_text("utf-8")
    content = json.loads(re.search(r'id="content">(.*?)</script>', page, re.DOTALL)[1])
    assert list(content["variants"]) == ["shallow", "vae", "pca"]
    assert all("network" in variant for variant in content["variants"].values())
    assert content["samples"]["count"] == 36


@pytest.mark.parametrize("name", ["scores.csv", "config.yaml", "tables/mine.csv"])
def test_saved_results_replace_no_file(result, tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("precious")
    with pytest.raises(FileExistsError, match="none are overwritten"):
        result.save(tmp_path)
    with pytest.raises(FileExistsError, match="none is overwritten"):
        result.explore(path)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]
    assert path.read_text() == "precious"


def test_results_interrupted_before_a_model_was_compared_are_not_saved(result, tmp_path):
    without = dataclasses.replace(result, scores=result.scores[:0], complete=False)
    with pytest.raises(ValueError, match="Interrupted before a model was compared"):
        without.save(tmp_path / "new")
    assert repr(without) == "\n".join(
        [
            "data, 2 seeds, interrupted: results so far:",
            "  no model was compared",
            *(f"  {job} failed: {error}" for job, error in result.failures.items()),
        ]
    )
    assert not (tmp_path / "new").exists()


@needs_browser
def test_saved_pages_open_from_disk_without_a_fault_and_are_the_same_again(
    result, tmp_path, browser
):
    plan = dataclasses.replace(result.plan, config={**result.plan.config, "demonstration": True})
    headed = dataclasses.replace(result, plan=plan)
    for name in ("first", "again"):
        headed.save(tmp_path / name)
    pages = sorted((tmp_path / "first").rglob("*.html"))
    assert {"which_one.html", "explorer.html", "reconstruction.html"} <= {
        page.name for page in pages
    }
    for page in pages:
        line = "A demonstration: 128 training samples, 2 epochs, 2 seeds. The numbers say nothing"
        assert page.read_text("utf-8").count(line) == 1
        assert faults_of(browser, page) == []
    first, again = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
        for folder in (tmp_path / "first", tmp_path / "again")
    )
    assert first == again


@pytest.mark.parametrize("alone", [False, True])
def test_times_are_compared_where_trainings_run_one_at_a_time(monkeypatch, alone):
    class Started(Exception):
        pass

    def processes(number, folder, worker):
        raise Started(number)

    monkeypatch.setattr("kerasae.comparison.Processes", processes)
    X = np.random.default_rng(0).normal(size=(60, 3))
    config = QUICK | {"one_at_a_time": alone}
    with pytest.raises(Started) as started:
        kerasae.compare(X, variants=["shallow"], config=config, n_jobs=2, progress=False)
    assert started.value.args == (1 if alone else 2,)


@pytest.mark.slow
def test_data_with_known_anomalies_are_drawn_anew_by_every_seed():
    """The numbers are those of an independent computation on the same draws."""
    X, benign = load_breast_cancer(return_X_y=True)
    y = 1 - benign
    config = {"epochs": 1, "detectors": {"nearest_neighbours": False, "isolation_forest": False}}
    result = kerasae.compare(
        X, y, setting="semi_supervised", variants=["shallow"], baselines=["pca"], seeds=2,
        n_jobs=1, progress=False, config=config,
    )  # fmt: skip
    assert not result.failures
    assert set(result.scores["task"]) == {"anomaly"}
    assert set(result.scores["held_out"]) == {"given"}
    auroc = result.scores[result.scores["metric"] == "auroc"]
    for seed in (1, 2):
        data = LabelledRows(X, y == 1).for_seed(seed)
        test, anomalous = data.test("given")
        rows = split(data.y_train, 18, seed).train
        scaled = StandardScaler().fit(data.x_train[rows]).transform(test)
        of_seed = auroc[auroc["seed"] == seed].set_index(["variant", "score"])["value"]
        assert of_seed["no_model", "far_from_mean"] == pytest.approx(
            roc_auc_score(anomalous, np.linalg.norm(scaled, axis=1)), abs=1e-4
        )
        pca = PCA(6).fit(data.x_train[rows])
        residual = test - pca.inverse_transform(pca.transform(test))
        assert of_seed["pca", "mse"] == pytest.approx(
            roc_auc_score(anomalous, (residual**2).sum(axis=1)), abs=2e-3
        )
    assert result.plan.amounts["latent_dims"] == [6]


@pytest.mark.slow
def test_a_score_that_depends_on_no_seed_is_there_once():
    config = {"datasets": {"mnist": {"train": 300, "test": 200}}, "epochs": 1, "validation": 30}
    options = {"variants": ["shallow"], "baselines": [], "tasks": ["anomaly"], "config": config}
    result = kerasae.compare("mnist", seeds=2, n_jobs=1, progress=False, **options)
    scores = result.scores
    ink = scores[(scores["score"] == "less_ink") & (scores["metric"] == "auroc")]
    assert ink["seed"].isna().tolist() == [True]


@pytest.mark.slow
def test_a_model_that_kills_its_process_is_tried_again_and_named(tmp_path):
    (tmp_path / "broken.py").write_text(BROKEN)
    result = kerasae.compare(
        *load_wine(return_X_y=True), baselines=[], seeds=1, n_jobs=2, progress=False, config=QUICK,
        tasks=["reconstruction"],
        variants={"killed": {"model": f"{tmp_path}/broken.py:Killed"}, "shallow": {}},
    )  # fmt: skip
    error = "its process was killed (SIGKILL) 2 times, perhaps for lack of memory"
    assert result.failures == {"killed (seed 1)": error}
    assert result.complete
    assert "shallow" in set(result.scores["variant"])


@pytest.mark.parametrize(
    ("number", "is_read"),
    [(signal.SIGINT, True), pytest.param(signal.SIGTERM, False, marks=pytest.mark.slow)],
)
def test_an_interrupted_comparison_ends_with_its_results_also_if_nobody_reads_them(
    tmp_path, number, is_read
):
    load_wine(as_frame=True).frame.to_csv(tmp_path / "wine.csv", index=False)
    (tmp_path / "quick.yaml").write_text(yaml.safe_dump(QUICK))
    command = Path(sys.executable).with_name("kerasae"), "compare", "wine.csv"
    options = "--labels", "target", "--variant", "shallow", "--seeds", "500", "--jobs", "1"
    with subprocess.Popen(
        [*command, *options, "--task", "reconstruction", "--configfile", "quick.yaml", "-o", "new"],
        cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        # A shell has its background jobs ignore interrupts, and what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:  # fmt: skip
        progress = b""
        while b"| 5/" not in progress and (text := process.stderr.read1(4096)):
            progress += text
        if not is_read:
            process.stdout.close()
        os.killpg(process.pid, number)
        progress += process.stderr.read()
        if is_read:
            printed = process.stdout.read().decode()
            assert "wine, 500 seeds, interrupted: results so far:\n  compression" in printed
    assert process.returncode == (0 if is_read else 1), progress
    assert b"Traceback" not in progress
    assert (tmp_path / "new/explorer.html").exists()
    assert 1 <= pd.read_csv(tmp_path / "new/scores.csv")["seed"].nunique() < 500
    assert {path.name for path in tmp_path.iterdir()} == {"wine.csv", "quick.yaml", "new"}
