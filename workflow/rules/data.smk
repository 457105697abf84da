rule data:
    output:
        data=update(DATA),
        description=f"{RESULTS}/data/description.md",
    log:
        log("data", "all"),
    benchmark:
        measured("data", "all")
    conda:
        "../../environment.yml"
    params:
        sources=data_sources,
        options=lambda w: {
            key: value
            for key, value in SOURCES[w.dataset].items()
            if key != "held_out"
        },
    script:
        "../scripts/data.py"
