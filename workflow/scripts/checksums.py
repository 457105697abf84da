"""List all files of a data set's results with their SHA-256."""

import job

from kerasae.storage import atomic as files
from kerasae.storage import verification

job.start(snakemake)
with files.atomic_write(snakemake.output[0]) as path:
    path.write_text(verification.sums(job.folder(snakemake), snakemake.input))
