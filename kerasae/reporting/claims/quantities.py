"""Quantities of the scores: what was measured, and what follows from it, for every seed."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import stats

NO_CLASS = "none"
"""What stands for the held-out class where none was left out: the general run."""


class NotMeasured(LookupError):
    """The scores lack what a quantity needs; the message says what."""


class Arranged:
    """Tidy scores of one data set, arranged for the lookup of quantities.

    What was measured without a seed or a latent dimension, such as a score without a model, is
    the same for all of them. A value that is not finite is as good as none.

    Parameters
    ----------
    scores : pandas.DataFrame
        With the columns of `kerasae.evaluation.scores.COLUMNS`, one value a run and metric.

    Attributes
    ----------
    held_out, latent_dim : numpy.ndarray of shape (cells,)
        A cell is a held-out class and a latent dimension.
    """

    def __init__(self, scores):
        keys = scores.drop(columns="value")
        if keys.duplicated().any():
            row = ", ".join(map(str, keys[keys.duplicated()].iloc[0]))
            raise ValueError(f"Expected one value a run and metric. Received several: {row}")
        runs = scores.dropna(subset=["seed", "latent_dim"])
        seeds = {seed: at for at, seed in enumerate(sorted(set(runs["seed"])))}
        cells = sorted(set(zip(runs["held_out"], runs["latent_dim"], strict=True)))
        self.held_out = np.array([cell[0] for cell in cells], object)
        self.latent_dim = np.array([cell[1] for cell in cells], float)
        self._nothing = np.full((len(seeds), len(cells)), np.nan)
        self._tables = {}
        places = {cell: at for at, cell in enumerate(cells)}
        for row in scores[np.isfinite(scores["value"].astype(float))].itertuples():
            key = row.task, row.metric, row.variant
            if key not in self._tables:
                self._tables[key] = self._nothing.copy()
            cell = places.get((row.held_out, row.latent_dim), self.held_out == row.held_out)
            self._tables[key][seeds.get(row.seed, slice(None)), cell] = row.value

    def table(self, task, metric, variant):
        """Look up one metric of one variant: (seeds, cells), NaN where it was not measured."""
        return self._tables.get((task, metric, variant), self._nothing)


def _several(names):
    return (names,) if isinstance(names, str) else tuple(names)


@dataclass(frozen=True)
class Mean:
    """What was measured, averaged over metrics and variants where there are several.

    Parameters
    ----------
    task : str
        Of the scores.
    metrics, variants : str or tuple of str
        All of them have to be there.
    held_out : str or None, default "none"
        The class that was left out of the training; with None each that was, averaged.
    latent_dim : int or None, default None
        With None each that was measured, averaged: the general run has but one.
    name : str, default ""
        Stands in texts in place of the metrics and variants.
    """

    task: str
    metrics: str | tuple[str, ...]
    variants: str | tuple[str, ...]
    held_out: str | None = NO_CLASS
    latent_dim: int | None = None
    name: str = ""

    @property
    def label(self):
        """Name for texts."""
        return self.name or f"{self.metric} of {self.variant}"

    @property
    def metric(self):
        """Name of the metrics for texts."""
        return ", ".join(_several(self.metrics))

    @property
    def variant(self):
        """Name of the variants for texts."""
        return ", ".join(_several(self.variants))

    def values(self, arranged):
        """Look the quantity up.

        Parameters
        ----------
        arranged : Arranged
            Scores of one data set.

        Returns
        -------
        numpy.ndarray of shape (seeds, cells)
            NaN where a seed lacks a cell.

        Raises
        ------
        NotMeasured
            If a metric or a variant is absent.
        """
        wanted = product(_several(self.metrics), _several(self.variants))
        table = sum(tables := [arranged.table(self.task, *names) for names in wanted])
        general = arranged.held_out == NO_CLASS
        cells = arranged.held_out == self.held_out if self.held_out else ~general
        if self.latent_dim is not None:
            cells = cells & (arranged.latent_dim == self.latent_dim)
        table = np.where(cells, table / len(tables), np.nan)
        if np.isnan(table).all():
            raise NotMeasured(self.label)
        return table


@dataclass(frozen=True)
class ShareOfErrors:
    """Share of a group's errors that stay within the group, between 0 and 1.

    Parameters
    ----------
    within : Mean
        Share of the group's images that are taken for another class of the group.
    recall : Mean
        Share of the group's images that are recognised.
    name : str
        For texts.
    """

    within: Mean
    recall: Mean
    name: str

    @property
    def label(self):
        """Name for texts."""
        return self.name

    def values(self, arranged):
        """Compute it; see `Mean.values`."""
        return self.within.values(arranged) / (1 - self.recall.values(arranged))


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's correlation of two metrics over the variants, a number a seed.

    Parameters
    ----------
    one, other : callable
        From a variant to its `Mean`.
    variants : tuple of str
        Those that both are defined for.
    sign : int
        -1 where lower is better in just one of the two.
    name : str
        For texts.
    """

    one: Callable[[str], Mean]
    other: Callable[[str], Mean]
    variants: tuple[str, ...]
    sign: int
    name: str

    @property
    def label(self):
        """Name for texts."""
        return self.name

    def values(self, arranged):
        """Compute it; see `Mean.values`."""
        one, other = (
            np.stack([over_cells(metric(name).values(arranged)) for name in self.variants], 1)
            for metric in (self.one, self.other)
        )  # (seeds, variants) each
        pairs = np.stack([one, other], 1)  # (seeds, 2, variants)
        return self.sign * np.array([[_rank_correlations(pair)[0, 1]] for pair in pairs])


@dataclass(frozen=True)
class Agreement:
    """How alike the variants are ordered in all the cells, a number a seed.

    The mean of Spearman's correlation over all pairs of cells, between -1/(cells - 1) and 1.

    Parameters
    ----------
    metric : callable
        From a variant to its `Mean`, over several held-out classes.
    variants : tuple of str
        Those that are ordered.
    name : str
        For texts.
    """

    metric: Callable[[str], Mean]
    variants: tuple[str, ...]
    name: str

    @property
    def label(self):
        """Name for texts."""
        return self.name

    def values(self, arranged):
        """Compute it; see `Mean.values`."""
        tables = [self.metric(name).values(arranged) for name in self.variants]
        tables = np.stack(tables, 2)  # (seeds, cells, variants)
        cells = ~np.isnan(tables).any(2).all(0)  # those that all variants have
        if len(set(arranged.held_out[cells])) < 2:
            raise NotMeasured(f"{self.name}, as it takes two held-out classes")
        pairs = np.triu_indices(cells.sum(), 1)
        return np.array([[_rank_correlations(table[cells])[pairs].mean()] for table in tables])


def over_cells(table):
    """Mean of each seed over the cells that any seed has; NaN for a seed that lacks one."""
    cells = ~np.isnan(table).all(0)
    return table[:, cells].mean(1) if cells.any() else np.full(len(table), np.nan)


def _rank_correlations(rows):
    """Spearman's correlations (n, n) of rows (n, variants); NaN if there is none."""
    if np.isnan(rows).any() or (np.ptp(rows, axis=1) == 0).any():
        return np.full((len(rows), len(rows)), np.nan)
    return np.corrcoef(stats.rankdata(rows, axis=1))
