"""Interpolation: realism and smoothness of the frames between two test images."""

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.outputs import PAIRS, STEPS
from kerasae.evaluation.task import Evaluation, Inputs, Numbers, Task


def measure(inputs: Inputs) -> Numbers:
    """Evaluate the paths of one model, with new noise per frame and with the same noise."""
    from kerasae.evaluation.metrics.interpolation import path_metrics

    paths = inputs["generated"]["paths"]
    for code in ("sample_per_frame", "sample_per_path"):
        if code in paths:  # the paths of a deterministic model stand for both
            metrics = path_metrics(**paths[code], real=inputs["data"].x_train)
        yield {}, {ScoreKey(name, code): value for name, value in metrics.items()}


TASK = Task(
    name="interpolation",
    title="Interpolation",
    text=(
        f"Paths of {STEPS} frames between {PAIRS} pairs of test samples, linear between the "
        "encoder's outputs. New sample per frame: VAEs sample the posterior for every frame, as "
        "in the article. Same noise along the path: all frames of a path share their noise. "
        "Deterministic models have equal numbers in both rows. Confidence and distance are of the "
        "frames between the ends. Against cross-fade: less those of a cross-fade of the pixels "
        "between the same ends. With a roughness of 1 samples fade into one another."
    ),
    metrics=(
        Metric(
            "confidence", "confidence",
            "mean largest probability of the classifier on the frames between the ends",
            range="1 / classes to 1", decimals=3,
        ),
        Metric(
            "end_confidence", "confidence of the ends",
            "mean largest probability of the classifier on the ends of the paths",
            range="1 / classes to 1", decimals=3,
        ),
        Metric(
            "confidence_over_fade", "confidence against cross-fade",
            "confidence between the ends, less that of a cross-fade of the pixels of the same ends",
            better="higher", range="-1 to 1", decimals=3,
        ),
        Metric(
            "distance", "distance",
            "mean Euclidean distance of a frame between the ends to the nearest training sample; "
            "blur alone lowers it",
            range="≥ 0, for values from 0 to 1", decimals=3,
        ),
        Metric(
            "end_distance", "distance of the ends",
            "mean Euclidean distance of the ends of the paths to the nearest training sample",
            range="≥ 0, for values from 0 to 1", decimals=3,
        ),
        Metric(
            "distance_over_fade", "distance against cross-fade",
            "distance between the ends, less that of a cross-fade of the pixels of the same ends",
            better="lower", range="any", decimals=3,
        ),
        Metric(
            "roughness", "roughness", "length of a path through the frames over its chord",
            range="≥ 1", decimals=3,
        ),
    ),
    evaluations=(Evaluation("interpolation", measure, ("data", "generated")),),
    leading=tuple(
        map(ScoreKey, ("confidence_over_fade", "distance_over_fade", "confidence", "roughness"))
    ),
    rows=("code",),
    needs=("labels", "thorough"),
)  # fmt: skip
