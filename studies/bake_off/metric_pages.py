"""The page on metrics, from the definitions of the tasks."""

import re
from pathlib import Path

import yaml

from kerasae.reporting.tables import escaped

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
    return ", ".join(_NEEDS[one] for one in task.needs)


def task_text(task):
    """Describe how the metrics of a task are computed, with the settings of config.yaml."""
    keys = {key for one in task.evaluations for key in one.settings}
    return escaped(task.text.format(**{key.rpartition(".")[2]: _setting(key) for key in keys}))


def _setting(key):
    """Look up a key with dots in config.yaml; a key that is not there is named."""
    found = _CONFIGURATION
    for part in key.split("."):
        found = found.get(part, f"`{key}`") if isinstance(found, dict) else found
    return found


def metrics(task):
    """Write the metrics of a task as a table."""
    lines = [["metric", "heading", "what it is", "better", "range, unit"], ["---"] * 5]
    for one in task.metrics:
        text = escaped(one.text) + (f" ({escaped(one.source)})" if one.source else "")
        values = escaped(", ".join(filter(None, (one.range, one.unit))))
        lines.append([f"`{one.name}`", escaped(one.title), text, one.better, values])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
