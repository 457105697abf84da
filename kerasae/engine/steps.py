"""The steps of the bake-off: train, embed, plane, classify, generate, measure, draw.

Each reads its inputs from `kerasae.engine.artifacts.Artifacts` and returns what it made. The caller
writes it, or holds it for the next step. Every step imports only the libraries that it needs.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True)
class TrainingOptions:
    """Options of a training, see `kerasae.training.run.train_run`.

    Attributes
    ----------
    model : dict
        ``model`` and its parameters.
    validation : int
        Number of training samples held out for validation.
    likelihood : str
        ``bernoulli`` or ``gaussian``.
    epochs, batch_size : int or None
        None: by the number of training samples.
    learning_rate : float
        Of Adam.
    patience : int or False
        Epochs without a lower validation loss before the training stops.
    """

    model: dict[str, Any]
    validation: int
    likelihood: str
    epochs: int | None
    batch_size: int | None
    learning_rate: float
    patience: int | bool


def train(artifacts, run, options, build, *, alone=False, checkpoint=None, verbose=2):
    """Train the model of a run; return the model and its history.

    ``options`` are `TrainingOptions`, ``build`` is the `kerasae.training.run.Builder` of the
    process. For ``checkpoint`` and ``alone``, see `kerasae.training.train.train`.
    """
    from kerasae.training.run import train_run

    return train_run(
        build,
        options.model,
        artifacts.read("data", run).for_seed(run.seed),
        latent_dim=run.latent_dim,
        held_out=run.held_out,
        seed=run.seed,
        validation=options.validation,
        likelihood=options.likelihood,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        patience=options.patience,
        checkpoint=checkpoint,
        alone=alone,
        verbose=verbose,
    )


def embed(artifacts, run, steps):
    """Run a trained model on the data; return its `kerasae.evaluation.outputs.Outputs`.

    ``steps`` is the number of frames of the interpolation.
    """
    from kerasae.evaluation import inference

    data = artifacts.read("data", run).for_seed(run.seed)
    x_test, _ = data.test(run.held_out)
    model = artifacts.read("model", run)
    return inference.run(model, data.x_train, x_test, steps, run.seed)


def plane(artifacts, run):
    """Project the test codes of a run to a plane; return an array (N, 2)."""
    from kerasae.evaluation.metrics import plane as projection

    return projection.plane(artifacts.read("outputs", run), run.seed)


def classify(artifacts, run):
    """Train the feature classifier of a seed; return it and its features of real images."""
    from kerasae.evaluation.feature_classifier import train_feature_classifier

    return train_feature_classifier(artifacts.read("data", run), run.seed)


def generate(artifacts, run):
    """Generate samples and interpolations; return their features by the feature classifier."""
    from kerasae.evaluation.samplers import generated

    count = len(artifacts.read("real", run)["held_out_features"])
    return generated(
        artifacts.read("model", run),
        artifacts.read("outputs", run),
        artifacts.read("data", run).x_test,
        artifacts.read("classifier", run),
        count,
        run.seed,
    )


def measure(artifacts, name, jobs, settings):
    """Do the evaluation of a name in `kerasae.evaluation.tasks.EVALUATIONS`; return tidy scores.

    ``jobs`` are pairs of a run, or group of runs, and its inputs, see `inputs`. ``settings`` are
    those of the evaluation, by the last part of their key.
    """
    import pandas as pd

    from kerasae.evaluation.tasks import EVALUATIONS

    task, evaluation = EVALUATIONS[name]
    tables = []
    for run, reads in jobs:
        try:
            given = inputs(artifacts, run, reads, settings)
            tables.append(task.measured(evaluation, given, run.label))
        except Exception as error:
            if run.variant is None or len(jobs) == 1:
                raise
            raise ValueError(f"{run.variant}: {error}") from error
    return pd.concat(tables)


def draw(artifacts, name, run, reads, settings):
    """Draw a figure of `kerasae.reporting.figures.FIGURES`; parameters as in `measure`."""
    from kerasae.reporting.figures import FIGURES

    return FIGURES[name].draw(inputs(artifacts, run, reads, settings))


def inputs(artifacts, run, reads, settings):
    """Make the `kerasae.evaluation.task.Inputs` of an evaluation or a figure of ``run``.

    ``reads`` maps the kind of an input to its run, or to the runs of an input of several. Each is
    read when it is first used.
    """
    from kerasae.evaluation.task import Inputs

    sources = {}
    for kind, runs in reads.items():
        if isinstance(runs, list):
            sources[kind] = [
                ({**each.columns(), "held_out": each.label}, partial(artifacts.read, kind, each))
                for each in runs
            ]
        else:
            sources[kind] = partial(artifacts.read, kind, runs)
    return Inputs(run.columns(), settings, sources)


def explored(artifacts, run, kind, with_plane=False):
    """Describe a run for the page to explore, see `kerasae.reporting.explorer.content`.

    ``kind`` is ``runs`` or ``flat_runs``: the page shows the run among all runs, or among those
    with codes of two dimensions. ``with_plane`` tells whether there is a plane of its codes.
    """
    from kerasae.reporting.explorer import content

    model, outputs = artifacts.read("model", run), artifacts.read("outputs", run)
    data = content.shown(artifacts.read("data", run), run.seed)
    rows = content.chosen(data)
    if kind == "flat_runs":
        return content.of_flat_run(model, outputs, data, rows)
    plane = artifacts.read("plane", run) if with_plane else None
    return content.of_run(model, outputs, data, rows, plane)
