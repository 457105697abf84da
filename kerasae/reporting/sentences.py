"""Sentences on standings: which autoencoder is the best, and whether it beats the best baseline."""

import pandas as pd

from kerasae.reporting.statistics import MANY, seeds_needed

RELATION = {
    "better": "significantly better than",
    "worse": "significantly worse than",
    "": "not significantly different from",
}
"""Outcome of a test → the words between two names."""


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
