"""Rank the variants of a data set for every use, and write the first page of the report."""

import base64
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
    # In lines, as the report's reader of reStructuredText refuses long ones; browsers ignore breaks
    picture = base64.encodebytes(Path(snakemake.input.picture).read_bytes()).decode().strip()
    text = page(
        scores, snakemake.wildcards.dataset, description, f"data:image/png;base64,{picture}",
        snakemake.params.demonstration,
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
