"""What the pages of the models take from the code and from the scores."""

import inspect
import re
from functools import cached_property
from pathlib import Path

import numpy as np
import yaml

from kerasae.models import ARTICLE, BASELINES, REGISTRY, entry, model_class
from kerasae.reporting import standings as rankings
from kerasae.reporting.statistics import LEVEL, best, half_width, holm, paired_p_value
from kerasae.reporting.tables import escaped

ROOT = Path(__file__).parents[2]
DIFFERENCES = "Differences from it:"
"""Words of a file's docstring that open the differences from its source."""
BETTER, WORSE, OPEN = "better", "worse", "no significant difference"
CONFIGURATIONS = [
    yaml.safe_load((ROOT / "workflow/configs" / name).read_text(encoding="utf-8"))
    for name in ("all.yaml", "claims.yaml")
]
VARIANTS = ARTICLE | {
    name: {"model": name, **settings}
    for one in CONFIGURATIONS
    for name, settings in one["variants"].items()
}
"""Name of a variant of the configurations → its model and settings."""


class Model:
    """A model, as its file and its class describe it.

    Parameters
    ----------
    name : str
        In the registry of models or of baselines.
    """

    def __init__(self, name):
        self.name = name
        self.kind = model_class(name)
        self.module, _, self.class_name = entry(name).rpartition(":")
        self.file = f"{self.module.replace('.', '/')}.py"
        document = inspect.getdoc(inspect.getmodule(self.kind))
        self.title, _, rest = document.partition("\n")
        self.objective, self.differences = map(in_markdown, divided(rest))

    @cached_property
    def variants(self):
        """Variants of the configurations that are this model: name → settings."""
        return {
            name: {key: value for key, value in how.items() if key != "model"}
            for name, how in VARIANTS.items()
            if how["model"] == self.name
        }

    @property
    def pictures(self):
        """Variants of which a picture is in docs/models/pictures, copied from a run."""
        folder = ROOT / "docs/models/pictures"
        return [name for name in self.variants if (folder / f"{name}.png").is_file()]

    @property
    def of_article(self):
        """Whether the article has a variant that is this model."""
        return any(how["model"] == self.name for how in ARTICLE.values())

    @property
    def settings(self):
        """Parameters that the class adds: tuples of name, default and text."""
        defaults = inspect.signature(self.kind).parameters
        return [
            (name, repr(defaults[name].default), cell(text))
            for name, text in parameters(self.kind.__doc__ or "")
            if name in defaults
        ]

    @property
    def code(self):
        """What a code is, in words."""
        if self.kind.stochastic:
            return "a Gaussian: mean and standard deviation"
        return "categories of a codebook" if self.kind.discrete else "a vector"

    @property
    def samples(self):
        """Whether the model has a prior to sample from, in words."""
        return "yes" if self.kind.generative else "no"


def divided(text):
    """Divide a file's docstring into the objective and the differences from its source."""
    before, _, after = text.partition(DIFFERENCES)
    first, *others = re.split(r"\n\s*\n(?!\d+\. )", after.strip("\n"))
    first = first.strip()
    return "\n\n".join([before.strip("\n"), *others]), first[:1].upper() + first[1:]


def parameters(document):
    """List the entries of a docstring's section of parameters: pairs of name and text."""
    found = re.search(r"^ *Parameters\n *-+\n(.*?)(?:\n\n|\Z)", document, re.DOTALL | re.MULTILINE)
    section = inspect.cleandoc("\n" + found[1]) if found else ""
    entries = re.findall(r"^(\w+) : [^\n]*\n((?:    [^\n]*\n?)+)", section, re.MULTILINE)
    return [(name, " ".join(text.split())) for name, text in entries]


def in_markdown(text):
    """Turn a part of a file's docstring into Markdown: formulas become blocks of code."""
    parts = []
    for part in filter(None, re.split(r"\n\s*\n", text.strip("\n"))):
        if all(line.startswith("    ") for line in part.splitlines()):
            parts.append(f"```text\n{inspect.cleandoc(chr(10) + part)}\n```")
        else:
            parts.append(cell(part.strip()))
    return "\n\n".join(parts)


def cell(text):
    """Escape what Markdown would take for markup, outside of code."""
    pieces = re.split(r"(``.*?``|`[^`]*`)", text)
    return "".join(
        one if one.startswith("`") else re.sub(r"([<\[\]|])", r"\\\1", one) for one in pieces
    )


class Uses:
    """The rankings of a data set by use, as the pages of the models ask for them.

    Autoencoders are compared among themselves and with the best baseline as in
    `kerasae.reporting.rankings.sentences`.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of one data set.
    """

    def __init__(self, scores):
        self.values, self.tasks, self.rankings = {}, {}, {}
        for task, ranking in rankings.RANKINGS:
            values, _ = rankings.values_by_seed(scores, task, ranking)
            if not values.empty:
                self.values[ranking.name] = values
                self.tasks[ranking.name], self.rankings[ranking.name] = task, ranking

    def metric(self, use):
        """Metric of a ranking."""
        return self.tasks[use].metric(self.rankings[use].measures[0].metric)

    def ranked(self, use, baselines=False):
        """Autoencoders, or baselines, of a ranking, the best mean first."""
        values = self.values[use]
        names = [name for name in values if (name in rankings.BASELINES) == baselines]
        sign = 1 if self.metric(use).higher_is_better else -1
        return sorted(names, key=lambda name: -sign * values[name].mean())

    def has(self, use, variant):
        """Whether a variant is in a ranking."""
        return use in self.values and variant in self.values[use]

    def mean(self, use, variant, digits):
        """Mean of a variant over the seeds, as text."""
        return f"{self.values[use][variant].mean():z.{digits}f}"

    def interval(self, use, variant):
        """Mean ± half the width of the 95 % interval, as text; without one for a constant."""
        values, digits = self.values[use][variant], self.digits(use)
        text = f"{values.mean():z.{digits}f}"
        return (
            f"{text}\u00a0±\u00a0{half_width(values):.{digits}f}" if values.nunique() > 1 else text
        )

    def digits(self, use):
        """Decimals for a ranking: four digits of its best mean."""
        first = abs(self.values[use][self.ranked(use)[0]].mean())
        return int(np.clip(3 - np.floor(np.log10(first)), 0, 3))

    def seeds(self, use):
        """Seeds of a ranking."""
        return [int(seed) for seed in self.values[use].index]

    def tied(self, use):
        """Autoencoders with the best mean, and those that are not significantly worse."""
        return self.tied_by_use[use]

    @cached_property
    def tied_by_use(self):
        """Name of a ranking → see `tied`."""
        return {
            use: best(values[self.ranked(use)], self.metric(use).higher_is_better)
            for use, values in self.values.items()
        }

    def place(self, use, variant):
        """Say where a variant stands among the autoencoders."""
        first, tied = self.ranked(use)[0], self.tied(use)
        if variant == first:
            others = f"{len(tied) - 1} other{'s' * (len(tied) > 2)}"
            return "best" if len(tied) == 1 else f"best mean, tied with {others}"
        if variant in tied:
            return f"tied with the best, {escaped(first)}"
        return f"worse than the best, {escaped(first)}"

    def baseline(self, use):
        """Best baseline of a ranking; None without one."""
        return next(iter(self.ranked(use, baselines=True)), None)

    def against_baseline(self, use, variant):
        """Compare a variant with the best baseline: better, worse, or neither is significant.

        The p-values of all autoencoders are corrected together.
        """
        return self.against_baselines[use][variant]

    @cached_property
    def against_baselines(self):
        """Name of a ranking with a baseline → variant → see `against_baseline`."""
        return {
            use: self.against(use, self.baseline(use), self.ranked(use))
            for use in self.values
            if self.baseline(use)
        }

    def against(self, use, reference, variants):
        """Compare variants, whose p-values are corrected together, with a reference: by name."""
        values, higher = self.values[use], self.metric(use).higher_is_better
        gains = values[variants].sub(values[reference], axis=0).mean()
        p_values = holm([paired_p_value(values[one], values[reference]) for one in variants])
        verdicts = [BETTER if (gain > 0) == higher else WORSE for gain in gains]
        verdicts = np.where(p_values > 1 - LEVEL, OPEN, verdicts)
        return dict(zip(variants, map(str, verdicts), strict=True))

    def beside_baseline(self, use, variant):
        """Compare a variant with the best baseline, in words."""
        said = {
            BETTER: "significantly better than",
            WORSE: "significantly worse than",
            OPEN: "not significantly different from",
        }
        name = self.baseline(use)
        against = said[self.against_baseline(use, variant)]
        return f"{against} the best baseline, {escaped(name)} ({self.interval(use, name)})"

    def is_better(self, use, *variants):
        """Whether each variant is significantly better than the best baseline."""
        return all(self.against_baseline(use, one) == BETTER for one in variants)

    def is_not_better(self, use, *variants):
        """Whether no variant is significantly better than the best baseline."""
        return not any(self.against_baseline(use, one) == BETTER for one in variants)

    def is_worse(self, use, *variants):
        """Whether each variant is significantly worse than the best baseline."""
        return all(self.against_baseline(use, one) == WORSE for one in variants)

    def leads(self, use, variant):
        """Whether a variant has the best mean of the autoencoders."""
        return self.ranked(use)[0] == variant

    def is_behind(self, use, *variants):
        """Whether each variant is significantly worse than the best autoencoder."""
        return not {*variants} & {*self.tied(use)}

    def table(self, model):
        """Write the scores of a model beside the best baseline of each ranking."""
        several = len([one for one in model.variants if any(self.has(u, one) for u in self.values)])
        head = ["use", *(["variant"] if several > 1 else []), "mean", "among the autoencoders",
                "best baseline", "against it"]  # fmt: skip
        lines = [head, ["---"] * len(head)]
        for use in self.values:
            for variant in model.variants:
                if self.has(use, variant):
                    name = [f"`{variant}`"] if several > 1 else []
                    about = [self.interval(use, variant), self.place(use, variant)]
                    lines.append([self.heading(use), *name, *about, *self.beside(use, variant)])
        return in_lines(lines) if len(lines) > 2 else ""

    def beside(self, use, variant):
        """Cells of the best baseline, and of the comparison with it."""
        name = self.baseline(use)
        if name is None:
            return ["", ""]
        against = self.against_baseline(use, variant)
        return [f"{escaped(name)} {self.interval(use, name)}", against]

    def baselines_table(self):
        """Write the scores of all baselines beside the best autoencoder of each ranking."""
        names = dict.fromkeys(name for use in self.values for name in self.ranked(use, True))
        head = ["use", *(f"`{name}`" for name in names), "best autoencoder"]
        lines = [head, ["---"] * len(head)]
        for use in self.values:
            cells = [self.interval(use, name) if self.has(use, name) else "" for name in names]
            first = self.ranked(use)[0]
            lines.append(
                [self.heading(use), *cells, f"{escaped(first)} {self.interval(use, first)}"]
            )
        return in_lines(lines)

    def ranking_table(self, use):
        """Write all of a ranking, the best mean first."""
        everyone = self.ranked(use) + self.ranked(use, baselines=True)
        values, higher = self.values[use], self.metric(use).higher_is_better
        everyone.sort(key=lambda name: values[name].mean(), reverse=higher)
        has_baseline = self.baseline(use) is not None
        last = ["against the best baseline"] if has_baseline else []
        head = ["", "mean", "among the autoencoders", *last]
        lines = [head, ["---"] * len(head)]
        for name in everyone:
            if name in rankings.BASELINES:
                said = ["*baseline*", ""]
            else:
                said = [self.place(use, name)]
                said += [self.against_baseline(use, name)] if has_baseline else []
            lines.append([link_to(name), self.interval(use, name), *said[: len(head) - 2]])
        return in_lines(lines)

    def others(self, use):
        """Models that are not of the article, the best mean first."""
        return [name for name in self.ranked(use) if is_other(name)]

    def others_table(self):
        """Write the best of the article's models, and of the others, in each ranking."""
        head = ["use", "best of the article's", "best of the others", "against the former"]
        lines = [head, ["---"] * len(head)]
        for use in self.values:
            others = self.others(use)
            if not others:
                continue
            first = next(name for name in self.ranked(use) if not is_other(name))
            said = [f"{link_to(one)} {self.interval(use, one)}" for one in (first, others[0])]
            against = self.against(use, first, others)
            lines.append([self.heading(use), *said, against[others[0]]])
        return in_lines(lines)

    def heading(self, use):
        """Name of a ranking with its metric and the better direction."""
        return f"{use} ({escaped(self.metric(use).title)}\u00a0{self.metric(use).arrow})"


def is_other(variant):
    """Whether a variant is a model that is not of the article."""
    return VARIANTS[variant]["model"] not in {how["model"] for how in ARTICLE.values()}


def link_to(variant, folder="models/"):
    """Write the name of a variant as a link to the page of its model."""
    model = VARIANTS.get(variant, {"model": variant})["model"]
    page = model if model in REGISTRY else "baselines" if model in BASELINES else None
    return f"[`{variant}`]({folder}{page}.md)" if page else f"`{variant}`"


def in_lines(rows):
    """Write rows of cells as a table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
