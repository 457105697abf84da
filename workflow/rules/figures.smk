"""A rule for every figure of the registry; one job draws a figure of all variants."""


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


for name, figure in FIGURES.items():
    of_variants = figure.per == "variant"
    unit = "all" if of_variants else FILE_NAMES[figure.per]
    drawn = parts(
        {"variant": list(VARIANTS)} if of_variants else {},
        inputs(figure.reads),
        {"figure": f"{RESULTS}/figures/{figure.path}"},
        sources("figure.py", figure.draw.__module__),
        settings=settings(figure.settings),
        runs=input_runs(figure.reads),
    )

    rule:
        name:
            name
        input:
            inputs_of(drawn),
        output:
            *(
                update(in_report(figure, variant))
                for variant in (VARIANTS if of_variants else [None])
            ),
        log:
            log_file(name, unit),
        benchmark:
            benchmark_file(name, unit)
        group:
            grouped("drawn")
        conda:
            "../../environment.yml"
        params:
            failure=failure(name, unit),
            parts=drawn,
            settings=settings(figure.settings),  # for the caption
            label=lambda w: (
                in_rst(PLANS[w.dataset].label_of(w.held_out))
                if "held_out" in w.keys()
                else ""
            ),
        script:
            "../scripts/figure.py"
