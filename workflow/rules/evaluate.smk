"""Inputs of several tasks: outputs of trained models, planes, generated images."""

for name, unit, seeds, data_sets in versions("embed", CELL):
    keys = {"variant": list(ALL_VARIANTS), **seeds}
    embedded = parts(
        keys,
        {"data": DATA, "model": MODEL},
        {"outputs": OUTPUTS},
        sources("embed.py", "kerasae.evaluation.inference"),
        model=model_of,
        steps=config["interpolation"]["steps"],
    )

    rule:
        name:
            name
        input:
            inputs_of(embedded),
        output:
            update(each(OUTPUTS, keys)),
        log:
            log_file(name, unit),
        benchmark:
            benchmark_file(name, unit)
        wildcard_constraints:
            dataset=data_sets,
        group:
            grouped("measured")
        conda:
            "../../environment.yml"
        resources:
            mem_mb=per_attempt(1800),
        params:
            failure=failure(name, unit),
            parts=embedded,
        script:
            "../scripts/embed.py"


# Figures show the planes of the variants with one seed, a task measures all
MEASURED = any(it.applies(TASKS["latent_space"]) for it in PLANS.values())

for name, unit, seeds, data_sets in (
    versions("plane", CELL) if MEASURED else [("plane", CELL, {}, ".+")]
):
    keys = {"variant": list(ALL_VARIANTS if MEASURED else VARIANTS), **seeds}
    projected = parts(
        keys,
        {"outputs": OUTPUTS},
        {"plane": PLANE},
        sources("plane.py", "kerasae.evaluation.measures.plane"),
    )

    rule:
        name:
            name
        input:
            inputs_of(projected),
        output:
            update(each(PLANE, keys)),
        log:
            log_file(name, unit),
        benchmark:
            benchmark_file(name, unit)
        wildcard_constraints:
            dataset=data_sets,
        group:
            grouped("measured")
        conda:
            "../../environment.yml"
        params:
            failure=failure(name, unit),
            parts=projected,
        script:
            "../scripts/plane.py"


# Generated and real images are compared in the features of the classifier of their seed
for name, unit, seeds, data_sets in versions("classifier", "seed{seed}"):
    trained = parts(
        seeds,
        {"data": DATA},
        {"model": JUDGE, "real": REAL},
        sources("classifier.py", "kerasae.evaluation.judge"),
    )

    rule:
        name:
            name
        input:
            DATA,
        output:
            update(each(JUDGE, seeds)),
            update(each(REAL, seeds)),
        log:
            log_file(name, unit),
        benchmark:
            benchmark_file(name, unit)
        wildcard_constraints:
            dataset=data_sets,
        conda:
            "../../environment.yml"
        resources:
            mem_mb=per_attempt(1500),
        params:
            failure=failure(name, unit),
            parts=trained,
        script:
            "../scripts/classifier.py"


for name, unit, seeds, data_sets in versions("generate", CELL):
    keys = {"variant": list(ALL_VARIANTS), **seeds}
    made = parts(
        keys,
        {
            "data": DATA,
            "model": MODEL,
            "outputs": OUTPUTS,
            "judge": JUDGE,
            "real": REAL,
        },
        {"generated": GENERATED},
        sources("generate.py", "kerasae.evaluation.samplers"),
        model=model_of,
    )

    rule:
        name:
            name
        input:
            inputs_of(made),
        output:
            update(each(GENERATED, keys)),
        log:
            log_file(name, unit),
        benchmark:
            benchmark_file(name, unit)
        wildcard_constraints:
            dataset=data_sets,
        group:
            grouped("measured")
        conda:
            "../../environment.yml"
        resources:
            mem_mb=per_attempt(1500),
        params:
            failure=failure(name, unit),
            parts=made,
        script:
            "../scripts/generate.py"
