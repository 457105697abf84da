rule data:
    output:
        data=DATA,
        description=DESCRIPTION,
    log:
        log_file("data", "all"),
    benchmark:
        benchmark_file("data", "all")
    conda:
        "../../environment.yml"
    params:
        sources=data_sources,
        options=lambda w: {
            key: value
            for key, value in PLANS[w.dataset].options.items()
            if key not in ("held_out", "collection")
        },
    script:
        "../scripts/data.py"


# A module's prefix would not reach the paths in parameters
if rules.data.output.data != DATA:
    raise WorkflowError(
        "module: expected no prefix, but results in its configuration, the folder of all outputs. "
        f"Received: a prefix that changes {DATA} to {rules.data.output.data}"
    )
