"""The numbers of the page on statistics, step by step."""

import numpy as np
from scipy import stats

from kerasae.reporting.statistics import LEVEL, half_width, paired_p_value

_USE = "compression"
_CLAIM, _PART = "C3", "C3 (logistic)"


class Example:
    """A ranking and a claim of one data set, worked through.

    ``values`` are test losses (seeds, variants), the best variant ``first``. ``comparisons`` map
    other variants to their comparison with it, the smallest p-value first. ``place`` is the place
    of the ``claim`` by p-value, from 1, among the ``measured`` number of claims; ``part`` is its
    part shown.
    """

    def __init__(self, uses, numbers):
        use = uses[_USE]
        self.values, self.first, self.seeds = use.values[use.ranked], use.first, use.seeds
        corrected = use.table.loc[use.ranked[1:], "p_best"]
        rows = [
            {
                "name": name,
                "mean": self.against_first(name).mean(),
                "half": half_width(self.against_first(name)),
                "p": paired_p_value(self.values[self.first], self.values[name]),
                "adjusted": adjusted,
                "standing": "tied" if adjusted > 1 - LEVEL else "worse",
            }
            for name, adjusted in corrected.items()
        ]
        rows.sort(key=lambda row: row["p"])
        self.comparisons = {
            row["name"]: {**row, "factor": len(rows) - at} for at, row in enumerate(rows)
        }
        self.claim, self.part = numbers.verdicts[_CLAIM], numbers.verdicts[_PART]
        (self.outcome,) = self.part.outcomes
        p_values = [verdict.decision.p for verdict in numbers.claims()]
        p_values = sorted(p for p in p_values if not np.isnan(p))
        self.measured, self.place = len(p_values), 1 + p_values.index(self.claim.decision.p)

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
        """Return the differences of a variant from the first one, by seed."""
        return (self.values[name] - self.values[self.first]).to_numpy()

    def statistic(self, differences, bound=0.0):
        """Return Student's t of the mean of some differences against a bound."""
        return (np.mean(differences) - bound) / stats.sem(differences)


def quantile(count):
    """Return the quantile of Student's t for the interval of a mean of ``count`` values."""
    return float(stats.t.ppf((1 + LEVEL) / 2, count - 1))
