"""Draw how alike the codes of all variants are."""

import job

from kerasae.evaluation.scores import read
from kerasae.reporting.charts import heat_map

job.start(snakemake)
scores = read(snakemake.input.scores[0]).query("task == 'latent_space'")
cells = scores[scores["metric"].str.startswith("cka with ")].rename(columns={"variant": "row"})
cells = cells.assign(column=cells["metric"].str.removeprefix("cka with "))
figure, axes = heat_map(
    cells, snakemake.params.variants, "Similarity of the codes of the test images", "linear CKA"
)
axes.tick_params("x", rotation=45)
job.save_figure(figure, snakemake.output[0])
