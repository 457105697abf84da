"""The bake-off in one call, without Snakemake: `compare`.

The tasks, their inputs and their settings are those of the workflow, and so are the numbers.
"""

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Literal

from joblib import effective_n_jobs
from numpy.typing import ArrayLike

from kerasae import datasets
from kerasae.comparison.jobs import Results, jobs_of
from kerasae.comparison.processes import Processes, interrupts
from kerasae.comparison.reading import chosen_tasks, planned
from kerasae.comparison.result import Comparison
from kerasae.engine.artifacts import Artifacts
from kerasae.engine.run import Run
from kerasae.reporting.explorer import content
from kerasae.types import Setting, StrPath

__all__ = ["Comparison", "compare"]


def compare(
    X: ArrayLike | os.PathLike[str],
    y: ArrayLike | str | None = None,
    *,
    variants: Sequence[str] | Mapping[str, dict[str, Any]] | None = None,
    baselines: Sequence[str] | None = None,
    tasks: Sequence[str] | Literal["all"] | None = None,
    seeds: int | Sequence[int] = 5,
    anomalies: StrPath | None = None,
    setting: Setting | None = None,
    config: Mapping[str, Any] | None = None,
    n_jobs: int = -1,
    progress: bool = True,
) -> Comparison:
    """Train autoencoders on data, and compare them and simple baselines by use.

    Parameters
    ----------
    X : array of shape (n, d), (n, H, W) or (n, H, W, C), data frame, str or path-like
        Rows of a table or images. Or a name in `kerasae.datasets.SOURCES`, or a file or folder, see
        `kerasae.datasets.load_own`. A fifth of the samples become the test set, unless the data
        have one. A data frame is of pandas or Polars, an Arrow table, or another object with the
        Arrow C stream or the data frame interchange protocol; the index of pandas is ignored.
    y : array of shape (n,) or str, optional
        Classes; of a table also the name of the column with them.
    variants : list of str or dict of str to dict, optional
        Names of models and variants, see `kerasae.models.entry`; or name → ``model`` and its
        parameters. By default the nine of the article.
    baselines : list of str, optional
        Names in `kerasae.BASELINES`. By default all.
    tasks : list of str or "all", optional
        Names in `kerasae.evaluation.tasks.TASKS`. By default the tasks that the data allow, apart
        from those that take minutes per model; with ``"all"`` these, too.
    seeds : int or list of int, optional
        Number of root seeds, from 1, or the seeds. Every model is trained once per seed.
    anomalies : path-like, optional
        File or folder with known anomalies for anomaly detection.
    setting : {"semi_supervised", "unsupervised"}, optional
        For data with known anomalies, ``y`` being 1 for these and 0 for the others: how each seed
        draws its training and test set, see `kerasae.datasets.LabelledRows`. The models are then
        compared by anomaly detection alone.
    config : dict, optional
        Further keys of a configuration, such as ``{"epochs": 20, "anomaly": {"held_out": "1"}}``;
        ``config.yaml`` of the repository explains every key. By default the values that
        ``kerasae init`` proposes for the data.
    n_jobs : int, optional
        Number of processes, one thread each; -1 for one per core.
    progress : bool, optional
        Whether to show a progress bar and interim results.

    Returns
    -------
    Comparison
        Prints itself as the ranking by use. Ctrl-C and SIGTERM end it with the results so far.

    Raises
    ------
    ValueError
        If the data or a setting are unsuitable; names it.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> comparison = compare(X, y, variants=["vanilla", "vae"], seeds=3)  # doctest: +SKIP
    >>> comparison.rankings  # doctest: +SKIP
    >>> comparison.save("results/wine")  # doctest: +SKIP
    >>> comparison.explore("wine.html")  # doctest: +SKIP
    """
    plan, data, settings = planned(
        X, y, variants, baselines, tasks, seeds, anomalies, config, setting
    )
    description = datasets.described(plan.dataset, data, plan.options)
    names = chosen_tasks(plan, tasks)
    evaluations = [
        evaluation for task, evaluation in plan.evaluations.values() if task.name in names
    ]
    began = time.perf_counter()
    with interrupts() as interrupted, tempfile.TemporaryDirectory() as folder:
        Artifacts(folder).write("data", Run(plan.dataset), data)
        samples = content.of_data(*content.page_samples(data, plan.seeds[0]))
        del data
        rounds = jobs_of(plan, evaluations)
        number = effective_n_jobs(1 if plan.config["one_at_a_time"] else n_jobs)
        worker = folder, plan, [evaluation.name for evaluation in evaluations]
        with (
            Results(plan.dataset, [*chain(*rounds)], progress) as results,
            Processes(number, folder, worker) as processes,
        ):
            for jobs in rounds:
                for job, result, error in processes.do(jobs, interrupted):
                    results.add(job, result, error)
        return Comparison(
            plan,
            settings,
            description,
            results.scores(),
            results.failures,
            complete=not results.left,
            seconds=time.perf_counter() - began,
            explored={"samples": samples, **results.explored},
        )
