"""Methods of anomaly detection in the scores of several data sets, for their comparison."""

from dataclasses import replace

import pandas as pd

from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.scores import select
from kerasae.evaluation.tasks.anomaly import TASK
from kerasae.reporting.standings import values_by_seed

_RANKING = TASK.rankings[0]
_LIKELIHOODS = ("elbo", "likelihood")
"""Further scores of VAEs, each a method of its own."""
NO_MODEL = "no_model"
"""The method that all others are compared with."""


def methods(scores, metric="auroc"):
    """Arrange tidy scores of anomaly detection as ``dataset``, ``method``, ``seed`` and ``value``.

    The values are AUROC or ``average_precision``. A method is a variant or a detector with the
    score that ranks it, or a VAE with one of `_LIKELIHOODS`, as in ``vae (elbo)``.
    """
    score_keys = tuple(key._replace(metric=metric) for key in _RANKING.score_keys)
    ranking, tables = replace(_RANKING, score_keys=score_keys), []
    columns = ["dataset", "method", "seed", "value"]
    for dataset, rows in scores.groupby("dataset", sort=False):
        values, _ = values_by_seed(rows, TASK, ranking)
        long = values.melt(ignore_index=False, var_name="method", value_name="value")
        tables.append(long.rename_axis("seed").reset_index().assign(dataset=dataset)[columns])
        for score in _LIKELIHOODS:
            selected = select(rows, TASK.name, ScoreKey(metric, "sample", score=score))
            names = selected["variant"] + f" ({score})"
            tables.append(selected.assign(method=names)[columns])
    return pd.concat(tables).reset_index(drop=True)
