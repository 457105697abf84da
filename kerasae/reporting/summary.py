"""Closing lines of a run: the rankings, the number of seeds needed, and the cost of a seed."""

import csv
import re
from pathlib import Path

import numpy as np
from scipy import stats

from kerasae.evaluation import scores as tidy
from kerasae.reporting.rankings import (
    RANKINGS,
    baselines_of,
    higher_is_better,
    values_by_seed,
)
from kerasae.reporting.statistics import LEVEL, best, holm, paired_p_value

MORE_SEEDS = (3, 5, 10)
"""Numbers of seeds for which a run of one seed reports the resolution."""
MANY = 1000
"""Largest number of seeds in estimates."""


def resolution(seeds, comparisons=1):
    """Compute the smallest significant mean paired difference.

    Parameters
    ----------
    seeds : int or array of int
        Number of seeds, at least 2.
    comparisons : int, optional
        Number of comparisons with a joint error of 5 % (Bonferroni).

    Returns
    -------
    float or numpy.ndarray
        In standard deviations of the paired difference between seeds: half the width of
        Student's t interval.
    """
    level = 1 - (1 - LEVEL) / comparisons
    return stats.t.ppf((1 + level) / 2, np.asarray(seeds) - 1) / np.sqrt(seeds)


def seeds_needed(difference, comparisons=1):
    """Estimate the number of seeds that makes a mean paired difference significant.

    Parameters
    ----------
    difference : array of shape (seeds,)
        Paired differences of two variants, of at least 2 seeds.
    comparisons : int, optional
        Number of comparisons with a joint error of 5 % (Bonferroni). Holm's correction is never
        stricter: a comparison that it leaves undecided needs further seeds.

    Returns
    -------
    int or None
        The smallest number for which the mean exceeds half the width of its interval, for constant
        mean and standard deviation; None above `MANY`.
    """
    numbers = np.arange(2, MANY + 1)
    half = resolution(numbers, comparisons) * np.std(difference, ddof=1)
    enough = abs(np.mean(difference)) > half
    return int(numbers[enough.argmax()]) if enough.any() else None


def seconds_of_a_seed(benchmarks):
    """Sum the processor time of the jobs of one seed.

    Parameters
    ----------
    benchmarks : path-like
        Folder of Snakemake's benchmark files; those of the jobs of a seed end with
        ``seed<number>.tsv``.

    Returns
    -------
    float
        Processor seconds of the seed with the most files; 0 without files, and where jobs take all
        seeds at once. Snakemake measures long jobs every 30 s and may miss the last 30 s of each;
        the shortest jobs count with their wall time.
    """
    files = {}
    for path in sorted(Path(benchmarks).rglob("*.tsv")):
        if path.parent.name.endswith("_all_seeds"):
            return 0.0
        if seed := re.search(r"seed(\d+)$", path.stem):
            files.setdefault(seed[1], []).append(path)
    total = 0.0
    for path in max(files.values(), key=len, default=[]):
        with open(path, newline="") as file:
            for job in csv.DictReader(file, delimiter="\t"):
                measured = job["cpu_time"] not in ("NA", "-")
                total += float(job["cpu_time"] if measured else job["s"])
    return total


def tie(name, difference, comparisons):
    """Name the other variant of a tie, and the number of seeds to decide it."""
    number = seeds_needed(difference, comparisons)
    number = f"more than {MANY}" if number is None else f"about {number}"
    return f"tied with {name} ({number} seeds needed to decide)"


def ranking_answer(values, higher, baselines):
    """Describe the result of one ranking in a line.

    Parameters
    ----------
    values : pandas.DataFrame of shape (seeds, variants)
        The first result of `kerasae.reporting.rankings.values_by_seed`.
    higher : bool
        Whether higher values are better.
    baselines : set of str
        Variants that are baselines.

    Returns
    -------
    str
        The best autoencoder and the best baseline. With several seeds also whether the best
        autoencoder is significantly better than the others and than the baseline, or tied, and the
        number of seeds to decide a tie. Empty if no autoencoder was measured.
    """
    order = values.mean().sort_values(ascending=not higher, kind="stable").index
    ours = [name for name in order if name not in baselines]
    baseline = next((name for name in order if name in baselines), None)
    if not ours:
        return ""
    first, several = ours[0], len(values) > 1

    def shown(name):
        return f"{name} ({values[name].mean():.4g})"

    said = f"best autoencoder {shown(first)}"
    if several and len(ours) > 1:
        undecided = best(values[ours], higher)
        if len(undecided) > 1:
            second = next(name for name in ours[1:] if name in undecided)
            gain = values[first] - values[second]
            said += f", {tie(shown(second), gain, len(ours) - 1)}"
    if baseline is None:
        return said
    against = f"the best baseline, {shown(baseline)}"
    if not several:
        return f"{said}; best baseline {shown(baseline)}"
    # As on the page of recommendations, every autoencoder is compared with the baseline
    p_values = holm([paired_p_value(values[name], values[baseline]) for name in ours])
    gain = values[first] - values[baseline]
    if p_values[0] > 1 - LEVEL:
        return f"{said}; {tie(against, gain, len(ours))}"
    ahead = (gain.mean() > 0) == higher
    return f"{said}; {'better' if ahead else 'worse'} than {against}"


def answers(scores):
    """Describe the result of every ranking.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of one data set.

    Returns
    -------
    list of str
        A line for each ranking that an autoencoder is in, see `ranking_answer`; with one seed
        another one for the resolution of more seeds.
    """
    lines, alone, baselines = [], False, baselines_of(scores)
    for task, ranking in RANKINGS:
        values, _ = values_by_seed(scores, task, ranking)
        higher = higher_is_better(task, ranking)
        if not values.empty and (said := ranking_answer(values, higher, baselines)):
            direction = "higher" if higher else "lower"
            lines.append(f"{ranking.name} ({direction} is better): {said}")
            alone |= len(values) == 1
    if alone:
        resolved = ", ".join(f"{n} seeds {resolution(n):.2g}" for n in MORE_SEEDS)
        lines.append(
            "One seed allows no ranking, as the variation between seeds is unknown. Smallest "
            "significant difference with more seeds, in standard deviations of the paired "
            f"difference between seeds: {resolved}."
        )
    return lines


def closing_lines(folder, seeds, cores):
    """Write the closing lines of a run on one data set.

    Parameters
    ----------
    folder : path-like
        Results of the data set: ``scores.csv`` and ``benchmarks/``, either of which may be missing.
    seeds : list of int
        Root seeds of the configuration.
    cores : int or None
        Number of cores of the run, if known.

    Returns
    -------
    list of str
        Lines for the data set, for each ranking, with one seed for the resolution of more seeds,
        and for the cost of a further seed. Empty without scores.
    """
    folder = Path(folder)
    if not (folder / "scores.csv").is_file():
        return []
    scores = tidy.read(folder / "scores.csv")
    found = answers(scores)
    if not found:
        return []
    number = scores["seed"].nunique()
    lines = [f"{folder.name}, {number} seed{'s' * (number > 1)}:", *(f"  {it}" for it in found)]
    more = f"set seeds: {[*seeds, max(seeds) + 1]} in the configuration."
    seconds = seconds_of_a_seed(folder / "benchmarks")
    if seconds > 0:
        wall = f", {minutes(seconds / cores)} on {cores} cores" if cores and cores > 1 else ""
        cost = f"A further seed takes about {minutes(seconds)} of processor time{wall}. "
        lines.append(f"  {cost}To add one, {more}")
    else:
        lines.append(f"  To add a seed, {more}")
    return lines


def minutes(seconds):
    """Format a time in minutes or seconds."""
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
