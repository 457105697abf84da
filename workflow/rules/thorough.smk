"""Numbers for what the article judged by its pictures, and the verdicts on its claims."""


rule label_curve:
    input:
        data=DATA,
        codes=CODES,
    output:
        scores("label_curve"),
    log:
        log("label_curve"),
    benchmark:
        measured("label_curve")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "label_curve.py",
            "kerasae.evaluation.measures.probes",
            "kerasae.datasets.splits",
            "kerasae.evaluation.scores",
        ),
        curve=config["classification"]["curve"],
        validation=amount("validation"),
    script:
        "../scripts/label_curve.py"


rule raw_pixels_curve:
    input:
        data=DATA,
    output:
        scores("raw_pixels_curve", "seed{seed}"),
    log:
        log("raw_pixels_curve", "seed{seed}"),
    benchmark:
        measured("raw_pixels_curve", "seed{seed}")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=at_first(2000),
    params:
        sources=sources(
            "raw_pixels_curve.py",
            "kerasae.evaluation.measures.probes",
            "kerasae.datasets.splits",
            "kerasae.evaluation.scores",
        ),
        curve=config["classification"]["curve"],
        validation=amount("validation"),
    script:
        "../scripts/raw_pixels_curve.py"


rule classifier:
    # Its features are the space in which generated images are judged
    input:
        data=DATA,
    output:
        model=update(f"{RESULTS}/classifier/model.keras"),
        real=f"{RESULTS}/classifier/real.npz",
    log:
        log("classifier", "all"),
    benchmark:
        measured("classifier", "all")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=at_first(1500),
    params:
        sources=sources(
            "classifier.py", "kerasae.evaluation.judge", "kerasae.datasets.splits"
        ),
        validation=amount("validation"),
        seed=1,  # one judge, whatever the seeds of those that it judges
    script:
        "../scripts/classifier.py"


rule real_images:
    input:
        real=rules.classifier.output.real,
    output:
        scores("real_images", "all"),
    log:
        log("real_images", "all"),
    benchmark:
        measured("real_images", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "real_images.py",
            "kerasae.evaluation.measures.samples",
            "kerasae.evaluation.scores",
        ),
    script:
        "../scripts/real_images.py"


rule generate:
    input:
        data=DATA,
        model=MODEL,
        codes=CODES,
        classifier=rules.classifier.output.model,
    output:
        f"{RESULTS}/generated/{RUN}.npz",
    log:
        log("generate"),
    benchmark:
        measured("generate")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=at_first(1500),
    params:
        sources=sources(
            "generate.py", "kerasae.evaluation.samplers", "kerasae.evaluation.judge"
        ),
        model=lambda w: ENTRANTS[w.variant]["model"],
    script:
        "../scripts/generate.py"


rule samples:
    input:
        real=rules.classifier.output.real,
        generated=rules.generate.output,
    output:
        scores("samples"),
    log:
        log("samples"),
    benchmark:
        measured("samples")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "samples.py",
            "kerasae.evaluation.measures.samples",
            "kerasae.evaluation.scores",
        ),
    script:
        "../scripts/samples.py"


rule interpolation:
    input:
        data=DATA,
        generated=rules.generate.output,
    output:
        scores("interpolation"),
    log:
        log("interpolation"),
    benchmark:
        measured("interpolation")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "interpolation.py",
            "kerasae.evaluation.measures.interpolation",
            "kerasae.evaluation.scores",
        ),
    script:
        "../scripts/interpolation.py"


rule latent_space:
    input:
        data=DATA,
        codes=CODES,
        plane=rules.plane.output,
    output:
        scores("latent_space"),
    log:
        log("latent_space"),
    benchmark:
        measured("latent_space")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "latent_space.py",
            "kerasae.evaluation.measures.latent_space",
            "kerasae.evaluation.scores",
        ),
    script:
        "../scripts/latent_space.py"


rule similarity:
    input:
        codes=lambda w: general(CODES, list(ENTRANTS), w.seed)(w),
    output:
        scores("similarity", "seed{seed}"),
    log:
        log("similarity", "seed{seed}"),
    benchmark:
        measured("similarity", "seed{seed}")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "similarity.py",
            "kerasae.evaluation.measures.latent_space",
            "kerasae.evaluation.scores",
        ),
        variants=list(ENTRANTS),
        latent_dim=amount("latent_dim"),
    script:
        "../scripts/similarity.py"


rule uncertainty:
    input:
        data=DATA,
        codes=CODES,
    output:
        scores("uncertainty"),
    log:
        log("uncertainty"),
    benchmark:
        measured("uncertainty")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "uncertainty.py",
            "kerasae.evaluation.measures.uncertainty",
            "kerasae.evaluation.measures.probes",
            "kerasae.datasets.splits",
            "kerasae.evaluation.scores",
        ),
        labels=amount("labels"),
        validation=amount("validation"),
    script:
        "../scripts/uncertainty.py"
