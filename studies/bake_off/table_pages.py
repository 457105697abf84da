"""What the page on tables takes from the scores in tables/.

``SETTING/METRIC.csv`` are the files of ``results/tables-SETTING/across/``, which ``make tables``
writes; ``published.csv`` has published figures; ``published-splits.csv`` and ``pyod.csv`` are
written by ``benchmarks/table_detectors.py``.
"""

import operator
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


def _dataset_names(stems):
    """Return the names of the data sets of files (series), given without their ending."""
    return stems.map(lambda stem: name_of_file(Path(f"{stem}.npz")))


def _count_within(differences, margin):
    """Count the differences of at most a margin, and all that are there."""
    differences = differences.dropna()
    return int((differences.abs() <= margin).sum()), len(differences)


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

    @property
    def by_likelihood(self):
        """VAEs scored by their likelihood: method → the same VAE by its reconstruction loss."""
        ending = " (likelihood)"
        return {name: name.removesuffix(ending) for name in self.auroc if name.endswith(ending)}

    def compared(self, pairs):
        """Return p-values by method of Wilcoxon's test, Holm-corrected for all pairs.

        ``pairs`` is a dict from a method to the method that it is compared with.
        """
        p_values = [
            stats.wilcoxon(self.auroc[name], self.auroc[other], zero_method="zsplit").pvalue
            for name, other in pairs.items()
        ]
        return pd.Series(holm(p_values), index=list(pairs))

    def divided(self, pairs):
        """List the methods that are significantly better and worse: see `compared`."""
        p_values = self.compared(pairs)
        leads = {
            name: lead(self.auroc[name], self.auroc[other])
            for name, other in pairs.items()
            if p_values[name] <= 1 - LEVEL
        }
        better = [name for name in leads if leads[name] > 0]
        return better, [name for name in leads if leads[name] < 0]

    def split(self, reference, names=NINE):
        """List the methods that are significantly better and worse than another one."""
        return self.divided({name: reference for name in names if name != reference})

    def probabilities(self, name, other):
        """Return the posterior `Probabilities` of a method compared with another one."""
        return bayesian_signed_rank(self.auroc[name], self.auroc[other])

    def relation(self, name, other):
        """Compare two methods, at least one of the nine: the words between their names."""
        subject, reference = (name, other) if name in NINE else (other, name)
        better, worse = self.split(reference)
        if subject in better + worse:
            return RELATION["better" if (subject in better) == (subject == name) else "worse"]
        equal = self.probabilities(name, other).equal >= LEVEL
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

    def outcomes(self, name, other, margin=ROPE):
        """Count the data sets on which a method is worse, within the margin, and better."""
        gain = self.auroc[name] - self.auroc[other]
        near, _ = _count_within(gain, margin)
        return int((gain < -margin).sum()), near, int((gain > margin).sum())

    def near(self, name, other=NO_MODEL, margin=ROPE):
        """Count the data sets on which two methods differ by at most a margin."""
        return self.outcomes(name, other, margin)[1]

    def rows(self):
        """Yield the rows of the table of methods, the best average rank first."""
        for name in self.average.index:
            means = self.mean(name), self.mean(name, "average_precision")
            outcomes = ("", "", "") if name == NO_MODEL else self.outcomes(name, NO_MODEL)
            yield name, f"{self.average[name]:.1f}", *means, *outcomes

    def order(self, other):
        """Compare the order of the nine with another one, given as average ranks, as a dict.

        ``overall``: Kendall's τ of the average ranks; ``mean`` and ``half_width`` of the τ of each
        data set, over the data sets; ``order``.
        """
        nine = average_ranks(self.auroc[NINE])
        taus = [
            stats.kendalltau(-row[NINE].astype(float), other[NINE]).statistic
            for _, row in self.auroc.iterrows()
        ]
        taus = pd.Series(taus).dropna()
        return {
            "overall": float(stats.kendalltau(nine[NINE], other[NINE]).statistic),
            "mean": float(taus.mean()),
            "half_width": float(half_width(taus)),
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
        self.measured["dataset"] = _dataset_names(self.measured["dataset"])
        sizes = self.measured.groupby("dataset")["rows"].first()
        self.small = sorted(sizes.index[sizes < _SMALL])
        self.large = sorted(sizes.index[sizes > 50_000])

    def pair(self, setting, figure, method):
        """Join published and measured values by data set, without the `small` ones."""
        figures = self.figures.query("setting == @setting and method == @figure")
        rows = self.measured.query("setting == @setting and method == @method")
        means = rows.groupby("dataset")["auroc"].mean().rename("mean")
        both = figures.set_index("dataset")[["auroc", "sd"]].join(means).dropna()
        return both[~both.index.isin(self.small)]

    def near(self, setting, figure, margin):
        """Count the data sets on which a published figure is that of no model, and all of them."""
        both = self.pair(setting, figure, NO_MODEL)
        return _count_within(both["auroc"] - both["mean"], margin)

    def measured_near(self, setting, method, margin):
        """Count the tables on which a measured method is within a margin of no model, and all."""
        rows = self.measured.query("setting == @setting and dataset not in @self.small")
        means = rows.groupby(["method", "dataset"])["auroc"].mean()
        return _count_within(means[method] - means[NO_MODEL], margin)

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
    rows = select(scores, "anomaly", ScoreKey("auroc", "mean", score="bce"))
    rows = rows[rows["variant"].isin(NINE) & (rows["latent_dim"] == 2)]
    return average_ranks(rows.groupby(["held_out", "variant"])["value"].mean().unstack())


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
        self.pyod["dataset"] = _dataset_names(self.pyod["dataset"])

    def of_pyod(self, setting, method):
        """Group the AUROC of a detector of PyOD by data set."""
        rows = self.pyod.query("setting == @setting and method == @method")
        return rows.groupby("dataset")["auroc"]

    def pyod_near(self, setting, method, margin=ROPE):
        """Count the data sets on which a detector of PyOD is no model, and all of them."""
        means = (self.of_pyod(setting, name).mean() for name in (method, NO_MODEL))
        return _count_within(operator.sub(*means), margin)

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
