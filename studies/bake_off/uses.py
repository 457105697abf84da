"""Rankings by use, as the pages write them."""

import numpy as np

from kerasae.models import ARTICLE, BASELINES, REGISTRY
from kerasae.reporting.sentences import RELATION, sentences
from kerasae.reporting.standings import all_standings
from kerasae.reporting.tables import escaped
from studies.bake_off.model_pages import VARIANTS

_WORDS = {"better": "better", "worse": "worse", "": "no significant difference"}
"""Outcome of a comparison → the words in a cell."""


class Use:
    """One ranking, formatted, from standings with values."""

    def __init__(self, standings):
        self.standings = standings
        self.name, self.text = standings.ranking.name, standings.ranking.text
        self.values, self.table = standings.values, standings.table
        self.metric = standings.task.metric(standings.ranking.score_keys[0].metric)
        self.ranked, self.seeds = standings.autoencoders, [int(seed) for seed in self.values.index]
        self.others = [name for name in self.ranked if _is_other(name)]
        self.first, self.baseline = self.ranked[0], next(iter(standings.baselines), None)
        # Four digits of the best mean
        self.digits = int(np.clip(3 - np.floor(np.log10(abs(self._mean(self.first)))), 0, 3))

    @property
    def heading(self):
        """Name with the metric and the better direction."""
        return f"{self.name} ({escaped(self.metric.title)}\u00a0{self.metric.arrow})"

    @property
    def answer(self):
        """Sentences of the report."""
        return " ".join(sentences(self.standings))

    def _mean(self, variant):
        return self.table.at[variant, "mean"]

    def mean(self, variant, digits):
        """Write the mean of a variant over the seeds."""
        return f"{self._mean(variant):z.{digits}f}"

    def interval(self, variant):
        """Write the mean ± half the width of the 95 % interval; without one for a constant."""
        text, half = self.mean(variant, self.digits), self.table.at[variant, "half_width"]
        return text if np.isnan(half) else f"{text}\u00a0±\u00a0{half:.{self.digits}f}"

    def place(self, variant):
        """Say where a variant stands among the autoencoders."""
        tied = self.standings.tied
        if variant == self.first:
            others = f"{len(tied)} other{'s' * (len(tied) > 1)}"
            return f"best mean, tied with {others}" if tied else "best"
        if variant in tied:
            return f"tied with the best, {escaped(self.first)}"
        return f"worse than the best, {escaped(self.first)}"

    def against_baseline(self, variant):
        """Compare an autoencoder with the best baseline, in the words of a cell."""
        return _WORDS[self.table.at[variant, "against_baseline"]]

    def beside_baseline(self, variant):
        """Compare an autoencoder with the best baseline, in words."""
        relation = RELATION[self.table.at[variant, "against_baseline"]]
        name = self.baseline
        return f"{relation} the best baseline, {escaped(name)} ({self.interval(name)})"

    def _cell(self, variant, named):
        return f"{named(variant)} {self.interval(variant)}"


def uses_of(scores):
    """Make a dict of the rankings by use of the scores of a data set: name → `Use`."""
    return {
        standings.ranking.name: Use(standings)
        for standings in all_standings(scores)
        if not standings.values.empty
    }


def model_table(uses, model):
    """Write the scores of a model beside the best baseline of each ranking."""
    rows = [(use, name) for use in uses.values() for name in model.variants if name in use.values]
    several = len({name for _, name in rows}) > 1
    head = ["use", *(["variant"] * several), "mean", "among the autoencoders", "best baseline",
            "against it"]  # fmt: skip
    lines = []
    for use, name in rows:
        cells = [use.heading, *([f"`{name}`"] * several), use.interval(name), use.place(name)]
        beside = ["", ""]
        if use.baseline:
            beside = [use._cell(use.baseline, escaped), use.against_baseline(name)]
        lines.append([*cells, *beside])
    return markdown(head, lines) if lines else ""


def baselines_table(uses):
    """Write the scores of all baselines beside the best autoencoder of each ranking."""
    names = list(dict.fromkeys(name for use in uses.values() for name in use.standings.baselines))
    lines = [
        [
            use.heading,
            *(use.interval(name) if name in use.values else "" for name in names),
            use._cell(use.first, escaped),
        ]
        for use in uses.values()
    ]
    return markdown(["use", *(f"`{name}`" for name in names), "best autoencoder"], lines)


def ranking_table(use):
    """Write all of a ranking, the best mean first."""
    head = ["", "mean", "among the autoencoders", "against the best baseline"]
    lines = []
    for name, row in use.table.iterrows():
        words = ["*baseline*", ""]
        if not row["is_baseline"]:
            words = [use.place(name), use.against_baseline(name)]
        lines.append([_link_to(name), use.interval(name), *words])
    return (
        markdown(head, lines) if use.baseline else markdown(head[:3], [line[:3] for line in lines])
    )


def others_table(uses):
    """Write the best of the article's models, and of the others, in each ranking."""
    lines = []
    for use in uses.values():
        if use.others:
            ours = next(name for name in use.ranked if not _is_other(name))
            against = use.standings.against(ours, use.others)[use.others[0]]
            cells = [use._cell(name, _link_to) for name in (ours, use.others[0])]
            lines.append([use.heading, *cells, _WORDS[against]])
    head = ["use", "best of the article's", "best of the others", "against the former"]
    return markdown(head, lines)


def _is_other(variant):
    """Return whether a variant is a model that is not of the article."""
    return VARIANTS[variant]["model"] not in {settings["model"] for settings in ARTICLE.values()}


def _link_to(variant, folder="models/"):
    """Write the name of a variant as a link to the page of its model."""
    model = VARIANTS.get(variant, {"model": variant})["model"]
    page = model if model in REGISTRY else "baselines" if model in BASELINES else None
    return f"[`{variant}`]({folder}{page}.md)" if page else f"`{variant}`"


def markdown(head, rows):
    """Write rows of cells as a table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))
