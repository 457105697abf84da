"""The page on metrics, from the definitions of the tasks."""

import re
from pathlib import Path

import yaml

from kerasae.reporting.tables import escaped
from studies.bake_off.uses import markdown

ROOT = Path(__file__).parents[2]
_CONFIGURATION = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
_NEEDS = {
    "labels": "data with classes",
    "held_out": "a held-out class or known anomalies",
    "thorough": "`thorough: true`",
    "curve": "`classification: curve`",
}
"""Requirement of a task → the words for it."""


def anchor(title):
    """Return the anchor of a heading, on GitHub and on the site."""
    return re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")


def needs(task):
    """Name the requirements of a task."""
    return ", ".join(_NEEDS[requirement] for requirement in task.needs)


def task_text(task):
    """Describe how the metrics of a task are computed, with the settings of config.yaml."""
    keys = {key for evaluation in task.evaluations for key in evaluation.settings}
    return escaped(task.text.format(**{key.rpartition(".")[2]: _setting(key) for key in keys}))


def _setting(key):
    """Look up a key with dots in config.yaml; a key that is not there is named."""
    value = _CONFIGURATION
    for name in key.split("."):
        value = value.get(name, f"`{key}`") if isinstance(value, dict) else value
    return value


def metrics(task):
    """Write the metrics of a task as a table."""
    rows = []
    for metric in task.metrics:
        text = escaped(metric.text) + (f" ({escaped(metric.source)})" if metric.source else "")
        values = escaped(", ".join(filter(None, (metric.range, metric.unit))))
        rows.append([f"`{metric.name}`", escaped(metric.title), text, metric.better, values])
    return markdown(["metric", "heading", "what it is", "better", "range, unit"], rows)
