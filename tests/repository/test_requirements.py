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
    parsed = [Requirement(text) for texts in lists for text in texts]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def locked(name):
    """Pinned requirements of a file, and the hashes of each."""
    blocks = re.split(r"^(?=[A-Za-z])", (ROOT / name).read_text(), flags=re.MULTILINE)
    for block in blocks:
        if not block.startswith("#") and block:
            line = block.splitlines()[0].removesuffix("\\")
            yield Requirement(line), re.findall(r"--hash=sha256:([0-9a-f]{64})", block)


def imported(*folders):
    """Names of the distributions that the files of some folders import."""
    of_module, names = packages_distributions(), set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*")):
        if path.suffix in (".py", ".smk") or path.name == "Snakefile":
            # Snakemake's own words are no Python: what it imports stands in lines of its own
            text = path.read_text(encoding="utf-8")
            modules = re.findall(r"^ *(?:import|from) (\w+)", text, re.MULTILINE)
            modules += re.findall(r"import_module\(\"(\w+)", text)
            for module in {*modules} - sys.stdlib_module_names:
                names |= {canonicalize_name(name) for name in of_module.get(module, [])}
    return names - {"kerasae", "studies"}


@pytest.mark.parametrize(
    ("folders", "extras"),
    [(["kerasae"], []), (["workflow"], ["workflow"]), (["tests", "benchmarks"], [*EXTRAS])],
)
def test_what_is_imported_is_declared(folders, extras):
    # A user chooses other backends; pydantic brings its core in one version
    names = imported(*folders) - {"jax", "torch", "pydantic-core"}
    assert {"numpy", "pandas"} & names
    lists = (EXTRAS[extra] for extra in extras)
    assert names - requirements(PROJECT["dependencies"], *lists).keys() == set()


def test_no_version_is_allowed_that_is_older_than_the_tested_one():
    pins = {}
    for requirement, _ in locked("requirements.txt"):
        version = next(iter(requirement.specifier)).version
        pins.setdefault(canonicalize_name(requirement.name), []).append(version)
    for name, requirement in requirements(PROJECT["dependencies"], *EXTRAS.values()).items():
        least = [clause.version for clause in requirement.specifier if clause.operator == ">="]
        assert least == pins[name][:1], name


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_version_has_its_hashes_and_no_address(name):
    pinned = list(locked(name))
    assert pinned
    for requirement, hashes in pinned:
        assert hashes, requirement
        assert [clause.operator for clause in requirement.specifier] == ["=="]
    options = re.search(r"://|^-", (ROOT / name).read_text(), re.MULTILINE)
    assert not options  # such as the address of an index


def test_nothing_is_installed_by_make_without_hashes():
    installs = re.findall(r"pip install.*", (ROOT / "Makefile").read_text().replace("\\\n", ""))
    assert len(installs) > 3
    unlocked = [line for line in installs if "--require-hashes" not in line]
    assert [line for line in unlocked if "-e ." not in line] == []
