"""Rank the variants of a data set for every use, and write the first page of the report."""

import base64
from pathlib import Path

from kerasae.engine.logs import logged
from kerasae.evaluation.scores import read
from kerasae.reporting.rankings import page, rankings
from kerasae.storage.atomic import write_text

params = snakemake.params
with logged(snakemake):
    scores = read(snakemake.input.scores)
    description = Path(snakemake.input.description).read_text(encoding="utf-8")
    # In lines, as the report's reader of reStructuredText refuses long ones; browsers ignore breaks
    picture = base64.encodebytes(Path(snakemake.input.picture).read_bytes()).decode().strip()
    texts = {
        snakemake.output.csv: rankings(scores).to_csv(index=False),
        snakemake.output.page: page(
            scores,
            snakemake.wildcards.dataset,
            description,
            f"data:image/png;base64,{picture}",
            params.demonstration,
        ),
    }
    for path, text in texts.items():
        write_text(path, text)
