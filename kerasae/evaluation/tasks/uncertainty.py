"""Uncertainty: a classifier on one posterior sample, on many, and on the posterior mean."""

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.outputs import POSTERIOR_SAMPLES
from kerasae.evaluation.task import Evaluation, Inputs, Numbers, Task


def measure(inputs: Inputs) -> Numbers:
    """Evaluate a logistic regression by the kind of code that it classifies; VAEs only."""
    from kerasae.datasets.splits import split
    from kerasae.evaluation.metrics.probes import PROBES, standardised
    from kerasae.evaluation.metrics.uncertainty import uncertainty
    from kerasae.seeds import derive

    data, outputs, settings = inputs["data"], inputs["outputs"], inputs.settings
    if not outputs.stochastic:
        return
    labels, seed = data.y_train, derive(inputs.seed, "uncertainty")
    rows = split(labels, settings["validation"], inputs.seed, labelled=settings["labels"]).labelled
    classifier = standardised(PROBES["logistic"])
    classifier.fit(outputs.sampled.train[rows], labels[rows])
    values = uncertainty(classifier, outputs.mean.test, outputs.log_stds, data.y_test, seed)
    yield {}, {ScoreKey(metric, code): value for (metric, code), value in values.items()}


METRICS = (
    Metric("accuracy", "accuracy", "test accuracy", better="higher", range="0 to 1"),
    Metric(
        "expected_calibration_error", "expected calibration error",
        "mean distance between confidence and accuracy, in 15 bins",
        better="lower", range="0 to 1",
        source="Guo et al.: On calibration of modern neural networks, ICML 2017",
    ),
    Metric(
        "scaled_calibration_error", "calibration error after temperature scaling",
        "expected calibration error with logits scaled by one factor, fitted on other test samples",
        better="lower", range="0 to 1",
        source="Guo et al.: On calibration of modern neural networks, ICML 2017",
    ),
    Metric(
        "negative_log_likelihood", "negative log-likelihood",
        "mean negative log-probability of the true class",
        better="lower", range="0 to 36", unit="nats",
    ),
    Metric(
        "brier_score", "Brier score", "mean squared distance of the probabilities from the truth",
        better="lower", range="0 to 2",
        source="Brier: Verification of forecasts, Monthly Weather Review 78 (1950)",
    ),
    Metric(
        "error_auroc", "AUROC of errors",
        "probability that a correct prediction is more confident than a wrong one",
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
    evaluations=(
        Evaluation(
            "uncertainty", measure, ("data", "outputs"),
            settings=("validation", "classification.labels"),
        ),
    ),
    leading=tuple(
        ScoreKey(metric, code)
        for metric in ("accuracy", "negative_log_likelihood", "scaled_calibration_error")
        for code in ("sample", "samples", "mean")
    ),
    needs=("labels", "thorough"),
)  # fmt: skip
