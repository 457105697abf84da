"""List all files of a data set's results with their SHA-256, and what they were made from."""

from kerasae.engine import provenance
from kerasae.engine.logs import logged
from kerasae.storage.atomic import atomic_write

params = snakemake.params
with logged(snakemake):
    provenance.check_data(params.data, params.source)
    with atomic_write(snakemake.output.provenance) as path:
        data = [*params.data, *params.merge]
        text = provenance.provenance(params.configuration, params.own_code, data)
        path.write_text(text, encoding="utf-8")
    with atomic_write(snakemake.output.sums) as path:
        made = [*snakemake.input, snakemake.output.provenance]
        path.write_text(provenance.sums(params.folder, made))
