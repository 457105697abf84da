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
    unit = "all" if figure.per == "variant" else FILE_NAMES[figure.per]
    code = sources("figure.py", figure.draw.__module__)

    rule:
        name:
            name
        input:
            **(variant_inputs if figure.per == "variant" else inputs)(figure.reads),
        output:
            *(
                [update(in_report(figure, variant)) for variant in VARIANTS]
                if figure.per == "variant"
                else [in_report(figure)]
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
            **(
                {
                    "failure": failure(name, unit),
                    "runs_made": runs_made(
                        list(VARIANTS),
                        inputs(figure.reads),
                        {"figure": f"{RESULTS}/figures/{figure.path}"},
                        code,
                        settings=settings(figure.settings),
                        runs=input_runs(figure.reads),
                    ),
                }
                if figure.per == "variant"
                else {"sources": code, "runs": input_runs(figure.reads)}
            ),
            settings=settings(figure.settings),
            label=lambda w: (
                in_rst(PLANS[w.dataset].label_of(w.held_out))
                if "held_out" in w.keys()
                else ""
            ),
        script:
            "../scripts/figure.py"
