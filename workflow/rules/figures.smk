"""The figures of the registry, and the page to explore."""


rule figure:
    input:
        drawn_files,
    output:
        report(
            f"{RESULTS}/figures/{{figure}}.png",
            caption="../report/figure.rst",
            category=lambda w: CATEGORIES[figure_of(w).task],
            labels=lambda w: {
                "dataset": w.dataset,
                "variant": "all",
                "what": figure_of(w).what,
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
                category=lambda w: CATEGORIES[figure_of(w).task],
                labels=lambda w, name=name: {
                    "dataset": w.dataset,
                    "variant": name,
                    "what": figure_of(w).what,
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
        code=code(*REPORTING, script="explorer.py", files=STUDY),
        article=bool(STUDY),
        entries=planned("entries"),
        explored=explored,
        planes=lambda w: [run.variant for run in explored(w)["runs"] if has_plane(run)],
        seed=SEEDS[0],
        demonstration=planned("demonstration"),
    script:
        "../scripts/explorer.py"
