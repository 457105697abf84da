"""Write the pages with numbers from the templates and the stored scores: make pages.

The pages of the models and of the metrics are made from the code, too: see `model_pages` and
`metric_pages`. A model without a template has a page without a text on its use.

A template asks for every number, ranking and verdict, and states with ``said`` what a sentence of
its own claims. A statement that the scores no longer bear, or a score that is not there, is an
error. A test compares the pages with what this writes.
"""

from functools import cached_property
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd

from kerasae.datasets import NO_CLASS
from kerasae.evaluation import scores as tidy
from kerasae.evaluation.metrics import Measure
from kerasae.evaluation.task import Inputs
from kerasae.evaluation.tasks import TASKS
from kerasae.models import ARTICLE, BASELINES, REGISTRY
from kerasae.reporting.figures import auc_panel
from kerasae.reporting.sentences import sentences
from kerasae.reporting.standings import RANKINGS, standings
from kerasae.reporting.statistics import LEVEL, half_width, paired_p_value
from kerasae.reporting.tables import to_markdown
from studies.bake_off.claims import judge, judgements, rounded
from studies.bake_off.claims.forest import forest
from studies.bake_off.metric_pages import anchor, metrics, needs, task_text
from studies.bake_off.model_pages import VARIANTS, Model, Uses
from studies.bake_off.published import published
from studies.bake_off.table_pages import Tables, order_elsewhere
from studies.bake_off.worked_example import Example, quantile

ROOT = Path(__file__).parents[2]
STUDY = Path(__file__).parent
SCORES = STUDY / "scores/article.csv"
GAUSSIAN = STUDY / "scores/gaussian_vae.csv"
"""Scores of `workflow/configs/gaussian_vae.yaml`."""
TONNAER = STUDY / "scores/tonnaer.csv"
"""AUROC by the negative ELBO, from table 3.3 of Tonnaer's thesis."""
LATENT32 = STUDY / "scores/latent32.csv"
"""Scores of four models with codes of 32 dimensions, each digit of MNIST held out, seed 1."""
FURTHER = STUDY / "scores/other_models.csv"
"""Scores of the models that are not of the article, as thorough as `SCORES`."""
AS_PUBLISHED = STUDY / "scores/as_published.csv"
"""Scores of the two models that `workflow/configs/as_published.yaml` changes, seed 1."""
TABLES = STUDY / "tables"
LEAST_SEEDS = 3
"""Number of seeds with trained models from which a data set is on the pages."""
PAGES = {
    "README.md": ROOT / "README.md",
    "article.md": ROOT / "docs/article.md",
    "claims.md": ROOT / "docs/claims.md",
    "verdicts.md": ROOT / "docs/claims/verdicts.md",
    "which-one.md": ROOT / "docs/which-one.md",
    "metrics.md": ROOT / "docs/metrics.md",
    "statistics.md": ROOT / "docs/statistics.md",
    "tables.md": ROOT / "docs/tables.md",
} | {
    f"models/{name}.md": ROOT / f"docs/models/{name}.md"
    for name in ("index", *REGISTRY, "baselines")
}
"""Template → page."""


class Numbers:
    """The scores of a data set, as templates ask for them.

    A measure is a task, a metric and qualifiers, such as ``code="mean"``; ``held_out`` and
    ``latent_dim`` choose an anomaly run.
    """

    def __init__(self, scores):
        self.scores = scores
        self.figures = published(scores["dataset"].iloc[0]).assign(seed=0)

    @cached_property
    def judged(self):
        """Judgements of the claims and of their parts, by their ids."""
        return {one.id: one for one in judgements(self.scores)}

    @cached_property
    def verdicts(self):
        """The same as a table, by their ids."""
        return judge(self.scores).set_index("id")

    def rows(self, variant, task, metric, held_out="none", latent_dim=None, **qualifiers):
        """Rows of a measure of a variant; none where it was not measured."""
        found = tidy.select(self.scores, task, Measure(metric, **qualifiers))
        found = found[(found["variant"] == variant) & (found["held_out"] == held_out)]
        return found if latent_dim is None else found[found["latent_dim"] == latent_dim]

    def values(self, variant, **where):
        """Values of a measure by seed; an error where there is none, or several of a seed."""
        found = self.rows(variant, **where)
        if found.empty or found["seed"].duplicated().any():
            count = "no" if found.empty else "several"
            raise ValueError(f"{count} scores of {variant}: {where}")
        return found.set_index("seed")["value"].sort_index()

    def mean(self, variant, digits=3, **where):
        """Mean over the seeds as text."""
        return f"{self.values(variant, **where).mean():z.{digits}f}"

    def interval(self, variant, digits=3, **where):
        """Mean ± half the width of the 95 % interval as text; of one seed the value alone."""
        values = self.values(variant, **where)
        text = f"{values.mean():z.{digits}f}"
        return f"{text} ± {half_width(values):z.{digits}f}" if len(values) > 1 else text

    def span(self, variants, digits=3, **where):
        """Smallest and largest mean of some variants as text."""
        means = [self.values(name, **where).mean() for name in variants]
        return " to ".join(f"{value:z.{digits}f}" for value in (min(means), max(means)))

    def better(self, one, other, by=0.0, other_where=None, **where):
        """Whether one variant is significantly better than another, by more than an amount.

        Paired by seed, without a correction: a sentence that compares one with several asks for
        each. ``other_where`` replaces parts of the measure for the other.
        """
        sign = 1 if TASKS[where["task"]].metric(where["metric"]).higher_is_better else -1
        where = {key: value for key, value in where.items() if key != "digits"}
        pair = self.values(one, **where), self.values(other, **where | (other_where or {}))
        gain = (sign * (pair[0] - pair[1])).dropna().to_numpy()
        if len(gain) < 2:
            return False
        certain = paired_p_value(gain, np.full(len(gain), by)) <= 1 - LEVEL
        return bool(certain and gain.mean() > by)

    def is_ahead(self, one, others, **where):
        """Whether the mean of a variant is better than that of each of the others.

        For a sentence on the means beside it, which says nothing on the significance.
        """
        metric = TASKS[where["task"]].metric(where["metric"])
        sign = 1 if metric.higher_is_better else -1
        where = {key: value for key, value in where.items() if key != "digits"}
        mean = self.values(one, **where).mean()
        rest = [name for name in others if name != one]
        return all(sign * (mean - self.values(name, **where).mean()) > 0 for name in rest)

    def all_ahead(self, names, others, **where):
        """Whether the mean of each of some variants is better than that of all others."""
        rest = [other for other in others if other not in names]
        return all(self.is_ahead(name, rest, **where) for name in names)

    def all_better(self, names, other_where, **where):
        """Whether each variant is significantly better by a measure than by another one."""
        return all(self.better(name, name, other_where=other_where, **where) for name in names)

    def below(self, variants, bound, **where):
        """List the variants whose mean is below a bound."""
        return [name for name in variants if self.values(name, **where).mean() < bound]

    def certainly_below(self, variants, bound, **where):
        """List the variants whose mean is significantly below a bound; not corrected."""
        found = []
        for name in self.below(variants, bound, **where):
            values = self.values(name, **where)
            if paired_p_value(values.to_numpy(), np.full(len(values), bound)) <= 1 - LEVEL:
                found.append(name)
        return found

    def by_digit(self, variant, **where):
        """Values of a measure: a row for each seed, a column for each held-out class."""
        classes = sorted({*self.scores["held_out"]} - {NO_CLASS})
        columns = {one: self.values(variant, held_out=one, **where) for one in classes}
        return pd.DataFrame(columns)

    def most_over_digits(self, variants, **where):
        """Highest mean over all held-out classes, of the seeds that have all of them."""
        tables = [self.by_digit(name, **where) for name in variants]
        return max(table.dropna().to_numpy().mean() for table in tables)

    def seeds_at(self, value, variant, **where):
        """List the seeds in which a variant has a value."""
        values = self.values(variant, **where)
        return [int(seed) for seed in values.index[np.isclose(values, value, rtol=0, atol=1e-6)]]

    def each_seed(self, variant, digits=3, **where):
        """Write the values of all seeds."""
        return ", ".join(f"{value:.{digits}f}" for value in self.values(variant, **where))

    def seeds(self, task="reconstruction"):
        """Seeds of a task, sorted."""
        found = self.scores.loc[self.scores["task"] == task, "seed"].dropna()
        return sorted(int(seed) for seed in found.unique())

    def answer(self, use):
        """Write the sentences of a ranking, by its name, as in the report."""
        task, ranking = next(pair for pair in RANKINGS if pair[1].name == use)
        return " ".join(sentences(standings(self.scores, task, ranking)))

    def claims(self):
        """List the judgements of whole claims."""
        return [one for one in self.judged.values() if one.part is None]

    def count(self, verdict):
        """Count the claims with a verdict."""
        return sum(one.decision.verdict == verdict for one in self.claims())

    def survivors(self):
        """Ids of the supported, refuted and mixed claims that survive the correction for all."""
        return [one.id for one in self.claims() if one.p_of_all <= 1 - LEVEL]

    def grid(self, variants, columns):
        """Make a table in Markdown: a row a variant.

        Parameters
        ----------
        variants : list of str
            Rows; a variant that lacks all columns is left out.
        columns : dict of str to dict
            Heading → arguments of `cell`.
        """
        rows = {name: [self.cell(name, **how) for how in columns.values()] for name in variants}
        lines = [["", *columns], ["---"] * (1 + len(columns))]
        lines += [[name, *cells] for name, cells in rows.items() if any(cells)]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def samples_grid(self):
        """Make the table of generated samples: a row a variant and sampler."""
        metrics = {
            "frechet_distance": 1, "precision": 3, "recall": 3, "density": 3, "coverage": 3,
            "pairwise_distance": 1, "confidence": 3,
        }  # fmt: skip
        titles = [TASKS["samples"].metric(name).title for name in metrics]
        lines = [["", "sampler", *titles], ["---"] * (2 + len(metrics))]
        rows = self.scores[(self.scores["task"] == "samples") & (self.scores["sampler"] != "")]
        for variant, sampler in dict.fromkeys(zip(rows["variant"], rows["sampler"], strict=True)):
            where = {"task": "samples", "sampler": sampler}
            cells = [
                self.interval(variant, metric=m, digits=d, **where) for m, d in metrics.items()
            ]
            lines.append([variant, sampler.replace("_", " "), *cells])
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def cell(self, variant, article=False, of_vaes=False, **where):
        """Make a cell of `grid`: see `interval`; empty where it was not measured.

        ``article`` adds the article's figure, ``of_vaes`` leaves out deterministic models, whose
        only code is both sample and mean.
        """
        measure = {key: value for key, value in where.items() if key != "digits"}
        found = self.rows(variant, **measure)
        if found.empty or (of_vaes and not (found["code"] == where["code"]).any()):
            return ""
        text = self.interval(variant, **where)
        # The article's were trained on pixels, and with noise of another amount
        if article and variant not in ("stacked", "denoising"):
            name = variant.removesuffix("_pixels")
            known = {key: measure.get(key) for key in ("code", "probe", "score")}
            figures = tidy.select(self.figures, where["task"], Measure(where["metric"], **known))
            text += "".join(f" ({one:g})" for one in figures["value"][figures["variant"] == name])
        return text


def said(text, *conditions):
    """Return a sentence that the scores bear; else raise an error."""
    if not all(conditions):
        raise ValueError(f"the scores do not bear: {text}")
    return text


def shown(scores):
    """Divide the scores by data set, the article's first; `LEAST_SEEDS` have to be there."""
    parts = dict(sorted(scores.groupby("dataset"), key=lambda part: part[0] != "mnist"))
    trained = scores[scores["task"] == "reconstruction"].groupby("dataset")["seed"].nunique()
    return {name: part for name, part in parts.items() if trained[name] >= LEAST_SEEDS}


def rendered(scores, names=tuple(PAGES)):
    """Write pages.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of all data sets.
    names : sequence of str, optional
        Of their templates; by default those of all pages.

    Returns
    -------
    dict of str to str
        Name of the template → page.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(STUDY / "templates"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parts = shown(scores)
    known = {name: Numbers(part) for name, part in parts.items()}
    uses = {name: Uses(part) for name, part in parts.items()}
    example = Example(parts["mnist"])
    everyone = beside(parts["mnist"], tidy.read(FURTHER))
    shared = {
        **{"data": known, "said": said, "p": rounded, "table": to_markdown},
        **{"tasks": TASKS, "task_text": task_text, "metrics": metrics, "needs": needs},
        **{"anchor": anchor, "registry": REGISTRY, "by_use": uses, "quantile": quantile},
        "with_others": Uses(everyone),
        "others": Numbers(everyone),
        "models": {name: Model(name) for name in (*REGISTRY, *BASELINES)},
        "example": example,
        "tables": Tables(TABLES),
        "nine": list(ARTICLE),
        "order_on_mnist": order_elsewhere(parts["mnist"]),
        "elsewhere": held_out_elsewhere(),
        "latent32": Numbers(tidy.read(LATENT32)),
        "as_published": {
            name: Numbers(part) for name, part in tidy.read(AS_PUBLISHED).groupby("dataset")
        },
        "comparisons": {row["name"]: row for row in example.comparisons()},
    }
    return {
        name: environment.select_template(
            [name, "models/layout.md"] if name.startswith("models/") else [name]
        ).render(this=Path(name).stem, **shared, **known)
        for name in names
    }


def beside(scores, others):
    """Add scores of other variants to those of a data set, cut to the runs that the others have.

    Parameters
    ----------
    scores, others : pandas.DataFrame
        Tidy scores of one data set.

    Returns
    -------
    pandas.DataFrame
        Of all variants, for the seeds, latent dimensions and held-out classes of ``others``.
    """
    keys = ("seed", "latent_dim", "held_out")
    alike = [scores[key].isin(others[key]) | scores[key].isna() for key in keys]
    return pd.concat([scores[np.all(alike, axis=0)], others], ignore_index=True)


def held_out_elsewhere():
    """Compare the VAE of `GAUSSIAN` with that of `TONNAER`.

    Returns
    -------
    pandas.DataFrame
        AUROC: a row for each latent dimension and source, a column for each held-out digit.
    """
    ours = tidy.select(tidy.read(GAUSSIAN), "anomaly", Measure("auroc", "sample", score="elbo"))
    both = pd.concat({"published": pd.read_csv(TONNAER), "here": ours}, names=["source"])
    both["held_out"] = both["held_out"].astype(str)
    both = both[both["latent_dim"].isin(ours["latent_dim"])].reset_index("source")
    return both.pivot_table("value", ["latent_dim", "source"], "held_out", sort=False)


def draw(scores):
    """Draw the pictures that are made from the scores alone."""
    for name, part in shown(scores).items():
        title = f"Claims of the article: {name}"
        forest(judgements(part), title).savefig(ROOT / f"docs/claims/forest-{name}.png", dpi=110)
    part = shown(scores)["mnist"]
    settings = {"score": "bce", "all_variants": [*VARIANTS, *BASELINES], "detectors": []}
    inputs = Inputs({"latent_dim": 2}, settings, {"scores": lambda: part})
    auc_panel.FIGURE.draw(inputs).savefig(ROOT / "docs/claims/auc-latent2.png", dpi=110)


def main():
    """Write the pages and pictures."""
    scores = tidy.read(SCORES)
    for name, text in rendered(scores).items():
        PAGES[name].write_text(text, encoding="utf-8")
    draw(scores)


if __name__ == "__main__":
    main()
