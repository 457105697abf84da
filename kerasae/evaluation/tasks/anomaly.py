"""Anomaly detection: a score finds a held-out class in the test set."""

from kerasae.evaluation.detectors import DETECTORS, ESTIMATOR_SCORE
from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.task import Evaluation, Inputs, Numbers, Ranking, Task

METRICS = (
    Metric(
        "auroc", "AUROC",
        "probability that an anomaly scores higher than a normal sample",
        better="higher", range="0 to 1, 0.5 is guessing", decimals=3,
    ),
    Metric(
        "average_precision", "average precision",
        "area under the precision-recall curve; guessing reaches the share of the anomalies",
        better="higher", range="0 to 1", decimals=3,
    ),
)  # fmt: skip


def evaluated(score, values, anomalous, code=None):
    """Return every metric of the values (N,) of one anomaly score."""
    from kerasae.evaluation.metrics.anomaly import auroc, average_precision

    return {
        ScoreKey("auroc", code, score=score): auroc(values, anomalous),
        ScoreKey("average_precision", code, score=score): average_precision(values, anomalous),
    }


def measure(inputs: Inputs) -> Numbers:
    """Evaluate the anomaly scores of one trained model."""
    from kerasae.evaluation.metrics.anomaly import anomaly_scores, training_rows

    data, held_out = inputs["data"].for_seed(inputs.seed), inputs.run["held_out"]
    rows = training_rows(data, held_out, inputs.settings["validation"], inputs.seed)
    anomalous = data.test(held_out)[1]
    numbers: dict[ScoreKey, float] = {}
    for (score, code), values in anomaly_scores(inputs["outputs"], rows).items():
        numbers |= evaluated(score, values, anomalous, code)
    yield {}, numbers


def detectors(inputs: Inputs) -> Numbers:
    """Fit the baselines to the training samples of one seed, and evaluate their scores."""
    from kerasae.evaluation.metrics.anomaly import detector_scores

    data, held_out = inputs["data"].for_seed(inputs.seed), inputs.run["held_out"]
    validation, chosen = inputs.settings["validation"], inputs.settings["detectors"]
    anomalous = data.test(held_out)[1]
    scores = detector_scores(data, held_out, validation, inputs.seed, chosen)
    for score, detector, values in scores:
        # Scores without a fit do not depend on the seed, and are stored once
        run = {"variant": detector.variant} | ({} if detector.fitted else {"seed": ""})
        yield run, evaluated(score, values, anomalous)


TASK = Task(
    name="anomaly",
    title="Anomaly detection",
    text=(
        "A score finds anomalies in the test set; higher is more anomalous. With an AUROC below "
        "0.5, normal samples score higher than anomalies. bce: reconstruction loss; bce_per_ink: "
        "the same per unit of ink; mse: squared error; signed: signed sum of the residual "
        "Σ(x̂ - x), from which the published figures come; neighbours: distance to the five nearest "
        "codes of the training set; elbo: negative evidence lower bound of VAEs; likelihood: "
        "negative importance-weighted bound of the log-likelihood of VAEs. Baselines are "
        "fitted to the training set of the models, with standardised columns. no_model scores "
        "by lack of ink (less_ink) or, for the rows of a table, by distance from the mean "
        "(far_from_mean). nearest_neighbours applies neighbours to the values themselves. "
        "isolation_forest counts the random cuts that isolate a sample (isolation). Other "
        "estimators score by their own score_samples, negated."
    ),
    metrics=METRICS,
    evaluations=(
        Evaluation(
            "anomaly", measure, ("data", "outputs"), per="anomaly_run", settings=("validation",)
        ),
        Evaluation(
            "detectors", detectors, ("data",), per="held_out_seed",
            settings=("validation", "detectors"), memory=1200,
        ),
    ),
    leading=(
        *(ScoreKey("auroc", "sample", score=score) for score in ("bce", "mse")),
        *(ScoreKey("auroc", score=score) for score in (*DETECTORS, ESTIMATOR_SCORE)),
        ScoreKey("auroc", "sample", score="signed"),
    ),
    needs=("held_out",),
    rankings=(
        Ranking(
            "anomaly detection",
            (
                ScoreKey("auroc", "mean", score="bce"),
                ScoreKey("auroc", "mean", score="mse"),
                *(ScoreKey("auroc", score=score) for score in (*DETECTORS, ESTIMATOR_SCORE)),
            ),
            "AUROC, averaged over held-out classes where there are several; autoencoders score by "
            "the reconstruction loss, other detectors by their own score",
            average=True,
        ),
    ),
    baselines=tuple(dict.fromkeys(detector.variant for detector in DETECTORS.values())),
)  # fmt: skip
