"""Judge the samples of one run, those of every sampler."""

import job
import numpy as np

from kerasae.evaluation.measures.samples import sample_numbers
from kerasae.evaluation.scores import tidy

job.start(snakemake)
real = job.arrays(snakemake.input.real, "features")
metrics = {}
with np.load(snakemake.input.generated[0], allow_pickle=False) as arrays:
    for sampler in ("prior", "learned", "mixture"):
        if f"features_{sampler}" in arrays:
            numbers = sample_numbers(
                real, arrays[f"features_{sampler}"], arrays[f"probabilities_{sampler}"]
            )
            metrics |= {f"{metric} ({sampler})": value for metric, value in numbers.items()}
job.save_scores(tidy(snakemake.wildcards, "samples", metrics), snakemake.output[0])
