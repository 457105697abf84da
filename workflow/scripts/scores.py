"""Collect the scores of all runs in one tidy table."""

import job
import pandas as pd

from kerasae.evaluation.scores import merged, read, read_elsewhere

job.start(snakemake)
own = pd.concat(map(read, snakemake.input.scores))
job.save_scores(merged(own, map(read_elsewhere, snakemake.input.merge)), snakemake.output[0])
