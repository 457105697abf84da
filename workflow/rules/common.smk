"""The configuration checked, the runs it asks for, and the paths of their files."""

import ast
import os
import sys
from itertools import product
from pathlib import Path

from jsonschema import ValidationError
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

# The package lies beside workflow/: found here and in the jobs without being installed.
ROOT = Path(workflow.basedir).parent
sys.path.insert(0, str(ROOT))
paths = [str(ROOT), *filter(None, [os.getenv("PYTHONPATH")])]
os.environ.update(PYTHONPATH=os.pathsep.join(paths))

from kerasae.datasets.sources import CLASSES
from kerasae.models import BASELINES, REGISTRY


def in_one_line(error):
    """Say which key is wrong, what came, and what is allowed."""
    key = ".".join(map(str, error.absolute_path)) or "the configuration"
    message = error.message
    if error.validator == "additionalProperties":
        message += f"; allowed are {', '.join(sorted(error.schema['properties']))}"
    elif error.validator == "not":
        message = f"expected settings or false. Received: {error.instance!r}"
    elif error.parent is None and error.validator != "enum":
        message += f". Received: {error.instance!r}"
    return f"config: {key}: {message}"


for entrants in (config.get("variants"), config.get("baselines")):
    for name, settings in (entrants or {}).items():
        if isinstance(settings, dict):
            settings.setdefault("model", name)

try:
    validate(config, "../schemas/config.schema.yaml")
except WorkflowError as error:
    if isinstance(error.__context__, ValidationError):
        raise WorkflowError(in_one_line(error.__context__)) from None
    raise

DATASETS = [
    name for name, options in config["datasets"].items() if options is not False
]
VARIANTS, SCEPTICS = (
    {name: settings for name, settings in config[key].items() if settings is not False}
    for key in ("variants", "baselines")
)
if VARIANTS.keys() & SCEPTICS.keys():
    raise WorkflowError(
        "config: variants: a variant needs another name than a baseline. Received: "
        + ", ".join(VARIANTS.keys() & SCEPTICS.keys())
    )
# Baselines go the way of the variants, and stand in the tables, not in the pictures.
ENTRANTS = {**VARIANTS, **SCEPTICS}

# Data, models, histories and codes are marked with update(): if a job that makes them anew
# fails, what was there before is there again.
# A run is one training: data set, variant, latent dimension, left-out class, seed.
RUN = "{variant}-latent{latent_dim}-without_{left_out}-seed{seed}"
RESULTS = os.path.join(config["results"], "{dataset}")
DATA = f"{RESULTS}/data/images.npz"
MODEL = f"{RESULTS}/models/{RUN}.keras"
HISTORY = f"{RESULTS}/histories/{RUN}.csv"
CODES = f"{RESULTS}/codes/{RUN}.npz"
FIGURES = f"{RESULTS}/figures"


def log(rule, run=RUN):
    """Where jobs log: a folder for each rule, a file for each run."""
    return f"{RESULTS}/logs/{rule}/{run}.log"


def scores(task, run=RUN):
    """Where the numbers of a task are written."""
    return f"{RESULTS}/scores/{task}/{run}.csv"


wildcard_constraints:
    dataset="[a-z_]+",
    variant="[a-z][a-z0-9_]*",
    latent_dim=r"\d+",
    left_out=r"none|\d+",
    seed=r"\d+",


def listed(value):
    """A value or a list of them, as a list."""
    return value if isinstance(value, list) else [value]


def runs(latent_dims, left_out, seeds):
    """Runs of all entrants, as dictionaries of wildcards."""
    return [
        dict(zip(("dataset", "latent_dim", "left_out", "seed", "variant"), keys))
        for keys in product(DATASETS, latent_dims, left_out, seeds, ENTRANTS)
    ]


def columns(rows):
    """Turn a list of wildcards into the columns that expand(..., zip) takes."""
    return {key: [row[key] for row in rows] for key in rows[0]}


SEEDS = config["seeds"]
LATENT_DIM = config["general"]["latent_dim"]
if config["anomaly"]["left_out"] == "all":
    LEFT_OUT = [1, *(label for label in range(CLASSES) if label != 1)]
else:
    LEFT_OUT = listed(config["anomaly"]["left_out"])
LATENT_DIMS = listed(config["anomaly"]["latent_dim"])
ANOMALY_SEEDS = config["anomaly"]["seeds"] or SEEDS
GENERAL = runs([LATENT_DIM], ["none"], SEEDS)
ANOMALY = runs(LATENT_DIMS, LEFT_OUT, ANOMALY_SEEDS)
TRAINED = [run for run in GENERAL + ANOMALY if run["variant"] in VARIANTS]
RUNS_OF = {
    name: [run for run in TRAINED if run["dataset"] == name] for name in DATASETS
}


def code(*modules):
    """Files of the modules and of what they import from the package, directly or not.

    They are inputs of the rules: an edit makes stale what depends on it, and nothing else.
    """
    found, pending = set(), list(modules)
    while pending:
        name = pending.pop()
        stem = ROOT / name.replace(".", "/")
        paths = [
            path
            for path in (stem.with_suffix(".py"), stem / "__init__.py")
            if path.exists()
        ]
        if not paths or paths[0] in found:
            continue
        found.add(paths[0])
        for node in ast.walk(ast.parse(paths[0].read_text())):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("kerasae"):
                pending += [
                    node.module,
                    *(f"{node.module}.{part.name}" for part in node.names),
                ]
    return sorted(os.path.relpath(path) for path in found)


def contestant_code(wildcards):
    """Files that a contestant's training depends on."""
    entry = {**REGISTRY, **BASELINES}[ENTRANTS[wildcards.variant]["model"]]
    return code("kerasae.training", "kerasae.datasets.splits", entry.split(":")[0])


def all_scores(wildcards):
    """The numbers of all runs of a data set."""
    paths = [
        *expand(scores("training_time", "all"), dataset=DATASETS),
        *expand(rules.bounds.output[0], dataset=DATASETS),
        *expand(scores("reconstruction"), zip, **columns(GENERAL)),
        *expand(scores("classification"), zip, **columns(GENERAL)),
        *expand(rules.from_scratch.output[0], zip, **columns(GENERAL)),
        *expand(scores("probes"), zip, **columns(GENERAL)),
        *expand(rules.raw_pixels.output[0], zip, **columns(GENERAL)),
        *expand(scores("anomaly"), zip, **columns(ANOMALY)),
        *expand(rules.no_model.output[0], zip, **columns(ANOMALY)),
    ]
    if config["classification"]["curve"]:
        paths += expand(scores("label_curve"), zip, **columns(GENERAL))
        paths += expand(rules.raw_pixels_curve.output[0], zip, **columns(GENERAL))
    if config["thorough"]:
        paths += expand(rules.held_out.output[0], dataset=DATASETS)
        paths += expand(rules.similarity.output[0], zip, **columns(GENERAL))
        for task in ("samples", "interpolation", "latent_space", "uncertainty"):
            paths += expand(scores(task), zip, **columns(GENERAL))
    folder = Path(RESULTS.format(dataset=wildcards.dataset))
    return [path for path in dict.fromkeys(paths) if folder in Path(path).parents]


def general(path, variant="{variant}", seed=SEEDS[:1]):
    """Files of general runs, by default the first seed's of one variant."""
    return expand(
        path,
        allow_missing=True,
        variant=variant,
        latent_dim=LATENT_DIM,
        left_out="none",
        seed=seed,
    )


def anomaly_codes(seed):
    """Codes of all variants with one latent dimension and class left out."""
    return expand(CODES, allow_missing=True, variant=VARIANTS, seed=seed)


def figure(name, category, what, variant="all"):
    """A figure of the report."""
    return report(
        f"{FIGURES}/{name}",
        caption=f"../report/{category}_{what.replace(' ', '_')}.rst",
        category=category,
        labels={"dataset": "{dataset}", "variant": variant, "what": what},
    )
