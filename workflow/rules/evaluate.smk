"""Inputs of several tasks: outputs of trained models, planes, generated images."""


rule embed:
    input:
        data=DATA,
        models=of_variants(MODEL),
    output:
        update(of_variants(OUTPUTS)),
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
        failure=failure("embed"),
        runs_made=runs_made(
            list(ALL_VARIANTS),
            {"data": DATA, "model": MODEL},
            {"outputs": OUTPUTS},
            sources("embed.py", "kerasae.evaluation.inference"),
            model=model_of,
            steps=config["interpolation"]["steps"],
        ),
    script:
        "../scripts/embed.py"


# Figures show the planes of the variants, a task measures those of baselines, too
PROJECTED = list(
    ALL_VARIANTS
    if any(it.applies(TASKS["latent_space"]) for it in PLANS.values())
    else VARIANTS
)


rule plane:
    input:
        outputs=of_variants(OUTPUTS, PROJECTED),
    output:
        update(of_variants(PLANE, PROJECTED)),
    log:
        log_file("plane"),
    benchmark:
        benchmark_file("plane")
    group:
        grouped("measured")
    conda:
        "../../environment.yml"
    params:
        failure=failure("plane"),
        runs_made=runs_made(
            PROJECTED,
            {"outputs": OUTPUTS},
            {"plane": PLANE},
            sources("plane.py", "kerasae.evaluation.measures.plane"),
        ),
    script:
        "../scripts/plane.py"


rule classifier:
    # Generated and real images are compared in its features
    input:
        data=DATA,
    output:
        model=JUDGE,
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
        judge=JUDGE,
        models=of_variants(MODEL),
        outputs=of_variants(OUTPUTS),
    output:
        update(of_variants(GENERATED)),
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
        failure=failure("generate"),
        runs_made=runs_made(
            list(ALL_VARIANTS),
            {"data": DATA, "model": MODEL, "outputs": OUTPUTS, "judge": JUDGE},
            {"generated": GENERATED},
            sources("generate.py", "kerasae.evaluation.samplers"),
            model=model_of,
        ),
    script:
        "../scripts/generate.py"
