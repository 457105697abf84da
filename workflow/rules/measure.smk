"""A rule for every measurement of the registry of tasks."""

# Groups of jobs on a cluster: by cell, alone (None), or by seed (all others)
GROUPS = {"run": "measured", "anomaly_run": "measured", "data": None}

for name, (task, measurement) in MEASUREMENTS.items():
    unit = FILE_NAMES[measurement.per]
    of_cell = measurement.per in plan.OF_RUNS

    rule:
        name:
            name
        input:
            **(cell_inputs if of_cell else inputs)(measurement.reads),
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
            sources=sources("measure.py", measurement.measure.__module__),
            settings=settings(measurement.settings),
            runs=input_runs(measurement.reads),
            cell=cell_runs(measurement.reads) if of_cell else [],
            held_out=lambda w: PLANS[w.dataset].label_of(
                w.get("held_out", datasets.NO_CLASS)
            ),
        script:
            "../scripts/measure.py"
