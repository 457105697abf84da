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


TASKS = ["training_time", "reconstruction", "classification", "anomaly"]
if config["thorough"]:
    TASKS += ["samples", "interpolation", "latent_space", "uncertainty"]


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
        run=lambda w: (
            (LATENT_DIMS[0], LEFT_OUT[0])
            if w.task == "anomaly"
            else (LATENT_DIM, "none")
        ),
    script:
        "../scripts/table.py"


rule claims:
    input:
        scores=rules.scores.output,
        code=[*code("kerasae.scores", "kerasae.claims"), "kerasae/published.csv"],
    output:
        csv=report(
            f"{RESULTS}/claims.csv",
            caption="../report/claims.rst",
            category="claims",
            labels={"dataset": "{dataset}", "variant": "all", "what": "verdicts"},
        ),
        markdown=f"{RESULTS}/claims.md",
    log:
        log("claims", "all"),
    conda:
        "../../environment.yml"
    script:
        "../scripts/claims.py"
