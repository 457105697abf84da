"""Write the table of one task, with the published figures."""

from pathlib import Path

import job

from kerasae.evaluation.scores import read
from kerasae.reporting.tables import documents

job.start(snakemake)
params, names = snakemake.params, snakemake.wildcards
found = documents(
    read(snakemake.input.scores), names.task, names.dataset, params.variants, *params.run,
    params.demonstration,
)  # fmt: skip
for path in snakemake.output:
    with job.atomic_write(path) as temporary:
        temporary.write_text(found[Path(path).suffix], encoding="utf-8")
