"""The numbers of the page on statistics, step by step."""

import numpy as np
from scipy import stats

from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.standings import BASELINES, RANKINGS, values_by_seed
from kerasae.reporting.statistics import LEVEL, best, half_width, holm, paired_p_value
from studies.bake_off.claims import judgements

USE = "compression"
CLAIM, PART = "C3", "C3 (logistic)"


class Example:
    """A ranking and a claim, worked through.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of one data set.

    Attributes
    ----------
    values : pandas.DataFrame of shape (seeds, variants)
        Test losses of the autoencoders.
    first : str
        Variant with the lowest mean.
    tied : list of str
        The others that are tied with it.
    claim, part : studies.bake_off.claims.Judgement
        The whole claim, and the part that is worked through.
    place : int
        Place of the claim among all measured ones, by p-value, from 1.
    measured : int
        Number of claims that have a p-value.
    """

    def __init__(self, scores):
        task, ranking = next(pair for pair in RANKINGS if pair[1].name == USE)
        values, _ = values_by_seed(scores, task, ranking)
        self.values = values.drop(columns=[name for name in values if name in BASELINES])
        self.first, *self.tied = best(self.values, TASKS[task.name].metric("bce").higher_is_better)
        judged = {one.id: one for one in judgements(scores)}
        self.claim, self.part = judged[CLAIM], judged[PART]
        (self.outcome,) = self.part.outcomes
        p_values = [one.decision.p for one in judged.values() if one.part is None]
        known = sorted(p for p in p_values if not np.isnan(p))
        self.measured, self.place = len(known), 1 + known.index(self.claim.decision.p)

    @property
    def seeds(self):
        """Seeds of the example."""
        return [int(seed) for seed in self.values.index]

    def interval(self, values):
        """Compute the interval of a mean step by step: a dict of str to float."""
        values = np.asarray(values, float)
        return {
            "count": len(values),
            "mean": values.mean(),
            "deviation": values.std(ddof=1),
            "error": stats.sem(values),
            "quantile": quantile(len(values)),
            "half": half_width(values),
            "low": values.mean() - half_width(values),
            "high": values.mean() + half_width(values),
        }

    def against_first(self, name):
        """Differences of a variant from the first one, by seed."""
        return (self.values[name] - self.values[self.first]).to_numpy()

    def statistic(self, differences, bound=0.0):
        """Student's t of the mean of some differences against a bound."""
        return (np.mean(differences) - bound) / stats.sem(differences)

    def comparisons(self):
        """Compare all others with the first: a list of dicts, the smallest p-value first."""
        others = [name for name in self.values if name != self.first]
        p_values = [paired_p_value(self.values[self.first], self.values[one]) for one in others]
        rows = [
            {
                "name": name,
                "mean": self.against_first(name).mean(),
                "half": half_width(self.against_first(name)),
                "p": p,
                "adjusted": adjusted,
                "said": "tied" if adjusted > 1 - LEVEL else "worse",
            }
            for name, p, adjusted in zip(others, p_values, holm(p_values), strict=True)
        ]
        rows.sort(key=lambda row: row["p"])
        return [{**row, "factor": len(rows) - at} for at, row in enumerate(rows)]


def quantile(count):
    """Quantile of Student's t for the interval of a mean of ``count`` values."""
    return float(stats.t.ppf((1 + LEVEL) / 2, count - 1))
