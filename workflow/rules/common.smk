"""The checked configuration, its runs, and the paths of their files."""

import os
from itertools import product

from snakemake.logging import logger

from kerasae.models import BASELINES, REGISTRY, declared, entry
from kerasae.reporting.pages import in_rst
from kerasae.storage import verification
from kerasae.storage.atomic import digest

SOURCES = {
    name: options
    for name, options in config["datasets"].items()
    if options is not False
}
DATASETS = list(SOURCES)
VARIANTS, CHOSEN_BASELINES = (
    {name: settings for name, settings in config[key].items() if settings is not False}
    for key in ("variants", "baselines")
)
if VARIANTS.keys() & CHOSEN_BASELINES.keys():
    raise WorkflowError(
        "config: variants: expected another name than that of a baseline. Received: "
        + ", ".join(VARIANTS.keys() & CHOSEN_BASELINES.keys())
    )
for name, settings in VARIANTS.items():
    given = {key: value for key, value in settings.items() if key != "model"}
    if settings["model"] in BASELINES:
        raise WorkflowError(
            f"config: variants.{name}.model: expected a model that is not a baseline: baselines "
            f"are switched on under baselines. Received: {settings['model']!r}"
        )
    try:
        declared.check(name, entry(settings["model"]), given)
    except ValueError as error:
        raise WorkflowError(f"config: variants.{name}: {error}") from None
# Variants are sorted by model, whatever their order in merged configurations
PLACES = {name: place for place, name in enumerate(REGISTRY)}
VARIANTS = dict(
    sorted(VARIANTS.items(), key=lambda item: PLACES.get(item[1]["model"], len(PLACES)))
)
# Baselines run like variants; tables show them, most figures do not
ALL_VARIANTS = {**VARIANTS, **CHOSEN_BASELINES}

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


def runs(dataset, latent_dims, held_out, seeds):
    """Runs of all variants and baselines, as dictionaries of wildcards."""
    names = ("dataset", "latent_dim", "held_out", "seed", "variant")
    return [
        dict(zip(names, (dataset, *keys)))
        for keys in product(latent_dims, held_out, seeds, ALL_VARIANTS)
    ]


def classes(name):
    """Names of the classes of a data set, read from its source."""
    options = SOURCES[name]
    try:
        return datasets.classes(name, options.get("path"), options.get("labels"))
    except datasets.DatasetError as error:
        raise WorkflowError(f"config: datasets.{name}: {error}") from None


def amount(key):
    """Look up an amount of the job's data set."""
    return lambda wildcards: AMOUNTS[wildcards.dataset][key]


def held_out(name):
    """Tokens of the held-out classes of a data set, and of given anomalies."""
    options, known = SOURCES[name], CLASSES[name]
    given = [datasets.GIVEN] if "anomalies" in options else []
    wanted = options.get("held_out")
    if wanted is None:
        wanted = [] if given or not LABELLED[name] else config["anomaly"]["held_out"]
    if wanted == "all":
        wanted = sorted(known, key=lambda label: label != "1")
    names = [str(label) for label in planning.as_list(wanted)]
    unknown = [label for label in names if label not in known]
    if unknown:
        expected = (
            f"some of {', '.join(known)}"
            if known
            else "no class, as there are no labels"
        )
        raise WorkflowError(
            f"config: datasets.{name}.held_out: expected {expected}. "
            f"Received: {', '.join(unknown)}"
        )
    tokens = dict(zip(known, datasets.tokens(known)))
    return [*(tokens[label] for label in names), *given]


def label_of(dataset, token):
    """The label of a held-out class, as texts show it."""
    return datasets.text_of(token, CLASSES[dataset])


SEEDS = config["seeds"]
ANOMALY_SEEDS = config["anomaly"]["seeds"] or SEEDS
if workflow.is_main_process:
    stop_on_error(planning.check_paths, config, SOURCES)
CLASSES = {name: classes(name) for name in DATASETS}
LABELLED = {name: len(CLASSES[name]) > 1 for name in DATASETS}
HELD_OUT = {name: held_out(name) for name in DATASETS}
OWN = planning.own_amounts(config, WRITTEN, SCHEMA)
AMOUNTS = {}
for name, options in SOURCES.items():
    where = (
        name,
        options,
        config,
        OWN,
        "pca" in CHOSEN_BASELINES,
        workflow.is_main_process,
    )
    AMOUNTS[name], notes = stop_on_error(planning.amounts, *where)
    for line in notes:
        logger.info(line)
# Captions can read only the configuration; this adds the amounts as adapted to the data
config["chosen"] = {
    name: AMOUNTS[name] | {"to_be_found": [label_of(name, it) for it in HELD_OUT[name]]}
    for name in DATASETS
}
GENERAL = {
    name: runs(name, [AMOUNTS[name]["latent_dim"]], [datasets.NO_CLASS], SEEDS)
    for name in DATASETS
}
ANOMALY = {
    name: runs(name, AMOUNTS[name]["latent_dims"], HELD_OUT[name], ANOMALY_SEEDS)
    for name in DATASETS
}


def likelihood(wildcards):
    """The models' likelihood for a data set."""
    return SOURCES[wildcards.dataset].get("likelihood", "bernoulli")


def plotted_score(wildcards):
    """The anomaly score in the figures; the Gaussian likelihood has no BCE."""
    score = config["anomaly"]["score"]
    missing = likelihood(wildcards) == "gaussian" and score.startswith("bce")
    return "mse" if missing else score
