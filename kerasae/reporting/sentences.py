"""Sentences on comparisons, which say only what their numbers bear.

Of one ranking, from the rows of its table: `sentences` for a page, `line` for a terminal. Of
methods across data sets: `about_all` and `about_one`.
"""

import numpy as np
import pandas as pd

from kerasae.reporting.statistics import LEVEL, MANY, can_differ

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
        thorough = "thorough" in standings.task.needs
        advice = "Set thorough: true in the configuration to measure it."
        return ["Not measured.", *[advice] * thorough]
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
    named = {name: _named(row) for name, row in standings.table.iterrows()}
    if len(standings.values) < 2:
        text = "One seed allows no ranking. Best autoencoder in this run: "
        text = [f"{text}{named[ours[0]]}, possibly by chance."]
        return [*text, f"Best baseline: {named[theirs[0]]}."] if theirs else text
    text = f"Best autoencoder: {named[ours[0]]}"
    if standings.tied:
        text += f"; not significantly worse: {', '.join(named[name] for name in standings.tied)}"
    if not theirs:
        return [f"{text}."]
    relations = standings.table.loc[ours, "against_baseline"]
    return [f"{text}.", _against_baseline(relations, f"the best baseline, {named[theirs[0]]}")]


def _named(row, with_interval=True):
    """Name the variant of a row of the table, with its mean and perhaps its interval."""
    half = f" ± {row['half_width']:.3g}" if with_interval and pd.notna(row["half_width"]) else ""
    return f"{row.name} ({row['mean']:.4g}{half})"


def _against_baseline(relations, baseline):
    """Name the autoencoders that are significantly better than the best baseline."""
    ahead, behind = relations.index[relations == "better"], (relations == "worse").sum()
    if len(ahead):
        return f"Significantly better than {baseline}: {', '.join(ahead)}."
    if behind == len(relations):
        text = f"All autoencoders are significantly worse than {baseline}"
        return f"{text}: by this measure none is needed."
    worse = f"; {behind} of {len(relations)} significantly worse" if behind else ""
    return f"No autoencoder is significantly better than {baseline}{worse}."


def line(standings):
    """Describe the result of one ranking in a line, for a terminal.

    The line names the number of seeds that a tie needs. Needs an autoencoder in the ranking.
    """
    table, better = standings.table, "higher" if standings.higher_is_better else "lower"
    first = table.loc[standings.autoencoders[0]]
    text = f"{standings.ranking.name} ({better} is better): "
    text += f"best autoencoder {_named(first, False)}"
    if standings.tied:
        second = table.loc[standings.tied[0]]
        text += f", {_tied(_named(second, False), second['seeds_best'])}"
    if not standings.baselines:
        return text
    baseline = _named(table.loc[standings.baselines[0]], False)
    if len(standings.values) < 2:
        return f"{text}; best baseline {baseline}"
    baseline = f"the best baseline, {baseline}"
    if relation := first["against_baseline"]:
        return f"{text}; {relation} than {baseline}"
    return f"{text}; {_tied(baseline, first['seeds_baseline'])}"


def _tied(name, seeds):
    """Name a tie, and the number of seeds that decide it; NaN above `MANY`."""
    number = f"more than {MANY}" if pd.isna(seeds) else f"about {seeds:.0f}"
    return f"tied with {name} ({number} seeds needed to decide)"


def about_all(average, datasets, seeds, test, metric):
    """Describe a comparison across data sets: its best method, and whether the methods differ.

    ``average`` are average ranks, the best first; ``seeds`` the fewest and most of a data set;
    ``test`` is Friedman's test of all methods; ``metric`` names the values.
    """
    fewest, most = seeds
    number = f"{fewest} to {most}" if fewest < most else str(most)
    number = f"{number} seed{'s' * (most != 1)} each" if most else "without seeds"
    text = [
        f"{len(average)} methods on {datasets} data sets by {metric} (higher is better), {number}."
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
