"""Collect the scores of all runs in one tidy table."""

import job
import pandas as pd

from kerasae.evaluation.scores import merged, read, read_elsewhere, with_integers

job.start(snakemake)
own = pd.concat(map(read, snakemake.input.scores))
scores = merged(own, map(read_elsewhere, snakemake.input.merge))
job.save_scores(with_integers(scores), snakemake.output[0])
