"""What the rules look up in the plans: files, runs, settings, code and captions."""

# Groups of jobs on a cluster: by the group of runs, alone, or by seed (all others)
CLUSTER_GROUPS = {"run": "measured", "anomaly_run": "measured", "data": None}


EVALUATION = Path(kerasae.__file__).parent / "evaluation"

# The article is a study beside the package: its published figures, and its claims
PUBLISHED = tuple(sorted(ROOT.glob("studies/bake_off/published.*"))) if ROOT else ()
STUDY = PUBLISHED and (*PUBLISHED, *sorted(ROOT.glob("studies/bake_off/claims/*.*")))

# Figures show the planes of the variants; a task of thorough runs measures those of baselines, too
PROJECTED = ALL_VARIANTS if config["thorough"] else VARIANTS

TABLE_FORMATS = ("html", "csv", "md")
CLAIM_FORMATS = ("html", "csv", "png", "md")

# Data sets with known anomalies are compared with each other
ACROSS = [name for name, plan in PLANS.items() if "setting" in plan.options]
ACROSS_FOLDER = os.path.join(config["results"], "across")
ACROSS_METRICS = [metric.name for metric in TASKS["anomaly"].metrics]
ACROSS_CATEGORY = "00 across data sets"


def own_files(dataset):
    """Files and folders of the user's own data; those of the package's data sets are known."""
    options = PLANS[dataset].options
    own = dataset not in datasets.SOURCES
    return [options[key] for key in ("path", "anomalies") if own and key in options]


def model_code(wildcards):
    """Code of the model of a variant; of all variants for a job that trains them all."""
    names = [wildcards.variant] if "variant" in wildcards.keys() else ALL_VARIANTS
    digests = {}
    for name in names:
        try:
            digests[name] = code(files=tuple(files_of_model(name)))
        except ValueError as error:
            raise WorkflowError(f"config: variants.{name}.model: {error}") from None
    return digests


def measured(wildcards):
    """List what a job measures: for each output the runs with their inputs."""
    plan, (_, evaluation) = PLANS[wildcards.dataset], EVALUATIONS[wildcards.evaluation]
    names = (
        [wildcards.unit]
        if "unit" in wildcards.keys()
        else [f"{wildcards.group}seed{seed}" for seed in SEEDS]
    )
    return [plan.jobs(evaluation, plan.unit(evaluation, name)) for name in names]


def measured_files(wildcards):
    """The files that an evaluation reads."""
    paths = PLANS[wildcards.dataset].paths(
        [job for jobs in measured(wildcards) for job in jobs]
    )
    return [os.path.join(folder(wildcards), path) for path in paths]


def cluster_group(wildcards):
    """The group of an evaluation on a cluster."""
    per = EVALUATIONS[wildcards.evaluation][1].per
    return grouped(CLUSTER_GROUPS.get(per, "compared"))(wildcards)


def measured_code(wildcards):
    """Code of an evaluation: its task, the measures, and what they share.

    With the code of networks, as an evaluation may train some, and of detectors of the user.
    """
    task, evaluation = EVALUATIONS[wildcards.evaluation]
    shared = [f"evaluation/{path.name}" for path in sorted(EVALUATION.glob("*.py"))]
    trained = model_files("kerasae.models.vanilla")
    detectors = OWN_DETECTORS if "detectors" in evaluation.settings else ()
    return code(
        *TRAINING,
        *shared,
        "evaluation/metrics",
        f"evaluation/tasks/{task.name}.py",
        step="measure",
        script="measure.py",
        files=(*trained, *detectors),
    )


@cache
def figures(dataset):
    """Path of each figure of a data set → the figure, and what it shows."""
    plan = PLANS[dataset]
    folder = os.path.join(RESULTS.format(dataset=dataset), "figures")
    return {
        os.path.join(folder, figure.path.format(**unit.columns())): (figure, unit)
        for figure in FIGURES.values()
        if plan.applies(figure)
        for unit in plan.units(figure.per)
    }


def drawn(wildcards):
    """The figures of a job, each with what it shows: one, or those of all variants."""
    figures_folder = os.path.join(folder(wildcards), "figures")
    if "figure" in wildcards.keys():
        paths = [os.path.join(figures_folder, f"{wildcards.figure}.png")]
    else:
        paths = [
            os.path.join(figures_folder, wildcards.panel, f"{name}.png")
            for name in VARIANTS
        ]
    return [figures(wildcards.dataset)[path] for path in paths]


def drawn_jobs(wildcards):
    """Name of each figure of a job, what it shows, and its inputs."""
    plan = PLANS[wildcards.dataset]
    return [
        (figure.name, *plan.jobs(figure, unit)[0]) for figure, unit in drawn(wildcards)
    ]


def drawn_files(wildcards):
    """The files that the figures of a job read."""
    paths = PLANS[wildcards.dataset].paths([job[1:] for job in drawn_jobs(wildcards)])
    return [os.path.join(folder(wildcards), path) for path in paths]


def figure_of(wildcards):
    """The figure of a job."""
    return drawn(wildcards)[0][0]


def figure_settings(wildcards):
    """Settings of a figure, for it and for its caption."""
    return PLANS[wildcards.dataset].settings(figure_of(wildcards).settings)


def figure_caption(wildcards):
    """Caption of a figure: its text with the fields of what it shows."""
    figure, unit = drawn(wildcards)[0]
    return PLANS[wildcards.dataset].caption(figure, unit)


def explored(wildcards):
    """The runs of the page to explore, and those with codes of two dimensions."""
    plan = PLANS[wildcards.dataset]
    return {"runs": plan.explorer_runs, "flat_runs": plan.explorer_runs_2d}


def has_plane(run):
    """Whether the plane of a run of the first seed is made."""
    return run.held_out == datasets.NO_CLASS and run.variant in PROJECTED


def explored_files(wildcards):
    """The files of the runs of the page to explore."""
    plan = PLANS[wildcards.dataset]
    paths = [
        relative(kind, run)
        for run in plan.explorer_runs + plan.explorer_runs_2d
        for kind in ("model", "outputs")
    ]
    paths += [relative("plane", run) for run in plan.explorer_runs if has_plane(run)]
    return [os.path.join(folder(wildcards), path) for path in dict.fromkeys(paths)]


def first_picture(wildcards):
    """The picture of the first page: reconstructions, or the most anomalous samples."""
    plan = PLANS[wildcards.dataset]
    name = "reconstructions_panel" if plan.general else "most_anomalous_panel"
    return next(
        path
        for path, (figure, _) in figures(plan.dataset).items()
        if figure.name == name
    )


def score_files(dataset):
    """Files of the scores of a data set."""
    return [
        os.path.join(RESULTS.format(dataset=dataset), f"scores/{name}/{unit.name}.csv")
        for name, (_, evaluation) in PLANS[dataset].evaluations.items()
        for unit in PLANS[dataset].units(evaluation.per)
    ]


def table_caption(task, plan):
    """The caption of a task's table."""
    from kerasae.reporting.definitions import caption

    keys = {
        key for evaluation in TASKS[task].evaluations for key in evaluation.settings
    }
    return caption(task, plan.settings(keys))


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


def results_of(dataset):
    """All results of a data set."""
    plan = PLANS[dataset]
    planes = [run for run in plan.explorer_runs if has_plane(run)]
    kinds = ["model", "histories", "outputs"]
    seeds = [Run(dataset, seed=seed) for seed in plan.seeds]
    thorough = any("generated" in part.reads for _, part in plan.evaluations.values())
    tables = [f"tables/{task}.{kind}" for task in plan.tables for kind in TABLE_FORMATS]
    claims = [f"claims.{kind}" for kind in CLAIM_FORMATS]
    names = [
        *("scores.csv", "which_one.html", "which_one.csv", "explorer.html"),
        *(claims if STUDY and plan.applies(TASKS["samples"]) else []),
        *tables,
        *(PATHS[kind] for kind in ("data", "description")),
        *(relative(kind, run) for run in plan.general + plan.anomaly for kind in kinds),
        *(relative("plane", run) for run in (plan.general if thorough else planes)),
        *(relative("generated", run) for run in (plan.general if thorough else [])),
        *(
            relative(kind, run)
            for run in (seeds if thorough else [])
            for kind in ("classifier", "real")
        ),
    ]
    folder = RESULTS.format(dataset=dataset)
    return [
        *(os.path.join(folder, name) for name in names),
        *score_files(dataset),
        *figures(dataset),
    ]
