"""A rule for every measurement of the registry of tasks."""

# Groups of jobs on a cluster: by run, alone (None), or by seed (all others)
GROUPS = {"run": "measured", "anomaly_run": "measured", "data": None}

for name, (task, measurement) in MEASUREMENTS.items():
    unit = UNITS[measurement.per]

    rule:
        name:
            name
        input:
            **inputs(measurement.reads),
        output:
            scores(name, unit),
        log:
            log_file(name, unit),
        benchmark:
            benchmark_file(name, unit)
        group:
            grouped(GROUPS.get(measurement.per, "compared"))
        conda:
            "../../environment.yml"
        resources:
            **(
                {"mem_mb": per_attempt(measurement.memory)}
                if measurement.memory
                else {}
            ),
        params:
            **(
                {"model": lambda w: ALL_VARIANTS[w.variant]["model"]}
                if "model" in measurement.reads
                else {}
            ),
            sources=sources("measure.py", measurement.measure.__module__),
            settings=settings(measurement.settings),
            runs=input_runs(measurement.reads),
            held_out=lambda w: PLANS[w.dataset].label_of(
                w.get("held_out", datasets.NO_CLASS)
            ),
        script:
            "../scripts/measure.py"
