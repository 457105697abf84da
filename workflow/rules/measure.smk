"""A rule for every measurement of the registry of tasks."""

# Groups of jobs on a cluster: by cell, alone (None), or by seed (all others)
GROUPS = {"run": "measured", "anomaly_run": "measured", "data": None}

for measured, (task, measurement) in MEASUREMENTS.items():
    unit = FILE_NAMES[measurement.per]
    path = scores(measured, unit)
    for name, file, seeds, data_sets in versions(measured, unit):
        taken = parts(
            seeds,
            measured_inputs(measurement),
            {"scores": path},
            sources("measure.py", measurement.measure.__module__),
            measurement=measured,
            settings=settings(measurement.settings),
            runs=input_runs(measurement.reads),
            cell=cell_runs(measurement),
            held_out=lambda w: PLANS[w.dataset].label_of(
                w.get("held_out", datasets.NO_CLASS)
            ),
        )

        rule:
            name:
                name
            input:
                inputs_of(taken),
            output:
                update(each(path, seeds)),
            log:
                log_file(name, file),
            benchmark:
                benchmark_file(name, file)
            wildcard_constraints:
                dataset=data_sets,
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
                failure=failure(name, file),
                parts=taken,
            script:
                "../scripts/measure.py"
