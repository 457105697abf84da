"""Every evaluation of the registry keeps its contract, on small real images."""

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
from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.outputs import Encoded, Outputs
from kerasae.evaluation.scores import SCHEMA, read_elsewhere
from kerasae.evaluation.task import Evaluation, Gathered, Inputs, Ranking, Task
from kerasae.evaluation.tasks import EVALUATIONS, TASKS, evaluations

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
SETTINGS = {
    "detectors": {"no_model": {}, "nearest_neighbours": {}, "isolation_forest": {}},
    "validation": 40, "labels": 60, "curve": [50, "all"], "likelihood": "bernoulli",
    "epochs": 2, "batch_size": 32, "learning_rate": 0.001, "patience": 3, "all_variants": [],
}  # fmt: skip


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
    indices = rng.integers(0, 5, (600, 3))
    outputs = Outputs(noisy, mean, images[:4] / 255, np.full((300, 3), -1.0), indices)
    outputs = outputs._replace(log_likelihoods=rng.normal(size=300))
    features, probabilities = rng.random((300, 4)), rng.dirichlet(np.ones(10), 300)
    generated = {}
    for sampler in ("prior", "learned_prior", "mixture"):
        generated[f"features_{sampler}"] = features + 0.1
        generated[f"probabilities_{sampler}"] = probabilities
    for code in ("sample_per_frame", "sample_per_path"):
        generated[f"frames_{code}"] = rng.random((3, 4, 8, 8, 1))
        generated[f"confidence_{code}"] = rng.random((3, 4))
        generated[f"faded_confidence_{code}"] = rng.random((3, 4))
    real = {
        "features": features,
        "accuracy": np.array(0.9),
        "held_out_features": features[:100],
        "held_out_probabilities": probabilities[:100],
        "shuffled_features": features[100:200],
        "shuffled_probabilities": probabilities[100:200],
    }
    clock = {"seconds": [3.0, 1, 1], "load": [1.0, 1, 1], "stage": [1, 1, 1], "alone": True}
    bounds = pd.DataFrame({"variant": ["entropy_floor", "mean_image"], "value": [0.1, 300.0]})
    model = build("vae", input_shape=(8, 8, 1), latent_dim=3, widths=(16, 8), seed=1)
    return {
        "data": data, "outputs": outputs, "generated": generated, "real": real, "model": model,
        "plane": codes[600:, :2], "bounds": bounds, "histories": pd.DataFrame(clock),
    }  # fmt: skip


def measured(name, sources):
    """Take an evaluation: its task, and a tidy table."""
    task, evaluation = EVALUATIONS[name]
    held_out = "3" if evaluation.per in ("anomaly_run", "held_out_seed") else "none"
    run = {"dataset": "digits", "variant": "vae", "seed": 1, "latent_dim": 3, "held_out": held_out}
    several = {read.name for read in evaluation.reads if isinstance(read, Gathered)}
    found = {key: lambda key=key: sources[key] for key in sources}
    runs = [run | {"variant": variant} for variant in ("vae", "pca")]
    found |= {key: [(one, found[key]) for one in runs] for key in several}
    inputs = Inputs(run, SETTINGS, found)
    frames = [task.scores(run, other, numbers) for other, numbers in evaluation.measure(inputs)]
    return task, pd.concat(frames)


@pytest.fixture(scope="module")
def tables(sources):
    return {name: measured(name, sources) for name in EVALUATIONS}


@pytest.mark.parametrize("name", EVALUATIONS)
def test_every_number_has_a_metric_of_its_task_and_stands_once(name, tables):
    task, table = tables[name]
    assert set(table["metric"]) <= {metric.name for metric in task.metrics}
    assert not table.drop(columns="value").duplicated().any()
    assert np.isfinite(table["value"]).all()
    assert len(table) > 0


@pytest.mark.parametrize("name", TASKS)
def test_every_metric_of_a_task_is_measured(name, tables):
    seen = {
        metric for task, table in tables.values() if task.name == name for metric in table["metric"]
    }
    lacking = {metric.name for metric in TASKS[name].metrics} - seen
    assert lacking == ({"mse"} if name == "reconstruction" else set())  # Gaussian likelihood only


@pytest.mark.parametrize("name", EVALUATIONS)
def test_what_a_measurement_writes_can_be_merged_elsewhere(name, tables, tmp_path):
    _, table = tables[name]
    table.to_csv(tmp_path / "scores.csv", index=False)
    found = read_elsewhere(tmp_path / "scores.csv")
    assert found["value"].tolist() == pytest.approx(table["value"].tolist())
    assert list(found) == list(SCHEMA)


@pytest.mark.parametrize("name", EVALUATIONS)
def test_settings_are_keys_of_the_configuration(name):
    computed = {"likelihood", "all_variants"}
    for key in set(EVALUATIONS[name][1].settings) - computed:
        value = CONFIG
        for part in key.split("."):
            value = value[part]


def test_a_vae_without_a_posterior_yields_no_uncertainty(sources):
    outputs = sources["outputs"]._replace(log_stds=None)
    _, evaluation = EVALUATIONS["uncertainty"]
    sources = {"data": lambda: sources["data"], "outputs": lambda: outputs}
    assert list(evaluation.measure(Inputs({"seed": 1}, SETTINGS, sources))) == []


def test_inputs_are_read_once_and_only_when_they_are_used():
    read = []
    inputs = Inputs({"seed": "7"}, {}, {name: lambda n=name: read.append(n) or n for name in "ab"})
    assert (inputs["a"], inputs["a"], inputs.seed) == ("a", "a", 7)
    assert read == ["a"]


def test_the_registry_imports_no_library_that_measures():
    code = "import sys, kerasae.evaluation.tasks\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"pandas", "sklearn", "scipy", "keras", "umap"} & set(done.stdout.split())


def sound(name="sound", evaluation="loudness"):
    """A task with one metric and one evaluation."""
    metrics = (Metric("loudness", "loudness", "sound pressure", range="≥ 0"),)
    return Task(name, "Sound", "Text.", metrics, (Evaluation(evaluation, list, ()),))


def test_two_measurements_with_one_name_are_refused_instead_of_losing_one():
    assert list(evaluations({"sound": sound(), "noise": sound("noise", "hiss")})) == [
        *("loudness", "hiss")
    ]
    with pytest.raises(ValueError, match="Received: loudness of the tasks sound and noise"):
        evaluations({"sound": sound(), "noise": sound("noise")})
    with pytest.raises(ValueError, match=r"Expected a task named noise, .* Received: sound"):
        evaluations({"noise": sound()})


def test_a_ranking_by_a_metric_without_a_better_direction_is_refused():
    task = replace(sound(), rankings=(Ranking("silence", (ScoreKey("loudness"),), "level"),))
    with pytest.raises(
        ValueError, match=r"better direction .* Received: silence of the task sound"
    ):
        evaluations({"sound": task})


def test_numbers_that_no_table_would_show_are_refused():
    run = {"dataset": "a", "variant": "vae", "seed": 1, "latent_dim": 2, "held_out": "none"}
    (row,) = sound().scores(run, {"variant": "pca"}, {ScoreKey("loudness"): 3.0}).to_dict("records")
    assert (row["variant"], row["task"], row["value"]) == ("pca", "sound", 3.0)
    with pytest.raises(ValueError, match=r"expected metrics loudness\. Received: volume"):
        sound().scores(run, {}, {ScoreKey("volume"): 3.0})
    with pytest.raises(ValueError, match=r"expected columns of a run .* Received: variants"):
        sound().scores(run, {"variants": "pca"}, {})
