"""Find the left-out class by the scores of one run."""

import job
import numpy as np

from kerasae.datasets import Dataset
from kerasae.scores import tidy
from kerasae.tasks.anomaly import all_scores, auc, average_precision

job.start(snakemake)
left_out, data = snakemake.wildcards.left_out, Dataset.open(snakemake.input.data)
anomalous = data.test(left_out)[1]
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    scores = all_scores(codes, data.y_train != data.label(left_out))
metrics = {
    f"{name}_{score}": measure(values, anomalous)
    for name, measure in (("auc", auc), ("ap", average_precision))
    for score, values in scores.items()
}
run = {**snakemake.wildcards, "left_out": data.text(left_out)}
job.save_scores(tidy(run, "anomaly", metrics), snakemake.output[0])
