"""Sign off the results of a data set: list all of its files with their SHA-256."""

import job

from kerasae.storage import atomic as files
from kerasae.storage import verification

job.start(snakemake)
with files.atomic_write(snakemake.output[0]) as path:
    path.write_text(verification.sums(job.folder(snakemake), snakemake.input))
