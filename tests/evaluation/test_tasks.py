"""Every task keeps its contract: its definitions, and its evaluations on small real images."""

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from projects import ROOT
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from kerasae import build
from kerasae.datasets import Dataset
from kerasae.evaluation import scores
from kerasae.evaluation.detectors import DETECTORS
from kerasae.evaluation.metric import CODES, Metric, ScoreKey, tidy
from kerasae.evaluation.outputs import Encoded, Outputs
from kerasae.evaluation.task import Evaluation, Gathered, Inputs, Ranking, Task
from kerasae.evaluation.tasks import EVALUATIONS, TASKS, anomaly, evaluations
from kerasae.reporting import definitions, tables

EVERY_TASK = pytest.mark.parametrize("name", TASKS)
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
SETTINGS = {
    "detectors": {"no_model": {}, "nearest_neighbours": {}, "isolation_forest": {}},
    "validation": 40, "labels": 60, "curve": [50, "all"], "likelihood": "bernoulli",
    "epochs": 2, "batch_size": 32, "learning_rate": 0.001, "patience": 3,
}  # fmt: skip


# Definitions


@EVERY_TASK
def test_every_metric_is_defined_completely(name):
    metrics = TASKS[name].metrics
    for metric in metrics:
        assert re.fullmatch("[a-z][a-z0-9_]*", metric.name)
        assert all(text.strip() == text != "" for text in (metric.title, metric.text, metric.range))
        assert metric.better in ("higher", "lower", "")
    assert len({metric.name for metric in metrics}) == len(metrics)
    assert len({metric.title for metric in metrics}) == len(metrics)


@EVERY_TASK
def test_tables_and_rankings_use_defined_metrics_and_codes(name):
    task = TASKS[name]
    used = [*task.leading, *(key for ranking in task.rankings for key in ranking.score_keys)]
    assert {key.metric for key in used} <= {metric.name for metric in task.metrics}
    assert {key.code for key in used} <= {None, *CODES}
    assert {*task.rows, *(ranking.best_of for ranking in task.rankings)} <= {*scores.COLUMNS, ""}


@EVERY_TASK
def test_captions_name_the_settings(name):
    keys = {key for evaluation in TASKS[name].evaluations for key in evaluation.settings}
    for key in keys - {"likelihood", "all_variants"}:  # those are computed
        value = CONFIG
        for level in key.split("."):
            value = value[level]
    settings = {key.rpartition(".")[2]: f"value of {key}" for key in keys}
    fields = re.findall(r"\{(\w+)\}", TASKS[name].text)
    caption = definitions.caption(name, settings)["text"].replace("\\", "")
    assert all(settings[field] in caption for field in fields)


def test_the_task_has_a_column_for_every_anomaly_detector():
    (ranking,) = anomaly.TASK.rankings
    for score, detector in DETECTORS.items():
        assert ScoreKey("auroc", score=score) in anomaly.TASK.leading
        assert ScoreKey("auroc", score=score) in ranking.score_keys
        assert detector.variant in anomaly.TASK.baselines


def test_the_documentation_explains_every_column_of_the_scores():
    page = (ROOT / "docs/outputs.md").read_text(encoding="utf-8")
    section = page.split("## Scores")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == set(scores.COLUMNS)


def test_the_registry_imports_no_library_that_measures():
    code = "import sys, kerasae.evaluation.tasks\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"pandas", "sklearn", "scipy", "keras", "umap"} & set(done.stdout.split())


# Evaluations


@pytest.fixture(scope="module")
def sources():
    """Inputs of a VAE with discrete codes besides: what any evaluation reads."""
    bunch, rng = load_digits(), np.random.default_rng(0)
    images = np.round(bunch.images[..., None] * 255 / 16).astype(np.uint8)[:900]
    labels = bunch.target[:900]
    data = Dataset(images[:600], labels[:600], images[600:], labels[600:], tuple("0123456789"))
    rows = images.reshape(900, -1) / 255
    codes = PCA(3, random_state=0).fit_transform(rows).astype(np.float32)
    scores = {name: rng.random(300) for name in ("bce", "mse", "signed", "bce_per_ink")}
    mean = Encoded(codes[:600], codes[600:], scores, rows[600:616].reshape(-1, 8, 8, 1))
    noisy = mean._replace(train=mean.train + 0.1, test=mean.test + 0.1)
    outputs = Outputs(
        noisy, mean, images[:4] / 255, log_stds=np.full((300, 3), -1.0),
        indices=rng.integers(0, 5, (600, 3)), log_likelihoods=rng.normal(size=300),
    )  # fmt: skip
    features, probabilities = rng.random((300, 4)), rng.dirichlet(np.ones(10), 300)
    samples = {"features": features + 0.1, "probabilities": probabilities}
    paths = {"frames": rng.random((3, 4, 8, 8, 1)), "confidence": rng.random((3, 4))}
    paths["faded_confidence"] = rng.random((3, 4))
    half = {"features": features[:100], "probabilities": probabilities[:100]}
    clock = {"seconds": [3.0, 1, 1], "load": [1.0, 1, 1], "stage": [1, 1, 1], "alone": True}
    bounds = pd.DataFrame({"variant": ["entropy_floor", "mean_image"], "value": [0.1, 300.0]})
    return {
        "data": data,
        "outputs": outputs,
        "generated": {
            "samples": dict.fromkeys(("prior", "learned_prior", "mixture"), samples),
            "paths": {"sample_per_frame": paths},
        },
        "real": {"features": features, "accuracy": 0.9, "held_out": half, "shuffled": half},
        "model": build("vae", input_shape=(8, 8, 1), latent_dim=3, widths=(16, 8), seed=1),
        "plane": codes[600:, :2],
        "bounds": bounds,
        "histories": pd.DataFrame(clock),
    }


def measured(name, sources):
    """Do an evaluation of made-up inputs; return tidy scores."""
    task, evaluation = EVALUATIONS[name]
    held_out = "3" if evaluation.per in ("anomaly_run", "held_out_seed") else "none"
    run = {"dataset": "digits", "variant": "vae", "seed": 1, "latent_dim": 3, "held_out": held_out}
    readers = {kind: lambda kind=kind: sources[kind] for kind in sources}
    runs = [{**run, "variant": variant} for variant in ("vae", "pca")]
    for read in evaluation.reads:
        if isinstance(read, Gathered):
            readers[read.name] = [(each, readers[read.name]) for each in runs]
    return task.measured(evaluation, Inputs(run, SETTINGS, readers), held_out)


@pytest.fixture(scope="module")
def measurements(sources):
    return {name: measured(name, sources) for name in EVALUATIONS}


@pytest.mark.parametrize("name", EVALUATIONS)
def test_every_number_stands_once_and_can_be_merged_elsewhere(name, measurements, tmp_path):
    table = measurements[name]
    assert len(table) > 0
    assert not table.drop(columns="value").duplicated().any()
    assert np.isfinite(table["value"].astype(float)).all()
    table.to_csv(tmp_path / "scores.csv", index=False)
    merged = scores.read_elsewhere(tmp_path / "scores.csv")
    assert merged["value"].tolist() == pytest.approx(table["value"].tolist())


@EVERY_TASK
def test_every_metric_of_a_task_is_measured(name, measurements):
    names = [evaluation.name for evaluation in TASKS[name].evaluations]
    metrics = {metric for each in names for metric in measurements[each]["metric"]}
    missing = {metric.name for metric in TASKS[name].metrics} - metrics
    assert missing == ({"mse"} if name == "reconstruction" else set())  # Gaussian likelihood only


def test_the_paths_of_a_deterministic_model_stand_for_both_kinds(measurements):
    values = measurements["interpolation"].groupby("code")["value"].apply(list)
    assert values["sample_per_frame"] == values["sample_per_path"]


def test_a_model_without_a_posterior_yields_no_uncertainty(sources):
    outputs = sources["outputs"]._replace(log_stds=None)
    assert measured("uncertainty", {**sources, "outputs": outputs}).empty


# The contract


def test_inputs_are_read_once_and_only_when_they_are_used():
    read = []
    inputs = Inputs({"seed": "7"}, {}, {name: lambda n=name: read.append(n) or n for name in "ab"})
    assert (inputs["a"], inputs["a"], inputs.seed) == ("a", "a", 7)
    assert read == ["a"]


def sound(name="sound", evaluation="hearing", yields=()):
    """A task with one metric and one evaluation."""
    return Task(
        name,
        "Sound",
        "Recorded at a distance of {metres} m.",
        metrics=(Metric("loudness", "loudness", "sound pressure", range="≥ 0", decimals=1),),
        evaluations=(Evaluation(evaluation, lambda inputs: yields, ()),),
        leading=(ScoreKey("loudness", probe="ear"),),
    )


def test_evaluations_with_one_name_or_a_task_with_another_are_refused():
    assert list(evaluations({"sound": sound(), "noise": sound("noise", "hiss")})) == [
        *("hearing", "hiss")
    ]
    with pytest.raises(ValueError, match="Received: hearing of the tasks sound and noise"):
        evaluations({"sound": sound(), "noise": sound("noise")})
    with pytest.raises(ValueError, match=r"Expected a task named noise, .* Received: sound"):
        evaluations({"noise": sound()})


def test_a_ranking_by_a_metric_without_a_better_direction_is_refused():
    task = replace(sound(), rankings=(Ranking("silence", (ScoreKey("loudness"),), "level"),))
    with pytest.raises(ValueError, match=r"better direction .*: silence of the task sound"):
        evaluations({"sound": task})


def test_numbers_that_no_table_would_show_are_refused():
    def rows(run, key):
        task, inputs = sound(yields=[(run, {key: 3.0})]), Inputs({"seed": 1}, {}, {})
        return task.measured(task.evaluations[0], inputs, "none").to_dict("records")

    (row,) = rows({"variant": "pca"}, ScoreKey("loudness"))
    assert (row["variant"], row["seed"], row["task"], row["value"]) == ("pca", 1, "sound", 3.0)
    with pytest.raises(ValueError, match=r"expected metrics loudness\. Received: volume"):
        rows({}, ScoreKey("volume"))
    with pytest.raises(ValueError, match=r"expected columns of a run .* Received: variants"):
        rows({"variants": "pca"}, ScoreKey("loudness"))


def test_a_new_task_needs_its_definition_alone(monkeypatch):
    (key,) = sound().leading
    monkeypatch.setitem(TASKS, "sound", sound())
    run = {"dataset": "wine", "seed": 1, "latent_dim": 2, "held_out": "none"}
    frame = pd.concat(
        tidy({**run, "variant": name}, "sound", {key: value})
        for name, value in (("a", 20.04), ("b", 30.0))
    )
    table = tables.table(frame, "sound", ["b", "a"])
    assert table["loudness"].to_dict() == {"b": 30.0, "a": 20.0}
    caption = definitions.caption("sound", {"metres": 3})
    assert caption["text"] == r"Recorded at a distance of 3 m\."
    assert "| loudness " in definitions.metrics_table()
