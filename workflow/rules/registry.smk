"""Settings, inputs, files and targets of the tasks and figures in the registries."""

from kerasae.evaluation.task import Several
from kerasae.evaluation.tasks import MEASUREMENTS, TASKS
from kerasae.reporting.definitions import caption
from kerasae.reporting.figures import FIGURES

SETTINGS = {
    "validation": amount("validation"),
    "classification.labels": amount("labels"),
    "anomaly.score": plotted_score,
    "likelihood": likelihood,
    "all_variants": lambda wildcards: list(ALL_VARIANTS),
}
"""Settings that are computed; all others are keys of the configuration."""


def settings(keys):
    """Settings of a job, by the last part of their key."""

    def values(wildcards):
        return {
            key.rpartition(".")[2]: (
                SETTINGS[key](wildcards)
                if key in SETTINGS
                else planning.nested_value(config, key.split("."))
            )
            for key in keys
        }

    return values


def table_caption(wildcards):
    """The caption of a task's table."""
    measurements = TASKS[wildcards.task].measurements
    keys = {key for measurement in measurements for key in measurement.settings}
    return caption(wildcards.task, settings(keys)(wildcards))


def provides(need, dataset):
    """Whether a data set and the configuration meet a requirement of a task or figure."""
    return {
        "labels": LABELLED[dataset],
        "held_out": bool(HELD_OUT[dataset]),
        "several_held_out": len(HELD_OUT[dataset]) > 1,
        "thorough": config["thorough"],
        "curve": bool(config["classification"]["curve"]),
    }[need]


def applies(part, dataset):
    """Whether a task, measurement or figure applies to a data set."""
    return all(provides(need, dataset) for need in part.needs)


# Unit of a job of a measurement or figure → name of its file, and the runs to create files for
UNITS = {
    "run": (RUN, lambda dataset: GENERAL[dataset]),
    "anomaly_run": (RUN, lambda dataset: ANOMALY[dataset]),
    "data": ("all", lambda dataset: [{"dataset": dataset}]),
    "seed": ("seed{seed}", lambda dataset: GENERAL[dataset]),
    "latent_dim_seed": (
        "latent{latent_dim}-seed{seed}",
        lambda dataset: GENERAL[dataset],
    ),
    "held_out_seed": (
        "without_{held_out}-seed{seed}",
        lambda dataset: ANOMALY[dataset],
    ),
    "variant": (
        "{variant}",
        lambda dataset: [run for run in GENERAL[dataset] if run["variant"] in VARIANTS],
    ),
    "cell": (
        "latent{latent_dim}-without_{held_out}",
        lambda dataset: ANOMALY[dataset],
    ),
    "latent_dim": ("latent{latent_dim}", lambda dataset: ANOMALY[dataset]),
}
FILES = {
    "data": DATA,
    "outputs": OUTPUTS,
    "model": MODEL,
    "plane": PLANE,
    "generated": GENERATED,
    "real": REAL,
    "bounds": scores("bounds", "all"),
    "scores": SCORES,
    "histories": HISTORY,
    "planes": PLANE,
}
"""Input of a measurement or figure → its file."""


def several(reads):
    """The input of several runs, or None."""
    return next((read for read in reads if isinstance(read, Several)), None)


def runs_of(read, wildcards):
    """The runs of an input of several runs."""
    dataset = wildcards.dataset
    if read.of == "trained":
        found = GENERAL[dataset] + ANOMALY[dataset]
        return [run for run in found if run["variant"] in VARIANTS]
    known = ANOMALY_SEEDS if read.of == "cell" else SEEDS
    seeds = {"first": known[:1], "all": known}.get(read.seeds)
    variants = ALL_VARIANTS if read.models == "all" else VARIANTS
    if read.of == "variant":
        variants = [wildcards.variant]
    cell = AMOUNTS[dataset]["latent_dim"], datasets.NO_CLASS
    if read.of == "cell":
        cell = wildcards.latent_dim, wildcards.held_out
    return [
        {
            "dataset": dataset,
            "variant": variant,
            "latent_dim": cell[0],
            "held_out": cell[1],
            "seed": seed,
        }
        for variant in variants
        for seed in seeds or [wildcards.seed]
    ]


def inputs(reads):
    """Inputs of a measurement or figure, by name."""

    def files(read):
        return lambda wildcards: [
            FILES[read.name].format(**run) for run in runs_of(read, wildcards)
        ]

    return {
        **{read: FILES[read] for read in reads if isinstance(read, str)},
        **{read.name: files(read) for read in reads if isinstance(read, Several)},
    }


def input_runs(reads):
    """The runs of the input of several runs, in its order, with labels of held-out classes."""
    read = several(reads)
    return lambda wildcards: [
        {**run, "held_out": label_of(run["dataset"], run["held_out"])}
        for run in (runs_of(read, wildcards) if read else [])
    ]


def files_of(pattern, unit, dataset):
    """The files of a measurement or figure of a data set."""
    return list(dict.fromkeys(pattern.format(**run) for run in UNITS[unit][1](dataset)))


def all_scores(dataset):
    """The score files of a data set."""
    return [
        path
        for name, (task, measurement) in MEASUREMENTS.items()
        if applies(task, dataset) and applies(measurement, dataset)
        for path in files_of(
            scores(name, UNITS[measurement.per][0]), measurement.per, dataset
        )
    ]


def tables(dataset):
    """The tasks with a table of a data set."""
    return [
        name for name, task in TASKS.items() if task.leading and applies(task, dataset)
    ]


# The report sorts its categories by name, as text; tasks without a table have none
CATEGORIES = {
    name: f"{place:02} {name.replace('_', ' ')}"
    for place, name in enumerate(
        ["answers", *(name for name, task in TASKS.items() if task.leading)], 1
    )
}


def results_of(dataset):
    """All results of a data set."""
    all_runs = GENERAL[dataset] + ANOMALY[dataset]
    first = [
        run
        for run in GENERAL[dataset]
        if run["variant"] in VARIANTS and run["seed"] == SEEDS[0]
    ]
    claims = ["claims.csv"] if applies(TASKS["samples"], dataset) else []
    return [
        # Includes intermediate files: otherwise Snakemake would not notice a missing one
        *(path.format(**run) for path in (MODEL, HISTORY, OUTPUTS) for run in all_runs),
        *(PLANE.format(**run) for run in first),
        *all_scores(dataset),
        *(
            f"{RESULTS}/{name}".format(dataset=dataset)
            for name in (
                *("scores.csv", "which_one.html", *claims),
                *(f"tables/{task}.html" for task in tables(dataset)),
            )
        ),
        *(
            path
            for figure in FIGURES.values()
            if applies(figure, dataset)
            for path in files_of(
                f"{RESULTS}/figures/{figure.path}", figure.per, dataset
            )
        ),
    ]
