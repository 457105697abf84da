"""Training time: wall time of the epochs and of the compilation."""

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.task import Evaluation, Gathered, Inputs, Numbers, Task


def measure(inputs: Inputs) -> Numbers:
    """Summarise the times of every training."""
    from kerasae.evaluation.metrics.training_time import time_metrics

    for run, history in inputs.each("histories"):
        yield run, {ScoreKey(name): value for name, value in time_metrics(history).items()}


TASK = Task(
    name="training_time",
    title="Training time",
    text=(
        "Wall time of the training. Times are comparable only with one_at_a_time in the "
        "configuration: otherwise several trainings run at the same time, see the load. The "
        "published times are from another machine."
    ),
    metrics=(
        Metric(
            "seconds", "seconds", "wall time of all epochs, validation and compilation included",
            range="≥ 0", unit="s", decimals=1,
        ),
        Metric(
            "seconds_per_epoch", "seconds per epoch",
            "median wall time of an epoch, without the first of each stage; mean over the stages",
            range="≥ 0", unit="s", decimals=2,
        ),
        Metric(
            "seconds_per_epoch_alone", "seconds per epoch, alone",
            "the same of a training with one_at_a_time: only these times can be compared",
            range="≥ 0", unit="s", decimals=2,
        ),
        Metric(
            "compilation", "compilation",
            "excess of the first epoch of each stage over the median of its other epochs",
            range="about ≥ 0", unit="s", decimals=1,
        ),
        Metric(
            "load", "load",
            "mean number of processes that ran or waited; above 1 the training was not alone",
            range="≥ 0", unit="processes", decimals=1,
        ),
    ),
    evaluations=(
        Evaluation(
            "training_time", measure, (Gathered("histories", "trained", "all"),), per="data"
        ),
    ),
    leading=tuple(map(ScoreKey, ("seconds", "seconds_per_epoch", "compilation", "load"))),
)  # fmt: skip
