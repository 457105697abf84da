"""HTML pages for the report. Text from data is escaped, and no page can run a script."""

import re

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

ENVIRONMENT = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
PAGE = ENVIRONMENT.from_string("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ title }}</title>
<style>
body { font: 14px/1.45 system-ui, sans-serif; color: #1e293b; margin: 1rem 1.25rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; } summary { cursor: pointer; margin: 1rem 0; }
.wide { overflow-x: auto; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .5rem; text-align: left; vertical-align: top;
         border-bottom: 1px solid #cbd5e1; }
</style>
</head>
<body>
<main>
<h1>{{ title }}</h1>
{{ body }}
</main>
</body>
</html>
""")
"""The report takes what stands in ``main``."""
TABLE = ENVIRONMENT.from_string("""
<div class="wide"><table>
<thead><tr>{% for name in columns %}<th>{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}
<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table></div>
""")
SHORT_AND_FULL = ENVIRONMENT.from_string("""
<p>{{ note }}</p>
{{ short }}
<details><summary>All columns</summary>
{{ full }}
</details>
""")


def page(title, body):
    """Write a page.

    Parameters
    ----------
    title : str
        Its heading.
    body : str or markupsafe.Markup
        Text is escaped, markup is not.

    Returns
    -------
    str
        A whole HTML document.
    """
    return PAGE.render(title=title, body=body)


def html_table(frame):
    """Write a table, (rows, columns) without its index, as markup; what is missing is empty."""
    cells = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
    return Markup(TABLE.render(columns=list(frame), rows=cells))


def table_page(title, short, full):
    """Write the page of the table of one task.

    Parameters
    ----------
    title : str
        Its heading.
    short, full : pandas.DataFrame
        What is seen at once, and all columns, see `kerasae.reporting.tables`.

    Returns
    -------
    str
        A whole HTML document.
    """
    note = "↑ higher is better, ↓ lower is better."
    if any(column.endswith(" ±") for column in full):
        note += " Means over the seeds, ± half the width of their 95 % interval."
    tables = {"short": html_table(short), "full": html_table(full.reset_index())}
    body = SHORT_AND_FULL.render(note=note, **tables)
    return page(title, Markup(body))


def in_rst(text):
    """Escape whatever reStructuredText could take for markup in a text from data."""
    return re.sub(r"([^A-Za-z0-9\s])", r"\\\1", text)
