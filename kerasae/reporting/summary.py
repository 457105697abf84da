"""Closing lines of a run: the rankings, the number of seeds needed, and the cost of a seed."""

import csv
import re
from pathlib import Path

from kerasae.evaluation import scores as tidy
from kerasae.reporting.sentences import line
from kerasae.reporting.standings import all_standings
from kerasae.reporting.statistics import smallest_significant

_MORE_SEEDS = (3, 5, 10)
"""Numbers of seeds for which a run of one seed reports the smallest significant difference."""


def seconds_of_a_seed(benchmarks):
    """Sum the processor seconds of the jobs of the seed with most of Snakemake's benchmark files.

    Files of the jobs of a seed end with ``seed<number>.tsv``; 0 without them, and where jobs take
    all seeds at once. Snakemake measures long jobs every 30 s and may miss the last 30 s of each;
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


def answers(scores):
    """List a line for the result of every ranking with an autoencoder, from scores of one data set.

    With one seed, a further line says which differences more seeds show.
    """
    compared = [one for one in all_standings(scores) if one.autoencoders]
    lines = [
        f"{one.ranking.name} ({'higher' if one.higher_is_better else 'lower'} is better): "
        f"{line(one)}"
        for one in compared
    ]
    if any(len(one.values) == 1 for one in compared):
        resolved = ", ".join(f"{n} seeds {smallest_significant(n):.2g}" for n in _MORE_SEEDS)
        lines.append(
            "One seed allows no ranking, as the variation between seeds is unknown. Smallest "
            "significant difference with more seeds, in standard deviations of the paired "
            f"difference between seeds: {resolved}."
        )
    return lines


def closing_lines(folder, seeds, cores):
    """List the closing lines of a run: the data set, each ranking, and the cost of a further seed.

    ``folder``, of one data set, has ``scores.csv``, without which the list is empty, and perhaps
    ``benchmarks/``. ``seeds`` are the root seeds of the configuration; ``cores`` is None if
    unknown.
    """
    folder = Path(folder)
    if not (folder / "scores.csv").is_file():
        return []
    scores = tidy.read(folder / "scores.csv")
    lines = answers(scores)
    if not lines:
        return []
    number = scores["seed"].nunique()
    lines = [f"{folder.name}, {number} seed{'s' * (number > 1)}:", *(f"  {one}" for one in lines)]
    more = f"set seeds: {[*seeds, max(seeds) + 1]} in the configuration."
    seconds = seconds_of_a_seed(folder / "benchmarks")
    if not seconds:
        return [*lines, f"  To add a seed, {more}"]
    wall = f", {_minutes(seconds / cores)} on {cores} cores" if cores and cores > 1 else ""
    cost = f"A further seed takes about {_minutes(seconds)} of processor time{wall}. "
    return [*lines, f"  {cost}To add one, {more}"]


def _minutes(seconds):
    """Format a time in minutes or seconds."""
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
