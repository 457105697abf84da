"""The configuration checked, the runs it asks for, and the paths of their files."""

import os
from itertools import product

from snakemake.logging import logger

from kerasae.storage import verification
from kerasae.storage.atomic import digest
from kerasae.models import BASELINES, REGISTRY, declared, entry
from kerasae.reporting.pages import in_rst

SOURCES = {
    name: options
    for name, options in config["datasets"].items()
    if options is not False
}
DATASETS = list(SOURCES)
VARIANTS, SCEPTICS = (
    {name: settings for name, settings in config[key].items() if settings is not False}
    for key in ("variants", "baselines")
)
if VARIANTS.keys() & SCEPTICS.keys():
    raise WorkflowError(
        "config: variants: a variant needs another name than a baseline. Received: "
        + ", ".join(VARIANTS.keys() & SCEPTICS.keys())
    )
for name, settings in VARIANTS.items():
    given = {key: value for key, value in settings.items() if key != "model"}
    if settings["model"] in BASELINES:
        raise WorkflowError(
            f"config: variants.{name}.model: expected a model that is no baseline: switch "
            f"baselines on under baselines. Received: {settings['model']!r}"
        )
    try:
        declared.check(name, entry(settings["model"]), given)
    except ValueError as error:
        raise WorkflowError(f"config: variants.{name}: {error}") from None
# A variant stands beside its like, and not where the configuration that was laid over has it.
PLACES = {name: place for place, name in enumerate(REGISTRY)}
VARIANTS = dict(
    sorted(VARIANTS.items(), key=lambda item: PLACES.get(item[1]["model"], len(PLACES)))
)
# Baselines go the way of the variants, and stand in the tables, not in the pictures.
ENTRANTS = {**VARIANTS, **SCEPTICS}

# Data, models, histories and codes are marked with update(): if a job that makes them anew
# fails, what was there before is there again.
# A run is one training: data set, variant, latent dimension, held-out class, seed.
RUN = "{variant}-latent{latent_dim}-without_{held_out}-seed{seed}"
RESULTS = os.path.join(config["results"], "{dataset}")
DATA = f"{RESULTS}/data/images.npz"
MODEL = f"{RESULTS}/models/{RUN}.keras"
HISTORY = f"{RESULTS}/histories/{RUN}.csv"
# No output: it outlives a job that is killed, and goes when the training is done
CHECKPOINT = f"{RESULTS}/checkpoints/{RUN}.npz"
CODES = f"{RESULTS}/codes/{RUN}.npz"
FIGURES = f"{RESULTS}/figures"
CHECKSUMS = f"{RESULTS}/{verification.LIST}"


def log(rule, run=RUN):
    """Where jobs log: a folder for each rule, a file for each run."""
    return f"{RESULTS}/logs/{rule}/{run}.log"


def measured(rule, run=RUN):
    """Where Snakemake writes the time and the memory of a job."""
    return f"{RESULTS}/benchmarks/{rule}/{run}.tsv"


def at_first(amount):
    """What the first attempt asks for, in MB or minutes; those after it ask for as much again.

    Amounts are what the benchmark files of a thorough run on MNIST say (tests/bench/resources.py)
    and half again, times many times over, as machines differ.
    """
    return lambda wildcards, attempt: attempt * amount


def scores(task, run=RUN):
    """Where the numbers of a task are written."""
    return f"{RESULTS}/scores/{task}/{run}.csv"


wildcard_constraints:
    dataset="[a-z][a-z0-9_]*",
    variant="[a-z][a-z0-9_]*",
    latent_dim=r"\d+",
    held_out="[A-Za-z0-9_]+",
    seed=r"\d+",


def runs(dataset, latent_dims, held_out, seeds):
    """Runs of all entrants, as dictionaries of wildcards."""
    return [
        dict(
            zip(
                ("dataset", "latent_dim", "held_out", "seed", "variant"),
                (dataset, *keys),
            )
        )
        for keys in product(latent_dims, held_out, seeds, ENTRANTS)
    ]


def columns(rows):
    """Turn a list of wildcards into the columns that expand(..., zip) takes."""
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def classes(name):
    """Names of the classes of a data set, read from its source."""
    options = SOURCES[name]
    try:
        return datasets.classes(name, options.get("path"), options.get("labels"))
    except datasets.DatasetError as error:
        raise WorkflowError(f"config: datasets.{name}: {error}") from None


def amount(key):
    """An amount of a job's data set."""
    return lambda wildcards: AMOUNTS[wildcards.dataset][key]


def held_out(name):
    """What the runs for anomaly detection leave out of a data set, or are to find in it.

    Classes are given by their tokens, which can be part of a file's name.
    """
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
        raise WorkflowError(
            f"config: datasets.{name}: no such class to leave out. Expected held_out to be some of "
            f"{', '.join(known) or 'none, as there are no labels'}. Received: {', '.join(unknown)}"
        )
    tokens = dict(zip(known, datasets.tokens(known)))
    return [*(tokens[label] for label in names), *given]


def label_of(dataset, token):
    """The label of a held-out class, for those who read."""
    return datasets.text_of(token, CLASSES[dataset])


SEEDS = config["seeds"]
ANOMALY_SEEDS = config["anomaly"]["seeds"] or SEEDS
if workflow.is_main_process:
    in_one_line(planning.check_paths, config, SOURCES)
CLASSES = {name: classes(name) for name in DATASETS}
LABELLED = {name: len(CLASSES[name]) > 1 for name in DATASETS}
HELD_OUT = {name: held_out(name) for name in DATASETS}
OWN = planning.own_amounts(config, WRITTEN, SCHEMA)
AMOUNTS = {}
for name, options in SOURCES.items():
    where = name, options, config, OWN, "pca" in SCEPTICS, workflow.is_main_process
    AMOUNTS[name], notes = in_one_line(planning.amounts, *where)
    for line in notes:
        logger.info(line)
# Captions see no more than the configuration, which does not say what small data make of it
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


def trained(dataset):
    """Runs that learn by gradients."""
    return [
        run for run in GENERAL[dataset] + ANOMALY[dataset] if run["variant"] in VARIANTS
    ]


def likelihood(wildcards):
    """What the models assume of a data set."""
    return SOURCES[wildcards.dataset].get("likelihood", "bernoulli")


def drawn_score(wildcards):
    """The score for anomalies that is drawn; the Gaussian likelihood has fewer."""
    score = config["anomaly"]["score"]
    fewer = likelihood(wildcards) == "gaussian" and score.startswith("bce")
    return "mse" if fewer else score


def tasks(dataset):
    """What is measured on a data set: what needs labels only where there are some."""
    found = ["training_time", "reconstruction"]
    if LABELLED[dataset]:
        found += ["classification"]
    if HELD_OUT[dataset]:
        found += ["anomaly"]
    if config["thorough"] and LABELLED[dataset]:
        found += ["samples", "interpolation", "latent_space", "uncertainty"]
    return found


def written(rule):
    """Patterns of a rule's outputs as they stand there, whatever storage they go to."""
    prefix = f"{workflow.storage_settings.default_storage_prefix}/"
    return [
        path.storage_object.query.removeprefix(prefix) if path.is_storage else str(path)
        for path in rule.output
    ]


def all_scores(dataset):
    """The numbers of all runs of a data set."""
    general, anomaly = columns(GENERAL[dataset]), columns(ANOMALY[dataset])
    paths = [
        *expand(scores("training_time", "all"), dataset=dataset),
        *expand(written(rules.bounds), dataset=dataset),
        *expand(scores("reconstruction"), zip, **general),
    ]
    if anomaly:
        paths += expand(scores("anomaly"), zip, **anomaly)
        paths += expand(written(rules.detectors), zip, **anomaly)
    if not LABELLED[dataset]:
        return list(dict.fromkeys(paths))
    paths += expand(scores("classification"), zip, **general)
    paths += expand(written(rules.from_scratch), zip, **general)
    paths += expand(scores("probes"), zip, **general)
    paths += expand(written(rules.raw_pixels), zip, **general)
    if config["classification"]["curve"]:
        paths += expand(scores("label_curve"), zip, **general)
        paths += expand(written(rules.raw_pixels_curve), zip, **general)
    if config["thorough"]:
        paths += expand(written(rules.real_images), dataset=dataset)
        paths += expand(written(rules.similarity), zip, **general)
        for task in ("samples", "interpolation", "latent_space", "uncertainty"):
            paths += expand(scores(task), zip, **general)
    return list(dict.fromkeys(paths))


def general(path, variants=None, seeds=SEEDS[:1]):
    """Files of a data set's general runs, by default the first seed's of a job's variant."""
    return lambda wildcards: expand(
        path,
        dataset=wildcards.dataset,
        variant=variants or wildcards.variant,
        latent_dim=AMOUNTS[wildcards.dataset]["latent_dim"],
        held_out=datasets.NO_CLASS,
        seed=seeds,
    )


def anomaly_codes(seed):
    """Codes of all variants with one latent dimension and class left out."""
    return expand(CODES, allow_missing=True, variant=VARIANTS, seed=seed)


# The report sorts its categories by name
CATEGORIES = {
    name: f"{place} {name.replace('_', ' ')}"
    for place, name in enumerate(
        [
            *("answers", "reconstruction", "classification", "anomaly", "samples"),
            *("interpolation", "latent_space", "uncertainty", "training_time"),
        ],
        1,
    )
}


def figure(name, category, what, variant="all"):
    """A figure of the report."""
    return report(
        f"{FIGURES}/{name}",
        caption=f"../report/{category}_{what.replace(' ', '_')}.rst",
        category=CATEGORIES[category],
        labels={"dataset": "{dataset}", "variant": variant, "what": what},
    )


def panels(dataset):
    """The figures of a data set that show all variants."""
    found = [
        *written(rules.histories_panel),
        *written(rules.reconstructions_panel),
        *written(rules.samples_panel),
        *written(rules.umap_panel),
        *expand(
            [
                *written(rules.plane_panel),
                *written(rules.roc_panel),
                *written(rules.most_anomalous_panel),
            ],
            allow_missing=True,
            latent_dim=AMOUNTS[dataset]["latent_dims"],
            held_out=HELD_OUT[dataset],
        ),
    ]
    if len(HELD_OUT[dataset]) > 1:
        found += expand(
            written(rules.auc_panel),
            allow_missing=True,
            latent_dim=AMOUNTS[dataset]["latent_dims"],
        )
    if LABELLED[dataset] and config["classification"]["curve"]:
        found += written(rules.label_curve_panel)
    if LABELLED[dataset] and config["thorough"]:
        found += [
            *written(rules.similarity_panel),
            *written(rules.divergence_panel),
            *written(rules.generated_panel),
        ]
    return expand(found, dataset=dataset)


def everything(dataset):
    """What the bake-off makes of a data set."""
    return [
        # What only leads to other files too: gone, it would not be missed while they are there
        *(
            path.format(**run)
            for path in (MODEL, HISTORY, CODES)
            for run in GENERAL[dataset] + ANOMALY[dataset]
        ),
        *(
            path.format(**run)
            for path in written(rules.plane)
            for run in GENERAL[dataset]
            if run["variant"] in VARIANTS and run["seed"] == SEEDS[0]
        ),
        *all_scores(dataset),
        *expand(written(rules.scores), dataset=dataset),
        *expand(written(rules.which_one), dataset=dataset),
        *expand(written(rules.table), dataset=dataset, task=tasks(dataset)),
        *expand(written(rules.pictures), dataset=dataset, variant=VARIANTS),
        *panels(dataset),
        *(
            expand(written(rules.claims), dataset=dataset)
            if "samples" in tasks(dataset)
            else []
        ),
    ]
