"""Comparison of the methods across data sets with known anomalies."""

# Data sets with known anomalies are compared with each other
ACROSS = [name for name, it in PLANS.items() if "setting" in it.options]
ACROSS_FOLDER = os.path.join(config["results"], "across")
ACROSS_METRICS = [metric.name for metric in TASKS["anomaly"].metrics]
ACROSS_CATEGORY = "00 across data sets"


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
        demonstration=planning.demonstration(config),
    script:
        "../scripts/across.py"


def across_files():
    """The results of the comparison across data sets; none for fewer than two."""
    names = (
        "{metric}.html",
        "{metric}.csv",
        "{metric}-ranks.png",
        "{metric}-values.png",
    )
    paths = [f"{ACROSS_FOLDER}/{name}" for name in names]
    return expand(paths, metric=ACROSS_METRICS) if len(ACROSS) > 1 else []
