"""Evaluation: outputs of trained models, planes, generated samples, and the evaluations."""


rule embed:
    input:
        data=artifact("data"),
        models=of_all_variants(artifact("model")),
    output:
        of_all_variants(artifact("outputs")),
    log:
        f"{RESULTS}/logs/embed/{GROUP}.log",
    benchmark:
        f"{RESULTS}/benchmarks/embed/{GROUP}.tsv"
    wildcard_constraints:
        dataset=data_sets(short=False),
    group:
        grouped("measured")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=per_attempt(1800),
    params:
        folder=folder,
        runs=runs,
        entries=planned("entries"),
        steps=config["interpolation"]["steps"],
        code=code(
            "evaluation/inference.py",
            "evaluation/outputs.py",
            step="embed",
            script="embed.py",
        ),
    script:
        "../scripts/embed.py"


use rule embed as embed_all_seeds with:
    input:
        data=artifact("data"),
        models=of_all_seeds(artifact("model")),
    output:
        of_all_seeds(artifact("outputs")),
    log:
        f"{RESULTS}/logs/embed_all_seeds/latent{{latent_dim}}-without_{{held_out}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/embed_all_seeds/latent{{latent_dim}}-without_{{held_out}}.tsv"
    wildcard_constraints:
        dataset=data_sets(short=True),


rule plane:
    input:
        of_all_variants(artifact("outputs"), PROJECTED),
    output:
        of_all_variants(artifact("plane"), PROJECTED),
    log:
        f"{RESULTS}/logs/plane/{GROUP}.log",
    benchmark:
        f"{RESULTS}/benchmarks/plane/{GROUP}.tsv"
    group:
        grouped("measured")
    conda:
        "../../environment.yml"
    params:
        folder=folder,
        runs=lambda w: runs(w, PROJECTED),
        code=code("evaluation/metrics/plane.py", step="plane", script="plane.py"),
    script:
        "../scripts/plane.py"


# Generated and real samples are compared in the features of the classifier of their seed
rule classifier:
    input:
        data=artifact("data"),
    output:
        model=artifact("classifier"),
        real=artifact("real"),
    log:
        f"{RESULTS}/logs/classifier/seed{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/classifier/seed{{seed}}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=per_attempt(1500),
    params:
        folder=folder,
        code=code(
            *TRAINING,
            "models/base.py",
            "evaluation/feature_classifier.py",
            step="classify",
            script="classifier.py",
        ),
    script:
        "../scripts/classifier.py"


rule generate:
    input:
        data=artifact("data"),
        models=of_all_variants(artifact("model")),
        outputs=of_all_variants(artifact("outputs")),
        classifier=artifact("classifier"),
        real=artifact("real"),
    output:
        of_all_variants(artifact("generated")),
    log:
        f"{RESULTS}/logs/generate/{GROUP}.log",
    benchmark:
        f"{RESULTS}/benchmarks/generate/{GROUP}.tsv"
    group:
        grouped("measured")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=per_attempt(1500),
    params:
        folder=folder,
        runs=runs,
        entries=planned("entries"),
        code=code(
            "evaluation/samplers.py",
            "evaluation/prior.py",
            "evaluation/feature_classifier.py",
            step="generate",
            script="generate.py",
        ),
    script:
        "../scripts/generate.py"


rule measure:
    input:
        measured_files,
    output:
        f"{RESULTS}/scores/{{evaluation}}/{{unit}}.csv",
    log:
        f"{RESULTS}/logs/measure/{{evaluation}}/{{unit}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/measure/{{evaluation}}/{{unit}}.tsv"
    group:
        cluster_group
    conda:
        "../../environment.yml"
    resources:
        mem_mb=lambda w, attempt: (
            attempt * (EVALUATIONS[w.evaluation][1].memory or 1000)
        ),
    params:
        folder=folder,
        units=measured,
        entries=lambda w: (
            PLANS[w.dataset].entries
            if "model" in EVALUATIONS[w.evaluation][1].reads
            else {}
        ),
        settings=lambda w: PLANS[w.dataset].settings(
            EVALUATIONS[w.evaluation][1].settings
        ),
        code=measured_code,
    script:
        "../scripts/measure.py"


use rule measure as measure_all_seeds with:
    output:
        expand(
            f"{RESULTS}/scores/{{evaluation}}/{{group}}seed{{seed}}.csv",
            seed=SEEDS,
            allow_missing=True,
        ),
    log:
        f"{RESULTS}/logs/measure/{{evaluation}}/{{group}}all_seeds.log",
    benchmark:
        f"{RESULTS}/benchmarks/measure/{{evaluation}}/{{group}}all_seeds.tsv"
    wildcard_constraints:
        dataset=data_sets(short=True),
        group="(.+-)?",


ruleorder: measure_all_seeds > measure
