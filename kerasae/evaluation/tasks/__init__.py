"""Registry of the tasks. A new task is one file here and its name below."""

from collections.abc import Mapping
from importlib import import_module

from kerasae.evaluation.task import Evaluation, Task

TASKS: dict[str, Task] = {
    name: import_module(f"kerasae.evaluation.tasks.{name}").TASK
    for name in (
        "reconstruction",
        "classification",
        "label_curve",
        "anomaly",
        "samples",
        "interpolation",
        "latent_space",
        "uncertainty",
        "clustering",
        "likelihood",
        "training_time",
    )
}
"""Name → `kerasae.evaluation.task.Task`, in the order of the report."""


def evaluations(tasks: Mapping[str, Task]) -> dict[str, tuple[Task, Evaluation]]:
    """Return each evaluation by its name, with its task.

    Raise a ValueError if a task has another name than its file, if two evaluations have one name
    (their scores would replace each other), or if a ranking has a metric without a better
    direction.
    """
    by_name: dict[str, tuple[Task, Evaluation]] = {}
    for name, task in tasks.items():
        if task.name != name:
            raise ValueError(f"Expected a task named {name}, as its file. Received: {task.name}")
        for ranking in task.rankings:
            if any(not task.metric(key.metric).better for key in ranking.score_keys):
                raise ValueError(
                    "Expected a metric with a better direction in every ranking. "
                    f"Received: {ranking.name} of the task {name}"
                )
        for evaluation in task.evaluations:
            if evaluation.name in by_name:
                other, _ = by_name[evaluation.name]
                raise ValueError(
                    "Expected different names of evaluations, as they name folders of scores. "
                    f"Received: {evaluation.name} of the tasks {other.name} and {name}"
                )
            by_name[evaluation.name] = task, evaluation
    return by_name


EVALUATIONS = evaluations(TASKS)
"""Name of an evaluation → its task and the evaluation."""
