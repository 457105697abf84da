"""Take one measurement of a task, of one unit or of all runs of a cell, and write its scores."""

import job

job.start(snakemake)

import pandas as pd

from kerasae.evaluation.tasks import MEASUREMENTS


def measure(part):
    """Measure one unit, or the runs of a cell."""
    params = part.params
    task, measurement = MEASUREMENTS[params["measurement"]]
    scores = []
    for run in params["cell"] or [{"wildcards": part.wildcards, "inputs": part.inputs}]:
        inputs = job.inputs(run, params)
        try:
            scores.append(task.measured(measurement, inputs, params["held_out"]))
        except Exception as error:
            if params["cell"]:
                raise ValueError(f"{run['wildcards']['variant']}: {error}") from error
            raise
    with part.write("scores") as path:
        pd.concat(scores).to_csv(path, index=False)


job.each_part(measure)
