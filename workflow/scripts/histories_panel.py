"""Draw the loss over the epochs of all seeds, all variants side by side."""

import job
import pandas as pd

from kerasae.reporting.figures import history_panel

job.start(snakemake)
histories = {variant: [] for variant in snakemake.params.variants}
for variant, path in zip(snakemake.params.entries, snakemake.input.histories, strict=True):
    histories[variant].append(pd.read_csv(path))
job.save_figure(history_panel(histories, "Loss over the epochs"), snakemake.output[0])
