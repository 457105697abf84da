rule data:
    input:
        code=code("kerasae.datasets"),
    output:
        update(DATA),
    log:
        f"{RESULTS}/logs/data.log",
    conda:
        "../../environment.yml"
    params:
        options=lambda w: config["datasets"][w.dataset],
    script:
        "../scripts/data.py"
