"""Draw the area under the ROC curve of every variant, baseline and held-out class."""

import job
import pandas as pd

from kerasae.evaluation.measures.anomaly import DETECTORS
from kerasae.evaluation.scores import read
from kerasae.reporting.charts import heat_map

job.start(snakemake)
latent_dim, score = int(snakemake.wildcards.latent_dim), snakemake.params.score
scores = read(snakemake.input.scores[0]).query("task == 'anomaly'")
detectors = list(dict.fromkeys(detector.variant for detector in DETECTORS.values()))
of_runs = scores[(scores["metric"] == f"auc_{score}") & (scores["latent_dim"] == latent_dim)]
of_detectors = scores[scores["variant"].isin(detectors) & scores["metric"].str.startswith("auc_")]
cells = pd.concat([of_runs, of_detectors]).rename(columns={"variant": "row", "held_out": "column"})
title = f"Finding the class that was left out, latent dimension {latent_dim}, score: {score}"
label = "area under the ROC curve, ▼ worse than guessing"
figure, axes = heat_map(cells, [*snakemake.params.variants, *detectors], title, label, 0.5)
axes.set_xlabel("class left out of the training")
job.save_figure(figure, snakemake.output[0])
