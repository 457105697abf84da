"""Draw the accuracies of the scale-free classifiers over the number of labels."""

import job

from kerasae.evaluation.scores import read
from kerasae.reporting.charts import curves

job.start(snakemake)
params = snakemake.params
scores = read(snakemake.input.scores[0]).query("task == 'label_curve'")
parts = scores["metric"].str.extract(r"(?P<classifier>\w+) accuracy of (?P<labels>\w+) labels")
every = len(job.arrays(snakemake.input.data, "y_train")) - params.validation
parts["labels"] = parts["labels"].replace("all", str(every)).astype(int)
title = "Classification of standardised codes from few and from many labels"
job.save_figure(curves(scores.join(parts), params.variants, title), snakemake.output[0])
