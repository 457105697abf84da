"""The baseline of anomaly detection: no model at all, the less ink the more anomalous."""

import job

from kerasae.scores import tidy
from kerasae.tasks.anomaly import auc, average_precision
from kerasae.tasks.reconstruction import ink

job.start(snakemake)
x_test, y_test = job.arrays(snakemake.input.data, "x_test", "y_test")
anomalous, score = y_test == int(snakemake.wildcards.left_out), -ink(x_test / 255)
metrics = {
    "auc_less_ink": auc(score, anomalous),
    "ap_less_ink": average_precision(score, anomalous),
}
run = {**snakemake.wildcards, "variant": "no_model", "seed": "", "latent_dim": ""}
job.save_scores(tidy(run, "anomaly", metrics), snakemake.output[0])
