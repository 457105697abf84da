"""Collect the scores of all runs in one tidy table."""

import job
import pandas as pd

from kerasae.evaluation.scores import merged, read, read_elsewhere, with_integers

job.start(snakemake)
own = pd.concat(map(read, snakemake.input.scores))
scores = merged(own, map(read_elsewhere, snakemake.input.merge))
with job.atomic_write(snakemake.output[0]) as path:
    with_integers(scores).to_csv(path, index=False)
