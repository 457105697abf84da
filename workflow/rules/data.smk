rule data:
    input:
        code=code("kerasae.datasets"),
    output:
        DATA,
    params:
        options=lambda w: config["datasets"][w.dataset],
    log:
        f"{RESULTS}/logs/data.log",
    script:
        "../scripts/data.py"
