"""The article's figures, one run each.

Reconstruction, classification and training time are from its tables, the AUROC by the signed
residual from its ROC plots.
"""

from pathlib import Path

import pandas as pd

from kerasae.evaluation.metric import QUALIFIERS

PATH = Path(__file__).with_name("published.csv")


def published(dataset):
    """Read the figures for a data set: ``mnist`` only, see `kerasae.reporting.tables.table`."""
    figures = pd.read_csv(PATH, keep_default_na=False).query("dataset == @dataset")
    return figures.assign(**{name: "" for name in QUALIFIERS if name not in figures})


def published_figures(dataset):
    """Return the figures as a dict from a task and a variant: the article has one metric a task."""
    return published(dataset).set_index(["task", "variant"])["value"].to_dict()
