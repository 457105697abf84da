"""Draw the loss over the epochs, all variants side by side."""

import job
import pandas as pd

from kerasae.figures import history_panel

job.start(snakemake)
histories = dict(
    zip(snakemake.params.variants, map(pd.read_csv, snakemake.input.histories), strict=True)
)
job.save_figure(history_panel(histories, "Loss over the epochs"), snakemake.output[0])
