"""The page to explore, of the runs of the first seed."""


rule explorer:
    input:
        explored_files,
        data=DATA,
        scores=SCORES,
    output:
        # Linked from the report and not in it: browsers open no data URL of more than 2 MB
        f"{RESULTS}/explorer.html",
    log:
        log_file("explorer", "all"),
    benchmark:
        benchmark_file("explorer", "all")
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=per_attempt(1500),
    params:
        sources=sources(
            "explorer.py",
            "kerasae.reporting.explorer.page",
            *modules_of(TASKS),
            files=[
                *CLAIMS,
                *(
                    os.path.relpath(ROOT / f"kerasae/reporting/explorer/page.{kind}")
                    for kind in ("html", "css", "js")
                ),
            ],
        ),
        runs=explored("explored"),
        flat_runs=explored("explored_flat"),
        seed=SEEDS[0],
        demonstration=planned("demonstration"),
    script:
        "../scripts/explorer.py"
