"""Inputs of several tasks: outputs of trained models, planes, generated images."""


rule embed:
    input:
        data=DATA,
        model=MODEL,
    output:
        update(OUTPUTS),
    log:
        log_file("embed"),
    benchmark:
        benchmark_file("embed")
    group:
        grouped("measured")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=per_attempt(1800),
    params:
        sources=sources("embed.py", "kerasae.evaluation.inference"),
        model=lambda w: ALL_VARIANTS[w.variant]["model"],
        steps=config["interpolation"]["steps"],
    script:
        "../scripts/embed.py"


rule plane:
    input:
        outputs=OUTPUTS,
    output:
        PLANE,
    log:
        log_file("plane"),
    benchmark:
        benchmark_file("plane")
    group:
        grouped("measured")
    conda:
        "../../environment.yml"
    params:
        sources=sources("plane.py", "kerasae.evaluation.measures.plane"),
    script:
        "../scripts/plane.py"


rule classifier:
    # Generated and real images are compared in its features
    input:
        data=DATA,
    output:
        model=update(JUDGE),
        real=REAL,
    log:
        log_file("classifier", "all"),
    benchmark:
        benchmark_file("classifier", "all")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=per_attempt(1500),
    params:
        sources=sources("classifier.py", "kerasae.evaluation.judge"),
        validation=amount("validation"),
        seed=1,  # one classifier for all seeds
    script:
        "../scripts/classifier.py"


rule generate:
    input:
        data=DATA,
        model=MODEL,
        outputs=OUTPUTS,
        judge=JUDGE,
    output:
        GENERATED,
    log:
        log_file("generate"),
    benchmark:
        benchmark_file("generate")
    group:
        grouped("measured")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=per_attempt(1500),
    params:
        sources=sources("generate.py", "kerasae.evaluation.samplers"),
        model=lambda w: ALL_VARIANTS[w.variant]["model"],
    script:
        "../scripts/generate.py"
