"""How long one training took."""

import job
import pandas as pd

from kerasae.scores import tidy
from kerasae.tasks.training_time import times

job.start(snakemake)
history = pd.read_csv(snakemake.input.history)
job.save_scores(tidy(snakemake.wildcards, "training_time", times(history)), snakemake.output[0])
