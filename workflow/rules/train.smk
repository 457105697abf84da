rule train:
    input:
        data=DATA,
    output:
        model=update(MODEL),
        history=update(HISTORY),
    log:
        log("train"),
    benchmark:
        measured("train")
    conda:
        "../../environment.yml"
    # A job uses one thread, whatever it keeps for itself
    threads: lambda w: workflow.cores if config["one_at_a_time"] else 1
    resources:
        mem_mb=at_first(1800),
        runtime=at_first(60),
    params:
        sources=training_sources,
        settings=lambda w: ENTRANTS[w.variant],
        checkpoint=CHECKPOINT,
        likelihood=likelihood,
        epochs=config["epochs"],
        batch_size=config["batch_size"],
        learning_rate=config["learning_rate"],
        validation=amount("validation"),
    script:
        "../scripts/train.py"
