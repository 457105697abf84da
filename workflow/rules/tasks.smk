"""One rule a task that yields numbers, or points to draw."""

# Settings of the dense layer
HEAD = {key: value for key, value in config["classification"].items() if key != "curve"}
HEAD["labels"] = amount("labels")


rule training_time:
    input:
        histories=lambda w: [HISTORY.format(**run) for run in trained(w.dataset)],
    output:
        scores("training_time", "all"),
    log:
        log("training_time", "all"),
    benchmark:
        measured("training_time", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "training_time.py",
            "kerasae.evaluation.measures.training_time",
            "kerasae.evaluation.scores",
        ),
        runs=lambda w: [
            {**run, "held_out": label_of(w.dataset, run["held_out"])}
            for run in trained(w.dataset)
        ],
    script:
        "../scripts/training_time.py"


rule bounds:
    input:
        data=DATA,
    output:
        scores("bounds", "all"),
    log:
        log("bounds", "all"),
    benchmark:
        measured("bounds", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "bounds.py",
            "kerasae.evaluation.measures.latent_space",
            "kerasae.evaluation.scores",
        ),
        likelihood=likelihood,
    script:
        "../scripts/bounds.py"


rule reconstruction:
    input:
        codes=CODES,
        bounds=rules.bounds.output,
    output:
        scores("reconstruction"),
    log:
        log("reconstruction"),
    benchmark:
        measured("reconstruction")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "reconstruction.py",
            "kerasae.evaluation.measures.latent_space",
            "kerasae.evaluation.measures.reconstruction",
            "kerasae.evaluation.scores",
        ),
        likelihood=likelihood,
    script:
        "../scripts/reconstruction.py"


rule classification:
    input:
        data=DATA,
        codes=CODES,
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
        sources=sources(
            "classification.py",
            "kerasae.evaluation.measures.classification",
            "kerasae.datasets.splits",
            "kerasae.evaluation.scores",
        ),
        validation=amount("validation"),
    script:
        "../scripts/classification.py"


rule from_scratch:
    input:
        data=DATA,
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
        sources=sources(
            "from_scratch.py",
            "kerasae.evaluation.measures.classification",
            "kerasae.datasets.splits",
            "kerasae.evaluation.scores",
            "kerasae.models.vanilla",
        ),
        validation=amount("validation"),
    script:
        "../scripts/from_scratch.py"


rule probes:
    input:
        data=DATA,
        codes=CODES,
    output:
        scores("probes"),
    log:
        log("probes"),
    benchmark:
        measured("probes")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "probes.py",
            "kerasae.evaluation.measures.probes",
            "kerasae.datasets.splits",
            "kerasae.evaluation.scores",
        ),
        labels=amount("labels"),
        validation=amount("validation"),
    script:
        "../scripts/probes.py"


rule raw_pixels:
    input:
        data=DATA,
    output:
        scores("raw_pixels", "seed{seed}"),
    log:
        log("raw_pixels", "seed{seed}"),
    benchmark:
        measured("raw_pixels", "seed{seed}")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "raw_pixels.py",
            "kerasae.evaluation.measures.probes",
            "kerasae.datasets.splits",
            "kerasae.evaluation.scores",
        ),
        labels=amount("labels"),
        validation=amount("validation"),
    script:
        "../scripts/raw_pixels.py"


rule anomaly:
    input:
        data=DATA,
        codes=CODES,
    output:
        scores("anomaly"),
    log:
        log("anomaly"),
    benchmark:
        measured("anomaly")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "anomaly.py",
            "kerasae.evaluation.measures.anomaly",
            "kerasae.evaluation.scores",
        ),
        validation=amount("validation"),
    script:
        "../scripts/anomaly.py"


rule detectors:
    input:
        data=DATA,
    output:
        scores("detectors", "without_{held_out}-seed{seed}"),
    log:
        log("detectors", "without_{held_out}-seed{seed}"),
    benchmark:
        measured("detectors", "without_{held_out}-seed{seed}")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=at_first(1200),
    params:
        sources=sources(
            "detectors.py",
            "kerasae.evaluation.measures.anomaly",
            "kerasae.evaluation.scores",
        ),
        validation=amount("validation"),
    script:
        "../scripts/detectors.py"


rule plane:
    input:
        codes=CODES,
    output:
        f"{RESULTS}/planes/{RUN}.npy",
    log:
        log("plane"),
    benchmark:
        measured("plane")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "plane.py", "kerasae.evaluation.measures.plane", "kerasae.seeds"
        ),
    script:
        "../scripts/plane.py"
