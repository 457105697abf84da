"""Run one measurement of a task, and write its scores."""

import job

job.start(snakemake)

import pandas as pd

from kerasae.evaluation.metrics import RUN
from kerasae.evaluation.tasks import MEASUREMENTS

task, measurement = MEASUREMENTS[snakemake.rule]
inputs = job.inputs(snakemake)
# Blank where the numbers do not depend on the column
run = dict.fromkeys(RUN, "") | inputs.run | {"held_out": snakemake.params.held_out}
frames = [task.scores(run, other, numbers) for other, numbers in measurement.measure(inputs)]
job.save_scores(pd.concat([task.scores(run, {}, {}), *frames]), snakemake.output[0])
