"""Run one measurement of a task, and write its scores."""

import job

job.start(snakemake)

from kerasae.evaluation.tasks import MEASUREMENTS

task, measurement = MEASUREMENTS[snakemake.rule]
scores = task.measured(measurement, job.inputs(snakemake), snakemake.params.held_out)
job.save_scores(scores, snakemake.output[0])
