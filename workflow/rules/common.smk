"""The checked configuration, its runs, and the paths of their files."""

import os

from snakemake.logging import logger

from kerasae.configuration import plan
from kerasae.models import entry
from kerasae.reporting.pages import in_rst
from kerasae.storage import verification
from kerasae.storage.atomic import digest

PLANS, notes = stop_on_error(
    plan.plans,
    config,
    planning.own_amounts(config, WRITTEN, SCHEMA),
    workflow.is_main_process,
)
for line in notes:
    logger.info(line)
DATASETS = list(PLANS)
SEEDS = config["seeds"]
VARIANTS, CHOSEN_BASELINES = plan.chosen_variants(config)
ALL_VARIANTS = {**VARIANTS, **CHOSEN_BASELINES}
# Captions can read only the configuration; this adds the amounts as adapted to the data
config["chosen"] = {
    name: it.amounts | {"to_be_found": [it.label_of(token) for token in it.held_out]}
    for name, it in PLANS.items()
}

# Costly outputs are marked with update(): Snakemake restores the old ones if a job fails.
# A run is one training: data set, variant, latent dimension, held-out class, seed.
RUN = "{variant}-latent{latent_dim}-without_{held_out}-seed{seed}"
RESULTS = os.path.join(config["results"], "{dataset}")
DATA = f"{RESULTS}/data/images.npz"
DESCRIPTION = f"{RESULTS}/data/description.md"
MODEL = f"{RESULTS}/models/{RUN}.keras"
HISTORY = f"{RESULTS}/histories/{RUN}.csv"
# Not an output: it survives a killed job, and is removed after the training
CHECKPOINT = f"{RESULTS}/checkpoints/{RUN}.npz"
OUTPUTS = f"{RESULTS}/codes/{RUN}.npz"
PLANE = f"{RESULTS}/planes/{RUN}.npy"
GENERATED = f"{RESULTS}/generated/{RUN}.npz"
JUDGE = f"{RESULTS}/classifier/model.keras"
REAL = f"{RESULTS}/classifier/real.npz"
SCORES = f"{RESULTS}/scores.csv"
CHECKSUMS = f"{RESULTS}/{verification.LIST}"


def log_file(rule, run=RUN):
    """Log file of a job: a folder per rule, a file per run."""
    return f"{RESULTS}/logs/{rule}/{run}.log"


def benchmark_file(rule, run=RUN):
    """File in which Snakemake writes the time and memory of a job."""
    return f"{RESULTS}/benchmarks/{rule}/{run}.tsv"


def per_attempt(amount):
    """Resources in MB or minutes, multiplied by the number of the attempt.

    Amounts are 1.5 times those measured in a thorough run on MNIST (benchmarks/resources.py).
    """
    return lambda wildcards, attempt: attempt * amount


def grouped(name):
    """Name of a group of jobs where a profile bundles groups, as on a cluster; else None."""
    return lambda wildcards: name if workflow.group_settings.group_components else None


def scores(name, run=RUN):
    """File of the scores of a measurement."""
    return f"{RESULTS}/scores/{name}/{run}.csv"


wildcard_constraints:
    dataset="[a-z][a-z0-9_]*",
    variant="[a-z][a-z0-9_]*",
    latent_dim=r"\d+",
    held_out="[A-Za-z0-9_]+",
    seed=r"\d+",


def planned(what):
    """Look up an attribute of the plan of the job's data set."""
    return lambda wildcards: getattr(PLANS[wildcards.dataset], what)


def amount(key):
    """Look up an amount of the job's data set."""
    return lambda wildcards: PLANS[wildcards.dataset].amounts[key]
