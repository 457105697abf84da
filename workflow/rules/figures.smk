"""The pictures, of the first seed: some for every variant, some with all side by side."""

FIRST = config["seeds"][0]


def of_variant(path, run):
    """The file of one variant's run, the first seed's; ``run`` is general or anomaly."""
    keys = config[run]
    return (
        path.replace("{latent_dim}", str(keys["latent_dim"]))
        .replace("{left_out}", str(keys.get("left_out", "none")))
        .replace("{seed}", str(FIRST))
    )


def of_all(path, run):
    """The files of all variants' runs, in the order of the configuration."""
    return expand(of_variant(path, run), variant=VARIANTS, allow_missing=True)


def figure(name, category, what, variant="all"):
    """A figure of the report."""
    return report(
        f"{FIGURES}/{name}",
        caption=f"../report/{category}_{what.replace(' ', '_')}.rst",
        category=category,
        labels={"dataset": "{dataset}", "variant": variant, "what": what},
    )


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
        "kerasae"
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
    params:
        variants=list(VARIANTS),
    conda:
        "kerasae"
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
    params:
        variants=list(VARIANTS),
    conda:
        "kerasae"
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
    params:
        variants=list(VARIANTS),
    conda:
        "kerasae"
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
    params:
        variants=list(VARIANTS),
    conda:
        "kerasae"
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
    params:
        variants=list(VARIANTS),
        left_out=config["anomaly"]["left_out"],
    conda:
        "kerasae"
    script:
        "../scripts/plane_panel.py"


rule roc_panel:
    input:
        data=DATA,
        codes=of_all(CODES, "anomaly"),
        code=code("kerasae.figures", "kerasae.tasks.anomaly"),
    output:
        figure("roc.png", "anomaly", "roc"),
    log:
        log("roc_panel", "all"),
    params:
        **config["anomaly"],
        variants=list(VARIANTS),
    conda:
        "kerasae"
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
