"""The last lines of a run: what it answers, how many seeds would decide, and what they cost."""

import csv
import re
from pathlib import Path

import numpy as np
from scipy import stats

from kerasae.evaluation import scores as tidy
from kerasae.reporting.rankings import NO_AUTOENCODER, PURPOSES, of_purpose
from kerasae.reporting.statistics import LEVEL, best, holm, paired_p_value

MORE_SEEDS = (3, 5, 10)
"""Numbers of seeds for which a run of one seed is told what they resolve."""
MANY = 1000
"""Beyond so many seeds none are counted."""


def resolution(seeds, comparisons=1):
    """Give the smallest mean paired difference that is significant.

    Parameters
    ----------
    seeds : int or array of int
        Number of seeds, at least 2.
    comparisons : int, optional
        How many comparisons err by 5 % together (Bonferroni).

    Returns
    -------
    float or numpy.ndarray
        In standard deviations of the paired difference between seeds: half of the interval of
        Student's t.
    """
    level = 1 - (1 - LEVEL) / comparisons
    return stats.t.ppf((1 + level) / 2, np.asarray(seeds) - 1) / np.sqrt(seeds)


def seeds_needed(difference, comparisons=1):
    """Estimate how many seeds would make a mean paired difference significant.

    Parameters
    ----------
    difference : array of shape (seeds,)
        Paired differences of two variants, of at least 2 seeds.
    comparisons : int, optional
        How many comparisons err by 5 % together. Holm's correction asks for no more than
        this: what it leaves undecided needs more seeds than there are.

    Returns
    -------
    int or None
        The smallest number for which the mean exceeds half of its interval, if mean and
        standard deviation stay as they are; None if it is above `MANY`.
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
        Folder of Snakemake's benchmark files; those of a seed's jobs end with ``seed<number>.tsv``.

    Returns
    -------
    float
        Processor seconds of the seed that has most files; 0 without a file. Snakemake measures long
        jobs every 30 s, so that up to 30 s of each are missing; those too short to be measured
        count with their wall time.
    """
    files = {}
    for path in sorted(Path(benchmarks).rglob("*.tsv")):
        if seed := re.search(r"seed(\d+)$", path.stem):
            files.setdefault(seed[1], []).append(path)
    total = 0.0
    for path in max(files.values(), key=len, default=[]):
        with open(path, newline="") as file:
            for job in csv.DictReader(file, delimiter="\t"):
                measured = job["cpu_time"] not in ("NA", "-")
                total += float(job["cpu_time"] if measured else job["s"])
    return total


def tied(name, difference, comparisons):
    """Say that a variant is tied with another one, and how many seeds would decide."""
    number = seeds_needed(difference, comparisons)
    number = f"more than {MANY}" if number is None else f"about {number}"
    return f"tied with {name}: {number} seeds would decide"


def answer(values, purpose):
    """Answer for one purpose.

    Parameters
    ----------
    values : pandas.DataFrame of shape (seeds, variants)
        The first that `kerasae.reporting.rankings.of_purpose` returns.
    purpose : kerasae.reporting.rankings.Purpose
        Which one.

    Returns
    -------
    str
        The first of the autoencoders and the best baseline, and with two or more seeds what they
        tell: whether the first is better than the second and than the baseline, or tied and
        how many seeds would decide. Empty if no autoencoder was measured.
    """
    order = values.mean().sort_values(ascending=not purpose.higher_is_better, kind="stable").index
    ours = [name for name in order if name not in NO_AUTOENCODER]
    baseline = next((name for name in order if name in NO_AUTOENCODER), None)
    if not ours:
        return ""
    first, several = ours[0], len(values) > 1

    def shown(name):
        return f"{name} ({values[name].mean():.4g})"

    said = f"{shown(first)} came first of the autoencoders"
    if several and len(ours) > 1:
        undecided = best(values[ours], purpose.higher_is_better)
        if len(undecided) == 1:
            said = f"{shown(first)} is the best of the autoencoders"
        else:
            second = next(name for name in ours[1:] if name in undecided)
            gain = values[first] - values[second]
            said += f", {tied(shown(second), gain, len(ours) - 1)}"
    if baseline is None:
        return said
    against = f"the best baseline, {shown(baseline)}"
    if not several:
        return f"{said}; the best baseline is {shown(baseline)}"
    # Corrected as on the page which_one: every autoencoder is compared with the baseline
    p_values = holm([paired_p_value(values[name], values[baseline]) for name in ours])
    gain = values[first] - values[baseline]
    if p_values[0] > 1 - LEVEL:
        return f"{said}; {tied(against, gain, len(ours))}"
    ahead = (gain.mean() > 0) == purpose.higher_is_better
    return f"{said}; {'better' if ahead else 'worse'} than {against}"


def closing_lines(folder, seeds, cores):
    """Say what a run answers on one data set.

    Parameters
    ----------
    folder : path-like
        Results of the data set: ``scores.csv`` and ``benchmarks/``. What is missing is not told.
    seeds : list of int
        Root seeds of the configuration.
    cores : int or None
        On how many cores the run was, if that is known.

    Returns
    -------
    list of str
        A line for the data set, one for each purpose that was measured, with one seed one for
        what further seeds resolve, and one for what a further seed costs. Empty without scores.
    """
    folder = Path(folder)
    if not (folder / "scores.csv").is_file():
        return []
    scores = tidy.read(folder / "scores.csv")
    measured = [(purpose, of_purpose(scores, purpose)[0]) for purpose in PURPOSES]
    answers = [
        f"  {purpose.name}: {said}"
        for purpose, values in measured
        if not values.empty and (said := answer(values, purpose))
    ]
    if not answers:
        return []
    number = scores["seed"].nunique()
    lines = [f"{folder.name}, {number} seed{'s' * (number > 1)}:", *answers]
    if any(len(values) == 1 for _, values in measured):
        resolved = ", ".join(f"{n} seeds {resolution(n):.2g}" for n in MORE_SEEDS)
        lines.append(
            "  One seed cannot rank: how much these numbers vary between seeds is unknown. The "
            "smallest difference that more seeds can tell, in standard deviations of the paired "
            f"difference between seeds: {resolved}."
        )
    seconds = seconds_of_a_seed(folder / "benchmarks")
    if seconds > 0:
        wall = f", {minutes(seconds / cores)} on {cores} cores" if cores and cores > 1 else ""
        lines.append(
            f"  A further seed takes about {minutes(seconds)} of processor time{wall}. "
            f"To add one: seeds: {[*seeds, max(seeds) + 1]} in the configuration."
        )
    return lines


def minutes(seconds):
    """Write a time for reading."""
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
