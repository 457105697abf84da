"""Tables of the tasks, from the tidy scores and the definitions of the metrics."""

import re
from dataclasses import dataclass

import pandas as pd

from kerasae.datasets import GIVEN
from kerasae.evaluation.metric import CODES, QUALIFIERS, Metric, ScoreKey
from kerasae.evaluation.tasks import TASKS
from kerasae.models import BASELINES
from kerasae.reporting.pages import table_page
from kerasae.reporting.statistics import best, by_seed, half_width

REMARKS = ("remark", "worse than guessing")
"""Columns of text."""
MOST = 8
"""Largest number of columns of a page's short table."""


@dataclass(frozen=True, eq=False)
class Column:
    """The scores of one metric with one set of qualifiers."""

    metric: Metric
    measure: ScoreKey
    label: str
    """Qualifiers that distinguish the metric's columns; often empty."""
    scores: pd.DataFrame
    """Tidy scores; ``variant`` is the name of the row, and ``bound`` marks bounds."""

    @property
    def heading(self):
        """Title of the metric and the label."""
        separator = ", " if self.label and not self.label.startswith("(") else " "
        return f"{self.metric.title}{separator}{self.label}".strip()

    def matches(self, measure):
        """Return whether the column contains a measure; a blank code matches any."""
        wanted = measure.qualifiers
        if not self.measure.code:
            wanted.pop("code", None)
        has = self.measure._asdict()
        return measure.metric == self.metric.name and wanted.items() <= has.items()


def table(scores, task, variants, published=None):
    """Create the table of a task from tidy scores of one data set; empty if nothing was measured.

    A row is a variant, or a variant and a value of the task's ``rows``; ``variants`` come first.
    Each `Column` has its mean over the seeds. With several seeds, ``±`` is half the width of the 95
    % interval, and ``best`` is *best*, *tied* without a significant difference from it, or empty.
    ``published`` figures (``variant``, ``task``, ``metric``, qualifiers, ``value``) stand beside.
    ``rank by`` compares the probes, ``remark`` names collapsed models, and ``worse than guessing``
    lists scores with an AUROC below 0.5.
    """
    part = _named_rows(scores, TASKS[task])
    if part.empty:
        return pd.DataFrame(index=pd.Index([], name="variant"))
    several = part["seed"].nunique() > 1
    found, means, marks = {}, {}, {}
    for column in columns(scores, task):
        heading, decimals = column.heading, column.metric.decimals
        groups = column.scores.groupby("variant", sort=False)["value"]
        means[column] = groups.mean()
        found[heading] = means[column].round(decimals)
        if several:
            found[f"{heading} ±"] = groups.agg(half_width).round(decimals)
        if several and column.metric.better:
            found[f"{heading} best"] = _standing(column)
            marks[f"{heading} best"] = ""
        if published is not None and len(values := _published_values(published, task, column)):
            found[f"{heading} published"] = values.round(decimals)
    for made in _NOTES.get(task, ()):
        found |= made(means)
    order = [row for name in variants for row in part.loc[part["of"] == name, "variant"].unique()]
    rows = list(dict.fromkeys([*order, *part["variant"]]))
    frame = pd.DataFrame({name: values.reindex(rows) for name, values in found.items()}, rows)
    return frame.fillna(marks).rename_axis("variant")


def _named_rows(scores, task):
    """Select the scores of a task; ``variant`` becomes the name of the row, ``of`` the variant."""
    part = scores[scores["task"] == task.name]
    names = part["variant"]
    for qualifier in task.rows:
        values = part[qualifier].map(lambda value, name=qualifier: _qualifier_text(name, value))
        names = names.str.cat(values, sep=", ").str.removesuffix(", ")
    blank = dict.fromkeys(task.rows, "")
    bound = part["variant"].isin(task.bounds)
    return part.assign(of=part["variant"], variant=names, bound=bound, **blank)


def columns(scores, task):
    """List each `Column` of the table of a task, in the order of its metrics, then of the scores.

    The blank code of deterministic models joins the first kind of code of the same metric.
    """
    part = _named_rows(scores, TASKS[task])
    others = [name for name in QUALIFIERS if name != "code"]
    found = []
    for metric in TASKS[task].metrics:
        of_metric = part[part["metric"] == metric.name]
        varying = [name for name in others if of_metric[name].nunique(dropna=False) > 1]
        for values, rows in of_metric.groupby(others, sort=False, dropna=False):
            named = {
                name: _qualifier_value(value) for name, value in zip(others, values, strict=True)
            }
            label = ", ".join(_qualifier_text(name, named[name]) for name in varying if named[name])
            kinds = [code for code in CODES if code in set(rows["code"])] or [""]
            joined = {kinds[0], ""}
            for code in kinds:
                own = rows[rows["code"].isin(joined if code == kinds[0] else {code})]
                # A column of VAEs only names its code, unless there is only one
                explicit = len(kinds) > 1 and "" not in set(own["code"])
                suffix = f"({_qualifier_text('code', code)})" if explicit else ""
                measure = ScoreKey(metric.name, code or None, **named)
                found.append(Column(metric, measure, f"{label} {suffix}".strip(), own))
    return found


def _qualifier_value(value):
    """Convert a blank qualifier to None, and a number to int."""
    if pd.isna(value) or value == "":
        return None
    return value if isinstance(value, str) else int(value)


def _qualifier_text(qualifier, value):
    """Write the value of a qualifier for reading."""
    match qualifier:
        case "code":
            return CODES.get(value, value)
        case "sampler":
            return value.replace("_", " ")
        case "labels":
            return f"{value} labels"
    return str(value)


def _standing(column):
    """Mark the rows as best or tied; bounds are excluded, and a single row is not compared."""
    compared = by_seed(column.scores[~column.scores["bound"]])
    first = best(compared, column.metric.higher_is_better) if compared.shape[1] > 1 else []
    return pd.Series("best" if len(first) == 1 else "tied", first, dtype=object)


def _published_values(figures, task, column):
    """Select the published figures of a column: a series by variant, possibly empty."""
    fits = (figures["task"] == task) & (figures["metric"] == column.metric.name)
    fits &= figures["code"].isin(column.scores["code"].unique())
    for name, value in column.measure._asdict().items():
        if name not in ("metric", "code"):
            fits &= figures[name].isin(["", value])
    return figures[fits].set_index("variant")["value"]


def _probe_ranks(means):
    """Rank the variants by the dense and by the logistic probe, if both were measured."""
    probes = (ScoreKey("accuracy", probe="dense"), ScoreKey("accuracy", probe="logistic"))
    found = [next((column for column in means if column.matches(one)), None) for one in probes]
    if None in found:
        return {}
    both = pd.DataFrame({f"rank by {column.heading}": means[column] for column in found})
    return dict(both.dropna().rank(ascending=False).items())


def _remarks(means):
    """Name the models that fail to reconstruct, if there are any."""
    found = {}
    for column, values in means.items():
        if column.matches(ScoreKey("explained")):
            said = values.drop(BASELINES, errors="ignore").dropna().map(remark)
            found |= {"remark": said} if said.any() else {}
    return found


def _below_chance(means):
    """List the anomaly scores with an AUROC below 0.5, for each variant."""
    areas = {
        column.label or column.heading: values
        for column, values in means.items()
        if column.matches(ScoreKey("auroc"))
    }
    if not areas:
        return {}
    return {"worse than guessing": pd.DataFrame(areas).apply(_worse_than_guessing, axis=1)}


_NOTES = {
    "reconstruction": (_remarks,),
    "classification": (_probe_ranks,),
    "anomaly": (_below_chance,),
}
"""Task → functions from the means of its columns to further columns. Other tasks may have metrics
of the same names with other meanings."""


def leading(frame, scores, task):
    """Choose at most `MOST` main columns of a `table`, as text; the first is ``variant``.

    A cell has the standing, the mean and half the width of its interval; ↑ or ↓ in the heading is
    the better direction. Rows without a number in these columns are left out.
    """
    candidates, chosen = columns(scores, task), {}
    for measure in TASKS[task].leading:
        for column in candidates:
            if column.matches(measure):
                heading, decimals = column.heading, column.metric.decimals
                chosen[f"{heading}\u00a0{column.metric.arrow}".strip()] = [
                    _cell(row, heading, decimals) for _, row in frame.iterrows()
                ]
                if f"{heading} published" in frame:
                    figures = frame[f"{heading} published"]
                    chosen[f"{heading} published"] = [_number(one, decimals) for one in figures]
    said = {name: frame[name].fillna("") for name in REMARKS if name in frame}
    kept = list(chosen)[: MOST - 1 - len(said)]
    shown = {"variant": frame.index, **{name: chosen[name] for name in kept}, **said}
    short = pd.DataFrame({name: list(values) for name, values in shown.items()}, dtype=str)
    return short[short[kept].ne("").any(axis=1)].reset_index(drop=True)


def documents(
    scores, task, dataset, variants, latent_dim, held_out, demonstration="", published=None
):
    """Write the table of a task for runs of a latent dimension and held-out class in all its forms.

    Return a dict from ``.csv``, ``.md`` and ``.html`` to text. ``variants`` include baselines, in
    the order of the rows; for ``published`` see `table`.
    """
    # Scores without a latent dimension, such as those of raw pixels, are in every table
    shown = scores[
        (scores["held_out"] == str(held_out))
        & (scores["latent_dim"].isna() | (scores["latent_dim"] == latent_dim))
    ]
    frame = table(shown, task, variants, published)
    title = f"{dataset}: {TASKS[task].title}"
    if "held_out" in TASKS[task].needs:
        found = "given anomalies" if held_out == GIVEN else f"held-out class {held_out}"
        title += f", {found}, latent dimension {latent_dim}"
    page = table_page(title, leading(frame, shown, task), frame, REMARKS, demonstration)
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


def _worse_than_guessing(areas):
    """List the scores with an AUROC below 0.5."""
    return ", ".join(areas.index[areas < 0.5])


def to_markdown(frame):
    """Write a table as Markdown; missing values are empty cells.

    Text is escaped: it cannot create cells, markup or HTML.
    """
    frame = frame.astype(object).where(frame.notna(), "")
    frame = (
        frame.map(escaped)
        .rename(index=escaped, columns=escaped)
        .rename_axis(escaped(frame.index.name))
    )
    return frame.to_markdown() + "\n"


def escaped(value):
    """Escape text for Markdown; numbers stay as they are."""
    if not isinstance(value, str):
        return value
    text = re.sub(r"([\\`*<>\[\]|~&]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", value)
    return " ".join(text.split())
