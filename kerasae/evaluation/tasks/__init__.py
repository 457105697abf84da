"""Registry of the tasks. A new task is one file here and its name below."""

from collections.abc import Mapping
from importlib import import_module

from kerasae.evaluation.task import Measurement, Task

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


def measurements(tasks: Mapping[str, Task]) -> dict[str, tuple[Task, Measurement]]:
    """Return each measurement by its name, with its task.

    A ValueError if a task has another name than its file, if two measurements have one name (their
    scores would replace each other), or if a ranking has a metric without a better direction.
    """
    found: dict[str, tuple[Task, Measurement]] = {}
    for name, task in tasks.items():
        if task.name != name:
            raise ValueError(f"Expected a task named {name}, as its file. Received: {task.name}")
        for ranking in task.rankings:
            if any(not task.metric(measure.metric).better for measure in ranking.measures):
                raise ValueError(
                    "Expected a metric with a better direction in every ranking. "
                    f"Received: {ranking.name} of the task {name}"
                )
        for measurement in task.measurements:
            if measurement.name in found:
                other, _ = found[measurement.name]
                raise ValueError(
                    "Expected another name for each measurement, as they name folders of scores. "
                    f"Received: {measurement.name} of the tasks {other.name} and {name}"
                )
            found[measurement.name] = task, measurement
    return found


MEASUREMENTS = measurements(TASKS)
"""Name of a measurement → its task and the measurement."""
