"""Label curve: accuracy of the logistic and neighbours probes by number of labels."""

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.task import Evaluation, Inputs, Numbers, Task

SETTINGS = ("validation", "classification.curve")


def _curve(inputs, train, test, code=None):
    """Return accuracies of the logistic and neighbours probes, by number of labels."""
    from kerasae.evaluation.metrics.probes import curve

    data, settings = inputs["data"], inputs.settings
    accuracies = curve(
        train, data.y_train, test, data.y_test, settings["curve"], settings["validation"],
        inputs.seed,
    )  # fmt: skip
    return {
        ScoreKey("accuracy", code, probe=probe, labels=labels): accuracy
        for (probe, labels), accuracy in accuracies.items()
    }


def measure(inputs: Inputs) -> Numbers:
    """Compute the curve of codes; posterior means of a VAE."""
    outputs = inputs["outputs"]
    yield {}, _curve(inputs, outputs.mean.train, outputs.mean.test, outputs.mean_code)


def raw_pixels(inputs: Inputs) -> Numbers:
    """Compute the curve of the pixels or columns themselves."""
    data = inputs["data"]
    train, test = (
        rows.reshape(len(rows), -1).astype("float32") for rows in (data.x_train, data.x_test)
    )
    yield {"variant": "raw_pixels"}, _curve(inputs, train, test)


TASK = Task(
    name="label_curve",
    title="Classification by number of labels",
    text=(
        "The logistic and neighbours probes of the classification, trained on nested sets of "
        "labelled samples. Codes of VAEs are posterior means. raw_pixels: the same probes on the "
        "values themselves."
    ),
    metrics=(
        Metric(
            "accuracy", "accuracy",
            "test accuracy of a probe on standardised codes, by number of labels",
            better="higher", range="0 to 1",
        ),
    ),
    evaluations=(
        Evaluation("label_curve", measure, ("data", "outputs"), settings=SETTINGS),
        Evaluation(
            "raw_pixels_curve", raw_pixels, ("data",), per="seed", settings=SETTINGS, memory=2000
        ),
    ),
    needs=("labels", "curve"),
    baselines=("raw_pixels",),
)  # fmt: skip
