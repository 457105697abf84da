"""The pictures, of the first seed: some for every variant, some with all side by side."""


rule pictures:
    input:
        data=DATA,
        codes=of_variant(CODES, "general"),
        code=code("kerasae.figures"),
    output:
        grid=figure(
            "reconstructions/{variant}.png", "reconstruction", "grid", "{variant}"
        ),
        animation=figure(
            "interpolation/{variant}.gif", "interpolation", "animation", "{variant}"
        ),
    log:
        log("pictures", "{variant}"),
    conda:
        "../../environment.yml"
    script:
        "../scripts/pictures.py"


rule histories_panel:
    input:
        histories=of_all(HISTORY, "general"),
        code=code("kerasae.figures"),
    output:
        figure("histories.png", "training_time", "histories"),
    log:
        log("histories_panel", "all"),
    conda:
        "../../environment.yml"
    params:
        variants=list(VARIANTS),
    script:
        "../scripts/histories_panel.py"


rule reconstructions_panel:
    input:
        data=DATA,
        codes=of_all(CODES, "general"),
        code=code("kerasae.figures"),
    output:
        figure("reconstructions.png", "reconstruction", "side by side"),
    log:
        log("reconstructions_panel", "all"),
    conda:
        "../../environment.yml"
    params:
        variants=list(VARIANTS),
    script:
        "../scripts/reconstructions_panel.py"


rule samples_panel:
    input:
        codes=of_all(CODES, "general"),
        code=code("kerasae.figures"),
    output:
        figure("samples.png", "samples", "grids"),
    log:
        log("samples_panel", "all"),
    conda:
        "../../environment.yml"
    params:
        variants=list(VARIANTS),
    script:
        "../scripts/samples_panel.py"


rule umap_panel:
    input:
        data=DATA,
        planes=of_all(rules.plane.output[0], "general"),
        code=code("kerasae.figures"),
    output:
        figure("umap.png", "latent_space", "umap"),
    log:
        log("umap_panel", "all"),
    conda:
        "../../environment.yml"
    params:
        variants=list(VARIANTS),
    script:
        "../scripts/umap_panel.py"


rule plane_panel:
    input:
        data=DATA,
        codes=of_all(CODES, "anomaly"),
        code=code("kerasae.figures"),
    output:
        figure("plane.png", "latent_space", "plane"),
    log:
        log("plane_panel", "all"),
    conda:
        "../../environment.yml"
    params:
        variants=list(VARIANTS),
        left_out=config["anomaly"]["left_out"],
    script:
        "../scripts/plane_panel.py"


rule roc_panel:
    input:
        data=DATA,
        codes=of_all(CODES, "anomaly"),
        code=code(
            "kerasae.figures", "kerasae.tasks.anomaly", "kerasae.tasks.reconstruction"
        ),
    output:
        figure("roc.png", "anomaly", "roc"),
    log:
        log("roc_panel", "all"),
    conda:
        "../../environment.yml"
    params:
        **config["anomaly"],
        variants=list(VARIANTS),
    script:
        "../scripts/roc_panel.py"


PANELS = [
    *rules.histories_panel.output,
    *rules.reconstructions_panel.output,
    *rules.samples_panel.output,
    *rules.umap_panel.output,
    *rules.plane_panel.output,
    *rules.roc_panel.output,
]
