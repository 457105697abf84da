"""All results of a data set, and the list of them."""


def results_of(dataset):
    """All results of a data set."""
    it = PLANS[dataset]
    folder = RESULTS.format(dataset=dataset)
    first = [run for run in it.explorer_runs if run.variant in VARIANTS]
    names = [
        *("scores.csv", "which_one.html", "explorer.html"),
        *(["claims.csv"] if it.applies(TASKS["samples"]) else []),
        *(f"tables/{task}.html" for task in it.tables),
        *(
            PATHS[kind].format(run=run.name)
            for kind in ("model", "histories", "outputs")
            for run in it.general + it.anomaly
        ),
        *(
            PATHS["plane"].format(run=run.name)
            for run in it.explorer_runs
            if run.variant in VARIANTS and has_plane(run)
        ),
    ]
    return [
        *(os.path.join(folder, name) for name in names),
        *score_files(dataset),
        *figures(dataset),
    ]


rule provenance:
    # The last job of a data set: `kerasae verify` compares the results with what it writes
    input:
        lambda w: results_of(w.dataset),
    output:
        sums=f"{RESULTS}/SHA256SUMS",
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/provenance/all.log",
    conda:
        "../../environment.yml"
    params:
        folder=folder,
        configuration=AS_WRITTEN,
        code=code(""),
        own_code=OWN_CODE,
        data=lambda w: [*own_files(w.dataset), *config["merge"]],
        source=lambda w: data_digest([*own_files(w.dataset), *config["merge"]]),
    script:
        "../scripts/provenance.py"
