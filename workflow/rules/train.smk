"""Training: a job for each run, or for each cell with all its seeds where trainings are short."""

EPOCHS, BATCH_SIZE = planning.schedule(config)

for name, unit, seeds, data_sets in versions("train", RUN, CELL_OF_ALL_SEEDS):
    # In the order of the variants, as seeds of a variant share its compiled programs
    keys = {"variant": list(ALL_VARIANTS), **seeds} if seeds else {}
    trained = parts(
        keys,
        {"data": DATA},
        {"model": MODEL, "history": HISTORY},
        training_sources,
        settings=lambda w: PLANS[w.dataset].settings_of(w.variant),
        state=lambda w: CHECKPOINT.format(**w),
        likelihood=planned("likelihood"),
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        learning_rate=config["learning_rate"],
        patience=config["patience"],
        validation=amount("validation"),
    )

    rule:
        name:
            name
        input:
            DATA,
        output:
            update(each(MODEL, keys)),
            update(each(HISTORY, keys)),
        log:
            log_file(name, unit),
        benchmark:
            benchmark_file(name, unit)
        wildcard_constraints:
            dataset=data_sets,
        conda:
            "../../environment.yml"
        # A training uses one thread; one_at_a_time reserves all cores for it
        threads: lambda w: workflow.cores if config["one_at_a_time"] else 1
        resources:
            # TensorFlow keeps compiled programs, some 60 MB a variant
            mem_mb=per_attempt(1200 + 80 * len(ALL_VARIANTS) if seeds else 1800),
            runtime=per_attempt(60),
        params:
            failure=failure(name, unit),
            parts=trained,
        script:
            "../scripts/train.py"
