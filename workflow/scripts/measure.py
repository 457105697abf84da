"""Take one measurement of a task, for a cell of all its runs, and write its scores."""

import job

job.start(snakemake)

import pandas as pd

from kerasae.evaluation.tasks import MEASUREMENTS

task, measurement = MEASUREMENTS[snakemake.rule]
scores = []
for run in snakemake.params.cell or [None]:
    inputs = job.inputs(snakemake, run)
    try:
        scores.append(task.measured(measurement, inputs, snakemake.params.held_out))
    except Exception as error:
        if run:
            raise job.RunError(f"{run['wildcards']['variant']}: {error}") from error
        raise
job.save_scores(pd.concat(scores), snakemake.output[0])
