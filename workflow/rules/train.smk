"""Training: a job for each run, or for each cell of a data set with short trainings."""

# Jobs are given the rule, and need not know the sizes of the data
TRAINED = {
    "train": [name for name, it in PLANS.items() if not (it.size and it.short)],
    "train_cell": [name for name, it in PLANS.items() if it.size and it.short],
}

for name, variants in {"train": None, "train_cell": list(ALL_VARIANTS)}.items():
    unit = CELL if variants else RUN

    rule:
        name:
            name
        input:
            data=DATA,
        output:
            models=update(of_variants(MODEL, variants or ["{variant}"])),
            histories=update(of_variants(HISTORY, variants or ["{variant}"])),
        log:
            log_file(name, unit),
        benchmark:
            benchmark_file(name, unit)
        wildcard_constraints:
            dataset=(
                "|".join(TRAINED[name] or ["(?!)"])
                if workflow.is_main_process
                else ".+"
            ),
        conda:
            "../../environment.yml"
        # A training uses one thread; one_at_a_time reserves all cores for it
        threads: lambda w: workflow.cores if config["one_at_a_time"] else 1
        resources:
            # TensorFlow keeps compiled programs, some 60 MB a training
            mem_mb=per_attempt(1200 + 80 * len(variants) if variants else 1800),
            runtime=per_attempt(60),
        params:
            failure=failure(name, unit),
            runs_made=runs_made(
                variants,
                {"data": DATA},
                {"model": MODEL, "history": HISTORY},
                training_sources,
                settings=lambda w: ALL_VARIANTS[w.variant],
                checkpoint=lambda w: CHECKPOINT.format(**w),
                likelihood=planned("likelihood"),
                epochs=config["epochs"],
                batch_size=config["batch_size"],
                learning_rate=config["learning_rate"],
                validation=amount("validation"),
            ),
        script:
            "../scripts/train.py"
