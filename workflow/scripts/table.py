"""Write the table of one task for reading, the published figures beside the measured."""

import job

from kerasae.evaluation.scores import read
from kerasae.reporting.pages import table_page
from kerasae.reporting.tables import leading, table, to_markdown

job.start(snakemake)
params, task = snakemake.params, snakemake.wildcards.task
latent_dim, held_out = params.run
# What has no code, such as raw pixels, stands beside every latent dimension
scores = read(snakemake.input.scores[0]).query(
    "held_out == @held_out and (latent_dim == @latent_dim or latent_dim.isna())",
    local_dict={"held_out": str(held_out), "latent_dim": latent_dim},
)
frame = table(scores, task, params.variants)
with job.atomic_write(snakemake.output.csv) as path:
    frame.to_csv(path)
with job.atomic_write(snakemake.output.markdown) as path:
    path.write_text(to_markdown(frame), encoding="utf-8")
with job.atomic_write(snakemake.output.page) as path:
    title = f"{snakemake.wildcards.dataset}: {task.replace('_', ' ')}"
    if task == "anomaly":
        title += f", left out: {held_out}, latent dimension {latent_dim}"
    path.write_text(table_page(title, leading(frame, task), frame), encoding="utf-8")
