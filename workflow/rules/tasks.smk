"""One rule a task that yields numbers, or points to draw."""

# Settings of the dense layer
HEAD = {key: value for key, value in config["classification"].items() if key != "curve"}
HEAD["labels"] = amount("labels")


rule training_time:
    input:
        histories=lambda w: [HISTORY.format(**run) for run in trained(w.dataset)],
        code=code("kerasae.tasks.training_time", "kerasae.scores"),
    output:
        scores("training_time", "all"),
    log:
        log("training_time", "all"),
    benchmark:
        measured("training_time", "all")
    conda:
        "../../environment.yml"
    params:
        runs=lambda w: [
            {**run, "left_out": label_of(w.dataset, run["left_out"])}
            for run in trained(w.dataset)
        ],
    script:
        "../scripts/training_time.py"


rule bounds:
    input:
        data=DATA,
        code=code("kerasae.tasks.geometry", "kerasae.scores"),
    output:
        scores("bounds", "all"),
    log:
        log("bounds", "all"),
    benchmark:
        measured("bounds", "all")
    conda:
        "../../environment.yml"
    params:
        likelihood=likelihood,
    script:
        "../scripts/bounds.py"


rule reconstruction:
    input:
        codes=CODES,
        bounds=rules.bounds.output,
        code=code(
            "kerasae.tasks.geometry", "kerasae.tasks.reconstruction", "kerasae.scores"
        ),
    output:
        scores("reconstruction"),
    log:
        log("reconstruction"),
    benchmark:
        measured("reconstruction")
    conda:
        "../../environment.yml"
    params:
        likelihood=likelihood,
    script:
        "../scripts/reconstruction.py"


rule classification:
    input:
        data=DATA,
        codes=CODES,
        code=code(
            "kerasae.tasks.classification", "kerasae.datasets.splits", "kerasae.scores"
        ),
    output:
        scores("classification"),
    log:
        log("classification"),
    benchmark:
        measured("classification")
    conda:
        "../../environment.yml"
    params:
        **HEAD,
        validation=amount("validation"),
    script:
        "../scripts/classification.py"


rule from_scratch:
    input:
        data=DATA,
        code=code(
            "kerasae.tasks.classification",
            "kerasae.datasets.splits",
            "kerasae.scores",
            "kerasae.models.vanilla",
        ),
    output:
        scores("from_scratch", "latent{latent_dim}-seed{seed}"),
    log:
        log("from_scratch", "latent{latent_dim}-seed{seed}"),
    benchmark:
        measured("from_scratch", "latent{latent_dim}-seed{seed}")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=at_first(1500),
    params:
        **HEAD,
        validation=amount("validation"),
    script:
        "../scripts/from_scratch.py"


rule probes:
    input:
        data=DATA,
        codes=CODES,
        code=code("kerasae.tasks.probes", "kerasae.datasets.splits", "kerasae.scores"),
    output:
        scores("probes"),
    log:
        log("probes"),
    benchmark:
        measured("probes")
    conda:
        "../../environment.yml"
    params:
        labels=amount("labels"),
        validation=amount("validation"),
    script:
        "../scripts/probes.py"


rule raw_pixels:
    input:
        data=DATA,
        code=code("kerasae.tasks.probes", "kerasae.datasets.splits", "kerasae.scores"),
    output:
        scores("raw_pixels", "seed{seed}"),
    log:
        log("raw_pixels", "seed{seed}"),
    benchmark:
        measured("raw_pixels", "seed{seed}")
    conda:
        "../../environment.yml"
    params:
        labels=amount("labels"),
        validation=amount("validation"),
    script:
        "../scripts/raw_pixels.py"


rule anomaly:
    input:
        data=DATA,
        codes=CODES,
        code=code("kerasae.tasks.anomaly", "kerasae.scores"),
    output:
        scores("anomaly"),
    log:
        log("anomaly"),
    benchmark:
        measured("anomaly")
    conda:
        "../../environment.yml"
    params:
        validation=amount("validation"),
    script:
        "../scripts/anomaly.py"


rule detectors:
    input:
        data=DATA,
        code=code("kerasae.tasks.anomaly", "kerasae.scores"),
    output:
        scores("detectors", "without_{left_out}-seed{seed}"),
    log:
        log("detectors", "without_{left_out}-seed{seed}"),
    benchmark:
        measured("detectors", "without_{left_out}-seed{seed}")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=at_first(1200),
    params:
        validation=amount("validation"),
    script:
        "../scripts/detectors.py"


rule plane:
    input:
        codes=CODES,
        code=code("kerasae.tasks.latent_space", "kerasae.seeds"),
    output:
        f"{RESULTS}/planes/{RUN}.npy",
    log:
        log("plane"),
    benchmark:
        measured("plane")
    conda:
        "../../environment.yml"
    script:
        "../scripts/plane.py"
