"""The baselines of anomaly detection, fitted to what the models of one seed are trained on."""

import job
import pandas as pd

from kerasae.datasets import Dataset
from kerasae.evaluation.measures.anomaly import DETECTORS, evaluate_detectors
from kerasae.evaluation.scores import tidy

job.start(snakemake)
wildcards, seed = snakemake.wildcards, int(snakemake.wildcards.seed)
data = Dataset.open(snakemake.input.data)
found = evaluate_detectors(data, wildcards.held_out, snakemake.params.validation, seed)
rows = []
for name, metrics in found.items():
    variant, fitted = DETECTORS[name].variant, DETECTORS[name].fitted
    # Scores without a fit are the same for all seeds, and kept once in the table of all scores
    run = {**wildcards, "held_out": data.text(wildcards.held_out), "variant": variant}
    run |= {"latent_dim": "", "seed": seed if fitted else ""}
    rows.append(tidy(run, "anomaly", metrics))
job.save_scores(pd.concat(rows), snakemake.output[0])
