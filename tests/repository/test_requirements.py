"""Imports are declared, from the tested versions on, and what is installed is locked by hashes."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from projects import ROOT

DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = DECLARED["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.txt"))


def requirements(*lists):
    """Requirements of some lists, by the name of their distribution."""
    found = [Requirement(text) for one in lists for text in one]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def locked(name):
    """Pinned requirements of a file, and the hashes of each."""
    blocks = re.split(r"^(?=[A-Za-z])", (ROOT / name).read_text(), flags=re.MULTILINE)
    for block in blocks:
        if not block.startswith("#") and block:
            line = block.splitlines()[0].removesuffix("\\")
            yield Requirement(line), re.findall(r"--hash=sha256:([0-9a-f]{64})", block)


def imported(*folders):
    """Names of the distributions that the files of some folders import."""
    of_module, found = packages_distributions(), set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix not in (".py", ".smk") and path.name != "Snakefile":
                continue
            # Snakemake's own words are no Python: what it imports stands in lines of its own
            text = "\n".join(re.findall(r"^ *(?:import|from) [\w.]+", path.read_text(), re.M))
            for module in re.findall(r"(?:import|from) (\w+)", text):
                if module not in sys.stdlib_module_names:
                    found |= {canonicalize_name(one) for one in of_module.get(module, [])}
    return found - {"kerasae", "studies"}


def test_the_workflow_declares_what_it_imports():
    found = imported("workflow")
    assert {"pandas", "snakemake"} <= found
    assert found - requirements(PROJECT["dependencies"], EXTRAS["workflow"]).keys() == set()


def test_tests_and_benchmarks_declare_what_they_import():
    found = imported("tests", "benchmarks")
    assert {"pytest", "docutils", "joblib", "psutil"} <= found
    declared = requirements(PROJECT["dependencies"], *EXTRAS.values())
    assert found - declared.keys() == set()


@pytest.mark.parametrize("group", ["dependencies", *EXTRAS])
def test_no_version_is_allowed_that_is_older_than_the_tested_one(group):
    texts = PROJECT.get(group) or EXTRAS[group]
    pins = {}
    for requirement, _ in locked("requirements.txt"):
        version = next(iter(requirement.specifier)).version
        pins.setdefault(canonicalize_name(requirement.name), []).append(version)
    for name, requirement in requirements(texts).items():
        least = [one.version for one in requirement.specifier if one.operator == ">="]
        assert least == pins[name][:1], name


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_version_has_its_hashes_and_no_address(name):
    found = list(locked(name))
    assert found
    for requirement, hashes in found:
        assert hashes, requirement
        assert [one.operator for one in requirement.specifier] == ["=="]
    options = re.search(r"://|^-", (ROOT / name).read_text(), re.MULTILINE)
    assert not options  # such as the address of an index


def test_nothing_is_installed_by_make_without_hashes():
    installs = re.findall(r"pip install.*", (ROOT / "Makefile").read_text().replace("\\\n", ""))
    assert len(installs) > 3
    assert [
        line for line in installs if "--require-hashes" not in line and "-e ." not in line
    ] == []
