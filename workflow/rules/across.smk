"""Comparison of the methods across data sets with known anomalies."""


rule across:
    input:
        [artifact("scores").format(dataset=dataset) for dataset in ACROSS],
    output:
        page=report(
            f"{ACROSS_FOLDER}/{{metric}}.html",
            caption="../report/across.rst",
            category=ACROSS_CATEGORY,
            labels={"dataset": "all", "what": "1 answers by {metric}"},
        ),
        csv=report(
            f"{ACROSS_FOLDER}/{{metric}}.csv",
            caption="../report/across.rst",
            category=ACROSS_CATEGORY,
            labels={"dataset": "all", "what": "4 scores by seed (CSV), {metric}"},
        ),
        ranks=report(
            f"{ACROSS_FOLDER}/{{metric}}-ranks.png",
            caption="../report/across.rst",
            category=ACROSS_CATEGORY,
            labels={"dataset": "all", "what": "2 ranks by {metric}"},
        ),
        values=report(
            f"{ACROSS_FOLDER}/{{metric}}-values.png",
            caption="../report/across.rst",
            category=ACROSS_CATEGORY,
            labels={"dataset": "all", "what": "3 values, {metric}"},
        ),
    log:
        f"{ACROSS_FOLDER}/logs/{{metric}}.log",
    benchmark:
        f"{ACROSS_FOLDER}/benchmarks/{{metric}}.tsv"
    wildcard_constraints:
        metric="|".join(ACROSS_METRICS),
    group:
        grouped("shown")
    conda:
        "../../environment.yml"
    params:
        folder=lambda w: ACROSS_FOLDER,
        code=code(*REPORTING, script="across.py"),
        demonstration=demonstration(config),
    script:
        "../scripts/across.py"
