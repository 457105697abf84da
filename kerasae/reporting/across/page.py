"""Page of a comparison across data sets: the answers as sentences, and the tables."""

import pandas as pd
from markupsafe import Markup

from kerasae.reporting.across.pairs import ROPE, against, check_reference, groups, wilcoxon_holm
from kerasae.reporting.across.ranks import average_ranks, by_dataset, friedman
from kerasae.reporting.pages import ENVIRONMENT, html_table
from kerasae.reporting.pages import page as document
from kerasae.reporting.sentences import about_all, about_one, p_text
from kerasae.reporting.statistics import LEVEL

_BODY = ENVIRONMENT.from_string("""
<p>{{ summary | join(" ") }}</p>
{% for part in parts %}
<h2>{{ part.heading }}</h2>
<ul>
{% for said in part.sentences %}
<li>{{ said }}</li>
{% endfor %}
</ul>
{{ part.table }}
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
<details><summary>All values: {{ measure }}, means over the seeds</summary>
{{ values }}
</details>
<h2>Methods</h2>
<p>Seeds are averaged first; a data set counts once. <em>p</em>: Wilcoxon's signed-rank test over
the data sets, with Holm's correction for all {{ pairs }} pairs, significant at the {{ level }}
level. <em>Worse, equal, better</em>: posterior probabilities for the method of the row by the
Bayesian signed-rank test, each the share of posterior samples in which that outcome is the most
probable; equal is a difference of at most {{ rope }} {{ measure }}. An average rank depends on the
methods compared; 1 is the best.</p>
""")


def page(scores, title, demonstration="", **settings):
    """Write the page of a comparison across data sets: a complete HTML document; see `body`."""
    return document(title, Markup(body(scores, **settings)), demonstration)


def body(scores, reference=None, measure="AUROC", rope=ROPE, seed=0):
    """Write a comparison of methods across data sets: a part of an HTML document, escaped.

    Scores are those of `by_dataset`, which raises a `ValueError` if they are incomplete. The best
    method, and the ``reference`` if it is given, are compared with all others. ``measure`` names
    the values, ``rope`` is in their unit, and ``seed`` is that of the Bayesian test.
    """
    values = by_dataset(scores)
    if reference is not None:
        check_reference(values, reference)
    average = average_ranks(values)
    values = values[average.index]
    p_values = wilcoxon_holm(values)
    first = average.index[0]
    parts = []
    for one in dict.fromkeys([first] if reference is None else [first, reference]):
        compared = against(values, p_values, one, rope, seed)
        roles = {"the best average rank": first, "the reference": reference}
        role = ", ".join(name for name, method in roles.items() if method == one)
        parts.append(
            {
                "heading": f"Compared with {one} ({role})",
                "sentences": about_one(compared, one, f"{rope:g} {measure}", len(values)),
                "table": _table(values, average, compared, measure),
            }
        )
    try:
        alike = groups(p_values)
    except ValueError:
        alike = None
    shown = values.map("{:.3f}".format)
    shown.insert(0, "data set", values.index, allow_duplicates=True)  # a method may have this name
    return _BODY.render(
        summary=about_all(average, len(values), _seeds(scores), friedman(values), measure),
        parts=parts,
        groups=alike,
        values=html_table(shown, numeric=list(values)),
        pairs=len(average) * (len(average) - 1) // 2,
        level=f"{1 - LEVEL:.0%}",
        rope=f"{rope:g}",
        measure=measure,
    )


def _seeds(scores):
    """Return the fewest and most seeds of a data set; 0 if all its scores lack a seed."""
    counts = scores.groupby("dataset")["seed"].nunique()
    return int(counts.min()), int(counts.max())


def _table(values, average, compared, measure):
    """Write a table of all methods as markup; the row of the reference has no comparison."""
    table = pd.DataFrame(
        {
            "method": average.index,
            "average rank": average.map("{:.2f}".format).to_numpy(),
            f"mean {measure}": values.mean().map("{:.3f}".format).to_numpy(),
        }
    ).set_index("method", drop=False)
    table["p"] = compared["p"].map(p_text)
    for outcome in ("worse", "equal", "better"):
        table[outcome] = compared[outcome].map("{:.3f}".format)
    return html_table(table, numeric=list(table.columns[1:]))
