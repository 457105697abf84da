"""Standings of a ranking: how its variants compare with the best, and with the best baseline.

Runs of one seed are compared with each other. Each family of tests is corrected by itself (Holm):
all variants against the best variant, the autoencoders against the best autoencoder, and the
autoencoders against the best baseline.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kerasae import models
from kerasae.evaluation.detectors import ESTIMATOR_SCORE
from kerasae.evaluation.scores import select
from kerasae.evaluation.task import Ranking, Task
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.statistics import (
    LEVEL,
    by_seed,
    corrected_p_values,
    half_width,
    seeds_needed,
    standing,
)

RANKINGS = [(task, ranking) for task in TASKS.values() for ranking in task.rankings]
"""Pairs of `Task` and `Ranking`, in the order of the page."""
BASELINES = {*models.BASELINES, *(name for task in TASKS.values() for name in task.baselines)}
"""Variants in the scores that are baselines, besides the user's estimators."""


@dataclass(frozen=True, eq=False)
class Standings:
    """How the variants of one ranking compare."""

    task: Task
    ranking: Ranking
    values: pd.DataFrame
    """Values (seeds, variants) for the seeds of the autoencoders; empty if nothing can be
    compared."""
    table: pd.DataFrame
    """A row per variant, the best mean first; sentences need no other numbers:

    - ``mean``, and ``half_width`` of its 95 % interval; NaN for a constant
    - ``is_baseline``
    - ``p_best``: corrected p-value against the best autoencoder; NaN for the best autoencoder and
      baselines, and with one seed
    - ``seeds_best``: number of seeds that may decide, if ``p_best`` is not significant; NaN else,
      and above `kerasae.reporting.statistics.MANY`
    - ``p_baseline`` and ``seeds_baseline``: the same against the best baseline
    - ``against_baseline``: *better* or *worse* than the best baseline, if significant; or empty
    - ``standing`` among all variants, see `kerasae.reporting.statistics.standing`
    """
    lacking: list[str]
    """Variants that were measured, but lack a seed or a held-out class that others have, or mix
    numbers of labels or latent dimensions."""

    @property
    def higher_is_better(self):
        """Better direction."""
        return higher_is_better(self.task, self.ranking)

    @property
    def autoencoders(self):
        """Autoencoders, the best mean first."""
        return list(self.table.index[~self.table["is_baseline"]])

    @property
    def baselines(self):
        """Baselines, the best mean first."""
        return list(self.table.index[self.table["is_baseline"]])

    @property
    def tied(self):
        """Autoencoders that are not significantly worse than the best one, the best mean first."""
        return list(self.table.index[self.table["p_best"] > 1 - LEVEL])

    def against(self, reference, names):
        """Compare variants with a reference: *better* or *worse* if significant, else empty."""
        return compare(self.values[[*names, reference]], reference, self.higher_is_better)[1]


def higher_is_better(task, ranking):
    """Look up the better direction of a ranking's metric."""
    return task.metric(ranking.score_keys[0].metric).higher_is_better


def _baselines_of(scores):
    """Return the set of baselines: `BASELINES`, and estimators of the configuration."""
    return BASELINES.union(scores.loc[scores["score"] == ESTIMATOR_SCORE, "variant"])


def all_standings(scores):
    """Compare the variants in every ranking of the tasks: a list, with rankings not measured."""
    return [standings(scores, task, ranking) for task, ranking in RANKINGS]


def standings(scores, task, ranking):
    """Compare the variants in one ranking, from the tidy scores of one data set: `Standings`."""
    values, lacking = values_by_seed(scores, task, ranking)
    table = _standings_table(values, higher_is_better(task, ranking), _baselines_of(scores))
    return Standings(task, ranking, values, table, lacking)


def _standings_table(values, higher, baselines):
    """Make the table of `Standings` of values (seeds, variants)."""
    order = values.mean().sort_values(ascending=not higher, kind="stable").index
    spread = {name: half_width(values[name]) for name in order if values[name].nunique() > 1}
    table = pd.DataFrame({"mean": values.mean()}, order, dtype=float)
    table["half_width"] = pd.Series(spread, dtype=float)
    table["is_baseline"] = table.index.isin(baselines)
    table[["p_best", "seeds_best", "p_baseline", "seeds_baseline"]] = np.nan
    table["against_baseline"], table["standing"] = "", standing(values, higher)
    ours, theirs = (table.index[table["is_baseline"] == kind] for kind in (False, True))
    if len(values) < 2 or not len(ours):
        return table
    table["p_best"] = corrected_p_values(values[ours], ours[0])
    table["seeds_best"] = _seeds_needed(values, table["p_best"], ours[0])
    if len(theirs):
        table["p_baseline"], words = compare(values[[*ours, theirs[0]]], theirs[0], higher)
        table["seeds_baseline"] = _seeds_needed(values, table["p_baseline"], theirs[0])
        table["against_baseline"] = words.reindex(table.index, fill_value="")
    return table


def _seeds_needed(values, p_values, reference):
    """Estimate the seeds that decide what is tied with a reference: a series of the tied."""
    tied, comparisons = p_values.index[p_values > 1 - LEVEL], p_values.count()
    number = {name: seeds_needed(values[reference] - values[name], comparisons) for name in tied}
    return pd.Series(number, dtype=float)


def compare(values, reference, higher):
    """Compare columns of values (seeds, variants) with a reference column.

    Return Holm-corrected p-values, and words: *better* or *worse* if significant, else empty; both
    are series without the reference.
    """
    p_values = corrected_p_values(values, reference)
    gains = values[p_values.index].sub(values[reference], axis=0).mean()
    words = np.where((gains > 0) == higher, "better", "worse")
    return p_values, pd.Series(np.where(p_values <= 1 - LEVEL, words, ""), p_values.index)


def values_by_seed(scores, task, ranking):
    """Arrange the scores of one ranking: ``values`` and ``lacking`` of `Standings`."""
    scores = scores[(scores["task"] == task.name) & ~scores["variant"].isin(task.bounds)]
    frames, measured, held_out = [], [], scores["held_out"].nunique()
    for variant, rows in scores.groupby("variant", sort=False):
        values = _value_per_seed(rows, task, ranking)
        if values is None:
            continue
        measured.append(variant)
        if ranking.average and rows["held_out"].nunique() < held_out:
            continue  # measured on some of the classes only, possibly the easier ones
        frames.append(values.assign(variant=variant))
    long = pd.concat(frames) if frames else pd.DataFrame(columns=["seed", "value", "variant"])
    seeds = long.loc[~long["variant"].isin(_baselines_of(scores)), "seed"].dropna()
    if len(seeds):  # extra seeds of a baseline must not exclude variants without them
        long = long[long["seed"].isna() | long["seed"].isin(seeds)]
    values = by_seed(long) if long["seed"].notna().any() else pd.DataFrame()
    return values, [variant for variant in measured if variant not in values]


def _value_per_seed(scores, task, ranking):
    """Reduce the scores of one variant to columns ``seed`` and ``value``; None if not measured.

    Empty if the numbers of labels or the latent dimensions differ.
    """
    selected = (select(scores, task.name, key) for key in ranking.score_keys)
    rows = next((rows for rows in selected if not rows.empty), None)
    if rows is None:
        return None
    settings = ["labels"] if ranking.average else ["labels", "latent_dim"]
    if (rows[settings].nunique() > 1).any():  # merged from runs that do not compare
        return rows.loc[[], ["seed", "value"]]
    if ranking.best_of:
        means = rows.groupby(ranking.best_of)["value"].mean()
        first = means.idxmax() if higher_is_better(task, ranking) else means.idxmin()
        rows = rows[rows[ranking.best_of] == first]
    columns = ["seed", "latent_dim", "held_out"] if ranking.average else ["seed"]
    runs = rows.groupby(columns, dropna=False)["value"].mean().reset_index()
    seeds = runs.groupby("seed", dropna=False)["value"].agg(["mean", "size"])
    # Seeds that lack a class are left out
    complete = seeds.loc[seeds["size"] == seeds["size"].max(), "mean"]
    return complete.rename("value").reset_index()
