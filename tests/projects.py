"""A copy of the project in another folder, and Snakemake run in it."""

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def copied(folder):
    """Copy into a folder what the workflow needs."""
    for name in ("kerasae", "studies", "workflow"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("config.yaml", "environment.yml"):
        shutil.copy(ROOT / name, folder)
    return folder


def snakemake(folder, *arguments):
    """Run Snakemake in a copy of the project; return what it said."""
    command = [sys.executable, "-m", "snakemake", "--nocolor", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def jobs_of(folder, config):
    """Jobs of a dry run with a configuration, as (rule, wildcards)."""
    return planned_jobs(folder, "--configfile", config)


def planned_jobs(folder, *arguments):
    """Jobs of a dry run, as (rule, wildcards)."""
    code, said = snakemake(folder, "-n", *arguments)
    assert code == 0, said
    jobs = re.split(r"^(?:local)?rule ", said, flags=re.MULTILINE)[1:]
    found = []
    for job in jobs:
        wildcards = re.search(r"^ +wildcards: (.*)$", job, flags=re.MULTILINE)
        pairs = wildcards.group(1).split(", ") if wildcards else []
        found.append((job.split(":")[0], dict(pair.split("=") for pair in pairs)))
    return found


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
