rule embed:
    # Both runs of a variant at once: most of the time goes into importing TensorFlow
    input:
        data=DATA,
        general=of_run(MODEL, "general"),
        anomaly=of_run(MODEL, "anomaly"),
        code=code("kerasae.embedding"),
    output:
        general=update(of_run(CODES, "general")),
        anomaly=update(of_run(CODES, "anomaly")),
    log:
        log("embed", "{variant}-seed{seed}"),
    benchmark:
        f"{RESULTS}/benchmarks/embed/{{variant}}-seed{{seed}}.tsv"
    conda:
        "../../environment.yml"
    params:
        model=lambda w: ENTRANTS[w.variant]["model"],
        steps=config["interpolation"]["steps"],
    script:
        "../scripts/embed.py"
