"""Sentences on comparisons, which say only what their numbers bear.

Of one ranking: `sentences` for a page, `line` for a terminal. Of methods across data sets:
`about_all` and `about_one`.
"""

import numpy as np
import pandas as pd

from kerasae.reporting.statistics import LEVEL, MANY, can_differ, seeds_needed

RELATION = {
    "better": "significantly better than",
    "worse": "significantly worse than",
    "": "not significantly different from",
}
"""Outcome of a test → the words between two names."""
_PRACTICALLY = {
    "equal": "equal to {} (difference of at most {})",
    "worse": "worse than {} (difference of more than {})",
    "better": "better than {} (difference of more than {})",
}
"""Outcome of the Bayesian test → its words, with the reference and the region."""


def sentences(standings):
    """Describe the results of one ranking in a list of sentences, for a page."""
    if standings.values.empty and not standings.lacking:
        text = ["Not measured."]
        if "thorough" in standings.task.needs:
            text.append("Set thorough: true in the configuration to measure it.")
        return text
    text = [] if standings.values.empty else _comparisons(standings)
    if standings.lacking:
        text.append(
            "Not comparable, for other seeds, held-out classes, labels or latent dimensions: "
            f"{', '.join(standings.lacking)}."
        )
    return text


def _comparisons(standings):
    """Compare the autoencoders with each other and with the best baseline."""
    ours, theirs = standings.autoencoders, standings.baselines
    if not ours:
        return ["No autoencoder was measured."]

    def named(name):
        mean, half = standings.table.loc[name, ["mean", "half_width"]]
        return f"{name} ({mean:.4g})" if pd.isna(half) else f"{name} ({mean:.4g} ± {half:.3g})"

    if len(standings.values) < 2:
        text = [
            f"One seed allows no ranking. Best autoencoder in this run: {named(ours[0])}, "
            "possibly by chance."
        ]
        return [*text, f"Best baseline: {named(theirs[0])}."] if theirs else text
    text = f"Best autoencoder: {named(ours[0])}"
    if standings.tied:
        text += f"; not significantly worse: {', '.join(map(named, standings.tied))}"
    if not theirs:
        return [f"{text}."]
    return [f"{text}.", _against_baseline(standings, f"the best baseline, {named(theirs[0])}")]


def _against_baseline(standings, baseline):
    """Name the autoencoders that are significantly better than the best baseline."""
    words = standings.table.loc[standings.autoencoders, "against_baseline"]
    ahead, behind = words.index[words == "better"], (words == "worse").sum()
    if len(ahead):
        return f"Significantly better than {baseline}: {', '.join(ahead)}."
    if behind == len(words):
        text = f"All autoencoders are significantly worse than {baseline}"
        return f"{text}: by this measure none is needed."
    worse = f"; {behind} of {len(words)} significantly worse" if behind else ""
    return f"No autoencoder is significantly better than {baseline}{worse}."


def line(standings):
    """Describe the result of one ranking in a line, for a terminal; empty without an autoencoder.

    The line names the number of seeds that a tie needs.
    """
    ours, theirs, table = standings.autoencoders, standings.baselines, standings.table
    if not ours:
        return ""
    first, several = ours[0], len(standings.values) > 1

    def named(name):
        return f"{name} ({table.at[name, 'mean']:.4g})"

    def tied(text, name, comparisons):
        difference = standings.values[first] - standings.values[name]
        number = seeds_needed(difference, comparisons)
        number = f"more than {MANY}" if number is None else f"about {number}"
        return f"tied with {text} ({number} seeds needed to decide)"

    text = f"best autoencoder {named(first)}"
    if standings.tied:
        second = standings.tied[0]
        text += f", {tied(named(second), second, len(ours) - 1)}"
    if not theirs:
        return text
    if not several:
        return f"{text}; best baseline {named(theirs[0])}"
    baseline = f"the best baseline, {named(theirs[0])}"
    if relation := table.at[first, "against_baseline"]:
        return f"{text}; {relation} than {baseline}"
    return f"{text}; {tied(baseline, theirs[0], len(ours))}"


def about_all(average, datasets, seeds, test, measure):
    """Describe a comparison across data sets: its best method, and whether the methods differ.

    ``average`` are average ranks, the best first; ``seeds`` the fewest and most of a data set;
    ``test`` is Friedman's test of all methods; ``measure`` names the values.
    """
    fewest, most = seeds
    number = f"{fewest} to {most}" if fewest < most else str(most)
    number = f"{number} seed{'s' * (most != 1)} each" if most else "without seeds"
    text = [
        f"{len(average)} methods on {datasets} data sets by {measure} (higher is better), {number}."
    ]
    first = average.index[np.isclose(average, average.iloc[0], rtol=0, atol=1e-9)]
    if len(first) == len(average):
        text.append("All methods have the same average rank.")
    else:
        best = f"{_listed(first)} ({average.iloc[0]:.2f} of {len(average)})"
        text.append(f"Best average rank: {best}.")
    if not np.isnan(test.p):
        differ = "differ" if test.p <= 1 - LEVEL else "do not differ"
        p = p_text(test.p)
        text.append(
            f"The methods {differ} significantly (Friedman's test: χ² = {test.statistic:.2f}, "
            f"p {p if '<' in p else f'= {p}'})."
        )
    if not can_differ(datasets, len(average)):
        text.append(
            f"With {datasets} data sets no difference between two of {len(average)} methods can be "
            "significant after the correction."
        )
    return text


def about_one(compared, reference, region, datasets):
    """Describe how other methods compare with a reference, from the table of `against`.

    A method is called practically equal, worse or better on at least as many data sets as two
    methods need to differ significantly: on fewer the probability follows from the prior.
    ``region`` is the largest difference that is practically none, with its unit.
    """
    significant, text = compared["p"] <= 1 - LEVEL, []
    for side, sign in (("worse", -1), ("better", 1)):
        chosen = significant & (compared["lead"] == sign)
        if chosen.all():
            text.append(f"All other methods are significantly {side} than {reference}.")
        elif chosen.any():
            names = _listed(compared.index[chosen])
            text.append(f"Significantly {side} than {reference}: {names}.")
        elif side == "worse":
            text.append(f"No method is significantly worse than {reference}.")
    if not significant.all():
        names = _listed(compared.index[~significant])
        text.append(f"Not significantly different from {reference}: {names}.")
    if not can_differ(datasets, 2):
        text.append(
            f"With {datasets} data sets no method is called practically equal, worse or better, as "
            "the posterior probabilities depend on the prior."
        )
        return text
    least = f"with a posterior probability of at least {LEVEL:g}"
    for outcome, words in _PRACTICALLY.items():
        sure = compared.index[compared[outcome] >= LEVEL]
        relation = f"practically {words.format(reference, region)}, {least}"
        if len(sure):
            text.append(f"{relation[0].upper()}{relation[1:]}: {_listed(sure)}.")
        elif outcome == "equal":
            text.append(f"No method is {relation}.")
    rest = compared.index[(compared[list(_PRACTICALLY)] < LEVEL).all(axis=1)]
    if len(rest):
        text.append(
            f"Practically undecided against {reference} (no such probability): {_listed(rest)}."
        )
    return text


def p_text(p):
    """Write a p-value as text, with three decimals or as below 0.001."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _listed(names):
    """Join names by commas."""
    return ", ".join(map(str, names))
