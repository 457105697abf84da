"""Find the left-out class by the scores of one run."""

import job
import numpy as np

from kerasae.scores import tidy
from kerasae.tasks.anomaly import all_scores, auc, average_precision

job.start(snakemake)
left_out = int(snakemake.wildcards.left_out)
y_train, y_test = job.arrays(snakemake.input.data, "y_train", "y_test")
with np.load(snakemake.input.codes, allow_pickle=False) as codes:
    scores = all_scores(codes, y_train != left_out)
metrics = {
    f"{name}_{score}": measure(values, y_test == left_out)
    for name, measure in (("auc", auc), ("ap", average_precision))
    for score, values in scores.items()
}
job.save_scores(tidy(snakemake.wildcards, "anomaly", metrics), snakemake.output[0])
