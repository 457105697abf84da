"""Quantities that claims compare over the seeds: means of scores, and numbers made of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from kerasae.datasets import NO_CLASS
from kerasae.evaluation.metric import KEYS, RUN
from kerasae.evaluation.scores import select
from kerasae.evaluation.tasks import TASKS


class NotMeasured(LookupError):
    """The scores lack a quantity; the message names it."""


class Arranged:
    """Tidy scores of one data set by seed and cell, a held-out class and latent dimension.

    Scores without a seed or latent dimension count for all; values that are not finite count as
    missing. ``held_out`` and ``latent_dim`` are arrays (cells,), ``dataset`` is empty without
    scores. Several data sets, or several scores of a run for a measure, raise a `ValueError`.
    """

    def __init__(self, scores):
        names = scores["dataset"].unique()
        if len(names) > 1:
            raise ValueError(f"Expected the scores of one data set. Received: {', '.join(names)}")
        _refuse_repeated(scores, KEYS, "each measure")
        self.dataset = names[0] if len(names) else ""
        runs = scores.dropna(subset=["seed", "latent_dim"])
        cells = sorted(set(zip(runs["held_out"], runs["latent_dim"], strict=True)))
        self.held_out = np.array([cell[0] for cell in cells], object)
        self.latent_dim = np.array([cell[1] for cell in cells], float)
        self._seeds = {seed: at for at, seed in enumerate(sorted(set(runs["seed"])))}
        self._cells = {cell: at for at, cell in enumerate(cells)}
        self._scores = scores[np.isfinite(scores["value"].astype(float))]
        self._selected, self._tables = {}, {}

    @property
    def cells(self):
        """Pairs of held-out class and latent dimension, without those of the general run."""
        return [(name, int(dim)) for name, dim in self._cells if name != NO_CLASS]

    def has(self, quantities):
        """Return whether the scores have all of some quantities, in any seed."""
        try:
            return all(one.values(self) is not None for one in quantities)
        except NotMeasured:
            return False

    def table(self, task, measure, variant):
        """Look up a measure of a variant (seeds, cells), NaN where it was not measured.

        Several scores of a run, such as for different numbers of labels, raise a `ValueError`.
        """
        if (task, measure) not in self._selected:
            rows = select(self._scores, task, measure)
            self._selected[task, measure] = dict(list(rows.groupby("variant")))
        if (key := (task, measure, variant)) not in self._tables:
            self._tables[key] = np.full((len(self._seeds), len(self._cells)), np.nan)
            rows = self._selected[task, measure].get(variant, self._scores[:0])
            _refuse_repeated(rows, RUN, _described(task, measure))
            for row in rows.itertuples():
                cell = self._cells.get(
                    (row.held_out, row.latent_dim), self.held_out == row.held_out
                )
                self._tables[key][self._seeds.get(row.seed, slice(None)), cell] = row.value
        return self._tables[key]


def _refuse_repeated(scores, keys, what):
    """Raise a `ValueError` if two rows agree in all of the keys."""
    repeated = scores[scores.duplicated(list(keys), keep=False)]
    if len(repeated):
        _, same = next(iter(repeated.groupby(list(keys), dropna=False)))
        texts = [" or ".join(dict.fromkeys(map(str, same[column]))) for column in KEYS]
        several = ", ".join(text for text in texts if text not in ("", "nan"))
        raise ValueError(f"Expected one value of {what} for each run. Received several: {several}")


def _described(task, measure):
    """Write a measure as text: the title of its metric, and its qualifiers."""
    title = TASKS[task].metric(measure.metric).title
    qualifiers = ", ".join(f"{name} {value}" for name, value in measure.qualifiers.items())
    return f"{title} ({qualifiers})" if qualifiers else title


@dataclass(frozen=True)
class Quantity:
    """A number for each seed and cell of some scores."""

    values: Callable[[Arranged], np.ndarray]
    """Function from the scores to an array (seeds, cells), NaN where a seed lacks a cell; raises
    `NotMeasured` if the scores lack the quantity."""
    name: str = ""
    """For texts; replaces measure and variant where it is not empty."""
    measure: str = ""
    variant: str = ""
    source: tuple | None = None
    """Task, `ScoreKey`, variant, held-out class and latent dimension of a score."""

    @property
    def label(self):
        """Name for texts."""
        return self.name or f"{self.measure} of {self.variant}"


def mean(task, measure, variant, held_out=NO_CLASS, latent_dim=None):
    """Make a quantity of a measure of a variant, by default of the general run.

    ``held_out=None`` averages over all held-out classes, ``latent_dim=None`` over all latent
    dimensions.
    """

    def values(arranged):
        general = arranged.held_out == NO_CLASS
        cells = arranged.held_out == held_out if held_out else ~general
        if latent_dim is not None:
            cells = cells & (arranged.latent_dim == latent_dim)
        table = np.where(cells, arranged.table(task, measure, variant), np.nan)
        if np.isnan(table).all():
            raise NotMeasured(quantity.label)
        return table

    source = (task, measure, variant, held_out, latent_dim)
    quantity = Quantity(values, "", _described(task, measure), variant, source)
    return quantity


def average(quantities, name):
    """Average several quantities."""

    def values(arranged):
        if not arranged.has(quantities):
            raise NotMeasured(name)
        return sum(one.values(arranged) for one in quantities) / len(quantities)

    return Quantity(values, name)


def logarithm(quantity):
    """Take the natural logarithm: a difference of two logarithms is that of a ratio."""
    return replace(
        quantity,
        values=lambda arranged: np.log(quantity.values(arranged)),
        measure=f"log of {quantity.measure}",
    )


def rank_correlation(one, other, variants, sign, name):
    """Correlate two measures over the variants by Spearman, one number for each seed.

    ``one`` and ``other`` make a quantity of a variant; ``sign`` is -1 if lower is better in just
    one.
    """

    def values(arranged):
        pairs = np.stack(
            [
                np.stack([over_cells(of(variant).values(arranged)) for variant in variants], 1)
                for of in (one, other)
            ],
            1,
        )  # (seeds, 2, variants)
        return sign * np.array([[_rank_correlations(pair)[0, 1]] for pair in pairs])

    return Quantity(values, name)


def agreement(of, variants, name):
    """Average Spearman's correlation over all pairs of cells, one number for each seed.

    It lies between -1/(cells - 1) and 1, and measures how well the cells agree on the order of the
    variants. ``of`` makes a quantity of a variant, over several held-out classes.
    """

    def values(arranged):
        tables = np.stack([of(variant).values(arranged) for variant in variants], 2)
        cells = ~np.isnan(tables).any(2).all(0)  # cells that all variants have
        if len(set(arranged.held_out[cells])) < 2:
            raise NotMeasured(f"{name}, which needs two held-out classes")
        pairs = np.triu_indices(cells.sum(), 1)
        return np.array([[_rank_correlations(table[cells])[pairs].mean()] for table in tables])

    return Quantity(values, name)


def over_cells(table):
    """Average each seed over the cells that any seed has; NaN for a seed that lacks one."""
    cells = ~np.isnan(table).all(0)
    return table[:, cells].mean(1) if cells.any() else np.full(len(table), np.nan)


def _rank_correlations(rows):
    """Correlate rows (n, variants) by Spearman (n, n); NaN if a row is constant or incomplete."""
    if np.isnan(rows).any() or (np.ptp(rows, axis=1) == 0).any():
        return np.full((len(rows), len(rows)), np.nan)
    return np.corrcoef(stats.rankdata(rows, axis=1))
