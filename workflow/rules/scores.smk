"""Scores, tables, rankings, claims, and the list of all files."""

PUBLISHED = [
    os.path.relpath(ROOT / f"studies/bake_off/published.{kind}")
    for kind in ("csv", "py")
]
CLAIMS = [
    *PUBLISHED,
    *map(os.path.relpath, sorted(ROOT.glob("studies/bake_off/claims/*.*"))),
]

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


rule scores:
    input:
        scores=lambda w: all_scores(w.dataset),
        merge=[ancient(path) for path in config["merge"]],
    output:
        SCORES,
    log:
        log_file("scores", "all"),
    benchmark:
        benchmark_file("scores", "all")
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        # A merged table that this workflow writes itself may not exist yet
        sources=lambda w: sources(
            "scores.py",
            "kerasae.evaluation.scores",
            files=filter(os.path.exists, config["merge"]),
        )(w),
    script:
        "../scripts/scores.py"


rule table:
    input:
        scores=SCORES,
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
        log_file("table", "{task}"),
    benchmark:
        benchmark_file("table", "{task}")
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        sources=lambda w: sources(
            "table.py",
            "kerasae.reporting.tables",
            "kerasae.reporting.pages",
            *modules_of([w.task]),
            files=PUBLISHED,
        )(w),
        caption=table_caption,
        label=lambda w: in_rst(
            PLANS[w.dataset].label_of([*PLANS[w.dataset].held_out, "none"][0])
        ),
        variants=list(ALL_VARIANTS),
        run=table_run,
        demonstration=planned("demonstration"),
    script:
        "../scripts/table.py"


rule which_one:
    # The first page of the report
    input:
        scores=SCORES,
        description=DESCRIPTION,
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
        log_file("which_one", "all"),
    benchmark:
        benchmark_file("which_one", "all")
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "which_one.py", "kerasae.reporting.rankings", *modules_of(TASKS)
        ),
        demonstration=planned("demonstration"),
    script:
        "../scripts/which_one.py"


rule claims:
    input:
        scores=SCORES,
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
        log_file("claims", "all"),
    benchmark:
        benchmark_file("claims", "all")
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "claims.py",
            "kerasae.reporting.statistics",
            "kerasae.reporting.tables",
            "kerasae.reporting.pages",
            *modules_of(TASKS),
            files=CLAIMS,
        ),
        demonstration=planned("demonstration"),
    script:
        "../scripts/claims.py"


rule checksums:
    # `kerasae verify` compares the results with it
    input:
        lambda w: results_of(w.dataset),
    output:
        CHECKSUMS,
    log:
        log_file("checksums", "all"),
    conda:
        "../../environment.yml"
    params:
        sources=sources("checksums.py", "kerasae.storage.verification"),
    script:
        "../scripts/checksums.py"
