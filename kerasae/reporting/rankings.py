"""Recommendations: the table of all rankings, and the page that opens the report."""

import pandas as pd
from markupsafe import Markup

from kerasae.reporting import markup
from kerasae.reporting.sentences import sentences
from kerasae.reporting.standings import all_standings

COLUMNS = ["ranking", "variant", "mean", "±", "standing", "task"]
_BODY = markup.ENVIRONMENT.from_string("""
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
{% for use in standings %}
{% set name = use.ranking.name %}
<li><strong>{{ name[0] | upper }}{{ name[1:] }}</strong>: {{ sentences(use) | join(" ") }}
{% if use.task.name in measured %}
({{ use.ranking.text }}; {{ "higher" if use.higher_is_better else "lower" }} is better;
table: {{ use.task.title }})
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


def rankings(scores):
    """Rank the variants and baselines of tidy scores of one data set in every ranking of the tasks.

    Return a row per ranking and variant, the best mean first: ``ranking``, ``variant``, ``mean``,
    ``±`` (half the width of its 95 % interval), ``standing`` and ``task``; see `Standings`.
    """
    return _table(all_standings(scores))


def _table(standings):
    """Put the tables of several standings below each other, with the columns of `rankings`."""
    tables = [
        use.table.assign(ranking=use.ranking.name, task=use.task.name).rename_axis("variant")
        for use in standings
        if not use.values.empty
    ]
    if not tables:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(tables).reset_index().rename(columns={"half_width": "±"})[COLUMNS]


def page(scores, name, description, picture="", demonstration=""):
    """Write the page of recommendations of one data set; see `body`."""
    text = Markup(body(scores, description, picture))
    return markup.page(f"Recommendations: {name}", text, demonstration)


def body(scores, description, picture=""):
    """Write the recommendations of one data set as a part of an HTML document, all text escaped.

    ``picture`` is the data URI of an image of reconstructions, shown first; the description follows
    unchanged.
    """
    standings = all_standings(scores)
    ranked = _table(standings).drop(columns="task")
    ranked[["mean", "±"]] = ranked[["mean", "±"]].map("{:.4g}".format).replace("nan", "")
    return _BODY.render(
        picture=picture,
        seeds=scores["seed"].dropna().nunique(),
        standings=standings,
        sentences=sentences,
        measured=set(scores["task"]),
        rankings=markup.html_table(ranked, numeric=("mean", "±")),
        description=description,
    )
