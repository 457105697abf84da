"""Every metric is defined once and completely, and the documentation says what the code says."""

import re

import pandas as pd
import pytest
from projects import ROOT

from kerasae.evaluation import scores
from kerasae.evaluation.detectors import DETECTORS
from kerasae.evaluation.metric import CODES, Metric, ScoreKey, tidy
from kerasae.evaluation.task import Task
from kerasae.evaluation.tasks import TASKS, anomaly
from kerasae.reporting import definitions, tables

METRICS = [(task, metric) for task in TASKS.values() for metric in task.metrics]


@pytest.mark.parametrize(
    ("task", "metric"), METRICS, ids=[f"{task.name}-{metric.name}" for task, metric in METRICS]
)
def test_every_metric_is_defined_completely(task, metric):
    assert re.fullmatch("[a-z][a-z0-9_]*", metric.name)
    assert all(text.strip() == text != "" for text in (metric.title, metric.text, metric.range))
    assert metric.better in ("higher", "lower", "")
    assert [other.name for other in task.metrics].count(metric.name) == 1
    assert [other.title for other in task.metrics].count(metric.title) == 1


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_tables_and_rankings_use_known_metrics_and_codes(task):
    used = [*task.leading, *(one for ranking in task.rankings for one in ranking.score_keys)]
    assert {measure.metric for measure in used} <= {metric.name for metric in task.metrics}
    assert {measure.code for measure in used} <= {None, *CODES}
    assert {*task.rows, *(ranking.best_of for ranking in task.rankings)} <= {*scores.COLUMNS, ""}


def test_every_score_of_the_documentation_has_a_definition():
    found = scores.read(ROOT / "studies/bake_off/scores/article.csv")[
        ["task", "metric"]
    ].drop_duplicates()
    known = {(task.name, metric.name) for task, metric in METRICS}
    assert len(found) > 20
    assert set(found.itertuples(index=False, name=None)) <= known


def test_the_task_knows_every_anomaly_detector():
    (ranking,) = anomaly.TASK.rankings
    for score, detector in DETECTORS.items():
        assert ScoreKey("auroc", score=score) in anomaly.TASK.leading
        assert ScoreKey("auroc", score=score) in ranking.score_keys
        assert detector.variant in anomaly.TASK.baselines


def test_the_documentation_explains_every_column_of_the_scores():
    page = (ROOT / "docs/outputs.md").read_text(encoding="utf-8")
    explained = page.split("## Scores")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", explained, re.MULTILINE)) == set(scores.COLUMNS)


@pytest.mark.parametrize(
    "task", [task for task in TASKS.values() if "{" in task.text], ids=lambda task: task.name
)
def test_captions_name_the_settings(task):
    keys = {key.rpartition(".")[2] for one in task.evaluations for key in one.settings}
    said = definitions.caption(task.name, {key: f"value of {key}" for key in keys})["text"]
    assert "value of labels" in said.replace("\\", "")
    with pytest.raises(KeyError):
        definitions.caption(task.name, {})


def test_a_new_task_needs_its_definition_alone(monkeypatch):
    measure = ScoreKey("loudness", probe="ear")
    task = Task(
        name="sound",
        title="Sound",
        text="Recorded at a distance of {metres} m.",
        metrics=(Metric("loudness", "loudness", "sound pressure", "lower", "≥ 0", "dB", 1),),
        evaluations=(),
        leading=(measure,),
    )
    monkeypatch.setitem(TASKS, "sound", task)
    run = {"dataset": "wine", "seed": 1, "latent_dim": 2, "held_out": "none"}
    frame = pd.concat(
        tidy({**run, "variant": name}, "sound", {measure: value})
        for name, value in (("a", 20.04), ("b", 30.0))
    )
    table = tables.table(frame, "sound", ["b", "a"])
    assert table["loudness"].to_dict() == {"b": 30.0, "a": 20.0}
    assert list(tables.leading(table, frame, "sound")) == ["variant", "loudness\u00a0↓"]
    caption = definitions.caption("sound", {"metres": 3})
    assert caption["compared"]
    assert caption["text"] == r"Recorded at a distance of 3 m\."
    assert "| loudness " in definitions.metrics_table()


def test_a_metric_with_the_name_of_another_tasks_metric_keeps_its_own_meaning(monkeypatch):
    metrics = tuple(
        Metric(name, name, "another meaning", "lower", "any")
        for name in ("auroc", "explained", "accuracy")
    )
    task = Task(
        "sound", "Sound", "Text.", metrics, (), tuple(ScoreKey(one.name) for one in metrics)
    )
    monkeypatch.setitem(TASKS, "sound", task)
    run = {"dataset": "wine", "seed": 1, "latent_dim": 2, "held_out": "none"}
    numbers = {ScoreKey("auroc"): 0.2, ScoreKey("explained"): 0.0} | {
        ScoreKey("accuracy", probe=probe): 0.2 for probe in ("dense", "logistic")
    }
    frame = pd.concat(tidy({**run, "variant": name}, "sound", numbers) for name in ("a", "b"))
    headings = ["auroc", "explained", "accuracy, dense", "accuracy, logistic"]
    table = tables.table(frame, "sound", [])
    assert list(table) == headings
    shown = list(tables.leading(table, frame, "sound"))
    assert shown == ["variant", *(f"{name}\u00a0↓" for name in headings)]
