"""What the page on tables takes from the scores in tables/.

``SETTING/METRIC.csv`` are the files of ``results/tables-SETTING/across/``, which ``make tables``
writes; ``published.csv`` has published figures; ``published-splits.csv`` and ``pyod.csv`` are
written by ``benchmarks/table_detectors.py``.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from kerasae.config.data_sets import name_of_file
from kerasae.datasets.labelled_rows import SETTINGS
from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.scores import select
from kerasae.models import ARTICLE
from kerasae.reporting.across.pairs import ROPE, bayesian_signed_rank, lead
from kerasae.reporting.across.ranks import DECIMALS, average_ranks, by_dataset, friedman
from kerasae.reporting.sentences import RELATION, about_all
from kerasae.reporting.statistics import LEVEL, half_width, holm

NINE = list(ARTICLE)
NO_MODEL = "no_model"
_SMALL = 1_000
"""Rows below which the published figures are of rows drawn with replacement before the split."""
_TIE = 0.002
"""Difference in AUROC up to which two figures are called the same."""


def _data_set(stem):
    """Return the name of the data set of a file, without its ending."""
    return name_of_file(Path(f"{stem}.npz"))


class Setting:
    """The comparison across data sets in one setting, from a CSV file for each metric."""

    def __init__(self, folder):
        self.scores = {
            metric: pd.read_csv(folder / f"{metric}.csv")
            for metric in ("auroc", "average_precision")
        }
        self.values = {metric: by_dataset(scores) for metric, scores in self.scores.items()}
        self.auroc = self.values["auroc"]
        self.average = average_ranks(self.auroc)
        self.count = len(self.auroc)
        self.known = {}

    @property
    def by_likelihood(self):
        """VAEs scored by their likelihood: method → the same VAE by its reconstruction loss."""
        ending = " (likelihood)"
        return {name: name.removesuffix(ending) for name in self.auroc if name.endswith(ending)}

    def compared(self, pairs):
        """Return p-values by method of Wilcoxon's test, Holm-corrected for all pairs.

        ``pairs`` is a dict from a method to the method that it is compared with.
        """
        tests = [
            stats.wilcoxon(self.auroc[one], self.auroc[other], zero_method="zsplit")
            for one, other in pairs.items()
        ]
        return pd.Series(holm([test.pvalue for test in tests]), index=list(pairs))

    def divided(self, pairs):
        """List the methods that are significantly better and worse: see `compared`."""
        p_values = self.compared(pairs)
        leads = {
            one: lead(self.auroc[one], self.auroc[other])
            for one, other in pairs.items()
            if p_values[one] <= 1 - LEVEL
        }
        better = [name for name, by in leads.items() if by > 0]
        return better, [name for name, by in leads.items() if by < 0]

    def split(self, reference, names=NINE):
        """List the methods that are significantly better and worse than another one."""
        return self.divided({name: reference for name in names if name != reference})

    def probabilities(self, one, other):
        """Return the posterior `Probabilities` of a method compared with another one."""
        if (one, other) not in self.known:
            self.known[one, other] = bayesian_signed_rank(self.auroc[one], self.auroc[other])
        return self.known[one, other]

    def relation(self, one, other):
        """Say how two methods, at least one of the nine, compare: the words between their names."""
        name, reference = (one, other) if one in NINE else (other, one)
        outcomes = ("better", "worse") if name == one else ("worse", "better")
        for outcome, names in zip(outcomes, self.split(reference), strict=True):
            if name in names:
                return RELATION[outcome]
        equal = self.probabilities(one, other).equal >= LEVEL
        return "practically equal to" if equal else RELATION[""]

    def summary(self):
        """Describe the comparison in sentences."""
        seeds = self.scores["auroc"].groupby("dataset")["seed"].nunique()
        counts = int(seeds.min()), int(seeds.max())
        return " ".join(about_all(self.average, self.count, counts, friedman(self.auroc), "AUROC"))

    @property
    def best(self):
        """Autoencoder of the nine with the best average rank."""
        return next(name for name in self.average.index if name in NINE)

    def mean(self, method, metric="auroc"):
        """Write the mean over the data sets."""
        return f"{self.values[metric][method].mean():.3f}"

    def outcomes(self, one, other, margin=ROPE):
        """Count the data sets on which a method is worse, within the margin, and better."""
        gain = self.auroc[one] - self.auroc[other]
        return (
            int((gain < -margin).sum()),
            self.near(one, other, margin),
            int((gain > margin).sum()),
        )

    def near(self, one, other=NO_MODEL, margin=ROPE):
        """Count the data sets on which two methods differ by at most a margin."""
        return int(((self.auroc[one] - self.auroc[other]).abs() <= margin).sum())

    def rows(self):
        """Yield the rows of the table of methods, the best average rank first."""
        for name in self.average.index:
            outcomes = ("", "", "") if name == NO_MODEL else self.outcomes(name, NO_MODEL)
            yield (
                name,
                f"{self.average[name]:.1f}",
                self.mean(name),
                self.mean(name, "average_precision"),
                *outcomes,
            )

    def order(self, other):
        """Compare the order of the nine with another one, given as average ranks, as a dict.

        ``overall``: Kendall's τ of the average ranks; ``mean`` and ``half_width`` of the τ of each
        data set, over the data sets; ``order``.
        """
        nine = average_ranks(self.auroc[NINE])
        each = [
            stats.kendalltau(-row[NINE].astype(float), other[NINE]).statistic
            for _, row in self.auroc.iterrows()
        ]
        each = pd.Series(each).dropna()
        return {
            "overall": float(stats.kendalltau(nine[NINE], other[NINE]).statistic),
            "mean": float(each.mean()),
            "half_width": float(half_width(each)),
            "order": list(nine.index),
        }


class Published:
    """Published figures, and detectors measured on the same splits, AUROC in [0, 1].

    ``figures`` have ``setting``, ``dataset``, ``method``, ``auroc`` and ``sd`` over five seeds,
    ``measured`` have ``seed`` in place of ``sd``.
    """

    def __init__(self, folder):
        self.figures = pd.read_csv(folder / "published.csv")
        self.figures[["auroc", "sd"]] /= 100
        self.figures["dataset"] = self.figures["dataset"].map(lambda name: re.sub(r"\W", "_", name))
        self.measured = pd.read_csv(folder / "published-splits.csv")
        self.measured["dataset"] = self.measured["dataset"].map(_data_set)
        sizes = self.measured.groupby("dataset")["rows"].first()
        self.small = sorted(sizes.index[sizes < _SMALL])
        self.large = sorted(sizes.index[sizes > 50_000])

    def pair(self, setting, figure, method, small=False):
        """Join published and measured values by data set; of `_SMALL` ones only if asked for."""
        known = self.figures[(self.figures["setting"] == setting)]
        known = known[known["method"] == figure].set_index("dataset")
        found = self.measured[self.measured["setting"] == setting]
        found = (
            found[found["method"] == method]
            .groupby("dataset")["auroc"]
            .mean()
            .rename("mean")
            .to_frame()
        )
        both = known[["auroc", "sd"]].join(found).dropna()
        return both if small else both[~both.index.isin(self.small)]

    def near(self, setting, figure, margin, small=False):
        """Count the data sets on which a published figure is that of no model, and all of them."""
        both = self.pair(setting, figure, NO_MODEL, small)
        return int(((both["auroc"] - both["mean"]).abs() <= margin).sum()), len(both)

    def measured_near(self, setting, method, margin):
        """Count the tables on which a measured method is within a margin of no model, and all."""
        found = self.measured[self.measured["setting"] == setting]
        found = found[~found["dataset"].isin(self.small)]
        mean = found.groupby(["method", "dataset"])["auroc"].mean()
        difference = (mean[method] - mean[NO_MODEL]).dropna()
        return int((difference.abs() <= margin).sum()), len(difference)

    def agreement(self, setting, figure, method):
        """Count the data sets on which a detector reaches its published figure.

        Return the count, the number of all, and the names of the others. The means differ by at
        most the published standard deviation, or `_TIE` where this is larger.
        """
        both = self.pair(setting, figure, method)
        same = (both["auroc"] - both["mean"]).abs() <= np.maximum(both["sd"], _TIE)
        return int(same.sum()), len(both), sorted(both.index[~same])


def order_elsewhere(scores):
    """Average the ranks of the nine over the held-out classes of tidy scores, the best first.

    By the AUROC of the reconstruction loss of the mean codes, two latent dimensions.
    """
    found = select(scores, "anomaly", ScoreKey("auroc", "mean", score="bce"))
    found = found[found["variant"].isin(NINE) & (found["latent_dim"] == 2)]
    return average_ranks(found.groupby(["held_out", "variant"])["value"].mean().unstack())


class Tables:
    """The settings that were measured, the published figures, and PyOD's networks."""

    def __init__(self, folder):
        self.settings = {
            setting: Setting(folder / setting)
            for setting in SETTINGS
            if (folder / setting / "auroc.csv").is_file()
        }
        self.published = Published(folder)
        self.pyod = pd.read_csv(folder / "pyod.csv")
        self.pyod["dataset"] = self.pyod["dataset"].map(_data_set)

    def of_pyod(self, setting, method):
        """Group the AUROC of a detector of PyOD by data set."""
        rows = self.pyod[(self.pyod["setting"] == setting) & (self.pyod["method"] == method)]
        return rows.groupby("dataset")["auroc"]

    def seeds_of_pyod(self):
        """List the seeds of PyOD's detectors."""
        return sorted(self.pyod["seed"].unique())

    def pyod_near(self, setting, method, margin=ROPE):
        """Count the data sets on which a detector of PyOD is no model, and all of them."""
        found = self.of_pyod(setting, method).mean().dropna()
        difference = found - self.of_pyod(setting, NO_MODEL).mean()[found.index]
        return int((difference.abs() <= margin).sum()), len(found)

    def no_model_ahead(self, setting, ours, datasets):
        """Count data sets on which no model is ahead of ours."""
        values = self.settings[setting].auroc.loc[datasets]
        return int((values[NO_MODEL] > values[ours]).sum())

    def beside_pyod(self, setting, ours, theirs):
        """Count the data sets on which our mean is at least the lowest seed of PyOD's.

        Returns the count, the number of data sets, and the others.
        """
        lowest = self.of_pyod(setting, theirs).min().dropna()
        mean = self.settings[setting].auroc[ours].reindex(lowest.index)
        reached = mean >= lowest.round(DECIMALS)
        return int(reached.sum()), len(lowest), sorted(lowest.index[~reached])
