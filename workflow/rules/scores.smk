"""Scores of all runs in one table, and what is made of it alone: tables, rankings, claims."""

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
        folder=folder,
        code=code("evaluation/scores.py", "evaluation/metric.py", script="scores.py"),
        merged=lambda w: data_digest(config["merge"]),
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
        folder=folder,
        code=code(*REPORTING, script="table.py", files=PUBLISHED),
        article=bool(STUDY),
        caption=lambda w: table_caption(w.task, PLANS[w.dataset]),
        label=lambda w: in_rst(PLANS[w.dataset].table_run(w.task)[1]),
        variants=list(ALL_VARIANTS),
        run=lambda w: PLANS[w.dataset].table_run(w.task),
        demonstration=planned("demonstration"),
    script:
        "../scripts/table.py"


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
        folder=folder,
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
        folder=folder,
        code=code(*REPORTING, script="claims.py", files=STUDY),
        demonstration=planned("demonstration"),
    script:
        "../scripts/claims.py"
