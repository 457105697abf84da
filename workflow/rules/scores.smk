"""All numbers in one tidy table, and a table for reading for each task."""

TASKS = ["training_time", "reconstruction", "classification", "anomaly"]


def all_scores(wildcards):
    """The numbers of all runs of a data set."""
    paths = [
        *expand(scores("training_time"), zip, **columns(RUNS)),
        *expand(scores("reconstruction"), zip, **columns(GENERAL)),
        *expand(scores("classification"), zip, **columns(GENERAL)),
        *expand(rules.from_scratch.output, zip, **columns(GENERAL)),
        *expand(scores("anomaly"), zip, **columns(ANOMALY)),
        *expand(rules.no_model.output, zip, **columns(ANOMALY)),
    ]
    folder = RESULTS.format(dataset=wildcards.dataset) + "/"
    return [path for path in dict.fromkeys(paths) if path.startswith(folder)]


rule scores:
    input:
        scores=all_scores,
        code=code("kerasae.scores"),
    output:
        f"{RESULTS}/scores.csv",
    log:
        log("scores", "all"),
    conda:
        "kerasae"
    script:
        "../scripts/scores.py"


rule table:
    input:
        scores=rules.scores.output,
        code=[*code("kerasae.scores"), "kerasae/published.csv"],
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
    params:
        variants=list(VARIANTS),
        latent_dim=lambda w: config["anomaly" if w.task == "anomaly" else "general"][
            "latent_dim"
        ],
    conda:
        "kerasae"
    script:
        "../scripts/table.py"
