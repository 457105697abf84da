"""List all files of a data set's results with their SHA-256, and what they were made from."""

from kerasae.engine import provenance
from kerasae.engine.logs import logged
from kerasae.storage.atomic import atomic_write

params = snakemake.params
with logged(snakemake.log[0], snakemake.output, params.folder):
    planned = params.code, params.source
    if planned != (provenance.code_digest(""), provenance.data_digest(params.data)):
        raise provenance.ProvenanceError(
            "Code or data changed while Snakemake was running. Run Snakemake again"
        )
    texts = {
        snakemake.output.sums: provenance.sums(params.folder, snakemake.input),
        snakemake.output.provenance: provenance.provenance(
            params.configuration, params.own_code, params.data
        ),
    }
    for path, text in texts.items():
        with atomic_write(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
