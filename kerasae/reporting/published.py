"""The article's figures, one run each.

Reconstruction, classification and training time are from its tables, the AUROC by the signed
residual from its ROC plots.
"""

from pathlib import Path

import pandas as pd

from kerasae.evaluation.metrics import QUALIFIERS

PATH = Path(__file__).with_name("published.csv")


def published(dataset):
    """Read the article's figures for a data set.

    Parameters
    ----------
    dataset : str
        Name of the data set; the article has figures for ``mnist`` only.

    Returns
    -------
    pandas.DataFrame
        ``variant``, ``task``, ``metric``, the qualifiers of scores, blank where they do not apply,
        and ``value``.
    """
    figures = pd.read_csv(PATH, keep_default_na=False).query("dataset == @dataset")
    blank = {name: "" for name in QUALIFIERS if name not in figures}
    return figures.assign(**blank)
