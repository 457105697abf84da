"""Which autoencoder for which purpose, if any: rankings that say no more than the seeds do."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from kerasae.evaluation.measures.anomaly import DETECTORS
from kerasae.models import BASELINES
from kerasae.reporting.pages import ENVIRONMENT, html_table
from kerasae.reporting.pages import page as document
from kerasae.reporting.statistics import LEVEL, best, by_seed, half_width, holm, paired_p_value
from kerasae.reporting.tables import BOUNDS

MEAN_CODE = " of the mean code"
NO_AUTOENCODER = (
    *BASELINES,
    *("mean_image", "raw_pixels", "from_scratch"),
    *dict.fromkeys(detector.variant for detector in DETECTORS.values()),
)
"""Variants in the scores that are baselines, not trained autoencoders."""


BODY = ENVIRONMENT.from_string("""
<p>{{ seeds }} {{ "seed" if seeds == 1 else "seeds" }};
{% if seeds > 1 %}
comparisons are paired by seed and corrected by Holm's method.</p>
{% else %}
with one seed nothing can be ranked: set more seeds in the configuration.</p>
{% endif %}
<ul>
{% for purpose, said in answers %}
<li><strong>{{ purpose.name[0] | upper }}{{ purpose.name[1:] }}</strong>: {{ said }}
{% if purpose.task in measured %}
({{ purpose.measure }}; table: {{ purpose.task }})
{% endif %}
</li>
{% endfor %}
</ul>
<details><summary>All rankings</summary>
{{ rankings }}
</details>
<h2>The data</h2>
<pre>{{ description }}</pre>
""")


@dataclass(frozen=True)
class Purpose:
    """What an autoencoder may be wanted for, and by what it is judged.

    Attributes
    ----------
    name : str
        In words.
    task : str
        Of the scores, and of the table.
    metrics : tuple of str
        Names of the metric, the first that was measured counts.
    higher_is_better : bool
        Which way is better.
    measure : str
        What the metric is, in words.
    by_cell : bool
        Whether a value is the mean over all held-out classes and latent dimensions.
    """

    name: str
    task: str
    metrics: tuple
    higher_is_better: bool
    measure: str
    by_cell: bool = False


PURPOSES = (
    Purpose(
        "compression", "reconstruction", ("bce", "mse"), False,
        "reconstruction loss on the test, of VAEs that of the mean code",
    ),
    Purpose(
        "features for a classifier", "classification", ("logistic accuracy",), True,
        "test accuracy of a logistic regression on few labelled codes",
    ),
    Purpose(
        "anomaly detection", "anomaly",
        ("auc_bce", "auc_mse", *(f"auc_{score}" for score in DETECTORS)), True,
        "area under the ROC curve, mean over what was left out; of autoencoders by the "
        "reconstruction loss, of other detectors by their own score",
        by_cell=True,
    ),
    Purpose(
        "generation", "samples", ("frechet distance",), False,
        "Fréchet distance of samples in a classifier's features, by the better sampler",
    ),
    Purpose(
        "a map to look at", "latent_space", ("neighbours accuracy",), True,
        "share of the test codes whose nearest neighbours are of their class",
    ),
)  # fmt: skip
"""In the order of the page."""


def of_purpose(scores, purpose):
    """Arrange the scores of one purpose, to be compared by seed.

    Returns
    -------
    values : pandas.DataFrame of shape (seeds, variants)
        Of the seeds that autoencoders were measured with; empty if nothing can be compared.
    lacking : list of str
        Variants that were measured and cannot be compared: they lack a seed or a held-out class
        that others have.
    """
    part = scores[(scores["task"] == purpose.task) & ~scores["variant"].isin(BOUNDS)]
    frames, measured, held_out = [], [], part["held_out"].nunique()
    for variant, rows in part.groupby("variant", sort=False):
        values = chosen(rows, purpose)
        if values is None:
            continue
        measured.append(variant)
        if purpose.by_cell and rows["held_out"].nunique() < held_out:
            continue  # one that was tried on the easier classes alone
        frames.append(values.assign(variant=variant))
    found = pd.concat(frames) if frames else pd.DataFrame(columns=["seed", "value", "variant"])
    seeds = found.loc[~found["variant"].isin(NO_AUTOENCODER), "seed"].dropna()
    if len(seeds):  # a baseline's further seeds must not drop those that lack them
        found = found[found["seed"].isna() | found["seed"].isin(seeds)]
    values = by_seed(found) if found["seed"].notna().any() else pd.DataFrame()
    return values, [variant for variant in measured if variant not in values]


def chosen(rows, purpose):
    """Give one value a seed of one variant's rows, or None: columns ``seed`` and ``value``."""
    keys = ["seed", "latent_dim", "held_out"] if purpose.by_cell else ["seed"]
    for metric in purpose.metrics:
        found = rows[rows["metric"] == f"{metric}{MEAN_CODE}"]
        if found.empty:
            found = rows[rows["metric"] == metric]
        if found.empty:  # several ways to do it, such as samplers: the better one in the mean
            ways = rows[rows["metric"].str.startswith(f"{metric} (")]
            means = ways.groupby("metric")["value"].mean()
            if len(means):
                way = means.idxmax() if purpose.higher_is_better else means.idxmin()
                found = ways[ways["metric"] == way]
        if not found.empty:
            cells = found.groupby(keys, dropna=False)["value"].mean().reset_index()
            seeds = cells.groupby("seed", dropna=False)["value"].agg(["mean", "size"])
            # A seed that lacks a class that others have does not count
            whole = seeds.loc[seeds["size"] == seeds["size"].max(), "mean"]
            return whole.rename("value").reset_index()
    return None


def rankings(scores):
    """Rank the contestants and baselines for every purpose.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of one data set.

    Returns
    -------
    pandas.DataFrame
        A row a purpose and variant, the best mean first: ``purpose``, ``variant``, ``mean``,
        ``±`` (half of its 95 % interval), ``standing`` (*best*, *tied* with the best, or empty;
        empty for all with one seed) and ``task``, whose table has more.
    """
    rows = []
    for purpose in PURPOSES:
        values, _ = of_purpose(scores, purpose)
        if values.empty:
            continue
        first = best(values, purpose.higher_is_better)
        order = values.mean().sort_values(ascending=not purpose.higher_is_better, kind="stable")
        for variant, mean in order.items():
            standing = ("best" if len(first) == 1 else "tied") if variant in first else ""
            rows.append(
                {
                    "purpose": purpose.name,
                    "variant": variant,
                    "mean": mean,
                    "±": half_width(values[variant]) if values[variant].nunique() > 1 else np.nan,
                    "standing": standing,
                    "task": purpose.task,
                }
            )
    columns = ["purpose", "variant", "mean", "±", "standing", "task"]
    return pd.DataFrame(rows, columns=columns)


def sentences(scores, purpose):
    """Say what the seeds tell for one purpose: a list of str."""
    values, lacking = of_purpose(scores, purpose)
    said = compared(values, 1 if purpose.higher_is_better else -1)
    if lacking:
        names = ", ".join(lacking)
        said.append(f"Not compared, as they lack a seed or a held-out class of others: {names}.")
    elif values.empty:
        said = ["Not measured here."]
    return said


def compared(values, sign):
    """Compare the autoencoders, and with the best baseline, in a list of str.

    Parameters
    ----------
    values : pandas.DataFrame of shape (seeds, variants)
        Of one purpose.
    sign : {1, -1}
        Of what is better: higher or lower values.
    """
    ours = [name for name in values if name not in NO_AUTOENCODER]
    theirs = [name for name in values if name in NO_AUTOENCODER]
    if not ours:
        return ["No autoencoder was measured."] if theirs else []

    def shown(name):
        half = half_width(values[name]) if values[name].nunique() > 1 else np.nan
        spread = "" if np.isnan(half) else f" ± {half:.3g}"
        return f"{name} ({values[name].mean():.4g}{spread})"

    ranked = sorted(ours, key=lambda name: -sign * values[name].mean())
    reference = max(theirs, key=lambda name: sign * values[name].mean(), default=None)
    if len(values) < 2:
        said = [
            f"One seed cannot rank. In this run {shown(ranked[0])} came first of the autoencoders; "
            "it may be chance."
        ]
        if reference:
            said.append(f"The best baseline had {shown(reference)}.")
        return said
    first = best(values[ours], sign > 0)
    if len(first) == 1:
        said = [f"{shown(first[0])} is the best of the autoencoders."]
    else:
        tied = [name for name in ranked if name in first]
        said = [f"The seeds cannot tell apart {', '.join(map(shown, tied))}."]
    if reference:
        said.append(against(values[ranked], sign, values[reference], shown(reference)))
    return said


def against(values, sign, reference, name):
    """Say which autoencoders the seeds show to be better than the best baseline, in a sentence."""
    gains = sign * values.sub(reference, axis=0).mean()
    certain = holm([paired_p_value(values[one], reference) for one in values]) <= 1 - LEVEL
    ahead, behind = gains.index[certain & (gains > 0)], (certain & (gains < 0)).sum()
    baseline = f"the best baseline, {name}"
    if len(ahead):
        return f"Better than {baseline}: {', '.join(ahead)}."
    if behind == len(gains):
        return f"Worse than {baseline}: all, so that no autoencoder is needed for this."
    worse = f", and {behind} of {len(gains)} to be worse" if behind else ""
    return f"The seeds show none to be better than {baseline}{worse}."


def page(scores, name, description):
    """Write the page *which one for me* of one data set.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of the data set.
    name, description : str
        Its name, and what the data are, which is shown as it is.

    Returns
    -------
    str
        An HTML document. All text from the scores and the data is escaped.
    """
    seeds = scores["seed"].dropna().nunique()
    ranked = rankings(scores).drop(columns="task")
    ranked[["mean", "±"]] = ranked[["mean", "±"]].map("{:.4g}".format).replace("nan", "")
    answers = [(purpose, " ".join(sentences(scores, purpose))) for purpose in PURPOSES]
    body = BODY.render(
        seeds=seeds,
        answers=answers,
        measured=set(scores["task"]),
        rankings=html_table(ranked),
        description=description,
    )
    return document(f"Which one for me? {name}", Markup(body))
