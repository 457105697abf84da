"""Lay the test codes of one run out in a plane, with UMAP."""

import job
import numpy as np

from kerasae.evaluation.measures.plane import umap_plane
from kerasae.seeds import derive

job.start(snakemake)
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    points = codes["mean_codes_test" if "mean_codes_test" in codes else "codes_test"]
plane = umap_plane(points, derive(int(snakemake.wildcards.seed), "umap"))
with job.atomic_write(snakemake.output[0]) as path:
    np.save(path, plane)
