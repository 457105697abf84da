"""Another workflow, in another folder, uses this one as a module."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from projects import ROOT, planned_jobs, read, snakemake

PAGE = (ROOT / "docs/workflow-module.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

# Without labels and anomalies: the fewest tasks
CONFIG = {
    "datasets": {
        "mnist": False,
        "rows": {"path": "rows.npy", "scale": "standard", "likelihood": "gaussian"},
    },
    "epochs": 1,
    "variants": {"shallow": {}},
    "baselines": {"pca": False, "random_projection": False, "untrained": False},
    "interpolation": {"steps": 2},
}

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def workflow(folder, text=EXAMPLE, config=CONFIG):
    """Write the workflow of another user."""
    folder.mkdir(exist_ok=True)
    text = text.replace("../kerasae/workflow", str(ROOT / "workflow"))
    (folder / "Snakefile").write_text(text)
    (folder / "bakeoff.yaml").write_text(yaml.safe_dump(config))
    np.save(folder / "rows.npy", np.random.default_rng(1).normal(size=(60, 6)))
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder in which the workflow of the page was run."""
    folder = workflow(tmp_path_factory.mktemp("user"))
    code, said = snakemake(folder, "--cores", "2")
    assert code == 0, said[-5000:]
    (folder / "said.txt").write_text(said)
    return folder


def test_results_are_in_the_folder_of_the_workflow_that_uses_the_module(project):
    rows = read(project / "results/rows/scores.csv")
    assert {"shallow", "mean_image"} == {row["variant"] for row in rows}
    assert (project / "results/rows/SHA256SUMS").exists()
    said = (project / "said.txt").read_text()
    assert "rows, 1 seed:" in said
    assert "To write the report: snakemake --nocolor --cores 2 --report results/report.html" in said


def test_a_second_run_has_nothing_to_do(project):
    assert planned_jobs(project) == []


def test_results_are_verified_in_the_folder(project):
    command = [Path(sys.executable).with_name("kerasae"), "verify", "results/rows"]
    options = ["--configfile", "bakeoff.yaml"]
    done = subprocess.run([*command, *options], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not compared" not in done.stdout


def test_the_report_opens_with_the_recommendations(project):
    code, said = snakemake(project, "--report", "report.zip")
    assert code == 0, said
    with zipfile.ZipFile(project / "report.zip") as report:
        (page,) = (name for name in report.namelist() if name.endswith("report.html"))
        text = report.read(page).decode()
    assert "Recommendations: rows" in text
    assert 'href=\\"rows/explorer.html\\"' in text
    assert "System Message" not in text


def test_rules_can_be_renamed_beside_others_and_the_first_is_the_default(project):
    text = """
rule all:
    input: "copy.csv"

rule copy:
    input: "results/rows/scores.csv"
    output: "copy.csv"
    shell: "cp {input} {output}"
"""
    renamed = EXAMPLE.replace("use rule * from kerasae", "use rule * from kerasae as kerasae_*")
    assert renamed != EXAMPLE
    (project / "renamed.smk").write_text(
        text + renamed.replace("../kerasae/workflow", str(ROOT / "workflow"))
    )
    assert in_order(planned_jobs(project, "-s", "renamed.smk")) == [("all", {}), ("copy", {})]
    assert planned_jobs(project, "-s", "renamed.smk", "kerasae_all") == []


def test_an_empty_configuration_is_the_article_s_bake_off(tmp_path):
    snakefile = ROOT / "workflow/Snakefile"
    shutil.copy(ROOT / "config.yaml", tmp_path)
    expected = in_order(planned_jobs(tmp_path, "-s", snakefile))
    assert len([job for rule, job in expected if rule == "train"]) == 2 * (9 + 3)
    (tmp_path / "no_file").mkdir()
    assert in_order(planned_jobs(tmp_path / "no_file", "-s", snakefile)) == expected
    assert in_order(planned_jobs(workflow(tmp_path / "own", config={}))) == expected
    section = EXAMPLE.replace("config: config", 'config: config["bakeoff"]')
    folder = workflow(tmp_path / "section", section, {"bakeoff": {}})
    assert in_order(planned_jobs(folder)) == expected


def in_order(jobs):
    """Jobs in an order that does not depend on the run."""
    return sorted(jobs, key=str)


def test_a_module_without_a_configuration_reads_config_yaml(tmp_path):
    text = EXAMPLE.replace('configfile: "bakeoff.yaml"', "").replace("    config: config\n", "")
    folder = workflow(tmp_path, text)
    (folder / "bakeoff.yaml").rename(folder / "config.yaml")
    assert {job.get("dataset") for _, job in planned_jobs(folder)} == {None, "rows"}


def test_the_configuration_of_the_other_workflow_is_not_changed(tmp_path):
    text = f'{EXAMPLE}\nprint("keys:", *sorted(config))\n'
    _, said = snakemake(workflow(tmp_path, text), "-n")
    assert f"\nkeys: {' '.join(sorted(CONFIG))}\n" in said


@pytest.mark.parametrize(
    ("config", "old", "new", "line"),
    [
        ({"epoch": 1}, "", "", r"config: epoch: unknown key\. Did you mean epochs\?"),
        (
            {"variants": {"vae": {"beta": 3}}},
            "",
            "",
            r"config: variants\.vae: vae has no setting",
        ),
        ({"datasets": {"own": {"path": "gone.npy"}}}, "", "", r"config: datasets\.own: gone\.npy"),
        ({}, "config: config", 'config: config\n    prefix: "sub"', "module: expected no prefix"),
    ],
)
def test_an_error_is_one_line(tmp_path, config, old, new, line):
    stops_with(line, workflow(tmp_path, EXAMPLE.replace(old, new) if old else EXAMPLE, config))


def test_a_workflow_from_github_uses_the_installed_package(tmp_path, monkeypatch):
    repository = tmp_path / "repository"
    shutil.copytree(ROOT / "workflow", repository / "workflow")
    shutil.copy(ROOT / "environment.yml", repository)
    identity = ("-c", "user.name=user", "-c", "user.email=user@example.org")
    for command in (
        ["init"], ["add", "."], [*identity, "commit", "-m", "workflow"], ["tag", "v1"],
    ):  # fmt: skip
        subprocess.run(["git", *command], cwd=repository, check=True)
    # Git takes the folder for the repository on GitHub
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{repository}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/owner/kerasae")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = 'github("owner/kerasae", path="workflow/Snakefile", tag="v1")'
    text = EXAMPLE.replace('"../kerasae/workflow/Snakefile"', source)
    folder = workflow(tmp_path / "user", text)
    expected = planned_jobs(workflow(tmp_path / "path"))
    assert in_order(planned_jobs(folder)) == in_order(expected)
    code, said = snakemake(folder, "--cores", "1", "results/rows/data/images.npz")
    assert code == 0, said
    assert "rows" in (folder / "results/rows/data/description.md").read_text()


def stops_with(line, folder):
    """Check that a dry run stops with one line that begins with a regular expression."""
    code, said = snakemake(folder, "-n")
    assert code != 0
    assert len(re.findall(rf"^{line}.*$", said, re.MULTILINE)) == 1, said
    assert "Traceback" not in said
