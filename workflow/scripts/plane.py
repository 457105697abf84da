"""Project the test codes of runs to planes with UMAP."""

import job
import numpy as np

from kerasae.evaluation.measures.plane import plane
from kerasae.evaluation.outputs import Outputs

job.start(snakemake)


def project(part):
    """Project the codes of one run."""
    found = plane(Outputs.open(part.inputs["outputs"]), int(part.wildcards["seed"]))
    with part.write("plane") as path:
        np.save(path, found)


job.each_part(project)
