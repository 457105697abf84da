"""A rule for every figure of the registry."""

for name, figure in FIGURES.items():
    unit = UNITS[figure.per]

    rule:
        name:
            name
        input:
            **inputs(figure.reads),
        output:
            report(
                f"{RESULTS}/figures/{figure.path}",
                caption=f"../report/{figure.caption}",
                category=CATEGORIES[figure.task],
                labels={
                    "dataset": "{dataset}",
                    "variant": "{variant}" if figure.per == "variant" else "all",
                    "what": figure.what,
                },
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
            sources=sources("figure.py", figure.draw.__module__),
            settings=settings(figure.settings),
            runs=input_runs(figure.reads),
            label=lambda w: (
                in_rst(PLANS[w.dataset].label_of(w.held_out))
                if "held_out" in w.keys()
                else ""
            ),
        script:
            "../scripts/figure.py"
