"""Compare the methods of anomaly detection across data sets."""

import job

job.start(snakemake)

import pandas as pd

from kerasae.evaluation.scores import read
from kerasae.reporting.across import drawing, pairs, ranks
from kerasae.reporting.across.methods import NO_MODEL, TASK, methods
from kerasae.reporting.across.page import page

metric = TASK.metric(snakemake.wildcards.metric)
found = methods(pd.concat(map(read, snakemake.input)), metric.name)
values = ranks.by_dataset(found)
title = f"{metric.title} across {len(values)} data sets"
with job.atomic_write(snakemake.output.page) as path:
    demonstration = snakemake.params.demonstration
    text = page(found, title, demonstration, reference=NO_MODEL, measure=metric.title)
    path.write_text(text, encoding="utf-8")
with job.atomic_write(snakemake.output.csv) as path:
    found.to_csv(path, index=False)
figures = {
    "ranks": drawing.critical_difference(values, pairs.wilcoxon_holm(values), title),
    "values": drawing.heat_map(values, title, metric.title),
}
for name, figure in figures.items():
    with job.atomic_write(snakemake.output[name]) as path:
        figure.savefig(path, dpi=150)
