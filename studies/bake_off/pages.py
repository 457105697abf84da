"""Write the pages with numbers from the templates and the stored scores: make pages.

The pages of the models and of the metrics are made from the code, too. A model without a template
has a page without a text on its use. A template asks for every number; a score that is not there is
an error. Tests compare the pages with what this writes, and the sentences with the scores.
"""

from functools import cached_property
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd

from kerasae.evaluation import scores as tidy
from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.task import Inputs
from kerasae.evaluation.tasks import TASKS
from kerasae.models import ARTICLE, BASELINES, REGISTRY
from kerasae.reporting.figures import auc_panel
from kerasae.reporting.tables import to_markdown
from studies.bake_off.claims import rounded
from studies.bake_off.claims.forest import forest
from studies.bake_off.metric_pages import anchor, metrics, needs, task_text
from studies.bake_off.model_pages import VARIANTS, Model
from studies.bake_off.numbers import MEASURES, Numbers
from studies.bake_off.table_pages import Tables, order_elsewhere
from studies.bake_off.uses import (
    baselines_table,
    model_table,
    others_table,
    ranking_table,
    uses_of,
)
from studies.bake_off.worked_example import Example, quantile

ROOT = Path(__file__).parents[2]
_STUDY = Path(__file__).parent
SCORES = _STUDY / "scores"
_LEAST_SEEDS = 3
"""Number of seeds with trained models from which a data set is on the pages."""
PAGES = {
    "README.md": ROOT / "README.md",
    "verdicts.md": ROOT / "docs/claims/verdicts.md",
} | {
    f"{name}.md": ROOT / f"docs/{name}.md"
    for name in (
        *("article", "claims", "which-one", "metrics", "statistics", "tables"),
        *(f"models/{name}" for name in ("index", *REGISTRY, "baselines")),
    )
}
"""Template → page."""


class Context:
    """What templates can ask for, from tidy scores of the article's variants on all data sets."""

    def __init__(self, scores):
        by_dataset = by_dataset_shown(scores)
        self.data = {name: Numbers(rows) for name, rows in by_dataset.items()}
        self.by_use = {name: uses_of(rows) for name, rows in by_dataset.items()}
        with_others = beside(by_dataset["mnist"], tidy.read(SCORES / "other_models.csv"))
        self.with_others, self.others = uses_of(with_others), Numbers(with_others)
        self.order_on_mnist = order_elsewhere(by_dataset["mnist"])
        self.elsewhere = _held_out_elsewhere()
        # Codes of 32 dimensions, and the models that workflow/configs/as_published.yaml changes
        self.latent32 = Numbers(tidy.read(SCORES / "latent32.csv"))
        as_published = tidy.read(SCORES / "as_published.csv").groupby("dataset")
        self.as_published = {name: Numbers(rows) for name, rows in as_published}
        self.tables = Tables(_STUDY / "tables")
        self.models = {name: Model(name) for name in (*REGISTRY, *BASELINES)}

    @cached_property
    def example(self):
        """Example of the page on statistics."""
        return Example(self.by_use["mnist"], self.data["mnist"])

    def names(self, page):
        """Return the names that a template can use."""
        of_article = page not in self.models or self.models[page].of_article
        functions = (
            *(baselines_table, model_table, others_table, ranking_table),
            *(anchor, metrics, needs, task_text, quantile),
        )
        return {
            **{function.__name__: function for function in functions},
            **MEASURES,
            **self.data,
            **vars(self),
            **{"p": rounded, "table": to_markdown, "tasks": TASKS, "registry": REGISTRY},
            "example": self.example,
            "nine": list(ARTICLE),
            "vaes": ["vae", "beta_vae_strict", "beta_vae_loose"],
            "this": page,
            "uses": self.by_use["mnist"] if of_article else self.with_others,
        }


def by_dataset_shown(scores):
    """Divide the scores by data set, the article's first; leave out those below `_LEAST_SEEDS`."""
    trained = scores[scores["task"] == "reconstruction"].groupby("dataset")["seed"].nunique()
    names = sorted(trained.index[trained >= _LEAST_SEEDS], key=lambda name: (name != "mnist", name))
    return {name: scores[scores["dataset"] == name] for name in names}


def rendered(context, names=tuple(PAGES)):
    """Write pages, all by default: a dict from the name of the template to the page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_STUDY / "templates"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return {
        name: environment.select_template(
            [name, "models/layout.md"] if name.startswith("models/") else [name]
        ).render(context.names(Path(name).stem))
        for name in names
    }


def beside(scores, others):
    """Add scores of other variants to those of a data set, for the runs that the others have.

    A run is a seed, a latent dimension and a held-out class.
    """
    keys = ("seed", "latent_dim", "held_out")
    matches = [scores[key].isin(others[key]) | scores[key].isna() for key in keys]
    return pd.concat([scores[np.all(matches, axis=0)], others], ignore_index=True)


def _held_out_elsewhere():
    """Compare the VAE of `workflow/configs/gaussian_vae.yaml` with that of Tonnaer's table 3.3.

    Return the AUROC by the negative ELBO: a row for each latent dimension and source, a column for
    each held-out digit.
    """
    scores, key = tidy.read(SCORES / "gaussian_vae.csv"), ScoreKey("auroc", "sample", score="elbo")
    ours, theirs = tidy.select(scores, "anomaly", key), pd.read_csv(SCORES / "tonnaer.csv")
    both = pd.concat({"published": theirs, "here": ours}, names=["source"])
    both["held_out"] = both["held_out"].astype(str)
    both = both[both["latent_dim"].isin(ours["latent_dim"])].reset_index("source")
    return both.pivot_table("value", ["latent_dim", "source"], "held_out", sort=False)


def draw(context):
    """Draw the pictures that are made from the scores alone."""
    for name, numbers in context.data.items():
        figure = forest([*numbers.verdicts.values()], f"Claims of the article: {name}")
        figure.savefig(ROOT / f"docs/claims/forest-{name}.png", dpi=110)
    settings = {"score": "bce", "all_variants": [*VARIANTS, *BASELINES], "detectors": []}
    inputs = Inputs({"latent_dim": 2}, settings, {"scores": lambda: context.data["mnist"].scores})
    auc_panel.FIGURE.draw(inputs).savefig(ROOT / "docs/claims/auc-latent2.png", dpi=110)


def main():
    """Write the pages and pictures."""
    context = Context(tidy.read(SCORES / "article.csv"))
    for name, text in rendered(context).items():
        PAGES[name].write_text(text, encoding="utf-8")
    draw(context)


if __name__ == "__main__":
    main()
