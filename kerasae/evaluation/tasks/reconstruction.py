"""Reconstruction: the loss on the test set, and its bounds."""

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.task import Evaluation, Inputs, Numbers, Ranking, Task


def bound(inputs: Inputs) -> Numbers:
    """Compute the bounds of the reconstruction loss."""
    from kerasae.evaluation.metrics.reconstruction import bounds

    data = inputs["data"]
    for variant, losses in bounds(data.x_train, data.x_test, inputs.settings["likelihood"]).items():
        yield {"variant": variant}, {ScoreKey(name): value for name, value in losses.items()}


def measure(inputs: Inputs) -> Numbers:
    """Average the reconstruction loss of one model, and compare it with the bounds."""
    from kerasae.evaluation.metrics.reconstruction import LOSS, explained

    loss = LOSS[inputs.settings["likelihood"]]
    numbers = {
        ScoreKey(loss, code): encoded.scores[loss].mean()
        for code, encoded in inputs["outputs"].kinds.items()
    }
    bounds = inputs["bounds"].set_index("variant")["value"]
    first, value = next(iter(numbers.items()))
    numbers[ScoreKey("explained", first.code)] = explained(
        value, bounds["mean_image"], bounds.get("entropy_floor", 0)
    )
    yield {}, numbers


TASK = Task(
    name="reconstruction",
    title="Reconstruction",
    text=(
        "Reconstruction loss on the test set, mean over the samples. VAEs decode a posterior "
        "sample, as in the article; the loss of the posterior mean has its own column. "
        "entropy_floor: entropy of the values, the least possible cross-entropy. mean_image: the "
        "mean of the training set as the reconstruction of every sample. A model that explains "
        "nothing has collapsed. For the Gaussian likelihood the table has the squared "
        "error, twice the loss, with the floor 0."
    ),
    metrics=(
        Metric(
            "bce", "BCE", "binary cross-entropy of a test sample, summed over its values",
            better="lower", range="≥ entropy floor", unit="nats", decimals=2,
        ),
        Metric(
            "mse", "squared error",
            "squared error of a test sample, summed over its values; for the Gaussian likelihood",
            better="lower", range="≥ 0", decimals=2,
        ),
        Metric(
            "explained", "explained",
            "share of the gap between mean_image and entropy_floor that the model closes",
            better="higher", range="≤ 1", decimals=2,
        ),
    ),
    evaluations=(
        Evaluation("bounds", bound, ("data",), per="data", settings=("likelihood",)),
        Evaluation("reconstruction", measure, ("outputs", "bounds"), settings=("likelihood",)),
    ),
    leading=(
        *(ScoreKey(loss, code) for code in ("sample", "mean") for loss in ("bce", "mse")),
        ScoreKey("explained"),
    ),
    rankings=(
        Ranking(
            "compression",
            (ScoreKey("bce", "mean"), ScoreKey("mse", "mean")),
            "reconstruction loss on the test set; VAEs decode the posterior mean",
        ),
    ),
    bounds=("entropy_floor",),
    baselines=("mean_image",),
)  # fmt: skip
