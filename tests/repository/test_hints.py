"""Type hints are complete where users call or extend the package, and agree with the code."""

import importlib
import re
import tomllib
from types import ModuleType
from typing import get_args

from projects import ROOT

import kerasae
from kerasae import datasets, types
from kerasae.evaluation.detectors import DETECTORS
from kerasae.evaluation.tasks import TASKS
from kerasae.models.base import LIKELIHOODS

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
(COMPLETE,) = (
    set(rules["module"]) for rules in SETTINGS["overrides"] if rules.get("disallow_untyped_defs")
)
"""Modules in which mypy refuses a function without complete hints."""


def module_of(name):
    """Module of a dotted name in the package."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return module_of(name.rpartition(".")[0])
    return name


def public():
    """Modules of what users call or extend."""
    for page in (ROOT / "docs/api").glob("*.md"):
        names = re.findall(r"^::: (\S+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        yield from map(module_of, names)
    for package in (kerasae, datasets):
        for value in (getattr(package, name) for name in package.__all__):
            if isinstance(value, ModuleType):
                yield value.__name__
            elif callable(value):
                yield value.__module__
    for task in TASKS.values():
        yield from (type(part).__module__ for part in (task, *task.metrics, *task.evaluations))
    yield from (type(detector).__module__ for detector in DETECTORS.values())


def test_what_users_call_or_extend_has_complete_hints():
    names = set(public())
    assert {"kerasae.datasets.own_data", "kerasae.models.base", "kerasae.evaluation.task"} <= names
    assert names - COMPLETE == set()
    assert {module_of(name) for name in COMPLETE} == COMPLETE
    assert (ROOT / "kerasae" / "py.typed").is_file()


def test_the_choices_are_those_of_the_code():
    assert get_args(types.Likelihood) == tuple(LIKELIHOODS)
    assert get_args(types.Setting) == datasets.SETTINGS
