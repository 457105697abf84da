"""Scores of a data set, as the pages write them."""

from functools import cached_property

import numpy as np
import pandas as pd

from kerasae.datasets import NO_CLASS
from kerasae.evaluation import scores as tidy
from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.statistics import LEVEL, half_width, paired_p_value
from studies.bake_off.claims import as_table, verdicts_of
from studies.bake_off.published import published_figures
from studies.bake_off.uses import markdown

_AUROC = {"task": "anomaly", "metric": "auroc", "latent_dim": 2}
_ACCURACY = {"task": "classification", "metric": "accuracy"}
_BCE = {"task": "reconstruction", "metric": "bce"}
MEASURES = {
    "bce": _BCE | {"code": "sample"},
    "bce_of_mean": _BCE | {"code": "mean"},
    "dense": _ACCURACY | {"code": "sample", "probe": "dense"},
    "dense_of_mean": _ACCURACY | {"code": "mean", "probe": "dense"},
    "same_labels": _ACCURACY | {"code": "sample", "probe": "dense_all_epochs"},
    "logistic": _ACCURACY | {"code": "sample", "probe": "logistic"},
    "logistic_of_mean": _ACCURACY | {"code": "mean", "probe": "logistic"},
    "neighbours": _ACCURACY | {"code": "sample", "probe": "neighbours"},
    "fid": {"task": "samples", "metric": "frechet_distance"},
    "nll": {"task": "uncertainty", "metric": "negative_log_likelihood"},
    "loss": _AUROC | {"code": "sample", "score": "bce"},
    "loss_of_mean": _AUROC | {"code": "mean", "score": "bce"},
    "signed": _AUROC | {"code": "sample", "score": "signed"},
    "squared": _AUROC | {"code": "sample", "score": "mse"},
    "squared_of_mean": _AUROC | {"code": "mean", "score": "mse"},
    "neighbours_of_codes": _AUROC | {"code": "mean", "score": "neighbours"},
    "neighbour_distance": {"task": "anomaly", "metric": "auroc", "score": "neighbours"},
    "ink": {"task": "anomaly", "metric": "auroc", "score": "less_ink"},
}
"""Name in the templates → task, metric and qualifiers; of VAEs, ``mean`` is the posterior mean."""


class Numbers:
    """The scores of a data set, as templates ask for them.

    A measure is a task, a metric and qualifiers, such as ``code="mean"``; ``held_out`` and
    ``latent_dim`` choose an anomaly run.
    """

    def __init__(self, scores):
        self.scores, self.dataset = scores, scores["dataset"].iloc[0]
        self.figures = published_figures(self.dataset)
        self._by_metric = dict(list(scores.groupby(["task", "metric"])))

    @cached_property
    def verdicts(self):
        """Verdicts on the claims and on their parts, by their ids."""
        return {verdict.id: verdict for verdict in verdicts_of(self.scores)}

    @property
    def verdict_table(self):
        """Verdicts as a table, by their ids."""
        return as_table(self.verdicts.values(), self.dataset).set_index("id")

    def rows(self, variant, task, metric, held_out=NO_CLASS, latent_dim=None, **qualifiers):
        """Select the rows of a measure of a variant; none where it was not measured."""
        rows = self._by_metric.get((task, metric), self.scores[:0])
        rows = tidy.select(rows, task, ScoreKey(metric, **qualifiers))
        rows = rows[(rows["variant"] == variant) & (rows["held_out"] == held_out)]
        return rows if latent_dim is None else rows[rows["latent_dim"] == latent_dim]

    def values(self, variant, **where):
        """Return the values of a measure by seed; raise an error for none, or several of a seed."""
        rows = self.rows(variant, **where)
        if rows.empty or rows["seed"].duplicated().any():
            count = "no" if rows.empty else "several"
            raise ValueError(f"{count} scores of {variant}: {where}")
        return rows.set_index("seed")["value"].sort_index()

    def mean(self, variant, digits=3, **where):
        """Write the mean over the seeds."""
        return f"{self.values(variant, **where).mean():z.{digits}f}"

    def interval(self, variant, digits=3, **where):
        """Write the mean ± half the width of the 95 % interval; of one seed the value alone."""
        values = self.values(variant, **where)
        text = f"{values.mean():z.{digits}f}"
        return f"{text} ± {half_width(values):z.{digits}f}" if len(values) > 1 else text

    def span(self, variants, digits=3, **where):
        """Write the smallest and the largest mean of some variants."""
        means = [self.values(name, **where).mean() for name in variants]
        return " to ".join(f"{value:z.{digits}f}" for value in (min(means), max(means)))

    def each_seed(self, variant, digits=3, **where):
        """Write the values of all seeds."""
        return ", ".join(f"{value:.{digits}f}" for value in self.values(variant, **where))

    def below(self, variants, bound, **where):
        """List the variants whose mean is below a bound."""
        return [name for name in variants if self.values(name, **where).mean() < bound]

    def certainly_below(self, variants, bound, **where):
        """List the variants whose mean is significantly below a bound; not corrected."""
        return [
            name
            for name in self.below(variants, bound, **where)
            for values in [self.values(name, **where)]
            if paired_p_value(values, np.full(len(values), bound)) <= 1 - LEVEL
        ]

    def by_digit(self, variant, **where):
        """Arrange the values of a measure: a row a seed, a column a held-out class."""
        classes = sorted({*self.scores["held_out"]} - {NO_CLASS})
        return pd.DataFrame(
            {name: self.values(variant, held_out=name, **where) for name in classes}
        )

    def most_over_digits(self, variants, **where):
        """Return the highest mean over all held-out classes, of the seeds that have all of them."""
        tables = [self.by_digit(name, **where) for name in variants]
        return max(table.dropna().to_numpy().mean() for table in tables)

    def seeds_at(self, value, variant, **where):
        """List the seeds in which a variant has a value."""
        values = self.values(variant, **where)
        return [int(seed) for seed in values.index[np.isclose(values, value, rtol=0, atol=1e-6)]]

    def seeds(self, task="reconstruction"):
        """List the seeds of a task, sorted."""
        seeds = self.scores.loc[self.scores["task"] == task, "seed"].dropna()
        return sorted(int(seed) for seed in seeds.unique())

    def claims(self):
        """List the verdicts on whole claims."""
        return [verdict for verdict in self.verdicts.values() if verdict.part is None]

    def count(self, word):
        """Count the claims with a verdict, such as "supported"."""
        return sum(verdict.decision.word == word for verdict in self.claims())

    def survivors(self):
        """List ids of supported, refuted and mixed claims that survive the correction for all."""
        return [verdict.id for verdict in self.claims() if verdict.p_of_all <= 1 - LEVEL]

    def grid(self, variants, columns):
        """Make a table in Markdown: a row a variant; one that lacks all columns is left out.

        ``columns`` is a dict from a heading to the arguments of `cell`.
        """
        rows = [
            [name, *(self.cell(name, **options) for options in columns.values())]
            for name in variants
        ]
        return markdown(["", *columns], [row for row in rows if any(row[1:])])

    def samples_grid(self):
        """Make the table of generated samples: a row a variant and sampler."""
        digits = {"frechet_distance": 1, "precision": 3, "recall": 3, "density": 3, "coverage": 3,
                  "pairwise_distance": 1, "confidence": 3}  # fmt: skip
        titles = [TASKS["samples"].metric(name).title for name in digits]
        rows = self.scores[(self.scores["task"] == "samples") & (self.scores["sampler"] != "")]
        lines = []
        for variant, sampler in dict.fromkeys(zip(rows["variant"], rows["sampler"], strict=True)):
            where = {"task": "samples", "sampler": sampler}
            cells = [self.interval(variant, n, metric=name, **where) for name, n in digits.items()]
            lines.append([variant, sampler.replace("_", " "), *cells])
        return markdown(["", "sampler", *titles], lines)

    def cell(self, variant, digits=3, article=False, of_vaes=False, **where):
        """Make a cell of `grid`: see `interval`; empty where it was not measured.

        ``article`` adds the article's figure, ``of_vaes`` leaves out deterministic models, whose
        only code is both sample and mean.
        """
        rows = self.rows(variant, **where)
        if rows.empty or (of_vaes and not (rows["code"] == where["code"]).any()):
            return ""
        text = self.interval(variant, digits, **where)
        # The article trained stacked on pixels, and denoising with another amount of noise
        if article and variant not in ("stacked", "denoising"):
            figure = self.figures.get((where["task"], variant.removesuffix("_pixels")))
            text += "" if figure is None else f" ({figure:g})"
        return text
