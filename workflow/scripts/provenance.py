"""List all files of a data set's results with their SHA-256, and what they were made from."""

from kerasae.engine import provenance
from kerasae.engine.logs import logged
from kerasae.storage.atomic import write_text

params = snakemake.params
with logged(snakemake):
    provenance.check_data(params.data, params.source)
    text = provenance.provenance(
        params.configuration, params.own_code, [*params.data, *params.merge]
    )
    write_text(snakemake.output.provenance, text)
    made = [*snakemake.input, snakemake.output.provenance]
    write_text(snakemake.output.sums, provenance.sums(params.folder, made))
