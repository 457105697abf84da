"""Collect the scores of all runs in one tidy table."""

import pandas as pd

from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged
from kerasae.engine.provenance import check_data
from kerasae.engine.run import Run
from kerasae.evaluation.scores import merged, read, read_elsewhere, with_integers

with logged(snakemake):
    own = pd.concat(map(read, snakemake.input.scores))
    scores = merged(own, map(read_elsewhere, snakemake.input.merge))
    check_data(snakemake.input.merge, snakemake.params.merged)
    run = Run(snakemake.wildcards.dataset)
    Artifacts(snakemake.params.folder).write("scores", run, with_integers(scores))
