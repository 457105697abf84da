"""Training: a job for each run, or for all runs on the same data where trainings take seconds."""


rule train:
    input:
        data=artifact("data"),
    output:
        models=artifact("model"),
        histories=artifact("histories"),
    log:
        f"{RESULTS}/logs/train/{RUN}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train/{RUN}.tsv"
    wildcard_constraints:
        dataset=data_sets(short=False),
    conda:
        "../../environment.yml"
    # A training uses one thread; one_at_a_time reserves all cores for it
    threads: lambda w: workflow.cores if config["one_at_a_time"] else 1
    resources:
        mem_mb=per_attempt(1800),
        runtime=per_attempt(60),
    params:
        folder=folder,
        runs=runs,
        options=lambda w: [
            PLANS[w.dataset].training_options(run.variant) for run in runs(w)
        ],
        code=code(*TRAINING, step="train", script="train.py"),
        model_code=model_code,
    script:
        "../scripts/train.py"


use rule train as train_all_seeds with:
    output:
        models=of_all_seeds(artifact("model")),
        histories=of_all_seeds(artifact("histories")),
    log:
        f"{RESULTS}/logs/train_all_seeds/latent{{latent_dim}}-without_{{held_out}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_all_seeds/latent{{latent_dim}}-without_{{held_out}}.tsv"
    wildcard_constraints:
        dataset=data_sets(short=True),
    resources:
        # TensorFlow keeps compiled programs, some 60 MB a variant
        mem_mb=per_attempt(1200 + 80 * len(ALL_VARIANTS)),
        runtime=per_attempt(60),
