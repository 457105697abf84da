"""Scores, tables, rankings, claims, figures, the page to explore, and the list of all files."""

REPORTING = ("evaluation", "reporting")  # code that writes pages and figures

# The report sorts its categories by name, as text; tasks without a table have none
CATEGORIES = {
    name: f"{place:02} {name.replace('_', ' ')}"
    for place, name in enumerate(
        ["answers", *(name for name, task in TASKS.items() if task.leading)], 1
    )
}

if config["merge"] and workflow.is_main_process:
    # Imported only if needed, as pandas takes half a second
    from kerasae.evaluation.scores import ScoresError, read_elsewhere

    for path in config["merge"]:
        try:
            known = set(read_elsewhere(path)["dataset"])
        except ScoresError as error:
            raise WorkflowError(f"config: merge: {error}") from None
        if known.isdisjoint(DATASETS):
            raise WorkflowError(
                f"config: merge: {path}: expected scores of {' or '.join(DATASETS)}. "
                f"Received: scores of {', '.join(sorted(known))}"
            )


def score_files(dataset):
    """Files of the scores of a data set."""
    return [
        os.path.join(RESULTS.format(dataset=dataset), f"scores/{name}/{unit.name}.csv")
        for name, (_, measurement) in PLANS[dataset].measurements.items()
        for unit in PLANS[dataset].units(measurement.per)
    ]


rule scores:
    input:
        scores=lambda w: score_files(w.dataset),
        merge=[ancient(path) for path in config["merge"]],
    output:
        artifact("scores"),
    log:
        f"{RESULTS}/logs/scores/all.log",
    benchmark:
        f"{RESULTS}/benchmarks/scores/all.tsv"
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        folder=RESULTS,
        code=code("evaluation/scores.py", "evaluation/metrics.py", script="scores.py"),
        # A merged table that this workflow writes itself may not exist yet
        merged=lambda w: data_digest(filter(os.path.exists, config["merge"])),
    script:
        "../scripts/scores.py"


rule table:
    input:
        scores=artifact("scores"),
    output:
        # A blank variant sorts the table before the figures
        page=report(
            f"{RESULTS}/tables/{{task}}.html",
            caption="../report/table.rst",
            category=lambda w: CATEGORIES[w.task],
            labels={"dataset": "{dataset}", "variant": "", "what": "table"},
        ),
        csv=report(
            f"{RESULTS}/tables/{{task}}.csv",
            caption="../report/table.rst",
            category=lambda w: CATEGORIES[w.task],
            labels={"dataset": "{dataset}", "variant": "", "what": "table (CSV)"},
        ),
        markdown=f"{RESULTS}/tables/{{task}}.md",
    log:
        f"{RESULTS}/logs/table/{{task}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/table/{{task}}.tsv"
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        folder=RESULTS,
        code=code(*REPORTING, script="table.py"),
        caption=lambda w: table_caption(w.task, PLANS[w.dataset]),
        label=lambda w: in_rst(PLANS[w.dataset].table_run(w.task)[1]),
        variants=list(ALL_VARIANTS),
        run=lambda w: PLANS[w.dataset].table_run(w.task),
        demonstration=planned("demonstration"),
    script:
        "../scripts/table.py"


def table_caption(task, plan):
    """The caption of a task's table."""
    from kerasae.reporting.definitions import caption

    keys = {key for it in TASKS[task].measurements for key in it.settings}
    return caption(task, plan.settings(keys))


def first_picture(wildcards):
    """The picture of the first page: reconstructions, or the most anomalous samples."""
    it = PLANS[wildcards.dataset]
    name = "reconstructions_panel" if it.general else "most_anomalous_panel"
    return next(
        path for path, (figure, _) in figures(it.dataset).items() if figure.name == name
    )


rule rankings:
    # The first page of the report
    input:
        scores=artifact("scores"),
        description=artifact("description"),
        picture=first_picture,
    output:
        page=report(
            f"{RESULTS}/which_one.html",
            caption="../report/which_one.rst",
            category=CATEGORIES["answers"],
            labels={"dataset": "{dataset}", "what": "1 recommendations"},
        ),
        csv=report(
            f"{RESULTS}/which_one.csv",
            caption="../report/which_one.rst",
            category=CATEGORIES["answers"],
            labels={"dataset": "{dataset}", "what": "2 rankings (CSV)"},
        ),
    log:
        f"{RESULTS}/logs/rankings/all.log",
    benchmark:
        f"{RESULTS}/benchmarks/rankings/all.tsv"
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        folder=RESULTS,
        code=code(*REPORTING, script="rankings.py"),
        demonstration=planned("demonstration"),
    script:
        "../scripts/rankings.py"


rule claims:
    input:
        scores=artifact("scores"),
    output:
        page=report(
            f"{RESULTS}/claims.html",
            caption="../report/claims.rst",
            category=CATEGORIES["answers"],
            labels={"dataset": "{dataset}", "what": "3 claims of the article"},
        ),
        csv=report(
            f"{RESULTS}/claims.csv",
            caption="../report/claims.rst",
            category=CATEGORIES["answers"],
            labels={"dataset": "{dataset}", "what": "4 claims (CSV)"},
        ),
        figure=report(
            f"{RESULTS}/claims.png",
            caption="../report/claims.rst",
            category=CATEGORIES["answers"],
            labels={"dataset": "{dataset}", "what": "5 claims (figure)"},
        ),
        markdown=f"{RESULTS}/claims.md",
    log:
        f"{RESULTS}/logs/claims/all.log",
    benchmark:
        f"{RESULTS}/benchmarks/claims/all.tsv"
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        folder=RESULTS,
        code=code(*REPORTING, script="claims.py"),
        demonstration=planned("demonstration"),
    script:
        "../scripts/claims.py"


@cache
def figures(dataset):
    """Path of each figure of a data set → the figure, and what it shows."""
    it = PLANS[dataset]
    folder = os.path.join(RESULTS.format(dataset=dataset), "figures")
    return {
        os.path.join(folder, figure.path.format(**unit.columns())): (figure, unit)
        for figure in FIGURES.values()
        if it.applies(figure)
        for unit in it.units(figure.per)
    }


def drawn(wildcards):
    """The figures of a job, each with what it shows: one, or those of all variants."""
    folder = os.path.join(RESULTS.format(dataset=wildcards.dataset), "figures")
    if "figure" in wildcards.keys():
        paths = [os.path.join(folder, f"{wildcards.figure}.png")]
    else:
        paths = [
            os.path.join(folder, wildcards.panel, f"{name}.png") for name in VARIANTS
        ]
    return [figures(wildcards.dataset)[path] for path in paths]


def drawn_jobs(wildcards):
    """Name of each figure of a job, what it shows, and its inputs."""
    it = PLANS[wildcards.dataset]
    return [
        (figure.name, *it.jobs(figure, unit)[0]) for figure, unit in drawn(wildcards)
    ]


def drawn_files(wildcards):
    """The files that the figures of a job read."""
    paths = PLANS[wildcards.dataset].paths([job[1:] for job in drawn_jobs(wildcards)])
    return [
        os.path.join(RESULTS.format(dataset=wildcards.dataset), path) for path in paths
    ]


def figure_settings(wildcards):
    """Settings of a figure, for it and for its caption."""
    figure, _ = drawn(wildcards)[0]
    return PLANS[wildcards.dataset].settings(figure.settings)


def figure_caption(wildcards):
    """Caption of a figure: its text with the fields of what it shows."""
    figure, unit = drawn(wildcards)[0]
    return PLANS[wildcards.dataset].caption(figure, unit)


rule figure:
    input:
        drawn_files,
    output:
        report(
            f"{RESULTS}/figures/{{figure}}.png",
            caption="../report/figure.rst",
            category=lambda w: CATEGORIES[drawn(w)[0][0].task],
            labels=lambda w: {
                "dataset": w.dataset,
                "variant": "all",
                "what": drawn(w)[0][0].what,
            },
        ),
    log:
        f"{RESULTS}/logs/figure/{{figure}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure/{{figure}}.tsv"
    group:
        grouped("drawn")
    conda:
        "../../environment.yml"
    params:
        folder=RESULTS,
        jobs=drawn_jobs,
        settings=figure_settings,
        caption=figure_caption,
        code=code(*REPORTING, script="figure.py"),
    script:
        "../scripts/figure.py"


use rule figure as figure_of_variants with:
    output:
        [
            report(
                f"{RESULTS}/figures/{{panel}}/{name}.png",
                caption="../report/figure.rst",
                category=lambda w: CATEGORIES[drawn(w)[0][0].task],
                labels=lambda w, name=name: {
                    "dataset": w.dataset,
                    "variant": name,
                    "what": drawn(w)[0][0].what,
                },
            )
            for name in VARIANTS
        ],
    log:
        f"{RESULTS}/logs/figure/{{panel}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure/{{panel}}.tsv"
    wildcard_constraints:
        panel="|".join(
            os.path.dirname(figure.path)
            for figure in FIGURES.values()
            if figure.per == "variant"
        ),


ruleorder: figure_of_variants > figure


def explored(wildcards):
    """The runs of the page to explore, and those with codes of two dimensions."""
    it = PLANS[wildcards.dataset]
    return {"runs": it.explorer_runs, "flat_runs": it.explorer_runs_2d}


def has_plane(run):
    """Whether the plane of a run of the first seed is made."""
    return run.held_out == datasets.NO_CLASS and run.variant in PROJECTED


def explored_files(wildcards):
    """The files of the runs of the page to explore."""
    found = explored(wildcards)
    folder = RESULTS.format(dataset=wildcards.dataset)
    paths = [
        PATHS[kind].format(run=run.name)
        for run in found["runs"] + found["flat_runs"]
        for kind in ("model", "outputs")
    ]
    paths += [
        PATHS["plane"].format(run=run.name) for run in found["runs"] if has_plane(run)
    ]
    return [os.path.join(folder, path) for path in dict.fromkeys(paths)]


rule explorer:
    input:
        explored_files,
        data=artifact("data"),
        scores=artifact("scores"),
    output:
        # Linked from the report and not in it: browsers open no data URL of more than 2 MB
        f"{RESULTS}/explorer.html",
    log:
        f"{RESULTS}/logs/explorer/all.log",
    benchmark:
        f"{RESULTS}/benchmarks/explorer/all.tsv"
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=per_attempt(1500),
    params:
        folder=RESULTS,
        code=code(*REPORTING, script="explorer.py"),
        entries=planned("entries"),
        explored=explored,
        planes=lambda w: [run.variant for run in explored(w)["runs"] if has_plane(run)],
        seed=SEEDS[0],
        demonstration=planned("demonstration"),
    script:
        "../scripts/explorer.py"


# Data sets with known anomalies are compared with each other
ACROSS = [name for name, it in PLANS.items() if "setting" in it.options]
ACROSS_FOLDER = os.path.join(config["results"], "across")
ACROSS_METRICS = [metric.name for metric in TASKS["anomaly"].metrics]
ACROSS_CATEGORY = "00 across data sets"


rule across:
    input:
        [artifact("scores").format(dataset=dataset) for dataset in ACROSS],
    output:
        page=report(
            f"{ACROSS_FOLDER}/{{metric}}.html",
            caption="../report/across.rst",
            category=ACROSS_CATEGORY,
            labels={"dataset": "all", "what": "1 answers by {metric}"},
        ),
        csv=report(
            f"{ACROSS_FOLDER}/{{metric}}.csv",
            caption="../report/across.rst",
            category=ACROSS_CATEGORY,
            labels={"dataset": "all", "what": "4 scores by seed (CSV), {metric}"},
        ),
        ranks=report(
            f"{ACROSS_FOLDER}/{{metric}}-ranks.png",
            caption="../report/across.rst",
            category=ACROSS_CATEGORY,
            labels={"dataset": "all", "what": "2 ranks by {metric}"},
        ),
        values=report(
            f"{ACROSS_FOLDER}/{{metric}}-values.png",
            caption="../report/across.rst",
            category=ACROSS_CATEGORY,
            labels={"dataset": "all", "what": "3 values, {metric}"},
        ),
    log:
        f"{ACROSS_FOLDER}/logs/{{metric}}.log",
    benchmark:
        f"{ACROSS_FOLDER}/benchmarks/{{metric}}.tsv"
    wildcard_constraints:
        metric="|".join(ACROSS_METRICS),
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        folder=ACROSS_FOLDER,
        code=code(*REPORTING, script="across.py"),
        demonstration=planning.demonstration(config),
    script:
        "../scripts/across.py"


def results_of(dataset):
    """All results of a data set."""
    it = PLANS[dataset]
    folder = RESULTS.format(dataset=dataset)
    first = [run for run in it.explorer_runs if run.variant in VARIANTS]
    names = [
        *("scores.csv", "which_one.html", "explorer.html"),
        *(["claims.csv"] if it.applies(TASKS["samples"]) else []),
        *(f"tables/{task}.html" for task in it.tables),
        *(
            PATHS[kind].format(run=run.name)
            for kind in ("model", "histories", "outputs")
            for run in it.general + it.anomaly
        ),
        *(
            PATHS["plane"].format(run=run.name)
            for run in it.explorer_runs
            if run.variant in VARIANTS and has_plane(run)
        ),
    ]
    return [
        *(os.path.join(folder, name) for name in names),
        *score_files(dataset),
        *figures(dataset),
    ]


rule provenance:
    # The last job of a data set: `kerasae verify` compares the results with what it writes
    input:
        lambda w: results_of(w.dataset),
    output:
        sums=f"{RESULTS}/SHA256SUMS",
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/provenance/all.log",
    conda:
        "../../environment.yml"
    params:
        folder=RESULTS,
        configuration=AS_WRITTEN,
        code=code(""),
        own_code=OWN_CODE,
        data=lambda w: [*own_files(w.dataset), *config["merge"]],
        source=lambda w: data_digest([*own_files(w.dataset), *config["merge"]]),
    script:
        "../scripts/provenance.py"


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
