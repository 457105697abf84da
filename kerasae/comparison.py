"""The bake-off in one call, without Snakemake: `compare`.

The tasks, their inputs and their settings are those of the workflow, and so are the numbers.
"""

import contextlib
import importlib
import io
import os
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from kerasae import datasets
from kerasae.configuration import planning, proposal, reading
from kerasae.configuration.plan import OF_ANOMALY_RUNS, Plan, chosen_variants, held_out_of
from kerasae.datasets.formats import Raw
from kerasae.datasets.own import prepared
from kerasae.evaluation import scores as tidy
from kerasae.evaluation.metrics import COLUMNS
from kerasae.evaluation.task import Inputs, Several
from kerasae.evaluation.tasks import MEASUREMENTS, TASKS
from kerasae.models import BASELINES
from kerasae.reporting import rankings as ranked
from kerasae.reporting.summary import answers
from kerasae.reporting.tables import documents
from kerasae.storage.atomic import atomic_write

PER_RUN = ("run", "anomaly_run")
"""Units of measurements that are taken where the model was trained."""
NEWS = 20
"""Seconds between two interim results on the screen."""


def compare(
    X,
    y=None,
    *,
    variants=None,
    baselines=None,
    tasks=None,
    seeds=5,
    anomalies=None,
    config=None,
    n_jobs=-1,
    progress=True,
):
    """Train autoencoders on data, and compare them and simple baselines by use.

    Parameters
    ----------
    X : array of shape (n, d), (n, H, W) or (n, H, W, C), data frame, str or path-like
        Rows of a table or images. Or a name in `kerasae.datasets.SOURCES`, or a file or folder, see
        `kerasae.datasets.load_own`. A fifth of the samples become the test set, unless the data
        have one.
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
        Prints itself as the ranking by use. If interrupted by Ctrl-C, with the results so far.

    Raises
    ------
    ValueError
        If the data or a setting are unsuitable; names it.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> found = compare(X, y, variants=["vanilla", "vae"], seeds=3)  # doctest: +SKIP
    >>> found.rankings  # doctest: +SKIP
    >>> found.save("results/wine")  # doctest: +SKIP
    """
    plan, data, settings = planned(X, y, variants, baselines, tasks, seeds, anomalies, config)
    description = datasets.described(plan.dataset, data, plan.options)
    names = chosen_tasks(plan, tasks)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        data.save(Path(folder, "data.npz"))
        del data
        run = Run(plan, names, folder)
        collected = Collected(plan.dataset, progress)
        complete = run.collect(n_jobs, collected)
    return Comparison(
        plan, settings, description, collected.scores(), collected.failures, complete,
        time.perf_counter() - began,
    )  # fmt: skip


@dataclass(repr=False)
class Comparison:
    """Result of `compare`.

    Attributes
    ----------
    plan : kerasae.configuration.plan.Plan
        What was to be computed.
    config : dict
        The configuration, for the workflow.
    description : str
        Description of the data, in Markdown.
    scores : pandas.DataFrame
        Tidy scores, see `kerasae.evaluation.metrics.COLUMNS`.
    failures : dict of str to str
        What failed → the error.
    complete : bool
        Whether everything was computed; not so after an interruption.
    seconds : float
        Wall time.
    """

    plan: Plan
    config: dict
    description: str
    scores: pd.DataFrame
    failures: dict = field(default_factory=dict)
    complete: bool = True
    seconds: float = 0.0

    @property
    def rankings(self):
        """Variants and baselines by use, the best first, see `rankings`."""
        return ranked.rankings(self.scores)

    def __repr__(self):
        """Describe the results in lines."""
        number = len(self.plan.seeds)
        begin = f"{self.plan.dataset}, {number} seed{'s' * (number > 1)}"
        if not self.complete:
            begin += ", interrupted: results so far"
        lines = answers(self.scores) or ["nothing was measured"]
        failed = [f"{what} failed: {why}" for what, why in self.failures.items()]
        return "\n".join([f"{begin}:", *(f"  {line}" for line in (*lines, *failed))])

    def _repr_html_(self):
        """Show the recommendations in a notebook."""
        return ranked.body(self.scores, self.description)

    def save(self, folder):
        """Write scores, tables, rankings and the configuration.

        The files are those of the workflow for one data set. To add the scores to a run of the
        workflow, name ``scores.csv`` under ``merge`` in its configuration.

        Parameters
        ----------
        folder : path-like
            A new folder, or one without results.

        Raises
        ------
        FileExistsError
            If the folder has scores; nothing is overwritten.
        """
        check_new(folder)
        folder = Path(folder)
        texts = {
            "scores.csv": self.scores.to_csv(index=False),
            "which_one.csv": self.rankings.to_csv(index=False),
            "which_one.html": ranked.page(self.scores, self.plan.dataset, self.description),
            "description.md": self.description,
            "config.yaml": yaml.safe_dump(self.config, sort_keys=False, allow_unicode=True),
        }
        for name in self.plan.tables:
            if (self.scores["task"] == name).any():
                found = documents(self.scores, name, self.plan.dataset, *table_of(self.plan, name))
                texts |= {f"tables/{name}{ending}": text for ending, text in found.items()}
        for name, text in texts.items():
            with atomic_write(folder / name) as path:
                path.write_text(text, encoding="utf-8")


def check_new(folder):
    """Raise `FileExistsError` if a folder has scores."""
    if Path(folder, "scores.csv").exists():
        raise FileExistsError(
            f"Expected a folder without results, as none are overwritten. Received: {folder}"
        )


# What is computed


def planned(X, y, variants, baselines, tasks, seeds, anomalies, config):
    """Read the data and complete the settings; parameters of `compare`.

    Returns
    -------
    plan : kerasae.configuration.plan.Plan
    data : kerasae.datasets.Dataset
        Scaled.
    settings : dict
        The configuration as written, without defaults.
    """
    name, options, read = source(X, y, anomalies)
    given = dict(config or {})
    options |= (given.pop("datasets", None) or {}).get(name) or {}
    written = {"seeds": list(range(1, seeds + 1)) if isinstance(seeds, Integral) else list(seeds)}
    for key, names in (("variants", variants), ("baselines", baselines)):
        if names is not None:
            written[key] = names if isinstance(names, dict) else dict(map(named, names))
    if baselines is None:
        written["baselines"] = {name: {} for name in BASELINES}
    wanted = list(TASKS) if tasks == "all" else list(tasks or ())
    if unknown := [task for task in wanted if task not in TASKS]:
        raise ValueError(f"Expected tasks of {', '.join(TASKS)}. Received: {', '.join(unknown)}")
    if any("thorough" in TASKS[task].needs for task in wanted):
        written["thorough"] = True
    if name not in datasets.SOURCES:
        raw = read({"likelihood": "gaussian"})
        scale, likelihood, _ = proposal.scaling_for(raw.x_train)
        options = {"scale": scale, "likelihood": likelihood, **options}
        written = reading.merge(written, proposal.amounts_for(raw, name, anomalies is not None))
        del raw
    written = reading.merge(given, written)
    written["datasets"] = {name: options}
    schema = reading.schema()
    settings = reading.validated(written, schema)
    data = read({key: options[key] for key in options.keys() - {"held_out", "train", "test"}})
    data = data.first(options.get("train"), options.get("test"))
    chosen, others = chosen_variants(settings)
    size = datasets.Sizes(
        len(data.x_train), len(data.x_test), data.x_train[0].size, len(data.classes)
    )
    own = planning.own_amounts(settings, written, schema)
    amounts = planning.fitted(name, options, settings, own, size, "pca" in others)
    held_out = held_out_of(name, options, settings, data.classes)
    plan = Plan(name, settings, chosen, others, options, data.classes, held_out, amounts, size)
    written["datasets"] = {"mnist": False, **written["datasets"]}
    return plan, data, written


def source(X, y, anomalies):
    """Return the name of the data, their options, and a function that reads them with options."""
    options = {} if anomalies is None else {"anomalies": str(anomalies)}
    if isinstance(X, str) and X in datasets.SOURCES:
        return X, options, lambda others: datasets.load(X, **others)
    if isinstance(X, (str, os.PathLike)):
        options["path"] = os.fspath(X)
        if y is not None:
            options["labels"] = y
        return (
            proposal.config_name(X), options,
            lambda others: datasets.load_own(**{"path": X, "labels": y, **others}),
        )  # fmt: skip
    arrays, columns = in_memory(X, y)

    def read(others):
        how = {"labels": None, "scale": "none", "likelihood": "bernoulli", "test_share": 0.2}
        how |= {"anomalies": anomalies, **others, "path": "X", "labels": None}
        return prepared(Raw(dict(arrays), columns), **how)

    return "data", {**options, "path": "X"}, read


def in_memory(X, y):
    """Turn arrays or a data frame into arrays by their names, and the names of the columns."""
    columns = ()
    if hasattr(X, "columns"):
        if isinstance(y, str):
            X, y = X.drop(columns=y), X[y]
        columns = tuple(map(str, X.columns))
        if texts := [name for name, kind in X.dtypes.items() if kind.kind not in "buif"]:
            raise ValueError(
                "Expected numbers in every column but that of the classes. "
                f"Received: {', '.join(map(str, texts))}"
            )
        X = X.to_numpy()
    X = np.asarray(X)
    return {"x_train": X} | ({} if y is None else {"y_train": np.asarray(y)}), columns


def named(variant):
    """Name and settings of a variant from its name, that of its class for an own model."""
    if ":" not in variant:
        return variant, {}
    return variant.rpartition(":")[2].lower(), {"model": variant}


def chosen_tasks(plan, tasks):
    """Names of the tasks to compute.

    Raises
    ------
    ValueError
        If the data or the settings do not allow one that was named.
    """
    able = [name for name, task in TASKS.items() if plan.applies(task)]
    if tasks is None or tasks == "all":
        return able
    if missing := [name for name in tasks if name not in able]:
        needs = ", ".join(need for need in TASKS[missing[0]].needs if not plan.provides(need))
        raise ValueError(
            f"Expected tasks that the data and the settings allow: {', '.join(able)}. "
            f"Received: {', '.join(missing)}, which needs {needs}"
        )
    return list(tasks)


def table_of(plan, task):
    """Variants, latent dimension and held-out class of a task's table."""
    if "held_out" in TASKS[task].needs:
        cell = plan.amounts["latent_dims"][0], plan.label_of(plan.held_out[0])
    else:
        cell = plan.amounts["latent_dim"], datasets.NO_CLASS
    return list(plan.all_variants), *cell


# How it is computed


class Run:
    """What is to be computed, in the order of its jobs.

    Parameters
    ----------
    plan : kerasae.configuration.plan.Plan
        The plan.
    tasks : list of str
        Names of the tasks.
    folder : path-like
        Folder with the data, and for what jobs hand to each other.
    """

    def __init__(self, plan, tasks, folder):
        self.plan, self.folder = plan, folder
        self.measurements = {
            name: measurement
            for name, (task, measurement) in plan.measurements.items()
            if task.name in tasks
        }
        self.first, self.alone, self.after = [], [], []
        for name, measurement in self.measurements.items():
            if measurement.per not in PER_RUN:
                several = any(isinstance(read, Several) for read in measurement.reads)
                jobs = self.first if name == "bounds" else self.after if several else self.alone
                jobs += [(name, unit) for unit in plan.units(measurement.per)]
        kinds = {measurement.per for measurement in self.measurements.values()}
        self.runs = [
            *(plan.general if kinds - {*OF_ANOMALY_RUNS, "data"} or self.after else ()),
            *(plan.anomaly if kinds & {*OF_ANOMALY_RUNS} else ()),
        ]

    @property
    def judged(self):
        """Whether a measurement needs the classifier of generated samples."""
        reads = {read for one in self.measurements.values() for read in one.reads}
        return bool(reads & {"generated", "real"})

    def bundles(self):
        """Cut the runs into jobs: the seeds of a variant together, as they share its programs."""
        found = {}
        for run in self.runs:
            key = (run["variant"],) if self.plan.short else tuple(run.values())
            found.setdefault(key, []).append(run)
        return list(found.values())

    def collect(self, n_jobs, collected):
        """Compute everything; return whether it was not interrupted."""
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky import get_reusable_executor

        # Processes that joblib kept from before may have another folder, and other own models
        get_reusable_executor().shutdown(wait=True)
        state = self.folder, self.plan, self.measurements
        first = [delayed(measure_job)(*state, name, unit) for name, unit in self.first]
        if self.judged:
            first.append(delayed(judge_job)(*state))
        second = [
            *(delayed(measure_job)(*state, name, unit) for name, unit in self.alone[:2]),
            *(delayed(runs_job)(*state, runs) for runs in self.bundles()),
            *(delayed(measure_job)(*state, name, unit) for name, unit in self.alone[2:]),
        ]
        third = [delayed(measure_job)(*state, name, unit) for name, unit in self.after]
        collected.begin(len(first) + len(self.runs) + len(self.alone) + len(third))
        try:
            with (
                parallel_config(backend="loky", inner_max_num_threads=1),
                warnings.catch_warnings(),
            ):
                # joblib replaces a process whose memory grows, here by compiled programs
                warnings.filterwarnings("ignore", "A worker stopped while some jobs")
                for jobs in filter(None, (first, second, third)):
                    how = {"n_jobs": n_jobs, "return_as": "generator_unordered", "batch_size": 1}
                    for done in Parallel(**how, pre_dispatch="all")(jobs):
                        collected.add(*done)
        except KeyboardInterrupt:
            return False
        finally:
            get_reusable_executor().shutdown(wait=True, kill_workers=True)
            collected.end()
        return True


class Collected:
    """Scores of the jobs that are done, and the progress on the screen."""

    def __init__(self, dataset, progress):
        self.dataset, self.progress = dataset, progress
        self.frames, self.failures, self.said = [], {}, time.monotonic()

    def begin(self, total):
        """Start the progress bar."""
        from tqdm.auto import tqdm

        self.bar = tqdm(
            total=total, disable=not self.progress, desc=f"Comparing on {self.dataset}",
            unit="run", smoothing=0.1,
        )  # fmt: skip

    def add(self, count, frames, failures):
        """Add what a job returned, and tell what is known so far from time to time."""
        self.frames += frames
        self.failures |= failures
        self.bar.update(count)
        for what, why in failures.items():
            self.bar.write(f"{what} failed: {why}")
        due = time.monotonic() - self.said > NEWS and self.bar.n < self.bar.total
        if self.progress and due and (lines := answers(self.scores())):
            self.bar.write("\n".join([f"After {self.bar.n} of {self.bar.total} jobs:", *lines]))
            self.said = time.monotonic()

    def end(self):
        """Close the progress bar."""
        self.bar.close()

    def scores(self):
        """Return all scores, in the order of the workflow's table."""
        frames = [pd.DataFrame(columns=COLUMNS), *self.frames]
        text = pd.concat(frames).to_csv(index=False)
        found = tidy.read(io.StringIO(text))
        return tidy.with_integers(found)


# In the processes


_STATE = {}


class Worker:
    """What a process keeps between its jobs: the data, and a compiled model of each kind."""

    def __init__(self, folder, plan, measurements):
        self.folder, self.plan, self.measurements = Path(folder), plan, measurements
        self.models, self.known = {}, {}
        needed = {
            read.name if isinstance(read, Several) else read
            for one in measurements.values()
            if one.per not in PER_RUN
            for read in one.reads
        }
        self.kept = needed & {"outputs", "histories", "planes", "generated", "model"}

    def __getitem__(self, name):
        """Read an object of the data set once."""
        if name not in self.known:
            self.known[name] = read_object(name, self.folder / f"{name}.npz")
        return self.known[name]

    def file(self, name, run):
        """Path of an object of a run."""
        return self.folder / ("-".join([name, *map(str, run.values())]) + ".npz")

    def build(self, name, /, *, seed, preprocessing, **settings):
        """Build a model, or begin anew with a compiled one of the same settings."""
        from kerasae import models

        key = repr((name, sorted(settings.items())))
        model = self.models.get(key)
        if model is None:
            model = models.build(name, seed=seed, preprocessing=preprocessing, **settings)
            if ":" not in name:  # an own model may depend on its seed in other ways
                self.models[key] = model
        else:
            model.reseed(seed)
        return model

    def measured(self, name, unit, sources):
        """Take one measurement; return tidy scores."""
        task, measurement = MEASUREMENTS[name]
        settings = self.plan.settings(measurement.settings)
        held_out = self.plan.label_of(unit.get("held_out", datasets.NO_CLASS))
        return task.measured(measurement, Inputs(dict(unit), settings, sources), held_out)

    def sources(self, measurement, unit):
        """Find the sources of a measurement that is taken of the objects of other jobs."""
        found = {}
        for read in measurement.reads:
            if isinstance(read, Several):
                runs = self.plan.runs_of(read, unit)
                runs = [run for run in runs if self.file(read.name, run).exists()]  # others failed
                found[read.name] = [
                    (
                        {**run, "held_out": self.plan.label_of(run["held_out"])},
                        lambda run=run, name=read.name: read_object(name, self.file(name, run)),
                    )
                    for run in runs
                ]
            else:
                found[read] = lambda read=read: self[read]
        return found

    def train(self, run):
        """Train the model of a run, and take its measurements; return tidy scores."""
        from kerasae.evaluation import inference
        from kerasae.training.run import train_run

        plan, data, config = self.plan, self["data"], self.plan.config
        model, history = train_run(
            self.build,
            plan.all_variants[run["variant"]],
            data,
            latent_dim=run["latent_dim"],
            held_out=run["held_out"],
            seed=run["seed"],
            validation=plan.amounts["validation"],
            likelihood=plan.likelihood,
            verbose=0,
            **{key: config[key] for key in ("epochs", "batch_size", "learning_rate")},
        )
        general = run["held_out"] == datasets.NO_CLASS
        objects = {"data": data, "histories": history}
        x_test, _ = data.test(run["held_out"])
        steps = config["interpolation"]["steps"]
        model.restart_noise()
        objects["outputs"] = inference.run(model, data.x_train, x_test, steps, run["seed"])
        mine = {
            name: one
            for name, one in self.measurements.items()
            if one.per == ("run" if general else "anomaly_run")
        }
        reads = {read for one in mine.values() for read in one.reads}
        if "plane" in reads:
            from kerasae.evaluation.measures.plane import plane

            objects["plane"] = plane(objects["outputs"], run["seed"])
        if "generated" in reads or (general and "generated" in self.kept):
            import keras

            from kerasae.evaluation.samplers import generated

            judge = keras.saving.load_model(self.folder / "judge.keras")
            model.restart_noise()
            objects["generated"] = generated(
                model, objects["outputs"], data.x_test, judge, run["seed"]
            )
        for name in self.kept & objects.keys():
            write_object(name, objects[name], self.file(name, run))
        sources = {name: lambda name=name: objects[name] for name in objects}
        sources |= {name: lambda name=name: self[name] for name in ("bounds", "real")}

        def restarted():
            model.restart_noise()
            return model

        sources["model"] = restarted
        return [self.measured(name, run, sources) for name in mine]


def read_object(name, path):
    """Read what `write_object` wrote."""
    if name == "data":
        return datasets.Dataset.open(path)
    if name == "outputs":
        from kerasae.evaluation.outputs import Outputs

        return Outputs.open(path)
    if name == "histories":
        return pd.read_csv(path)
    if name == "bounds":
        return tidy.read(path)
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def write_object(name, what, path):
    """Write an object that another job reads."""
    with atomic_write(path) as file:
        if name == "outputs":
            what.save(file)
        elif name == "histories":
            what.to_csv(file, index=False)
        else:
            np.savez(file, **what)


def worker(folder, plan, measurements):
    """Return the `Worker` of this process for a comparison."""
    if folder not in _STATE:
        os.environ.update(
            TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3",
            KERAS_BACKEND=planning.BACKEND,
        )  # fmt: skip
        # Import TensorFlow at once: joblib takes a process that grows later for one that leaks
        importlib.import_module("kerasae.training.run")
        _STATE.clear()
        _STATE[folder] = Worker(folder, plan, measurements)
    return _STATE[folder]


@contextlib.contextmanager
def silent(folder):
    """Send what libraries print to a file, also from outside of Python."""
    kept = [os.dup(number) for number in (1, 2)]
    log = os.open(Path(folder, f"log-{os.getpid()}"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for number in (1, 2):
            os.dup2(log, number)
        with open(log, "w", closefd=False) as file, contextlib.redirect_stdout(file):
            yield
    finally:
        for number, old in zip((1, 2), kept, strict=True):
            os.dup2(old, number)
            os.close(old)
        os.close(log)


def attempted(folder, what, function):
    """Call a function; return tidy scores, and the error by what failed."""
    with silent(folder):
        try:
            return function(), {}
        except Exception as error:  # one model that fails is not to end the comparison
            return [], {what: " ".join(str(error).split()) or type(error).__name__}


def runs_job(folder, plan, measurements, runs):
    """Train the runs of a variant, and measure each."""
    frames, failures = [], {}
    with silent(folder):
        mine = worker(folder, plan, measurements)
    for run in runs:
        what = f"{run['variant']} (seed {run['seed']})"
        found, failed = attempted(folder, what, lambda run=run: mine.train(run))
        frames += found
        failures |= failed
    mine.models.clear()
    return len(runs), frames, failures


def measure_job(folder, plan, measurements, name, unit):
    """Take one measurement that is not that of a single run."""
    with silent(folder):
        mine = worker(folder, plan, measurements)

    def measured():
        found = mine.measured(name, unit, mine.sources(measurements[name], unit))
        if name == "bounds":
            found.to_csv(Path(folder, "bounds.npz"), index=False)
        return [found]

    return 1, *attempted(folder, name, measured)


def judge_job(folder, plan, measurements):
    """Train the classifier that judges generated samples."""
    with silent(folder):
        mine = worker(folder, plan, measurements)

    def trained():
        from kerasae.evaluation.judge import train_judge

        model, real = train_judge(mine["data"], plan.amounts["validation"], 1)
        model.save(Path(folder, "judge.keras"))
        np.savez(Path(folder, "real.npz"), **real)
        return []

    return 1, *attempted(folder, "the classifier of samples", trained)
