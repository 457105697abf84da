"""HTML pages of the report. Text from data is escaped, and pages cannot run scripts."""

import re

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

ENVIRONMENT = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_PAGE = ENVIRONMENT.from_string("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{{ title }}</title>
<style>
body { font: 14px/1.45 system-ui, sans-serif; color: #1e293b; margin: 1rem 1.25rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; } summary { cursor: pointer; margin: 1rem 0; }
.wide { overflow-x: auto; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .5rem; text-align: left; vertical-align: top;
         border-bottom: 1px solid #cbd5e1; }
.number { text-align: right; white-space: nowrap; } th.number { white-space: normal; }
</style>
</head>
<body>
<main>
<h1>{{ title }}</h1>
{% if demonstration %}
<p><strong>{{ demonstration }}</strong></p>
{% endif %}
{{ body }}
</main>
</body>
</html>
""")
"""The report shows the content of ``main``."""
_TABLE = ENVIRONMENT.from_string("""
{% macro cell(tag, name, value) %}
<{{ tag }}{% if name in numeric %} class="number"{% endif %}>{{ value }}</{{ tag }}>
{%- endmacro %}
<div class="wide"><table>
<thead><tr>{% for name in columns %}{{ cell("th", name, name) }}{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}
<tr>{% for value in row %}{{ cell("td", columns[loop.index0], value) }}{% endfor %}</tr>
{% endfor %}
</tbody>
</table></div>
""")
_SHORT_AND_FULL = ENVIRONMENT.from_string("""
<p>{{ note }}</p>
{{ short }}
<details><summary>All columns</summary>
{{ full }}
</details>
""")


def page(title, body, demonstration=""):
    """Write a complete HTML document.

    A body of text is escaped, `markupsafe.Markup` is not. ``demonstration`` is a line below the
    heading, see `kerasae.config.plan.Plan.demonstration`.
    """
    return _PAGE.render(title=title, body=body, demonstration=demonstration)


def html_table(frame, numeric=None):
    """Write a data frame without its index as a table element, all text escaped.

    Missing values are empty cells. ``numeric`` columns are right-aligned, by default those of a
    numeric type.
    """
    if numeric is None:
        numeric = list(frame.select_dtypes("number"))
    cells = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
    return Markup(_TABLE.render(columns=list(frame), rows=cells, numeric=set(numeric)))


def table_page(title, short, full, text=(), demonstration=""):
    """Write the page of the table of a task as a complete HTML document.

    ``short`` and ``full`` are `leading` and `table` of `kerasae.reporting.tables`. Columns of
    ``text`` in the short table are left-aligned, as is the first one.
    """
    if full.empty:
        return page(title, "Not measured: no model of this run has such scores.", demonstration)
    note = "↑ higher is better, ↓ lower is better."
    if any(column.endswith(" ±") for column in full):
        note += " Means over the seeds, ± half the width of their 95 % interval."
    numeric = [name for name in short.columns[1:] if name not in text]
    tables = {"short": html_table(short, numeric), "full": html_table(full.reset_index())}
    body = _SHORT_AND_FULL.render(note=note, **tables)
    return page(title, Markup(body), demonstration)


def in_rst(text):
    """Escape text from data for reStructuredText."""
    return re.sub(r"([^A-Za-z0-9\s])", r"\\\1", text)
