"""Settings, inputs, files and targets of the tasks and figures in the registries."""

from kerasae.evaluation.tasks import MEASUREMENTS, TASKS
from kerasae.reporting.definitions import caption
from kerasae.reporting.figures import FIGURES

# Unit of a measurement or figure → name of the file of its job; that of a run has its whole cell
FILE_NAMES = {
    "run": CELL,
    "anomaly_run": CELL,
    "data": "all",
    "seed": "seed{seed}",
    "latent_dim_seed": "latent{latent_dim}-seed{seed}",
    "held_out_seed": "without_{held_out}-seed{seed}",
    "variant": "{variant}",
    "held_out": "latent{latent_dim}-without_{held_out}",
    "latent_dim": "latent{latent_dim}",
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


def settings(keys):
    """Settings of a job, by the last part of their key."""
    return lambda wildcards: PLANS[wildcards.dataset].settings(keys)


def table_caption(wildcards):
    """The caption of a task's table."""
    measurements = TASKS[wildcards.task].measurements
    keys = {key for measurement in measurements for key in measurement.settings}
    return caption(wildcards.task, settings(keys)(wildcards))


def table_run(wildcards):
    """The latent dimension and the label of the held-out class that a task's table shows."""
    it = PLANS[wildcards.dataset]
    if "held_out" in TASKS[wildcards.task].needs:
        return it.amounts["latent_dims"][0], it.label_of(it.held_out[0])
    return it.amounts["latent_dim"], datasets.NO_CLASS


def inputs(reads):
    """Inputs of a measurement or figure, by name."""

    def files(read):
        return lambda wildcards: [
            FILES[read.name].format(**run)
            for run in PLANS[wildcards.dataset].runs_of(read, wildcards)
        ]

    return {
        **{read: FILES[read] for read in reads if isinstance(read, str)},
        **{read.name: files(read) for read in reads if not isinstance(read, str)},
    }


def measured_inputs(measurement):
    """Inputs of a measurement, by name; those of a run for all runs of its cell."""
    if measurement.per not in plan.OF_RUNS:
        return inputs(measurement.reads)

    def files(read):
        return lambda run: [
            FILES[read].format(**{**run, "variant": variant})
            for variant in ALL_VARIANTS
        ]

    return {
        read: files(read) if "{variant}" in FILES[read] else FILES[read]
        for read in measurement.reads
    }


def cell_runs(measurement):
    """The runs of the cell of a measurement, each with its inputs; none for other measurements."""

    def runs(wildcards):
        if measurement.per not in plan.OF_RUNS:
            return []
        found = []
        for variant, settings in ALL_VARIANTS.items():
            run = {**wildcards, "variant": variant}
            paths = {read: FILES[read].format(**run) for read in measurement.reads}
            model = settings["model"] if "model" in measurement.reads else None
            found.append({"wildcards": run, "inputs": paths, "model": model})
        return found

    return runs


def input_runs(reads):
    """The runs of the input of several runs, in its order, with labels of held-out classes."""

    def runs(wildcards):
        it, read = PLANS[wildcards.dataset], plan.several(reads)
        return [
            {**run, "held_out": it.label_of(run["held_out"])}
            for run in (it.runs_of(read, wildcards) if read else [])
        ]

    return runs


def files_of(pattern, unit, dataset):
    """The files of a measurement or figure of a data set, each once."""
    return list(
        dict.fromkeys(pattern.format(**run) for run in PLANS[dataset].units(unit))
    )


def all_scores(dataset):
    """The score files of a data set."""
    return [
        path
        for name, (_, measurement) in PLANS[dataset].measurements.items()
        for path in files_of(
            scores(name, FILE_NAMES[measurement.per]), measurement.per, dataset
        )
    ]


# Data sets with known anomalies are compared with each other
ACROSS = [name for name, it in PLANS.items() if "setting" in it.options]
ACROSS_FOLDER = os.path.join(config["results"], "across")
ACROSS_METRICS = [metric.name for metric in TASKS["anomaly"].metrics]
ACROSS_CATEGORY = "00 across data sets"


def across_files():
    """The results of the comparison across data sets; none for fewer than two."""
    names = (
        "{metric}.html",
        "{metric}.csv",
        "{metric}-ranks.png",
        "{metric}-values.png",
    )
    paths = [f"{ACROSS_FOLDER}/{name}" for name in names]
    return expand(paths, metric=ACROSS_METRICS) if len(ACROSS) > 1 else []


# The report sorts its categories by name, as text; tasks without a table have none
CATEGORIES = {
    name: f"{place:02} {name.replace('_', ' ')}"
    for place, name in enumerate(
        ["answers", *(name for name, task in TASKS.items() if task.leading)], 1
    )
}


def figure_groups():
    """The figures by their rules: those of one unit that need, and read, the same."""
    found = {}
    for figure in FIGURES.values():
        needs = [need for need in figure.needs if need != figure.per]
        known = ["of_scores"] if "scores" in figure.reads else []
        name = "_".join([f"figures_of_{figure.per}", *needs, *known])
        found.setdefault(name, []).append(figure)
    return found


def in_report(figure, variant=None):
    """The file of a figure, with its place in the report."""
    path = f"{RESULTS}/figures/{figure.path}"
    return report(
        path.replace("{variant}", variant) if variant else path,
        caption=f"../report/{figure.caption}",
        category=CATEGORIES[figure.task],
        labels={
            "dataset": "{dataset}",
            "variant": variant or "all",
            "what": figure.what,
        },
    )


def parts_of_figures(group):
    """The parts of a job of `figure_groups`: its figures, those of variants each of a variant."""
    found = [
        parts(
            {"variant": list(VARIANTS)} if figure.per == "variant" else {},
            inputs(figure.reads),
            {"figure": f"{RESULTS}/figures/{figure.path}"},
            sources("figure.py", figure.draw.__module__),
            name=figure.name,
            settings=settings(figure.settings),
            runs=input_runs(figure.reads),
        )
        for figure in group
    ]
    return lambda wildcards: [part for of in found for part in of(wildcards)]


def explored(of):
    """The runs of the page with their files; ``of`` the plan: ``explored`` or ``explored_flat``."""

    def runs(wildcards):
        return [
            {
                "variant": run["variant"],
                "entry": ALL_VARIANTS[run["variant"]]["model"],
                "model": MODEL.format(**run),
                "outputs": OUTPUTS.format(**run),
                "plane": (
                    PLANE.format(**run) if of == "explored" and has_plane(run) else ""
                ),
            }
            for run in getattr(PLANS[wildcards.dataset], of)
        ]

    return runs


def first_picture(wildcards):
    """The picture of the first page: reconstructions, or the most anomalous samples."""
    it = PLANS[wildcards.dataset]
    name = "reconstructions_panel" if it.general else "most_anomalous_panel"
    return files_of(
        f"{RESULTS}/figures/{FIGURES[name].path}", FIGURES[name].per, it.dataset
    )[0]


def has_plane(run):
    """Whether the plane of a run of the first seed is made."""
    general = run["held_out"] == datasets.NO_CLASS
    return general and (MEASURED or run["variant"] in VARIANTS)


def explored_files(wildcards):
    """The files of the runs of the page."""
    runs = [
        run for of in ("explored", "explored_flat") for run in explored(of)(wildcards)
    ]
    files = [run[kind] for run in runs for kind in ("model", "outputs", "plane")]
    return list(dict.fromkeys(filter(None, files)))


def results_of(dataset):
    """All results of a data set."""
    it = PLANS[dataset]
    first = [
        run
        for run in it.general
        if run["variant"] in VARIANTS and run["seed"] == SEEDS[0]
    ]
    claims = ["claims.csv"] if it.applies(TASKS["samples"]) else []
    return [
        # Includes intermediate files: otherwise Snakemake would not notice a missing one
        *(
            path.format(**run)
            for path in (MODEL, HISTORY, OUTPUTS)
            for run in it.general + it.anomaly
        ),
        *(PLANE.format(**run) for run in first),
        *all_scores(dataset),
        *(
            f"{RESULTS}/{name}".format(dataset=dataset)
            for name in (
                *("scores.csv", "which_one.html", "explorer.html", *claims),
                *(f"tables/{task}.html" for task in it.tables),
            )
        ),
        *(
            path
            for figure in FIGURES.values()
            if it.applies(figure)
            for path in files_of(
                f"{RESULTS}/figures/{figure.path}", figure.per, dataset
            )
        ),
    ]
