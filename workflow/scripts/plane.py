"""Project the test codes of runs to planes with UMAP."""

import job
import numpy as np

from kerasae.evaluation.measures.plane import plane
from kerasae.evaluation.outputs import Outputs

job.start(snakemake)


def project(run):
    """Project the codes of one run."""
    found = plane(Outputs.open(run.inputs["outputs"]), int(run.wildcards["seed"]))
    with run.write("plane") as path:
        np.save(path, found)


job.each_run(project)
