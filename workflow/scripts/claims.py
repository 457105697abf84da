"""Test the article's claims with the scores."""

import sys
from pathlib import Path

import job

from kerasae.evaluation.scores import read
from kerasae.reporting.pages import html_table, page
from kerasae.reporting.tables import to_markdown

sys.path.insert(0, str(Path(snakemake.scriptdir).resolve().parents[1]))  # of studies

from studies.bake_off.claims import judge, judgements
from studies.bake_off.claims.forest import forest

job.start(snakemake)
scores = read(snakemake.input.scores)
verdicts = judge(scores).set_index("id")
with job.atomic_write(snakemake.output.csv) as path:
    verdicts.to_csv(path)
with job.atomic_write(snakemake.output.markdown) as path:
    path.write_text(to_markdown(verdicts), encoding="utf-8")
title = f"Claims of the article: {snakemake.wildcards.dataset}"
with job.atomic_write(snakemake.output.figure) as path:
    forest(judgements(scores), title).savefig(path, dpi=150)
with job.atomic_write(snakemake.output.page) as path:
    text = page(title, html_table(verdicts.reset_index()), snakemake.params.demonstration)
    path.write_text(text, encoding="utf-8")
