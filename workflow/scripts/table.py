"""Write the table of one task for reading, the published figures beside the measured."""

import job

from kerasae.files import whole
from kerasae.scores import read
from kerasae.tables import table, to_markdown

job.start(snakemake)
params = snakemake.params
scores = read(snakemake.input.scores[0]).query("left_out == @params.left_out")
frame = table(scores, snakemake.wildcards.task, params.variants)
with whole(snakemake.output.csv) as path:
    frame.to_csv(path)
with whole(snakemake.output.markdown) as path:
    path.write_text(to_markdown(frame))
