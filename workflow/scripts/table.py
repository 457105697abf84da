"""Write the table of one task, with the published figures."""

import sys
from pathlib import Path

import job

from kerasae.evaluation.scores import read
from kerasae.reporting.tables import documents

sys.path.insert(0, str(Path(snakemake.scriptdir).resolve().parents[1]))  # of studies

from studies.bake_off.published import published

job.start(snakemake)
params, names = snakemake.params, snakemake.wildcards
found = documents(
    read(snakemake.input.scores), names.task, names.dataset, params.variants, *params.run,
    params.demonstration, published(names.dataset),
)  # fmt: skip
for path in snakemake.output:
    with job.atomic_write(path) as temporary:
        temporary.write_text(found[Path(path).suffix], encoding="utf-8")
