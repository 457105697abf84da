"""Put the numbers of all runs into one tidy table."""

import job
import pandas as pd

from kerasae.scores import read

job.start(snakemake)
job.save_scores(pd.concat(map(read, snakemake.input.scores)), snakemake.output[0])
