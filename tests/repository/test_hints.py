"""Type hints are complete where users call or extend the package, and agree with the code."""

import importlib
import re
import tomllib
from types import ModuleType
from typing import get_args

import numpy as np
import pytest
from projects import ROOT

import kerasae
from kerasae import datasets, types
from kerasae.evaluation.detectors import DETECTORS
from kerasae.evaluation.tasks import TASKS
from kerasae.models.base import LIKELIHOODS

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
(COMPLETE,) = (
    set(one["module"]) for one in SETTINGS["overrides"] if one.get("disallow_untyped_defs")
)
"""Modules in which mypy refuses a function without complete hints."""


def module_of(name):
    """Module of a dotted name in the package."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return module_of(name.rpartition(".")[0])
    return name


def documented():
    """Modules of what the API reference names."""
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs/api").glob("*.md")]
    return {module_of(name) for page in pages for name in re.findall(r"^::: (\S+)", page, re.M)}


def offered(package):
    """Modules of the functions and classes that a package lists as public."""
    for name in package.__all__:
        found = getattr(package, name)
        if isinstance(found, ModuleType):
            yield found.__name__
        elif callable(found):
            yield found.__module__


def test_what_is_documented_has_complete_hints():
    found = documented()
    assert {"kerasae.datasets.own_data", "kerasae.models.base", "kerasae.evaluation.task"} <= found
    assert found - COMPLETE == set()


@pytest.mark.parametrize("package", [kerasae, datasets], ids=lambda package: package.__name__)
def test_what_a_package_offers_has_complete_hints(package):
    found = {*offered(package)}
    assert len(found) > 2
    assert found - COMPLETE == set()


def test_the_contracts_of_the_registries_have_complete_hints():
    parts = [part for task in TASKS.values() for part in (task, *task.metrics, *task.evaluations)]
    found = {type(part).__module__ for part in (*parts, *DETECTORS.values())}
    assert found - COMPLETE == set()


def test_every_module_with_complete_hints_exists():
    assert {module_of(name) for name in COMPLETE} == COMPLETE


def test_the_choices_are_those_of_the_code():
    assert get_args(types.Likelihood) == tuple(LIKELIHOODS)
    assert get_args(types.Setting) == datasets.SETTINGS
    for scale in get_args(types.Scale):
        fitted = datasets.Preprocessing.fit(np.eye(3), "gaussian", scale)
        assert fitted.apply(np.eye(3)).mean() == pytest.approx(0 if scale == "standard" else 1 / 3)
    assert (ROOT / "kerasae" / "py.typed").is_file()
