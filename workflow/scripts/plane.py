"""Project the test codes of one run to a plane with UMAP."""

import job
import numpy as np

from kerasae.evaluation.measures.plane import umap_plane
from kerasae.evaluation.outputs import Outputs
from kerasae.seeds import derive

job.start(snakemake)
outputs = Outputs.open(snakemake.input.outputs)
plane = umap_plane(outputs.mean.test, derive(int(snakemake.wildcards.seed), "umap"))
with job.atomic_write(snakemake.output[0]) as path:
    np.save(path, plane)
