"""Evaluation: outputs of trained models, planes, generated samples, and the measurements."""


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
        f"{RESULTS}/logs/embed/latent{{latent_dim}}-without_{{held_out}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/embed/latent{{latent_dim}}-without_{{held_out}}.tsv"
    wildcard_constraints:
        dataset=data_sets(short=True),


# Figures show the planes of the variants; a task of thorough runs measures those of baselines, too
PROJECTED = ALL_VARIANTS if config["thorough"] else VARIANTS


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
        code=code("evaluation/measures/plane.py", step="plane", script="plane.py"),
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
        code=code("evaluation/judge.py", step="classify", script="classifier.py"),
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
            "evaluation/judge.py",
            step="generate",
            script="generate.py",
        ),
    script:
        "../scripts/generate.py"


def measured(wildcards):
    """What a job measures: for each output the runs with their inputs."""
    it, (_, measurement) = PLANS[wildcards.dataset], MEASUREMENTS[wildcards.measurement]
    names = (
        [wildcards.unit]
        if "unit" in wildcards.keys()
        else [f"{wildcards.group}seed{seed}" for seed in SEEDS]
    )
    return [it.jobs(measurement, it.unit(measurement, name)) for name in names]


def measured_files(wildcards):
    """The files that a measurement reads."""
    paths = PLANS[wildcards.dataset].paths(
        [job for jobs in measured(wildcards) for job in jobs]
    )
    return [
        os.path.join(RESULTS.format(dataset=wildcards.dataset), path) for path in paths
    ]


# Groups of jobs on a cluster: by the group of runs, alone, or by seed (all others)
CLUSTER_GROUPS = {"run": "measured", "anomaly_run": "measured", "data": None}


def cluster_group(wildcards):
    """The group of a measurement on a cluster."""
    per = MEASUREMENTS[wildcards.measurement][1].per
    return grouped(CLUSTER_GROUPS.get(per, "compared"))(wildcards)


def measured_code(wildcards):
    """Code of a measurement: its task, the measures, and what they share."""
    task, _ = MEASUREMENTS[wildcards.measurement]
    shared = [f"evaluation/{path.name}" for path in EVALUATION.glob("*.py")]
    return code(
        *sorted(shared),
        "evaluation/measures",
        f"evaluation/tasks/{task.name}.py",
        step="measure",
        script="measure.py",
    )


EVALUATION = Path(kerasae.__file__).parent / "evaluation"


rule measure:
    input:
        measured_files,
    output:
        f"{RESULTS}/scores/{{measurement}}/{{unit}}.csv",
    log:
        f"{RESULTS}/logs/{{measurement}}/{{unit}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{measurement}}/{{unit}}.tsv"
    group:
        cluster_group
    conda:
        "../../environment.yml"
    resources:
        mem_mb=lambda w, attempt: (
            attempt * (MEASUREMENTS[w.measurement][1].memory or 1000)
        ),
    params:
        folder=folder,
        units=measured,
        entries=lambda w: (
            PLANS[w.dataset].entries
            if "model" in MEASUREMENTS[w.measurement][1].reads
            else {}
        ),
        settings=lambda w: PLANS[w.dataset].settings(
            MEASUREMENTS[w.measurement][1].settings
        ),
        code=measured_code,
    script:
        "../scripts/measure.py"


use rule measure as measure_all_seeds with:
    output:
        expand(
            f"{RESULTS}/scores/{{measurement}}/{{group}}seed{{seed}}.csv",
            seed=SEEDS,
            allow_missing=True,
        ),
    log:
        f"{RESULTS}/logs/{{measurement}}/{{group}}all_seeds.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{measurement}}/{{group}}all_seeds.tsv"
    wildcard_constraints:
        dataset=data_sets(short=True),
        group="(.+-)?",


ruleorder: measure_all_seeds > measure
