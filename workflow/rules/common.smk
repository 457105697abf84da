"""The configuration checked, the runs it asks for, and the paths of their files."""

import ast
import os
import sys
from pathlib import Path

from jsonschema import ValidationError
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

# The package lies beside workflow/: found here and in the jobs without being installed.
ROOT = Path(workflow.basedir).parent
sys.path.insert(0, str(ROOT))
paths = [str(ROOT), *filter(None, [os.getenv("PYTHONPATH")])]
os.environ.update(PYTHONPATH=os.pathsep.join(paths))

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


def runs(purpose):
    """All runs of ``general`` or ``anomaly``, as dictionaries of wildcards."""
    return [
        {
            "dataset": dataset,
            "variant": variant,
            "latent_dim": config[purpose]["latent_dim"],
            "left_out": config[purpose].get("left_out", "none"),
            "seed": seed,
        }
        for dataset in DATASETS
        for seed in config["seeds"]
        for variant in ENTRANTS
    ]


def columns(rows):
    """Turn a list of wildcards into the columns that expand(..., zip) takes."""
    return {key: [row[key] for row in rows] for key in rows[0]}


GENERAL, ANOMALY = runs("general"), runs("anomaly")
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


TASKS = ["training_time", "reconstruction", "classification", "anomaly"]


def all_scores(wildcards):
    """The numbers of all runs of a data set."""
    paths = [
        *expand(scores("training_time", "all"), dataset=DATASETS),
        *expand(scores("reconstruction"), zip, **columns(GENERAL)),
        *expand(scores("classification"), zip, **columns(GENERAL)),
        *expand(rules.from_scratch.output[0], zip, **columns(GENERAL)),
        *expand(scores("probes"), zip, **columns(GENERAL)),
        *expand(rules.raw_pixels.output[0], zip, **columns(GENERAL)),
        *expand(scores("anomaly"), zip, **columns(ANOMALY)),
        *expand(rules.no_model.output[0], zip, **columns(ANOMALY)),
    ]
    folder = Path(RESULTS.format(dataset=wildcards.dataset))
    return [path for path in dict.fromkeys(paths) if folder in Path(path).parents]


FIRST = config["seeds"][0]


def of_run(path, run):
    """The files of a run of variants and seeds; ``run`` is general or anomaly."""
    keys = {"left_out": "none", **config[run]}
    return expand(
        path,
        allow_missing=True,
        latent_dim=keys["latent_dim"],
        left_out=keys["left_out"],
    )[0]


def of_variant(path, run):
    """The file of one variant's run, the first seed's."""
    return of_run(path, run).replace("{seed}", str(FIRST))


def of_all(path, run):
    """The files of all variants' runs, in the order of the configuration."""
    return expand(of_variant(path, run), variant=VARIANTS, allow_missing=True)


def figure(name, category, what, variant="all"):
    """A figure of the report."""
    return report(
        f"{FIGURES}/{name}",
        caption=f"../report/{category}_{what.replace(' ', '_')}.rst",
        category=category,
        labels={"dataset": "{dataset}", "variant": variant, "what": what},
    )
