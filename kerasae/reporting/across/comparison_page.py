"""Page of a comparison across data sets: the answers as sentences, and the tables."""

import pandas as pd
from markupsafe import Markup

from kerasae.reporting import markup
from kerasae.reporting.across.pairs import ROPE, against, groups, wilcoxon_holm
from kerasae.reporting.across.ranks import average_ranks, by_dataset, friedman
from kerasae.reporting.sentences import about_all, about_one, p_text
from kerasae.reporting.statistics import LEVEL

_BODY = markup.ENVIRONMENT.from_string("""
<p>{{ summary | join(" ") }}</p>
{% for section in sections %}
<h2>{{ section.heading }}</h2>
<ul>
{% for sentence in section.sentences %}
<li>{{ sentence }}</li>
{% endfor %}
</ul>
{{ section.table }}
{% endfor %}
<h2>Groups without a significant difference</h2>
{% if groups is none %}
<p>There are too many to list.</p>
{% elif groups %}
<p>No two methods of a group differ significantly. This is no evidence that they are equal.</p>
<ol>
{% for group in groups %}
<li>{{ group | join(", ") }}</li>
{% endfor %}
</ol>
{% else %}
<p>All pairs of methods differ significantly.</p>
{% endif %}
<details><summary>All values: {{ metric }}, means over the seeds</summary>
{{ values }}
</details>
<h2>Methods</h2>
<p>Seeds are averaged first; a data set counts once. <em>p</em>: Wilcoxon's signed-rank test over
the data sets, with Holm's correction for all {{ pairs }} pairs, significant at the {{ level }}
level. <em>Worse, equal, better</em>: posterior probabilities for the method of the row by the
Bayesian signed-rank test, each the share of posterior samples in which that outcome is the most
probable; equal is a difference of at most {{ rope }} {{ metric }}. An average rank depends on the
methods compared; 1 is the best.</p>
""")


def page(scores, title, demonstration="", reference=None, metric="AUROC"):
    """Write the page of a comparison of methods across data sets: a complete HTML document.

    Scores are those of `by_dataset`, which raises a `ValueError` if they are incomplete. The best
    method, and the ``reference`` if it is given, are compared with all others. ``metric`` names the
    values.
    """
    values = by_dataset(scores)
    average = average_ranks(values)
    values = values[average.index]
    p_values = wilcoxon_holm(values)
    roles = {}
    for role, method in ("the best average rank", average.index[0]), ("the reference", reference):
        if method is not None:
            roles.setdefault(method, []).append(role)
    sections = []
    for method, names in roles.items():
        compared = against(values, p_values, method)
        sections.append(
            {
                "heading": f"Compared with {method} ({', '.join(names)})",
                "sentences": about_one(compared, method, f"{ROPE:g} {metric}", len(values)),
                "table": _table(values, average, compared, metric),
            }
        )
    try:
        alike = groups(p_values)
    except ValueError:
        alike = None
    cells = values.map("{:.3f}".format)
    cells.insert(0, "data set", values.index, allow_duplicates=True)  # a method may have this name
    seeds = scores.groupby("dataset")["seed"].nunique()
    body = _BODY.render(
        summary=about_all(
            average, len(values), (int(seeds.min()), int(seeds.max())), friedman(values), metric
        ),
        sections=sections,
        groups=alike,
        values=markup.html_table(cells, numeric=list(values)),
        pairs=len(average) * (len(average) - 1) // 2,
        level=f"{1 - LEVEL:.0%}",
        rope=f"{ROPE:g}",
        metric=metric,
    )
    return markup.page(title, Markup(body), demonstration)


def _table(values, average, compared, metric):
    """Write a table of all methods as markup; the row of the reference has no comparison."""
    table = pd.DataFrame(
        {
            "method": average.index,
            "average rank": average.map("{:.2f}".format),
            f"mean {metric}": values.mean().map("{:.3f}".format),
            "p": compared["p"].map(p_text),
            **compared[["worse", "equal", "better"]].map("{:.3f}".format),
        },
        average.index,
    )
    return markup.html_table(table, numeric=list(table.columns[1:]))
