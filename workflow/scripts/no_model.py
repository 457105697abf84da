"""The baseline of anomaly detection: no model at all."""

import job

from kerasae.datasets import Dataset
from kerasae.scores import tidy
from kerasae.tasks.anomaly import auc, average_precision, without_model

job.start(snakemake)
data = Dataset.open(snakemake.input.data)
left_out = snakemake.wildcards.left_out
images, anomalous = data.test(left_out)
name, score = without_model(data.x_train, images)
metrics = {f"auc_{name}": auc(score, anomalous), f"ap_{name}": average_precision(score, anomalous)}
run = {**snakemake.wildcards, "left_out": data.text(left_out)}
run |= {"variant": "no_model", "seed": "", "latent_dim": ""}
job.save_scores(tidy(run, "anomaly", metrics), snakemake.output[0])
