"""Rules for the figures of the registry: a job draws all figures of one unit and the same needs."""

for name, group in figure_groups().items():
    per = group[0].per
    unit = "all" if per == "variant" else FILE_NAMES[per]
    drawn = parts_of_figures(group)

    rule:
        name:
            name
        input:
            inputs_of(drawn),
        output:
            *(
                update(in_report(figure, variant))
                for figure in group
                for variant in (VARIANTS if per == "variant" else [None])
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
            # For the captions
            settings=settings(
                sorted({key for figure in group for key in figure.settings})
            ),
            label=lambda w: (
                in_rst(PLANS[w.dataset].label_of(w.held_out))
                if "held_out" in w.keys()
                else ""
            ),
        script:
            "../scripts/figure.py"
