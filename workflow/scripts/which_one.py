"""Rank the variants of a data set for every use, and write the first page of the report."""

from pathlib import Path

import job

from kerasae.evaluation.scores import read
from kerasae.reporting.rankings import page, rankings

job.start(snakemake)
scores = read(snakemake.input.scores)
with job.atomic_write(snakemake.output.csv) as path:
    rankings(scores).to_csv(path, index=False)
with job.atomic_write(snakemake.output.page) as path:
    description = Path(snakemake.input.description).read_text(encoding="utf-8")
    path.write_text(page(scores, snakemake.wildcards.dataset, description), encoding="utf-8")
