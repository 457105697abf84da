"""Uncertainty: a classifier on one posterior sample, on many, and on the posterior mean."""

from kerasae.evaluation.metrics import Measure, Metric
from kerasae.evaluation.outputs import POSTERIOR_SAMPLES
from kerasae.evaluation.task import Measurement, Task


def measure(inputs):
    """Evaluate a logistic regression by the kind of code that it classifies; VAEs only."""
    from kerasae.datasets.splits import split
    from kerasae.evaluation.measures.probes import PROBES, standardised
    from kerasae.evaluation.measures.uncertainty import uncertainty
    from kerasae.seeds import derive

    data, outputs, settings = inputs["data"], inputs["outputs"], inputs.settings
    if not outputs.stochastic:
        return
    labels = data.y_train
    known = split(labels, settings["validation"], inputs.seed, labelled=settings["labels"]).labelled
    classifier = standardised(PROBES["logistic"])
    classifier.fit(outputs.sampled.train[known], labels[known])
    found = uncertainty(
        classifier,
        outputs.mean.test,
        outputs.log_stds,
        data.y_test,
        derive(inputs.seed, "uncertainty"),
    )
    yield {}, {Measure(metric, code): value for (metric, code), value in found.items()}


METRICS = (
    Metric("accuracy", "accuracy", "test accuracy", better="higher", range="0 to 1"),
    Metric(
        "expected_calibration_error", "expected calibration error",
        "mean distance between confidence and accuracy, in 15 bins",
        better="lower", range="0 to 1",
        source="Guo et al.: On calibration of modern neural networks, ICML 2017",
    ),
    Metric(
        "accuracy_at_rejection", "accuracy at 10 % rejected",
        "test accuracy without the tenth of the samples with the lowest confidence",
        better="higher", range="0 to 1",
    ),
)  # fmt: skip
TASK = Task(
    name="uncertainty",
    title="Uncertainty",
    text=(
        "A logistic regression, trained on the posterior samples of {labels} labelled samples, "
        "classifies the test set from one posterior sample, from the mean probabilities of "
        f"{POSTERIOR_SAMPLES} posterior samples, and from the posterior mean. VAEs only."
    ),
    metrics=METRICS,
    measurements=(
        Measurement(
            "uncertainty", measure, ("data", "outputs"),
            settings=("validation", "classification.labels"),
        ),
    ),
    leading=tuple(
        Measure(metric, code)
        for metric in ("accuracy", "expected_calibration_error")
        for code in ("sample", "samples", "mean")
    ),
    needs=("labels", "thorough"),
)  # fmt: skip
