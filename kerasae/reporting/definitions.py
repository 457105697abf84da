"""Texts made from the definitions of tasks and metrics: captions, and a table for the docs."""

from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.markup import in_rst


def metrics_table():
    """Write a table of every metric of every task as Markdown, a row a metric."""
    import pandas as pd  # here, as the workflow imports this module to plan

    from kerasae.reporting.tables import to_markdown

    rows = [
        {
            "metric": metric.name,
            "task": task.name,
            "heading": metric.title,
            "what it is": metric.text,
            "range": ", ".join(filter(None, (metric.range, metric.unit))),
            "better": metric.better,
            "source": metric.source,
        }
        for task in TASKS.values()
        for metric in task.metrics
    ]
    return to_markdown(pd.DataFrame(rows).set_index("metric"))


def caption(task, settings):
    """Describe the table of a task for a caption, as a dict of text escaped for reStructuredText.

    ``text`` says how the numbers are computed, with the settings by the last part of their key;
    ``metrics`` are pairs of title and text; ``compared``: whether a metric has a better direction.
    """
    task = TASKS[task]
    return {
        "text": in_rst(task.text.format(**settings)),
        "metrics": [(in_rst(metric.title), in_rst(_described(metric))) for metric in task.metrics],
        "compared": any(metric.better for metric in task.metrics),
    }


def _described(metric):
    """Write the text of a metric with its range, unit and better direction."""
    better = f"{metric.better} is better" if metric.better else ""
    return f"{metric.text} ({', '.join(filter(None, (metric.range, metric.unit, better)))})"


if __name__ == "__main__":
    print(metrics_table())
