"""The checked configuration, its runs, and the paths of their files."""

import os
from itertools import product

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
if not VARIANTS:
    raise WorkflowError(
        "config: variants: expected at least one that is not false. "
        f"Received: {', '.join(config['variants'])}"
    )
ALL_VARIANTS = {**VARIANTS, **CHOSEN_BASELINES}
# Captions can read only the configuration; this adds the amounts as adapted to the data
config["chosen"] = {
    name: it.amounts | {"to_be_found": [it.label_of(token) for token in it.held_out]}
    for name, it in PLANS.items()
}

# A run is one training: data set, variant, latent dimension, held-out class, seed. A cell is the runs
# of all variants that are trained on the same data; most jobs are of a cell, as each takes seconds
# to import TensorFlow. Where trainings take seconds, too, a job is of a cell with all its seeds.
CELL = "latent{latent_dim}-without_{held_out}-seed{seed}"
RUN = f"{{variant}}-{CELL}"
CELL_OF_ALL_SEEDS = "latent{latent_dim}-without_{held_out}"
RESULTS = os.path.join(config["results"], "{dataset}")
DATA = f"{RESULTS}/data/images.npz"
DESCRIPTION = f"{RESULTS}/data/description.md"
MODEL = f"{RESULTS}/models/{RUN}.keras"
HISTORY = f"{RESULTS}/histories/{RUN}.csv"
# Not an output: it survives a killed job, and is removed after the training. The same folder holds
# what the runs of a job made until all of them are done.
CHECKPOINT = f"{RESULTS}/checkpoints/{RUN}.npz"
OUTPUTS = f"{RESULTS}/codes/{RUN}.npz"
PLANE = f"{RESULTS}/planes/{RUN}.npy"
GENERATED = f"{RESULTS}/generated/{RUN}.npz"
JUDGE = f"{RESULTS}/classifiers/seed{{seed}}.keras"
REAL = f"{RESULTS}/classifiers/seed{{seed}}.npz"
SCORES = f"{RESULTS}/scores.csv"
CHECKSUMS = f"{RESULTS}/{verification.LIST}"


def log_file(rule, run=CELL):
    """Log file of a job: a folder per rule, a file per run."""
    return f"{RESULTS}/logs/{rule}/{run}.log"


def benchmark_file(rule, run=CELL):
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


def each(pattern, keys):
    """Files of the parts of a job; ``keys`` as in `parts`."""
    return expand(pattern, **keys, allow_missing=True)


def model_of(run):
    """The model of a run."""
    return ALL_VARIANTS[run.variant]["model"]


def versions(name, unit, of_all_seeds=None):
    """Versions of a rule: its name, the file name of its jobs, the seeds of a job, the data sets.

    Data sets with short trainings have jobs for all seeds at once. In a job, which is given its
    rule, the sizes of the data are unknown.
    """
    if "{seed}" not in unit:
        return [(name, unit, {}, ".+")]
    without = unit.replace("-seed{seed}", "").replace("seed{seed}", "all")
    found = []
    for together in (False, True):
        known = [it.dataset for it in PLANS.values() if it.together == together]
        found.append(
            (
                f"{name}_all_seeds" if together else name,
                of_all_seeds or without if together else unit,
                {"seed": SEEDS} if together else {},
                "|".join(known or ["(?!)"]) if workflow.is_main_process else ".+",
            )
        )
    return found


class PartWildcards(dict):
    """Wildcards of a part of a job, which are also attributes, as those of a job."""

    __getattr__ = dict.__getitem__


def parts(keys, inputs, outputs, sources, **params):
    """The parts of a job: its parameter, as the job makes and records each of them separately.

    Parameters
    ----------
    keys : dict of str to sequence
        Wildcards in which the parts differ, added to those of the job → their values.
    inputs, outputs : dict of str to str
        Name → pattern of a path, or a function of the part's wildcards that returns one or several.
    sources : callable
        See `sources`.
    **params
        Parameters of a part; functions of its wildcards are called.
    """

    def found(wildcards):
        made = []
        for values in product(*keys.values()):
            part = PartWildcards(wildcards, **dict(zip(keys, map(str, values))))

            def of_part(value):
                return value(part) if callable(value) else value

            made.append(
                {
                    "wildcards": dict(part),
                    "inputs": {
                        name: it(part) if callable(it) else it.format(**part)
                        for name, it in inputs.items()
                    },
                    "outputs": {
                        name: it.format(**part) for name, it in outputs.items()
                    },
                    "sources": sources(part),
                    "params": {name: of_part(value) for name, value in params.items()},
                }
            )
        return made

    return found


def inputs_of(parts):
    """The inputs of a job: those of all its parts."""

    def found(wildcards):
        paths = [
            path
            for part in parts(wildcards)
            for one in part["inputs"].values()
            for path in ([one] if isinstance(one, str) else one)
        ]
        return list(dict.fromkeys(paths))

    return found


def failure(rule, unit=CELL):
    """The last failed attempt of a job with update() outputs: its parameter.

    Snakemake restores such outputs after a failure, and notes them as made with the new
    parameters. A job therefore writes a new token into this file, and puts back the one that it was
    started with when it succeeds: after a failure the parameter differs from the noted one.
    """

    def found(wildcards):
        path = f"{RESULTS}/logs/{rule}/{unit}.failed".format(**wildcards)
        token = Path(path).read_text() if os.path.exists(path) else ""
        return {"file": path, "token": token}

    return found


def scores(name, run=CELL):
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
