"""Project the test codes of one run to a plane with UMAP."""

import job
import numpy as np

from kerasae.evaluation.measures.plane import plane
from kerasae.evaluation.outputs import Outputs

job.start(snakemake)
found = plane(Outputs.open(snakemake.input.outputs), int(snakemake.wildcards.seed))
with job.atomic_write(snakemake.output[0]) as path:
    np.save(path, found)
