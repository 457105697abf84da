"""Tables of the tasks, from the tidy scores and the definitions of the metrics."""

import re
from dataclasses import dataclass

import pandas as pd

from kerasae.datasets import GIVEN
from kerasae.evaluation.metric import CODES, QUALIFIERS, Metric, ScoreKey
from kerasae.evaluation.tasks import TASKS
from kerasae.models import BASELINES
from kerasae.reporting.markup import table_page
from kerasae.reporting.statistics import by_seed, half_width, standing

REMARKS = ("remark", "worse than guessing")
"""Columns of text."""
MOST = 8
"""Largest number of columns of a page's short table."""


@dataclass(frozen=True, eq=False)
class Column:
    """The scores of one metric with one set of qualifiers."""

    metric: Metric
    key: ScoreKey
    label: str
    """Qualifiers that distinguish the metric's columns; often empty."""
    scores: pd.DataFrame
    """Tidy scores; ``variant`` is the name of the row, and ``bound`` marks bounds."""

    @property
    def heading(self):
        """Title of the metric and the label."""
        separator = ", " if self.label and not self.label.startswith("(") else " "
        return f"{self.metric.title}{separator}{self.label}".strip()

    def matches(self, key):
        """Return whether the column has the scores of a key; a blank code matches any."""
        wanted = {"metric": key.metric, **key.qualifiers}
        if not self.key.code:
            wanted.pop("code", None)
        return wanted.items() <= self.key._asdict().items()


def table(scores, task, variants, published=None):
    """Create the table of a task from tidy scores of one data set; empty if nothing was measured.

    A row is a variant, or a variant and a value of the task's ``rows``; ``variants`` come first.
    Each `Column` has its mean over the seeds. With several seeds, ``±`` is half the width of the 95
    % interval, and ``best`` is *best*, *tied* without a significant difference from it, or empty.
    ``published`` figures (``variant``, ``task``, ``metric``, qualifiers, ``value``) stand beside.
    ``rank by`` compares the probes, ``remark`` names collapsed models, and ``worse than guessing``
    lists scores with an AUROC below 0.5.
    """
    selected = _named_rows(scores, TASKS[task])
    if selected.empty:
        return pd.DataFrame(index=pd.Index([], name="variant"))
    several = selected["seed"].nunique() > 1
    cells, means = {}, {}
    for column in columns(scores, task):
        heading, decimals = column.heading, column.metric.decimals
        groups = column.scores.groupby("variant", sort=False)["value"]
        means[column] = groups.mean()
        cells[heading] = means[column].round(decimals)
        if several:
            cells[f"{heading} ±"] = groups.agg(half_width).round(decimals)
        if several and column.metric.better:  # bounds are not compared
            compared = by_seed(column.scores[~column.scores["bound"]])
            cells[f"{heading} best"] = standing(compared, column.metric.higher_is_better)
        if published is not None and len(values := _published_values(published, task, column)):
            cells[f"{heading} published"] = values.round(decimals)
    if task in _NOTES:
        cells |= _NOTES[task](means)
    order = {name: place for place, name in enumerate(variants)}
    places = selected["of"].map(order).fillna(len(order))
    rows = selected.loc[places.sort_values(kind="stable").index, "variant"].unique()
    frame = pd.DataFrame({name: values.reindex(rows) for name, values in cells.items()}, rows)
    marks = {name: "" for name in frame if name.endswith(" best")}
    return frame.fillna(marks).rename_axis("variant")


def _named_rows(scores, task):
    """Select the scores of a task; ``variant`` becomes the name of the row, ``of`` the variant."""
    rows = scores[scores["task"] == task.name].reset_index(drop=True)
    names = rows["variant"]
    for qualifier in task.rows:
        values = [_qualifier_text(qualifier, value) for value in rows[qualifier]]
        names = names.str.cat(values, sep=", ").str.removesuffix(", ")
    bound = rows["variant"].isin(task.bounds)
    blank = dict.fromkeys(task.rows, "")
    return rows.assign(of=rows["variant"], variant=names, bound=bound, **blank)


def columns(scores, task):
    """List each `Column` of the table of a task, in the order of its metrics, then of the scores.

    The blank code of deterministic models joins the first kind of code of the same metric.
    """
    scores = _named_rows(scores, TASKS[task])
    others = [name for name in QUALIFIERS if name != "code"]
    listed = []
    for metric in TASKS[task].metrics:
        rows_of_metric = scores[scores["metric"] == metric.name]
        varying = [name for name in others if rows_of_metric[name].nunique(dropna=False) > 1]
        for values, rows in rows_of_metric.groupby(others, sort=False, dropna=False):
            qualifiers = dict(zip(others, map(_qualifier_value, values), strict=True))
            texts = [_qualifier_text(name, qualifiers[name]) for name in varying]
            kinds = [code for code in CODES if code in set(rows["code"])] or [""]
            for code in kinds:
                joined = {code, ""} if code == kinds[0] else {code}
                own = rows[rows["code"].isin(joined)]
                # A column of VAEs only names its code, unless there is only one
                explicit = len(kinds) > 1 and "" not in set(own["code"])
                suffix = f"({_qualifier_text('code', code)})" if explicit else ""
                label = f"{', '.join(filter(None, texts))} {suffix}".strip()
                key = ScoreKey(metric.name, code or None, **qualifiers)
                listed.append(Column(metric, key, label, own))
    return listed


def _qualifier_value(value):
    """Convert a blank qualifier to None, and a number to int."""
    if pd.isna(value) or value == "":
        return None
    return value if isinstance(value, str) else int(value)


def _qualifier_text(qualifier, value):
    """Write the value of a qualifier for reading; empty without one."""
    match qualifier, value:
        case _, None:
            return ""
        case "code", _:
            return CODES.get(value, value)
        case "sampler", _:
            return value.replace("_", " ")
        case "labels", _:
            return f"{value} labels"
    return str(value)


def _published_values(figures, task, column):
    """Select the published figures of a column: a series by variant, possibly empty."""
    fits = (figures["task"] == task) & figures["code"].isin(column.scores["code"].unique())
    for name, value in column.key._asdict().items():
        if name != "code":
            fits &= figures[name].isin(["", value])
    return figures[fits].set_index("variant")["value"]


def _probe_ranks(means):
    """Rank the variants by the dense and by the logistic probe, if both were measured."""
    keys = (ScoreKey("accuracy", probe="dense"), ScoreKey("accuracy", probe="logistic"))
    probes = [next((column for column in means if column.matches(key)), None) for key in keys]
    if None in probes:
        return {}
    both = pd.DataFrame({f"rank by {column.heading}": means[column] for column in probes})
    return dict(both.dropna().rank(ascending=False).items())


def _remarks(means):
    """Name the models that fail to reconstruct, if there are any."""
    for column, shares in means.items():
        if column.matches(ScoreKey("explained")):
            remarks = shares.drop(BASELINES, errors="ignore").dropna().map(remark)
            return {"remark": remarks} if remarks.any() else {}
    return {}


def _below_chance(means):
    """List the anomaly scores with an AUROC below 0.5, for each variant."""
    chosen = [column for column in means if column.matches(ScoreKey("auroc"))]
    if not chosen:
        return {}
    below = pd.DataFrame({column.label or column.heading: means[column] for column in chosen}) < 0.5
    return {"worse than guessing": below.apply(lambda row: ", ".join(below.columns[row]), axis=1)}


_NOTES = {"reconstruction": _remarks, "classification": _probe_ranks, "anomaly": _below_chance}
"""Task → function from the means of its columns to further columns. Other tasks may have metrics
of the same names with other meanings."""


def leading(frame, scores, task):
    """Choose at most `MOST` main columns of a `table`, as text; the first is ``variant``.

    A cell has the standing, the mean and half the width of its interval; ↑ or ↓ in the heading is
    the better direction. Rows without a number in these columns are left out.
    """
    candidates, cells = columns(scores, task), {}
    for key in TASKS[task].leading:
        for column in candidates:
            if column.matches(key):
                heading, decimals = column.heading, column.metric.decimals
                cells[f"{heading}\u00a0{column.metric.arrow}".strip()] = [
                    _cell(row, heading, decimals) for _, row in frame.iterrows()
                ]
                if f"{heading} published" in frame:
                    figures = frame[f"{heading} published"]
                    cells[f"{heading} published"] = [_number(value, decimals) for value in figures]
    remarks = {name: frame[name].fillna("").tolist() for name in REMARKS if name in frame}
    kept = list(cells)[: MOST - 1 - len(remarks)]
    cells = {"variant": frame.index, **{name: cells[name] for name in kept}, **remarks}
    short = pd.DataFrame(cells, dtype=str)
    return short[short[kept].ne("").any(axis=1)].reset_index(drop=True)


def documents(
    scores, task, dataset, variants, latent_dim, held_out, demonstration="", published=None
):
    """Write the table of a task for runs of a latent dimension and held-out class in all its forms.

    Return a dict from ``.csv``, ``.md`` and ``.html`` to text. ``variants`` include baselines, in
    the order of the rows; for ``published`` see `table`.
    """
    # Scores without a latent dimension, such as those of raw pixels, are in every table
    scores = scores[
        (scores["held_out"] == str(held_out))
        & (scores["latent_dim"].isna() | (scores["latent_dim"] == latent_dim))
    ]
    frame = table(scores, task, variants, published)
    title = f"{dataset}: {TASKS[task].title}"
    if "held_out" in TASKS[task].needs:
        anomalies = "given anomalies" if held_out == GIVEN else f"held-out class {held_out}"
        title += f", {anomalies}, latent dimension {latent_dim}"
    page = table_page(title, leading(frame, scores, task), frame, REMARKS, demonstration)
    markdown = f"{demonstration}\n\n" * bool(demonstration) + to_markdown(frame)
    return {".csv": frame.to_csv(), ".md": markdown, ".html": page}


def _cell(row, heading, decimals):
    """Format the standing, the mean and half the width of its interval, where known."""
    text = _number(row[heading], decimals)
    half, mark = row.get(f"{heading} ±"), row.get(f"{heading} best")
    text += f"\u00a0±\u00a0{_number(half, decimals)}" if text and pd.notna(half) else ""
    return f"{mark} {text}" if mark else text


def _number(value, decimals):
    """Format a number with its decimals; empty if it is missing."""
    return "" if pd.isna(value) else f"{value:.{decimals}f}"


def remark(explained, least=0.02):
    """Name a model that fails to reconstruct, by its metric ``explained``; else empty.

    *collapsed*: its loss equals that of the mean image within ``least``, so that its codes carry no
    information. *worse than the mean image*: its loss is larger, as after a brief training or none.
    """
    if explained >= least:
        return ""
    return "collapsed: as the mean image" if explained > -least else "worse than the mean image"


def to_markdown(frame):
    """Write a table as Markdown; missing values are empty cells.

    Text is escaped: it cannot create cells, markup or HTML.
    """
    frame = frame.astype(object).where(frame.notna(), "")
    frame = frame.map(escaped).rename(index=escaped, columns=escaped)
    return frame.rename_axis(escaped(frame.index.name)).to_markdown() + "\n"


def escaped(value):
    """Escape text for Markdown; numbers stay as they are."""
    if not isinstance(value, str):
        return value
    text = re.sub(r"([\\`*<>\[\]|~&]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", value)
    return " ".join(text.split())
