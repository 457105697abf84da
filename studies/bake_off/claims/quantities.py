"""Quantities that claims compare: scores, and numbers computed from them, by seed and cell.

A cell is a held-out class and a latent dimension.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from kerasae.datasets import NO_CLASS
from kerasae.evaluation.metric import KEYS, RUN, ScoreKey
from kerasae.evaluation.scores import select
from kerasae.evaluation.tasks import TASKS


class NotMeasured(LookupError):
    """The scores lack a quantity; the message names it."""


class ScoresBySeed:
    """Tidy scores of one data set, as arrays (seeds, cells).

    Scores without a seed or latent dimension count for all; values that are not finite count as
    missing. ``held_out`` and ``latent_dim`` are arrays (cells,), ``dataset`` is empty without
    scores. Several data sets, or several scores of a run for a key, raise a `ValueError`.
    """

    def __init__(self, scores):
        names = scores["dataset"].unique()
        if len(names) > 1:
            raise ValueError(f"Expected the scores of one data set. Received: {', '.join(names)}")
        _refuse_repeated(scores, KEYS, "each measure")
        self.dataset = names[0] if len(names) else ""
        runs = scores.dropna(subset=["seed", "latent_dim"])
        cells = sorted(set(zip(runs["held_out"], runs["latent_dim"], strict=True)))
        self.held_out = np.array([held_out for held_out, _ in cells], object)
        self.latent_dim = np.array([latent_dim for _, latent_dim in cells], float)
        self._seeds = {seed: at for at, seed in enumerate(sorted(set(runs["seed"])))}
        self._cells = {cell: at for at, cell in enumerate(cells)}
        self._scores = scores[np.isfinite(scores["value"].astype(float))]
        self._rows, self._tables = {}, {}

    @property
    def cells(self):
        """Pairs of held-out class and latent dimension, without those of the general run."""
        return [(name, int(dim)) for name, dim in self._cells if name != NO_CLASS]

    def table(self, task, key, variant):
        """Look up a score of a variant (seeds, cells), NaN where it was not measured.

        Several scores of a run, such as for different numbers of labels, raise a `ValueError`.
        """
        if (task, key) not in self._rows:
            rows = select(self._scores, task, key)
            self._rows[task, key] = dict(list(rows.groupby("variant")))
        if (task, key, variant) not in self._tables:
            table = np.full((len(self._seeds), len(self._cells)), np.nan)
            rows = self._rows[task, key].get(variant, self._scores[:0])
            _refuse_repeated(rows, RUN, _described(task, key))
            for row in rows.itertuples():
                of_class = self.held_out == row.held_out
                cell = self._cells.get((row.held_out, row.latent_dim), of_class)
                table[self._seeds.get(row.seed, slice(None)), cell] = row.value
            self._tables[task, key, variant] = table
        return self._tables[task, key, variant]


def _refuse_repeated(scores, keys, what):
    """Raise a `ValueError` if two rows agree in all of the keys."""
    repeated = scores[scores.duplicated(list(keys), keep=False)]
    if len(repeated):
        _, same = next(iter(repeated.groupby(list(keys), dropna=False)))
        texts = [" or ".join(dict.fromkeys(map(str, same[column]))) for column in KEYS]
        several = ", ".join(text for text in texts if text not in ("", "nan"))
        raise ValueError(f"Expected one value of {what} for each run. Received several: {several}")


def _described(task, key):
    """Write a score key as text: the title of its metric, and its qualifiers."""
    title = TASKS[task].metric(key.metric).title
    qualifiers = ", ".join(f"{name} {value}" for name, value in key.qualifiers.items())
    return f"{title} ({qualifiers})" if qualifiers else title


@dataclass(frozen=True)
class Score:
    """A score of a variant, by default of the general run."""

    task: str
    key: ScoreKey
    variant: str
    held_out: str | None = NO_CLASS
    """None stands for all held-out classes."""
    latent_dim: int | None = None
    """None stands for all latent dimensions."""
    log: bool = False
    """Whether to take the natural logarithm, so that a difference is the logarithm of a ratio."""

    @property
    def measure(self):
        """Metric and qualifiers as text."""
        return f"{'log of ' * self.log}{_described(self.task, self.key)}"

    @property
    def label(self):
        """Name for texts."""
        return f"{self.measure} of {self.variant}"

    def values(self, by_seed):
        """Return an array (seeds, cells), NaN where a seed lacks a cell; else `NotMeasured`."""
        general = by_seed.held_out == NO_CLASS
        cells = by_seed.held_out == self.held_out if self.held_out else ~general
        if self.latent_dim is not None:
            cells = cells & (by_seed.latent_dim == self.latent_dim)
        table = np.where(cells, by_seed.table(self.task, self.key, self.variant), np.nan)
        if np.isnan(table).all():
            raise NotMeasured(f"{_described(self.task, self.key)} of {self.variant}")
        return np.log(table) if self.log else table


@dataclass(frozen=True)
class Formula:
    """A number computed from several scores."""

    label: str
    """Name for texts."""
    scores: tuple[Score, ...]
    function: Callable[..., np.ndarray]
    """Function from the arrays (seeds, cells) of the scores to one such array."""

    def values(self, by_seed):
        """Return an array (seeds, cells); raise `NotMeasured` if a score is not there."""
        return self.function(*(score.values(by_seed) for score in self.scores))


def rank_correlation(label, first, second, sign):
    """Correlate two lists of scores, one a variant, by Spearman: one number for each seed.

    ``sign`` is -1 if lower is better in just one of the two.
    """

    def correlations(*tables):
        values = np.stack([over_cells(table) for table in tables], 1)
        pairs = values.reshape(len(values), 2, len(first))
        return sign * np.array([[rank_correlations(pair)[0, 1]] for pair in pairs])

    return Formula(label, (*first, *second), correlations)


def rank_correlations(rows):
    """Correlate rows (n, variants) by Spearman (n, n); NaN if a row is constant or incomplete."""
    if np.isnan(rows).any() or (np.ptp(rows, axis=1) == 0).any():
        return np.full((len(rows), len(rows)), np.nan)
    return np.corrcoef(stats.rankdata(rows, axis=1))


def over_cells(table):
    """Average each seed over the cells that any seed has; NaN for a seed that lacks one."""
    cells = ~np.isnan(table).all(0)
    return table[:, cells].mean(1) if cells.any() else np.full(len(table), np.nan)
