"""Write the table of one task, with the published figures."""

import job

from kerasae.datasets import GIVEN
from kerasae.evaluation.scores import read
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.pages import table_page
from kerasae.reporting.tables import REMARKS, leading, table, to_markdown

job.start(snakemake)
params, task = snakemake.params, TASKS[snakemake.wildcards.task]
latent_dim, held_out = params.run
# Scores without a latent dimension, such as those of raw pixels, are in every table
scores = read(snakemake.input.scores).query(
    "held_out == @held_out and (latent_dim == @latent_dim or latent_dim.isna())",
    local_dict={"held_out": str(held_out), "latent_dim": latent_dim},
)
frame = table(scores, task.name, params.variants)
with job.atomic_write(snakemake.output.csv) as path:
    frame.to_csv(path)
with job.atomic_write(snakemake.output.markdown) as path:
    path.write_text(to_markdown(frame), encoding="utf-8")
with job.atomic_write(snakemake.output.page) as path:
    title = f"{snakemake.wildcards.dataset}: {task.title}"
    if "held_out" in task.needs:
        found = "given anomalies" if held_out == GIVEN else f"held-out class {held_out}"
        title += f", {found}, latent dimension {latent_dim}"
    short = leading(frame, scores, task.name)
    path.write_text(table_page(title, short, frame, REMARKS), encoding="utf-8")
