rule embed:
    input:
        data=DATA,
        model=MODEL,
    output:
        update(CODES),
    log:
        log("embed"),
    benchmark:
        measured("embed")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=at_first(1800),
    params:
        sources=sources("embed.py", "kerasae.evaluation.inference"),
        model=lambda w: ENTRANTS[w.variant]["model"],
        steps=config["interpolation"]["steps"],
    script:
        "../scripts/embed.py"
