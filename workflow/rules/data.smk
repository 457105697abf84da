rule data:
    input:
        code=code("kerasae.datasets"),
    output:
        DATA,
    log:
        f"{RESULTS}/logs/data.log",
    params:
        options=lambda w: config["datasets"][w.dataset],
    conda:
        "kerasae"
    script:
        "../scripts/data.py"
