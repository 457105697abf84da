"""The pictures: some for every variant, some with all side by side.

Images and planes are those of the first seed, curves those of all.
"""

CELL = "latent{latent_dim}-without_{held_out}"


rule pictures:
    input:
        data=DATA,
        codes=general(CODES),
    output:
        grid=figure(
            "reconstructions/{variant}.png", "reconstruction", "grid", "{variant}"
        ),
        animation=figure(
            "interpolation/{variant}.png", "interpolation", "animation", "{variant}"
        ),
    log:
        log("pictures", "{variant}"),
    benchmark:
        measured("pictures", "{variant}")
    conda:
        "../../environment.yml"
    params:
        sources=sources("pictures.py", "kerasae.reporting.figures"),
    script:
        "../scripts/pictures.py"


rule histories_panel:
    input:
        histories=general(HISTORY, list(VARIANTS), SEEDS),
    output:
        figure("histories.png", "training_time", "histories"),
    log:
        log("histories_panel", "all"),
    benchmark:
        measured("histories_panel", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources("histories_panel.py", "kerasae.reporting.figures"),
        variants=list(VARIANTS),
        entries=[variant for variant in VARIANTS for _ in SEEDS],
    script:
        "../scripts/histories_panel.py"


rule reconstructions_panel:
    input:
        data=DATA,
        codes=general(CODES, list(VARIANTS)),
    output:
        figure("reconstructions.png", "reconstruction", "side by side"),
    log:
        log("reconstructions_panel", "all"),
    benchmark:
        measured("reconstructions_panel", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources("reconstructions_panel.py", "kerasae.reporting.figures"),
        variants=list(VARIANTS),
    script:
        "../scripts/reconstructions_panel.py"


rule samples_panel:
    input:
        codes=general(CODES, list(VARIANTS)),
    output:
        figure("samples.png", "samples", "grids"),
    log:
        log("samples_panel", "all"),
    benchmark:
        measured("samples_panel", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources("samples_panel.py", "kerasae.reporting.figures"),
        variants=list(VARIANTS),
    script:
        "../scripts/samples_panel.py"


rule umap_panel:
    input:
        data=DATA,
        planes=general(written(rules.plane), list(VARIANTS)),
    output:
        figure("umap.png", "latent_space", "umap"),
    log:
        log("umap_panel", "all"),
    benchmark:
        measured("umap_panel", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources("umap_panel.py", "kerasae.reporting.figures"),
        variants=list(VARIANTS),
    script:
        "../scripts/umap_panel.py"


rule plane_panel:
    input:
        data=DATA,
        codes=anomaly_codes(ANOMALY_SEEDS[0]),
    output:
        figure(f"plane/{CELL}.png", "latent_space", "plane"),
    log:
        log("plane_panel", CELL),
    benchmark:
        measured("plane_panel", CELL)
    conda:
        "../../environment.yml"
    params:
        sources=sources("plane_panel.py", "kerasae.reporting.figures"),
        label=lambda w: in_rst(label_of(w.dataset, w.held_out)),
        variants=list(VARIANTS),
    script:
        "../scripts/plane_panel.py"


rule roc_panel:
    input:
        data=DATA,
        codes=anomaly_codes(ANOMALY_SEEDS),
    output:
        figure(f"roc/{CELL}.png", "anomaly", "roc"),
    log:
        log("roc_panel", CELL),
    benchmark:
        measured("roc_panel", CELL)
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "roc_panel.py",
            "kerasae.reporting.figures",
            "kerasae.evaluation.measures.anomaly",
        ),
        label=lambda w: in_rst(label_of(w.dataset, w.held_out)),
        score=drawn_score,
        variants=list(VARIANTS),
        seeds=ANOMALY_SEEDS,
        validation=amount("validation"),
    script:
        "../scripts/roc_panel.py"


rule most_anomalous_panel:
    input:
        data=DATA,
        codes=anomaly_codes(ANOMALY_SEEDS[0]),
    output:
        figure(f"most_anomalous/{CELL}.png", "anomaly", "most anomalous"),
    log:
        log("most_anomalous_panel", CELL),
    benchmark:
        measured("most_anomalous_panel", CELL)
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "most_anomalous_panel.py",
            "kerasae.reporting.figures",
            "kerasae.evaluation.measures.anomaly",
        ),
        score=drawn_score,
        variants=list(VARIANTS),
        seed=ANOMALY_SEEDS[0],
        validation=amount("validation"),
    script:
        "../scripts/most_anomalous_panel.py"


rule auc_panel:
    input:
        scores=rules.scores.output,
    output:
        figure("auc-latent{latent_dim}.png", "anomaly", "auc"),
    log:
        log("auc_panel", "latent{latent_dim}"),
    benchmark:
        measured("auc_panel", "latent{latent_dim}")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "auc_panel.py",
            "kerasae.reporting.charts",
            "kerasae.evaluation.scores",
            "kerasae.evaluation.measures.anomaly",
        ),
        score=drawn_score,
        variants=list(ENTRANTS),
    script:
        "../scripts/auc_panel.py"


rule similarity_panel:
    input:
        scores=rules.scores.output,
    output:
        figure("similarity.png", "latent_space", "similarity"),
    log:
        log("similarity_panel", "all"),
    benchmark:
        measured("similarity_panel", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "similarity_panel.py",
            "kerasae.reporting.charts",
            "kerasae.evaluation.scores",
        ),
        variants=list(ENTRANTS),
    script:
        "../scripts/similarity_panel.py"


rule divergence_panel:
    input:
        codes=general(CODES, list(VARIANTS), SEEDS),
    output:
        figure("divergence.png", "latent_space", "divergence"),
    log:
        log("divergence_panel", "all"),
    benchmark:
        measured("divergence_panel", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "divergence_panel.py",
            "kerasae.reporting.charts",
            "kerasae.evaluation.measures.latent_space",
        ),
        entries=[variant for variant in VARIANTS for _ in SEEDS],
    script:
        "../scripts/divergence_panel.py"


rule label_curve_panel:
    input:
        data=DATA,
        scores=rules.scores.output,
    output:
        figure("label_curve.png", "classification", "label curve"),
    log:
        log("label_curve_panel", "all"),
    benchmark:
        measured("label_curve_panel", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources(
            "label_curve_panel.py",
            "kerasae.reporting.charts",
            "kerasae.evaluation.scores",
        ),
        variants=[*ENTRANTS, "raw_pixels"],
        validation=amount("validation"),
    script:
        "../scripts/label_curve_panel.py"


rule generated_panel:
    input:
        generated=general(written(rules.generate), list(ENTRANTS)),
    output:
        figure("generated.png", "samples", "by sampler"),
    log:
        log("generated_panel", "all"),
    benchmark:
        measured("generated_panel", "all")
    conda:
        "../../environment.yml"
    params:
        sources=sources("generated_panel.py", "kerasae.reporting.figures"),
        variants=list(ENTRANTS),
    script:
        "../scripts/generated_panel.py"
