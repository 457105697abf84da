"""The files that describe the repository to others agree with the project."""

import re
import tomllib

import yaml
from packaging.specifiers import SpecifierSet
from projects import ROOT

from kerasae.config.schema import validated

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MAKEFILE = (ROOT / "Makefile").read_text()


def read(name):
    """Read a YAML file."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_citation_has_the_version_the_licence_and_the_date_of_the_release():
    citation = read("CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["title"] == PROJECT["name"]
    assert citation["version"] == PROJECT["version"]
    assert " AND ".join(citation["license"]) == PROJECT["license"]
    (author,) = citation["authors"]
    assert author["name"].lower() in (ROOT / "LICENSE").read_text().lower()
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d\S*) - (\S+)$", text, re.MULTILINE)
    assert versions[0] == (citation["version"], str(citation["date-released"]))


def test_the_hooks_are_the_linters_of_make_lint():
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[1]
    commands = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()]
    (repository,) = read(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == commands
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    assert not any(hook["pass_filenames"] for hook in repository["hooks"])


def test_github_calls_targets_of_make_with_all_supported_versions_of_python():
    jobs = read(".github/workflows/tests.yml")["jobs"]
    steps = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    targets = {re.fullmatch(r"make ([a-z-]+)( PYTHON=python)?", step)[1] for step in steps}
    assert {"env", "docs", "test", "lint"} <= targets
    assert targets <= {*re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)}
    supported = SpecifierSet(PROJECT["requires-python"])
    versions = [f"3.{minor}" for minor in range(9, 20) if f"3.{minor}" in supported]
    assert jobs["tests"]["strategy"]["matrix"]["python"] == versions


def test_the_page_of_the_configuration_has_a_valid_one():
    text = (ROOT / "config/README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    validated(yaml.safe_load(example))
