"""Judge the article's claims from the scores."""

import job

from kerasae.claims import judge
from kerasae.scores import read
from kerasae.tables import to_markdown

job.start(snakemake)
verdicts = judge(read(snakemake.input.scores[0])).set_index("id")
with job.whole(snakemake.output.csv) as path:
    verdicts.to_csv(path)
with job.whole(snakemake.output.markdown) as path:
    path.write_text(to_markdown(verdicts))
