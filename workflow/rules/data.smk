rule data:
    output:
        data=artifact("data"),
        description=artifact("description"),
    log:
        f"{RESULTS}/logs/data/all.log",
    benchmark:
        f"{RESULTS}/benchmarks/data/all.tsv"
    conda:
        "../../environment.yml"
    params:
        folder=folder,
        options=lambda w: {
            key: value
            for key, value in PLANS[w.dataset].options.items()
            if key not in ("held_out", "collection")
        },
        code=code("datasets", script="data.py"),
        files=lambda w: own_files(w.dataset),
        source=lambda w: data_digest(own_files(w.dataset)),
    script:
        "../scripts/data.py"


# A module's prefix would not reach the paths in parameters
if rules.data.output.data != artifact("data"):
    raise WorkflowError(
        "module: expected no prefix, but results in its configuration, the folder of all outputs. "
        f"Received: a prefix that changes {artifact('data')} to {rules.data.output.data}"
    )
