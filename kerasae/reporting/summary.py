"""Closing lines of a run: the rankings, and the number of seeds needed."""

from pathlib import Path

from kerasae.evaluation import scores as tidy
from kerasae.reporting.sentences import line
from kerasae.reporting.standings import all_standings
from kerasae.reporting.statistics import smallest_significant

_MORE_SEEDS = (3, 5, 10)
"""Numbers of seeds for which a run of one seed reports the smallest significant difference."""


def answers(scores):
    """List a line for the result of every ranking with an autoencoder, from scores of one data set.

    With one seed, a further line says which differences more seeds show.
    """
    compared = [standings for standings in all_standings(scores) if standings.autoencoders]
    lines = [line(standings) for standings in compared]
    if any(len(standings.values) == 1 for standings in compared):
        resolved = ", ".join(f"{n} seeds {smallest_significant(n):.2g}" for n in _MORE_SEEDS)
        lines.append(
            "One seed allows no ranking, as the variation between seeds is unknown. Smallest "
            "significant difference with more seeds, in standard deviations of the paired "
            f"difference between seeds: {resolved}."
        )
    return lines


def closing_lines(folder, seeds):
    """List the closing lines of a run: the data set, each ranking, and how to add a seed.

    ``folder``, of one data set, has ``scores.csv``, without which the list is empty. ``seeds`` are
    the root seeds of the configuration.
    """
    path = Path(folder, "scores.csv")
    scores = tidy.read(path) if path.is_file() else None
    lines = [] if scores is None else answers(scores)
    if not lines:
        return []
    number = scores["seed"].nunique()
    return [
        f"{path.parent.name}, {number} seed{'s' * (number > 1)}:",
        *(f"  {text}" for text in lines),
        f"  To add a seed, set seeds: {[*seeds, max(seeds) + 1]} in the configuration.",
    ]
