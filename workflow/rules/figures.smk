"""The figures of the registry, and the page to explore."""

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
        folder=folder,
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
        folder=folder,
        code=code(*REPORTING, script="explorer.py"),
        entries=planned("entries"),
        explored=explored,
        planes=lambda w: [run.variant for run in explored(w)["runs"] if has_plane(run)],
        seed=SEEDS[0],
        demonstration=planned("demonstration"),
    script:
        "../scripts/explorer.py"


def first_picture(wildcards):
    """The picture of the first page: reconstructions, or the most anomalous samples."""
    it = PLANS[wildcards.dataset]
    name = "reconstructions_panel" if it.general else "most_anomalous_panel"
    return next(
        path for path, (figure, _) in figures(it.dataset).items() if figure.name == name
    )
