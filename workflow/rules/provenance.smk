"""All results of a data set, and the list of them."""


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
        data=lambda w: own_files(w.dataset),
        source=lambda w: data_digest(own_files(w.dataset)),
        merge=config["merge"],
    script:
        "../scripts/provenance.py"
