"""Judge the interpolations of one run, with fresh noise at every step and with one draw a path."""

import job
import numpy as np

from kerasae.evaluation.measures.interpolation import path_numbers
from kerasae.evaluation.scores import tidy

job.start(snakemake)
x_train = job.arrays(snakemake.input.data, "x_train")
metrics = {}
with np.load(snakemake.input.generated[0], allow_pickle=False) as arrays:
    for way in ("fresh", "one_draw"):
        # A model without noise goes one way only
        found = way if f"frames_{way}" in arrays else "fresh"
        numbers = path_numbers(arrays[f"frames_{found}"], arrays[f"confidence_{found}"], x_train)
        metrics |= {f"{name} ({way.replace('_', ' ')})": value for name, value in numbers.items()}
job.save_scores(tidy(snakemake.wildcards, "interpolation", metrics), snakemake.output[0])
