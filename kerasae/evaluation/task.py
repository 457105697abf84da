"""The contract of a task: its evaluations, metrics, tables and rankings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from kerasae.evaluation.metric import RUN, Metric, ScoreKey, tidy

if TYPE_CHECKING:  # the workflow imports this module for planning
    import pandas as pd

Numbers: TypeAlias = Iterable[tuple[Mapping[str, object], Mapping[ScoreKey, float]]]
"""What an evaluation yields, see the attribute ``measure`` of `Evaluation`."""


class Gathered(NamedTuple):
    """An input that consists of one file for each of several runs.

    Attributes
    ----------
    name : str
        ``outputs``, ``histories``, ``planes`` or ``generated``.
    of : {"general", "variant", "held_out", "trained"}
        ``general``: runs on all classes; ``variant``: general runs of the job's variant;
        ``held_out``: anomaly runs with the latent dimension and held-out class of the job;
        ``trained``: general and anomaly runs of all variants.
    seeds : {"first", "all", "same"}
        ``same``: the seed of the job.
    models : {"variants", "all"}
        ``all``: variants and baselines.
    """

    name: str
    of: Literal["general", "variant", "held_out", "trained"] = "general"
    seeds: Literal["first", "all", "same"] = "first"
    models: Literal["variants", "all"] = "variants"


class Inputs:
    """Inputs of an evaluation or a figure, each read when it is first used.

    Parameters
    ----------
    run : dict
        ``dataset`` and, where they apply, ``variant``, ``seed``, ``latent_dim``, ``held_out``
        (the token of the class).
    settings : dict
        Values of the configuration, by the last part of their key.
    sources : dict of str to callable
        Name of an input → function that reads it; for `Gathered` a list of (run, function).
    """

    def __init__(
        self, run: Mapping[str, Any], settings: Mapping[str, Any], sources: Mapping[str, Any]
    ) -> None:
        self.run, self.settings, self._sources = run, settings, sources
        self._cache: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Read an input, once."""
        if name not in self._cache:
            self._cache[name] = self._sources[name]()
        return self._cache[name]

    def each(self, name: str) -> Iterator[tuple[dict[str, Any], Any]]:
        """Yield (run, object) of each run of a `Gathered` input; the object is read on the way."""
        for run, source in self._sources[name]:
            yield run, source()

    @property
    def seed(self) -> int:
        """Root seed of the run, an int."""
        return int(self.run["seed"])


@dataclass(frozen=True)
class Evaluation:
    """An evaluation that yields scores.

    Attributes
    ----------
    name : str
        Its name, and the folder of its scores.
    measure : callable
        From `Inputs` to an iterable of ``(run, numbers)``. ``run`` has the columns that differ from
        the run of the inputs, such as the variant of a baseline; ``numbers`` is a dict of
        `ScoreKey` to float.
    reads : tuple of str or Gathered
        Inputs: ``data`` (`kerasae.datasets.Dataset`), ``outputs``
        (`kerasae.evaluation.outputs.Outputs`), ``model`` (a trained model), ``generated``
        (`kerasae.evaluation.samplers.generated`), ``real``
        (`kerasae.evaluation.feature_classifier.train_feature_classifier`), ``plane`` (array of
        shape (N, 2)), ``bounds`` (data frame of scores).
    per : {"run", "anomaly_run", "data", "seed", "latent_dim_seed", "held_out_seed"}
        The unit that is evaluated. One job evaluates all runs with the same training data, or one
        other unit.
    settings : tuple of str
        Keys of the configuration, with dots.
    needs : tuple of str
        Requirements besides those of the task.
    memory : int, optional
        MB of the job, if more than the default.
    """

    name: str
    measure: Callable[[Inputs], Numbers]
    reads: tuple[str | Gathered, ...]
    per: Literal["run", "anomaly_run", "data", "seed", "latent_dim_seed", "held_out_seed"] = "run"
    settings: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    memory: int | None = None


@dataclass(frozen=True)
class Ranking:
    """A recommendation: the variants ranked by one metric.

    Attributes
    ----------
    name : str
        The use, such as ``compression``.
    score_keys : tuple of ScoreKey
        A variant is ranked by the first one that it has.
    text : str
        Description of the metric.
    best_of : str
        Qualifier, such as ``sampler``: every variant is ranked by its better value of it.
    average : bool
        Whether a value is the mean over all held-out classes and latent dimensions.
    """

    name: str
    score_keys: tuple[ScoreKey, ...]
    text: str
    best_of: str = ""
    average: bool = False


@dataclass(frozen=True)
class Task:
    """A task.

    Attributes
    ----------
    name : str
        Name in the scores.
    title : str
        Heading in the report.
    text : str
        How the metrics are computed, and the meaning of rows and qualifiers. ``{name}`` stands for
        a setting of its evaluations, by the last part of the key.
    metrics : tuple of Metric
        All metrics of its evaluations.
    evaluations : tuple of Evaluation
        Its jobs.
    leading : tuple of ScoreKey
        Main columns of its table, the most important first; empty for a task without a table.
    rows : tuple of str
        Qualifiers whose values have their own rows in its table.
    needs : tuple of str
        Requirements: ``labels`` (several classes), ``held_out`` (held-out classes or given
        anomalies), ``thorough`` and ``curve`` (options of the configuration).
    rankings : tuple of Ranking
        Its recommendations.
    bounds : tuple of str
        Variants in its scores that no model can pass, excluded from comparisons.
    baselines : tuple of str
        Variants in its scores that are not autoencoders.
    """

    name: str
    title: str
    text: str
    metrics: tuple[Metric, ...]
    evaluations: tuple[Evaluation, ...]
    leading: tuple[ScoreKey, ...] = ()
    rows: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    bounds: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ()

    def metric(self, name: str) -> Metric:
        """Find a metric by its name."""
        return next(metric for metric in self.metrics if metric.name == name)

    def measured(self, evaluation: Evaluation, inputs: Inputs, held_out: str) -> "pd.DataFrame":
        """Do one evaluation.

        Parameters
        ----------
        evaluation : Evaluation
            One of the task.
        inputs : Inputs
            Its inputs.
        held_out : str
            Label of the held-out class of the run, for the scores.

        Returns
        -------
        pandas.DataFrame
            Tidy scores, see `kerasae.evaluation.metric.tidy`. Columns of a run are blank where the
            numbers do not depend on them.

        Raises
        ------
        ValueError
            If the evaluation yields a metric that the task does not define, which no table would
            show, or an unknown column of a run.
        """
        import pandas as pd

        run = {**dict.fromkeys(RUN, ""), **inputs.run, "held_out": held_out}
        metrics = [metric.name for metric in self.metrics]
        tables = [tidy(run, self.name, {})]
        for other, numbers in evaluation.measure(inputs):
            self._check("metrics", {key.metric for key in numbers}, metrics)
            self._check("columns of a run", {*other}, RUN)
            tables.append(tidy({**run, **other}, self.name, numbers))
        return pd.concat(tables)

    def _check(self, kind: str, names: set[str], expected: Sequence[str]) -> None:
        """Raise a ValueError if one of the names is not expected."""
        if unknown := sorted(names - {*expected}):
            raise ValueError(
                f"Task {self.name}: expected {kind} {', '.join(expected)}. "
                f"Received: {', '.join(unknown)}"
            )
