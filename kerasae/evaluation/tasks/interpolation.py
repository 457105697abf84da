"""Interpolation: realism and smoothness of the frames between two test images."""

from kerasae.evaluation.metrics import Measure, Metric
from kerasae.evaluation.outputs import PAIRS, STEPS
from kerasae.evaluation.task import Measurement, Task


def measure(inputs):
    """Evaluate the paths of one model, with new noise per frame and with the same noise."""
    from kerasae.evaluation.measures.interpolation import path_metrics

    generated, numbers = inputs["generated"], {}
    for code in ("sample_per_frame", "sample_per_path"):
        # A deterministic model has one kind of path
        found = code if f"frames_{code}" in generated else "sample_per_frame"
        numbers |= {
            Measure(name, code): value
            for name, value in path_metrics(
                generated[f"frames_{found}"],
                generated[f"confidence_{found}"],
                inputs["data"].x_train,
            ).items()
        }
    yield {}, numbers


TASK = Task(
    name="interpolation",
    title="Interpolation",
    text=(
        f"Paths of {STEPS} frames between {PAIRS} pairs of test samples, linear between the "
        "encoder's outputs. New sample per frame: VAEs sample the posterior for every frame, as "
        "in the article. Same noise along the path: all frames of a path share their noise. "
        "Deterministic models have equal numbers in both rows. A roughness of 1 means that "
        "samples fade into one another."
    ),
    metrics=(
        Metric(
            "confidence", "confidence", "mean largest probability of the classifier on the frames",
            range="1 / classes to 1", decimals=3,
        ),
        Metric(
            "distance", "distance",
            "mean Euclidean distance of a frame to the nearest training sample",
            better="lower", range="≥ 0, for values from 0 to 1", decimals=3,
        ),
        Metric(
            "roughness", "roughness", "length of a path through the frames over its chord",
            range="≥ 1", decimals=3,
        ),
    ),
    measurements=(Measurement("interpolation", measure, ("data", "generated")),),
    leading=tuple(map(Measure, ("confidence", "distance", "roughness"))),
    rows=("code",),
    needs=("labels", "thorough"),
)  # fmt: skip
