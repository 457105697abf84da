"""How long the trainings took."""

import job
import pandas as pd

from kerasae.scores import tidy
from kerasae.tasks.training_time import times

job.start(snakemake)
frames = [
    tidy(run, "training_time", times(pd.read_csv(path)))
    for run, path in zip(snakemake.params.runs, snakemake.input.histories, strict=True)
]
job.save_scores(pd.concat(frames), snakemake.output[0])
