"""Recommendations: rankings of the models by use, with significance tests over the seeds."""

import numpy as np
import pandas as pd
from markupsafe import Markup

from kerasae import models
from kerasae.evaluation.detectors import ESTIMATOR_SCORE
from kerasae.evaluation.scores import select
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.pages import ENVIRONMENT, html_table
from kerasae.reporting.pages import page as document
from kerasae.reporting.statistics import LEVEL, best, by_seed, half_width, holm, paired_p_value

RANKINGS = [(task, ranking) for task in TASKS.values() for ranking in task.rankings]
"""Pairs of `Task` and `Ranking`, in the order of the page."""
BASELINES = {*models.BASELINES, *(name for task in TASKS.values() for name in task.baselines)}
"""Variants in the scores that are baselines, besides the user's estimators."""
BODY = ENVIRONMENT.from_string("""
{% if picture %}
<p><img src="{{ picture }}" alt="Test samples by each variant"></p>
{% endif %}
<p>The best models for each use, by their scores on the test set.
{% if seeds > 1 %}
Means over {{ seeds }} seeds ± half the width of the 95 % interval. “Significantly” means at the
5 % level, in a t-test paired by seed, with Holm's correction.</p>
{% else %}
One seed allows no ranking: set more seeds in the configuration.</p>
{% endif %}
<ul>
{% for task, ranking, said in answers %}
<li><strong>{{ ranking.name[0] | upper }}{{ ranking.name[1:] }}</strong>: {{ said }}
{% if task.name in measured %}
({{ ranking.text }}; {{ "higher" if higher(task, ranking) else "lower" }} is better;
table: {{ task.title }})
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


def baselines_of(scores):
    """Variants in scores that are baselines: `BASELINES`, and estimators of the configuration."""
    return BASELINES.union(scores.loc[scores["score"] == ESTIMATOR_SCORE, "variant"])


def higher_is_better(task, ranking):
    """Look up the better direction of a ranking's metric."""
    return task.metric(ranking.measures[0].metric).higher_is_better


def values_by_seed(scores, task, ranking):
    """Arrange the scores of one ranking for comparisons paired by seed.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of one data set.
    task : kerasae.evaluation.task.Task
        Task of the ranking.
    ranking : kerasae.evaluation.task.Ranking
        One of its rankings.

    Returns
    -------
    values : pandas.DataFrame of shape (seeds, variants)
        Values for the seeds of the autoencoders; empty if nothing can be compared.
    lacking : list of str
        Variants that were measured but lack a seed or a held-out class that others have, or were
        measured with several numbers of labels or latent dimensions.
    """
    part = scores[(scores["task"] == task.name) & ~scores["variant"].isin(task.bounds)]
    frames, measured, held_out = [], [], part["held_out"].nunique()
    for variant, rows in part.groupby("variant", sort=False):
        values = value_per_seed(rows, task, ranking)
        if values is None:
            continue
        measured.append(variant)
        if ranking.average and rows["held_out"].nunique() < held_out:
            continue  # measured on some of the classes only, possibly the easier ones
        frames.append(values.assign(variant=variant))
    found = pd.concat(frames) if frames else pd.DataFrame(columns=["seed", "value", "variant"])
    seeds = found.loc[~found["variant"].isin(baselines_of(part)), "seed"].dropna()
    if len(seeds):  # extra seeds of a baseline must not exclude variants without them
        found = found[found["seed"].isna() | found["seed"].isin(seeds)]
    values = by_seed(found) if found["seed"].notna().any() else pd.DataFrame()
    return values, [variant for variant in measured if variant not in values]


def value_per_seed(rows, task, ranking):
    """Reduce the rows of one variant to columns ``seed`` and ``value``; None if not measured.

    Empty if the numbers of labels or the latent dimensions differ.
    """
    keys = ["seed", "latent_dim", "held_out"] if ranking.average else ["seed"]
    for measure in ranking.measures:
        found = select(rows, task.name, measure)
        if found.empty:
            continue
        settings = ["labels"] if ranking.average else ["labels", "latent_dim"]
        if (found[settings].nunique() > 1).any():  # merged from runs that do not compare
            return found.loc[[], ["seed", "value"]]
        if ranking.best_of:
            means = found.groupby(ranking.best_of)["value"].mean()
            first = means.idxmax() if higher_is_better(task, ranking) else means.idxmin()
            found = found[found[ranking.best_of] == first]
        cells = found.groupby(keys, dropna=False)["value"].mean().reset_index()
        seeds = cells.groupby("seed", dropna=False)["value"].agg(["mean", "size"])
        # Seeds that lack a class are left out
        complete = seeds.loc[seeds["size"] == seeds["size"].max(), "mean"]
        return complete.rename("value").reset_index()
    return None


def rankings(scores):
    """Rank the variants and baselines in every ranking of the tasks.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of one data set.

    Returns
    -------
    pandas.DataFrame
        A row per ranking and variant, the best mean first: ``ranking``, ``variant``, ``mean``,
        ``±`` (half the width of its 95 % interval), ``standing`` (*best*, *tied* with the best, or
        empty; always empty with one seed or one variant) and ``task``.
    """
    rows = []
    for task, ranking in RANKINGS:
        values, _ = values_by_seed(scores, task, ranking)
        if values.empty:
            continue
        higher = higher_is_better(task, ranking)
        first = best(values, higher) if values.shape[1] > 1 else []
        order = values.mean().sort_values(ascending=not higher, kind="stable")
        for variant, mean in order.items():
            standing = ("best" if len(first) == 1 else "tied") if variant in first else ""
            rows.append(
                {
                    "ranking": ranking.name,
                    "variant": variant,
                    "mean": mean,
                    "±": half_width(values[variant]) if values[variant].nunique() > 1 else np.nan,
                    "standing": standing,
                    "task": task.name,
                }
            )
    columns = ["ranking", "variant", "mean", "±", "standing", "task"]
    return pd.DataFrame(rows, columns=columns)


def sentences(scores, task, ranking):
    """Describe the results of one ranking: a list of sentences."""
    values, lacking = values_by_seed(scores, task, ranking)
    sign = 1 if higher_is_better(task, ranking) else -1
    said = compare_autoencoders(values, sign, baselines_of(scores))
    if lacking:
        names = ", ".join(lacking)
        said.append(
            "Not comparable, for other seeds, held-out classes, labels or latent dimensions: "
            f"{names}."
        )
    elif values.empty:
        said = ["Not measured."]
        if "thorough" in task.needs:
            said.append("Set thorough: true in the configuration to measure it.")
    return said


def compare_autoencoders(values, sign, baselines):
    """Compare the autoencoders with each other and with the best baseline: a list of sentences.

    Parameters
    ----------
    values : pandas.DataFrame of shape (seeds, variants)
        Values of one ranking.
    sign : {1, -1}
        1 if higher values are better, else -1.
    baselines : set of str
        Variants that are baselines.
    """
    ours = [name for name in values if name not in baselines]
    theirs = [name for name in values if name in baselines]
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
            f"One seed allows no ranking. Best autoencoder in this run: {shown(ranked[0])}, "
            "possibly by chance."
        ]
        if reference:
            said.append(f"Best baseline: {shown(reference)}.")
        return said
    first = best(values[ours], sign > 0)
    if len(first) == 1:
        said = [f"Best autoencoder: {shown(first[0])}."]
    else:
        tied = [name for name in ranked if name in first[1:]]
        said = [
            f"Best autoencoder: {shown(first[0])}; not significantly worse: "
            f"{', '.join(map(shown, tied))}."
        ]
    if reference:
        said.append(
            compare_with_baseline(values[ranked], sign, values[reference], shown(reference))
        )
    return said


def compare_with_baseline(values, sign, reference, name):
    """Name the autoencoders that are significantly better than the best baseline."""
    gains = sign * values.sub(reference, axis=0).mean()
    certain = holm([paired_p_value(values[one], reference) for one in values]) <= 1 - LEVEL
    ahead, behind = gains.index[certain & (gains > 0)], (certain & (gains < 0)).sum()
    baseline = f"the best baseline, {name}"
    if len(ahead):
        return f"Significantly better than {baseline}: {', '.join(ahead)}."
    if behind == len(gains):
        said = f"All autoencoders are significantly worse than {baseline}"
        return f"{said}: by this measure none is needed."
    worse = f"; {behind} of {len(gains)} significantly worse" if behind else ""
    return f"No autoencoder is significantly better than {baseline}{worse}."


def page(scores, name, description, picture="", demonstration=""):
    """Write the page of recommendations of one data set; see `body`."""
    said = Markup(body(scores, description, picture))
    return document(f"Recommendations: {name}", said, demonstration)


def body(scores, description, picture=""):
    """Write the recommendations of one data set.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of the data set.
    description : str
        Description of the data, shown unchanged.
    picture : str, optional
        Data URI of an image of reconstructions, shown first.

    Returns
    -------
    str
        Part of an HTML document. All text from the scores and the data is escaped.
    """
    seeds = scores["seed"].dropna().nunique()
    ranked = rankings(scores).drop(columns="task")
    ranked[["mean", "±"]] = ranked[["mean", "±"]].map("{:.4g}".format).replace("nan", "")
    answers = [
        (task, ranking, " ".join(sentences(scores, task, ranking))) for task, ranking in RANKINGS
    ]
    return BODY.render(
        picture=picture,
        seeds=seeds,
        answers=answers,
        higher=higher_is_better,
        measured=set(scores["task"]),
        rankings=html_table(ranked, numeric=("mean", "±")),
        description=description,
    )
