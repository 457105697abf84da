"""All numbers in one tidy table, and a table for reading for each task."""


rule scores:
    input:
        scores=all_scores,
        code=code("kerasae.scores"),
    output:
        f"{RESULTS}/scores.csv",
    log:
        log("scores", "all"),
    conda:
        "../../environment.yml"
    script:
        "../scripts/scores.py"


rule table:
    input:
        scores=rules.scores.output,
        code=[*code("kerasae.scores", "kerasae.tables"), "kerasae/published.csv"],
    output:
        csv=report(
            f"{RESULTS}/tables/{{task}}.csv",
            caption="../report/table.rst",
            category="{task}",
            labels={"dataset": "{dataset}", "variant": "all", "what": "table"},
        ),
        markdown=f"{RESULTS}/tables/{{task}}.md",
    log:
        log("table", "{task}"),
    wildcard_constraints:
        task="|".join(TASKS),
    conda:
        "../../environment.yml"
    params:
        variants=list(ENTRANTS),
        left_out=lambda w: (
            str(config["anomaly"]["left_out"]) if w.task == "anomaly" else "none"
        ),
    script:
        "../scripts/table.py"
