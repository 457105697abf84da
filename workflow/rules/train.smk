rule train:
    input:
        data=DATA,
    output:
        model=update(MODEL),
        history=update(HISTORY),
    log:
        log_file("train"),
    benchmark:
        benchmark_file("train")
    conda:
        "../../environment.yml"
    # A training uses one thread; one_at_a_time reserves all cores for it
    threads: lambda w: workflow.cores if config["one_at_a_time"] else 1
    resources:
        mem_mb=per_attempt(1800),
        runtime=per_attempt(60),
    params:
        sources=training_sources,
        settings=lambda w: ALL_VARIANTS[w.variant],
        checkpoint=CHECKPOINT,
        likelihood=planned("likelihood"),
        epochs=config["epochs"],
        batch_size=config["batch_size"],
        learning_rate=config["learning_rate"],
        validation=amount("validation"),
    script:
        "../scripts/train.py"
