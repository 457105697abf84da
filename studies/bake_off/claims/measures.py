"""Measures over the seeds: means of the scores, and statistics derived from them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy import stats

from kerasae.datasets import NO_CLASS
from kerasae.evaluation.metrics import KEYS, RUN, Measure
from kerasae.evaluation.scores import select
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.statistics import LEVEL, holm, paired_p_value


class NotMeasured(LookupError):
    """The scores lack a measure; the message names it."""


class Arranged:
    """Tidy scores of one data set, arranged by seed and cell.

    Scores without a seed or a latent dimension, such as those of a detector without a model, count
    for all seeds or latent dimensions. Values that are not finite count as missing.

    Parameters
    ----------
    scores : pandas.DataFrame
        With the columns of `kerasae.evaluation.scores.COLUMNS`, one value a run and measure.

    Attributes
    ----------
    held_out, latent_dim : numpy.ndarray of shape (cells,)
        A cell is a held-out class and a latent dimension.
    """

    def __init__(self, scores):
        _refuse_repeated(scores, KEYS, "each measure")
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
        """Pairs of held-out class and latent dimension, but those of the general run."""
        return [cell for cell in self._cells if cell[0] != NO_CLASS]

    def has(self, measures):
        """Whether the scores have all of some measures, in any seed."""
        try:
            return all(one.values(self) is not None for one in measures)
        except NotMeasured:
            return False

    def table(self, task, measure, variant):
        """Look up one measure of one variant.

        Parameters
        ----------
        task, variant : str
            Names in the scores.
        measure : kerasae.evaluation.metrics.Measure
            A query, see `kerasae.evaluation.scores.select`.

        Returns
        -------
        numpy.ndarray of shape (seeds, cells)
            NaN where it was not measured.

        Raises
        ------
        ValueError
            If several scores of a run match, such as those of different numbers of labels.
        """
        if (task, measure) not in self._selected:
            rows = select(self._scores, task, measure)
            self._selected[task, measure] = dict(list(rows.groupby("variant")))
        if (key := (task, measure, variant)) not in self._tables:
            self._tables[key] = np.full((len(self._seeds), len(self._cells)), np.nan)
            rows = self._selected[task, measure].get(variant, self._scores[:0])
            _refuse_repeated(rows, RUN, described(task, measure))
            for row in rows.itertuples():
                cell = self._cells.get(
                    (row.held_out, row.latent_dim), self.held_out == row.held_out
                )
                self._tables[key][self._seeds.get(row.seed, slice(None)), cell] = row.value
        return self._tables[key]


def _refuse_repeated(scores, keys, what):
    """Raise a ValueError if two rows agree in all of the keys."""
    repeated = scores[scores.duplicated(list(keys), keep=False)]
    if len(repeated):
        _, same = next(iter(repeated.groupby(list(keys), dropna=False)))
        texts = [" or ".join(dict.fromkeys(map(str, same[column]))) for column in KEYS]
        found = ", ".join(text for text in texts if text not in ("", "nan"))
        raise ValueError(f"Expected one value of {what} for each run. Received several: {found}")


def described(task, measure):
    """Write a measure as text: the title of its metric, and its qualifiers."""
    title = TASKS[task].metric(measure.metric).title
    qualifiers = ", ".join(f"{name} {value}" for name, value in measure.qualifiers.items())
    return f"{title} ({qualifiers})" if qualifiers else title


def _several(names, kind):
    return (names,) if isinstance(names, kind) else tuple(names)


@dataclass(frozen=True)
class Mean:
    """A measure of a variant, averaged over measures and variants where there are several.

    Parameters
    ----------
    task : str
        Of the scores.
    measures : kerasae.evaluation.metrics.Measure or tuple of them
        Queries; all have to be in the scores.
    variants : str or tuple of str
        All have to be in the scores.
    held_out : str or None, default "none"
        Held-out class; None averages over all held-out classes.
    latent_dim : int or None, default None
        None averages over all latent dimensions; the general run has only one.
    name : str, default ""
        Replaces measures and variants in texts.
    """

    task: str
    measures: Measure | tuple[Measure, ...]
    variants: str | tuple[str, ...]
    held_out: str | None = NO_CLASS
    latent_dim: int | None = None
    name: str = ""

    @property
    def label(self):
        """Name for texts."""
        return self.name or f"{self.measure} of {self.variant}"

    @property
    def measure(self):
        """Measures as text."""
        return ", ".join(described(self.task, one) for one in _several(self.measures, Measure))

    @property
    def variant(self):
        """Names of the variants as text."""
        return ", ".join(_several(self.variants, str))

    def values(self, arranged):
        """Look up the values.

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
            If the scores lack a measure or a variant.
        ValueError
            If several scores of a run match a measure.
        """
        wanted = product(_several(self.measures, Measure), _several(self.variants, str))
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
class Logarithm:
    """The natural logarithm of a measure above 0: a difference of two is that of a ratio.

    Parameters
    ----------
    of : Mean
        The measure.
    """

    of: Mean

    @property
    def name(self):
        """Name that replaces measure and variant in texts: none."""
        return self.of.name

    @property
    def label(self):
        """Name for texts."""
        return f"log of {self.of.label}"

    @property
    def measure(self):
        """Measure as text."""
        return f"log of {self.of.measure}"

    @property
    def variant(self):
        """Names of the variants as text."""
        return self.of.variant

    def values(self, arranged):
        """Compute it; see `Mean.values`."""
        return np.log(self.of.values(arranged))


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
    """Spearman's correlation of two measures over the variants, one number for each seed.

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
            np.stack([over_cells(mean(name).values(arranged)) for name in self.variants], 1)
            for mean in (self.one, self.other)
        )  # (seeds, variants) each
        pairs = np.stack([one, other], 1)  # (seeds, 2, variants)
        return self.sign * np.array([[_rank_correlations(pair)[0, 1]] for pair in pairs])


@dataclass(frozen=True)
class Agreement:
    """How well all cells agree on the order of the variants, one number for each seed.

    The mean of Spearman's correlation over all pairs of cells, between -1/(cells - 1) and 1.

    Parameters
    ----------
    mean : callable
        From a variant to its `Mean`, over several held-out classes.
    variants : tuple of str
        Those that are ordered.
    name : str
        For texts.
    """

    mean: Callable[[str], Mean]
    variants: tuple[str, ...]
    name: str

    @property
    def label(self):
        """Name for texts."""
        return self.name

    def values(self, arranged):
        """Compute it; see `Mean.values`."""
        tables = [self.mean(name).values(arranged) for name in self.variants]
        tables = np.stack(tables, 2)  # (seeds, cells, variants)
        cells = ~np.isnan(tables).any(2).all(0)  # those that all variants have
        if len(set(arranged.held_out[cells])) < 2:
            raise NotMeasured(f"{self.name}, which needs two held-out classes")
        pairs = np.triu_indices(cells.sum(), 1)
        return np.array([[_rank_correlations(table[cells])[pairs].mean()] for table in tables])


def told_apart(measure, variants):
    """Say which of some variants the seeds tell apart: a function of the `Arranged` scores.

    Parameters
    ----------
    measure : callable
        From a variant to its `Mean`.
    variants : sequence of str
        All pairs are compared, with Holm's correction.

    Returns
    -------
    callable
        Returns text.
    """

    def text(arranged):
        values = {name: over_cells(measure(name).values(arranged)) for name in variants}
        pairs = list(combinations(variants, 2))
        if any(np.isnan(part).any() or len(part) < 2 for part in values.values()):
            return "one seed tells nothing apart"
        p_values = holm([paired_p_value(values[one], values[other]) for one, other in pairs])
        found = [
            f"{one} and {other} (p = {p:.2g})"
            for (one, other), p in zip(pairs, p_values, strict=True)
            if p <= 1 - LEVEL
        ]
        return f"the seeds tell apart {', '.join(found) or 'none of them'}"

    return text


def over_cells(table):
    """Mean of each seed over the cells that any seed has; NaN for a seed that lacks one."""
    cells = ~np.isnan(table).all(0)
    return table[:, cells].mean(1) if cells.any() else np.full(len(table), np.nan)


def _rank_correlations(rows):
    """Spearman's correlations (n, n) of rows (n, variants); NaN if there is none."""
    if np.isnan(rows).any() or (np.ptp(rows, axis=1) == 0).any():
        return np.full((len(rows), len(rows)), np.nan)
    return np.corrcoef(stats.rankdata(rows, axis=1))
