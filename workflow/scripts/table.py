"""Write the table of one task for reading, the published figures beside the measured."""

import job

from kerasae.files import whole
from kerasae.scores import read
from kerasae.tables import table, to_markdown

job.start(snakemake)
frame = table(read(snakemake.input.scores[0]), snakemake.wildcards.task, snakemake.params.variants)
with whole(snakemake.output.csv) as path:
    frame.to_csv(path)
with whole(snakemake.output.markdown) as path:
    path.write_text(to_markdown(frame))
