"""Write the table of one task, with the published figures."""

from pathlib import Path

from kerasae.engine.logs import logged
from kerasae.evaluation.scores import read
from kerasae.reporting.tables import documents
from kerasae.storage.atomic import write_text

params, names = snakemake.params, snakemake.wildcards
with logged(snakemake):
    published = None
    if params.article:
        from studies.bake_off.published import published as figures

        published = figures(names.dataset)
    texts = documents(
        read(snakemake.input.scores),
        names.task,
        names.dataset,
        params.variants,
        *params.run,
        params.demonstration,
        published,
    )
    for path in snakemake.output:
        write_text(path, texts[Path(path).suffix])
