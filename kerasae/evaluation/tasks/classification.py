"""Classification: a probe on frozen codes, trained on few labels."""

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.task import Evaluation, Inputs, Numbers, Ranking, Task

LABELS = ("validation", "classification.labels")
HEAD = (
    *("classification.epochs", "classification.batch_size"),
    *("classification.learning_rate", "classification.patience"),
)


def _split(inputs):
    """Return the labelled and validation rows of the training set, see `split`."""
    from kerasae.datasets.splits import split

    settings = inputs.settings
    labels = inputs["data"].y_train
    return split(labels, settings["validation"], inputs.seed, labelled=settings["labels"])


def _head_accuracies(inputs, make_body, train, test, code=None):
    """Return test accuracies of a dense layer trained with and without early stopping."""
    from kerasae.evaluation.metrics.classification import accuracy, fit_head

    data, split = inputs["data"], _split(inputs)
    names = ("epochs", "batch_size", "learning_rate", "patience")
    fit_options = {name: inputs.settings[name] for name in names}
    labelled, validation = (
        (train(rows), data.y_train[rows]) for rows in (split.labelled, split.validation)
    )
    numbers = {}
    for probe, stopping in (("dense", validation), ("dense_all_epochs", None)):
        model = fit_head(
            make_body(), labelled, stopping, len(data.classes), inputs.seed, **fit_options
        )
        key = ScoreKey("accuracy", code, probe=probe, labels=inputs.settings["labels"])
        numbers[key] = accuracy(model, test, data.y_test)
    return numbers


def measure(inputs: Inputs) -> Numbers:
    """Train the article's probe, a dense layer, on unscaled codes."""
    for code, encoded in inputs["outputs"].kinds.items():
        codes = encoded.train.__getitem__
        yield {}, _head_accuracies(inputs, lambda: None, codes, encoded.test, code)


def from_scratch(inputs: Inputs) -> Numbers:
    """Train the vanilla encoder and the dense layer together, on the labelled images only."""
    from kerasae import models

    data, latent_dim = inputs["data"], int(inputs.run["latent_dim"])

    def build():
        return models.build("vanilla", data.x_train.shape[1:], latent_dim, seed=inputs.seed)

    scale = build().scale
    numbers = _head_accuracies(
        inputs,
        make_body=lambda: build().encoder,
        train=lambda rows: scale(data.x_train[rows]),
        test=scale(data.x_test),
    )
    yield {"variant": "from_scratch"}, numbers


def _probed(inputs, train, test, code=None):
    """Return test accuracies of the logistic and neighbours probes on standardised features."""
    from kerasae.evaluation.metrics.probes import probe

    data, rows = inputs["data"], _split(inputs).labelled
    accuracies = probe(train[rows], data.y_train[rows], test, data.y_test)
    return {
        ScoreKey("accuracy", code, probe=name, labels=inputs.settings["labels"]): accuracy
        for name, accuracy in accuracies.items()
    }


def probes(inputs: Inputs) -> Numbers:
    """Train the logistic and neighbours probes on codes."""
    for code, encoded in inputs["outputs"].kinds.items():
        yield {}, _probed(inputs, encoded.train, encoded.test, code)


def raw_pixels(inputs: Inputs) -> Numbers:
    """Train the logistic and neighbours probes on the pixels or columns themselves."""
    data = inputs["data"]
    train, test = (rows.reshape(len(rows), -1) for rows in (data.x_train, data.x_test))
    yield {"variant": "raw_pixels"}, _probed(inputs, train, test)


TASK = Task(
    name="classification",
    title="Classification",
    text=(
        "Probes are trained on the frozen codes of {labels} labelled samples. dense: the "
        "article's probe, one layer on unscaled codes, trained with Adam at {learning_rate}, "
        "batches of {batch_size} and at most {epochs} epochs, stopped after {patience} without "
        "a better validation accuracy, and so with the labels of {validation} further samples; it "
        "depends on how fast the layer learns. dense_all_epochs: the same without early stopping, "
        "from the {labels} labels alone. logistic and "
        "neighbours: a logistic regression trained to convergence, and the five nearest "
        "neighbours, both on standardised codes and therefore independent of their scale. Codes "
        "of VAEs are posterior samples, as in the article; posterior means have their own "
        "columns. from_scratch: the vanilla encoder and the dense layer, trained together on the "
        "same labels. raw_pixels: the logistic and neighbours probes on the values themselves."
    ),
    metrics=(
        Metric(
            "accuracy", "accuracy",
            "test accuracy of a probe that is trained on few labelled codes",
            better="higher", range="0 to 1",
        ),
    ),
    evaluations=(
        Evaluation(
            "classification", measure, ("data", "outputs"), settings=(*LABELS, *HEAD),
        ),
        Evaluation(
            "from_scratch", from_scratch, ("data",), per="latent_dim_seed",
            settings=(*LABELS, *HEAD), memory=1500,
        ),
        Evaluation("probes", probes, ("data", "outputs"), settings=LABELS),
        Evaluation("raw_pixels", raw_pixels, ("data",), per="seed", settings=LABELS),
    ),
    leading=(
        ScoreKey("accuracy", "sample", probe="dense"),
        ScoreKey("accuracy", "sample", probe="dense_all_epochs"),
        ScoreKey("accuracy", "sample", probe="logistic"),
        ScoreKey("accuracy", "sample", probe="neighbours"),
        ScoreKey("accuracy", "mean", probe="logistic"),
    ),
    needs=("labels",),
    rankings=(
        Ranking(
            "features for a classifier",
            (
                ScoreKey("accuracy", "mean", probe="logistic"),
                ScoreKey("accuracy", probe="dense_all_epochs"),
            ),
            "test accuracy of a logistic regression on few labelled codes, posterior means of "
            "VAEs; from_scratch: of a network trained on the same labels",
        ),
    ),
    baselines=("raw_pixels", "from_scratch"),
)  # fmt: skip
