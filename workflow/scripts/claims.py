"""Test the article's claims with the scores."""

import job

from kerasae.evaluation.scores import read
from kerasae.reporting.claims import judge, judgements
from kerasae.reporting.claims.forest import forest
from kerasae.reporting.pages import html_table, page
from kerasae.reporting.tables import to_markdown

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
