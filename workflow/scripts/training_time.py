"""How long the trainings took."""

import job
import pandas as pd

from kerasae.evaluation.measures.training_time import times
from kerasae.evaluation.scores import tidy

job.start(snakemake)
frames = [
    tidy(run, "training_time", times(pd.read_csv(path)))
    for run, path in zip(snakemake.params.runs, snakemake.input.histories, strict=True)
]
job.save_scores(pd.concat(frames), snakemake.output[0])
