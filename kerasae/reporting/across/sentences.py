"""Sentences on a comparison across data sets, which say only what its numbers bear."""

import numpy as np

from kerasae.reporting.across.pairs import can_differ
from kerasae.reporting.statistics import LEVEL

OUTCOMES = {
    "equal": "equal to {} (difference of at most {})",
    "worse": "worse than {} (difference of more than {})",
    "better": "better than {} (difference of more than {})",
}
"""Outcome of the Bayesian test → its words, with the reference and the region."""


def p_text(p):
    """Write a p-value as text, with three decimals or as below 0.001."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def listed(names):
    """Join names by commas."""
    return ", ".join(map(str, names))


def about_all(average, datasets, seeds, test, measure):
    """Describe the comparison, its best method and whether the methods differ at all.

    Parameters
    ----------
    average : pandas.Series of shape (methods,)
        Average ranks, the best first.
    datasets : int
        Their number.
    seeds : tuple of int
        Fewest and most seeds of a data set.
    test : kerasae.reporting.across.ranks.Friedman
        Of all methods.
    measure : str
        Name of the values.

    Returns
    -------
    list of str
    """
    fewest, most = seeds
    number = f"{fewest} to {most}" if fewest < most else str(most)
    said = [
        f"{len(average)} methods on {datasets} data sets by {measure} (higher is better), "
        + (f"{number} seed{'s' * (most != 1)} each." if most else "without seeds.")
    ]
    first = average.index[np.isclose(average, average.iloc[0], rtol=0, atol=1e-9)]
    if len(first) == len(average):
        said.append("All methods have the same average rank.")
    else:
        said.append(
            f"Best average rank: {listed(first)} ({average.iloc[0]:.2f} of {len(average)})."
        )
    if not np.isnan(test.p):
        differ = "differ" if test.p <= 1 - LEVEL else "do not differ"
        p = p_text(test.p)
        said.append(
            f"The methods {differ} significantly (Friedman's test: χ² = {test.statistic:.2f}, "
            f"p {p if '<' in p else f'= {p}'})."
        )
    if not can_differ(datasets, len(average)):
        said.append(
            f"With {datasets} data sets no difference between two of {len(average)} methods can be "
            "significant after the correction."
        )
    return said


def about_one(compared, reference, region, datasets):
    """Describe how the other methods compare with one of them.

    Parameters
    ----------
    compared : pandas.DataFrame
        Of `kerasae.reporting.across.pairs.against`, in the order of the sentences.
    reference : str
        The method.
    region : str
        Largest difference that is practically none, with its unit.
    datasets : int
        Their number.

    Returns
    -------
    list of str
        Methods that are significantly worse or better or not different, then those that are
        practically equal, worse or better with a probability of at least 0.95: on at least as many
        data sets as two methods need to differ significantly, as on fewer the probability follows
        from the prior.
    """
    significant = compared["p"] <= 1 - LEVEL
    sides = {
        "worse": significant & (compared["lead"] < 0),
        "better": significant & (compared["lead"] > 0),
    }
    said = []
    for side, chosen in sides.items():
        if chosen.all():
            said.append(f"All other methods are significantly {side} than {reference}.")
        elif chosen.any():
            said.append(f"Significantly {side} than {reference}: {listed(compared.index[chosen])}.")
        elif side == "worse":
            said.append(f"No method is significantly worse than {reference}.")
    if not significant.all():
        said.append(
            f"Not significantly different from {reference}: {listed(compared.index[~significant])}."
        )
    if not can_differ(datasets, 2):
        said.append(
            f"With {datasets} data sets no method is called practically equal, worse or better, as "
            "the posterior probabilities depend on the prior."
        )
        return said
    for outcome, words in OUTCOMES.items():
        how, least = (
            words.format(reference, region),
            f"a posterior probability of at least {LEVEL:g}",
        )
        sure = compared.index[compared[outcome] >= LEVEL]
        if len(sure):
            said.append(f"Practically {how}, with {least}: {listed(sure)}.")
        elif outcome == "equal":
            said.append(f"No method is practically {how}, with {least}.")
    rest = compared.index[(compared[list(OUTCOMES)] < LEVEL).all(axis=1)]
    if len(rest):
        said.append(
            f"Practically undecided against {reference} (no such probability): {listed(rest)}."
        )
    return said
