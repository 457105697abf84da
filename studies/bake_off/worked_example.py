"""The numbers of the page on statistics, step by step."""

import numpy as np
from scipy import stats

from kerasae.reporting.statistics import LEVEL, half_width, paired_p_value

USE = "compression"
CLAIM, PART = "C3", "C3 (logistic)"


class Example:
    """A ranking and a claim, worked through.

    Parameters
    ----------
    uses : dict of str to studies.bake_off.uses.Use
    numbers : studies.bake_off.numbers.Numbers
        Of one data set.

    Attributes
    ----------
    values : pandas.DataFrame of shape (seeds, variants)
        Test losses of the autoencoders, the best mean first.
    first : str
        Variant with the lowest mean.
    comparisons : dict of str to dict
        Variant → its comparison with the first one; the smallest p-value first.
    claim, part : studies.bake_off.claims.Judgement
        The whole claim, and the part that is worked through.
    place : int
        Place of the claim among all measured ones, by p-value, from 1.
    measured : int
        Number of claims that have a p-value.
    """

    def __init__(self, uses, numbers):
        use = uses[USE]
        self.values, self.first, self.seeds = use.values[use.ranked], use.first, use.seeds
        corrected = use.table.loc[use.ranked[1:], "p_best"]
        rows = [
            {
                "name": name,
                "mean": self.against_first(name).mean(),
                "half": half_width(self.against_first(name)),
                "p": paired_p_value(self.values[self.first], self.values[name]),
                "adjusted": adjusted,
                "said": "tied" if adjusted > 1 - LEVEL else "worse",
            }
            for name, adjusted in corrected.items()
        ]
        rows.sort(key=lambda row: row["p"])
        self.comparisons = {
            row["name"]: {**row, "factor": len(rows) - at} for at, row in enumerate(rows)
        }
        self.claim, self.part = numbers.judged[CLAIM], numbers.judged[PART]
        (self.outcome,) = self.part.outcomes
        p_values = [one.decision.p for one in numbers.claims()]
        known = sorted(p for p in p_values if not np.isnan(p))
        self.measured, self.place = len(known), 1 + known.index(self.claim.decision.p)

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


def quantile(count):
    """Quantile of Student's t for the interval of a mean of ``count`` values."""
    return float(stats.t.ppf((1 + LEVEL) / 2, count - 1))
