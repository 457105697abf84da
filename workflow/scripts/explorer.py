"""Write the page to explore the models of a data set."""

import sys
from pathlib import Path

import job

job.start(snakemake)
sys.path.insert(0, str(Path(snakemake.scriptdir).resolve().parents[1]))  # of studies

from kerasae import models
from kerasae.evaluation.scores import read
from kerasae.reporting.explorer import content
from kerasae.reporting.explorer.page import explorer
from studies.bake_off.claims import short_verdicts

data = content.shown(job.data(snakemake.input.data), snakemake.params.seed)
rows = content.chosen(data)
runs, flat_runs = {}, {}
for one in snakemake.params.runs:
    model, outputs = models.load(one["model"], one["entry"]), job.read("outputs", one["outputs"])
    plane = job.read("plane", one["plane"]) if one["plane"] else None
    runs[one["variant"]] = content.of_run(model, outputs, data, rows, plane)
for one in snakemake.params.flat_runs:
    model, outputs = models.load(one["model"], one["entry"]), job.read("outputs", one["outputs"])
    flat_runs[one["variant"]] = content.of_flat_run(model, outputs, data, rows)
with job.atomic_write(snakemake.output[0]) as path:
    samples, scores = content.of_data(data, rows), read(snakemake.input.scores)
    page = explorer(
        snakemake.wildcards.dataset, samples, runs, flat_runs, scores,
        snakemake.params.demonstration, short_verdicts(scores),
    )  # fmt: skip
    path.write_text(page, encoding="utf-8")
