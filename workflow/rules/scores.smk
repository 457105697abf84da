"""All numbers in one tidy table, and a table for reading for each task."""

PUBLISHED = os.path.relpath(ROOT / "kerasae/reporting/published.csv")

if config["merge"] and workflow.is_main_process:
    # Not imported without need, as pandas takes half a second
    from kerasae.evaluation.scores import ScoresError, read_elsewhere

    for path in config["merge"]:
        if workflow.storage_settings.default_storage_provider:
            break  # the tables are in the storage: the rule checks them
        try:
            known = set(read_elsewhere(path)["dataset"])
        except ScoresError as error:
            raise WorkflowError(f"config: merge: {error}") from None
        if known.isdisjoint(DATASETS):
            raise WorkflowError(
                f"config: merge: {path}: expected scores of {' or '.join(DATASETS)}. "
                f"Received: those of {', '.join(sorted(known))}"
            )


rule scores:
    input:
        scores=lambda w: all_scores(w.dataset),
        merge=[ancient(path) for path in config["merge"]],
    output:
        f"{RESULTS}/scores.csv",
    log:
        log("scores", "all"),
    benchmark:
        measured("scores", "all")
    conda:
        "../../environment.yml"
    params:
        # Before it is made, one that this workflow makes itself has no content
        sources=lambda w: sources(
            "scores.py",
            "kerasae.evaluation.scores",
            files=filter(os.path.exists, config["merge"]),
        ),
    script:
        "../scripts/scores.py"


rule table:
    input:
        scores=rules.scores.output,
    output:
        # Without a variant it stands before the figures
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
        log("table", "{task}"),
    benchmark:
        measured("table", "{task}")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "table.py",
            "kerasae.evaluation.scores",
            "kerasae.reporting.tables",
            "kerasae.reporting.pages",
            files=[PUBLISHED],
        ),
        label=lambda w: in_rst(label_of(w.dataset, [*HELD_OUT[w.dataset], "none"][0])),
        variants=list(ENTRANTS),
        run=lambda w: (
            (
                AMOUNTS[w.dataset]["latent_dims"][0],
                label_of(w.dataset, HELD_OUT[w.dataset][0]),
            )
            if w.task == "anomaly"
            else (AMOUNTS[w.dataset]["latent_dim"], datasets.NO_CLASS)
        ),
    script:
        "../scripts/table.py"


rule which_one:
    # The report opens with its page
    input:
        scores=rules.scores.output,
        description=rules.data.output.description,
    output:
        page=report(
            f"{RESULTS}/which_one.html",
            caption="../report/which_one.rst",
            category=CATEGORIES["answers"],
            labels={"dataset": "{dataset}", "what": "1 which one for me"},
        ),
        csv=report(
            f"{RESULTS}/which_one.csv",
            caption="../report/which_one.rst",
            category=CATEGORIES["answers"],
            labels={"dataset": "{dataset}", "what": "2 rankings (CSV)"},
        ),
    log:
        log("which_one", "all"),
    benchmark:
        measured("which_one", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "which_one.py", "kerasae.evaluation.scores", "kerasae.reporting.rankings"
        ),
    script:
        "../scripts/which_one.py"


rule claims:
    input:
        scores=rules.scores.output,
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
        markdown=f"{RESULTS}/claims.md",
    log:
        log("claims", "all"),
    benchmark:
        measured("claims", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "claims.py",
            "kerasae.evaluation.scores",
            "kerasae.reporting.claims",
            "kerasae.reporting.tables",
            "kerasae.reporting.pages",
            files=[PUBLISHED],
        ),
    script:
        "../scripts/claims.py"


rule checksums:
    # Signs off the results: kerasae verify compares with it
    input:
        lambda w: everything(w.dataset),
    output:
        CHECKSUMS,
    log:
        log("checksums", "all"),
    conda:
        "../../environment.yml"
    params:
        sources=sources("checksums.py", "kerasae.storage.verification"),
    script:
        "../scripts/checksums.py"
