"""A process of a comparison: it imports TensorFlow once, trains models and measures them."""

import contextlib
import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kerasae import datasets
from kerasae.configuration import planning
from kerasae.configuration.plan import OF_RUNS
from kerasae.evaluation import scores as tidy
from kerasae.evaluation.task import Inputs, Several
from kerasae.evaluation.tasks import MEASUREMENTS
from kerasae.storage.atomic import atomic_write

_STATE: dict[str, Any] = {}


class Worker:
    """What a process keeps between its jobs: the data, and a compiled model of each kind."""

    def __init__(self, folder, plan, measurements):
        from kerasae import models
        from kerasae.training.run import Builder

        self.folder, self.plan, self.measurements = Path(folder), plan, measurements
        self.known, self.explored = {}, {}
        self.build = Builder(models.build)
        needed = {
            read.name if isinstance(read, Several) else read
            for one in measurements.values()
            if one.per not in OF_RUNS
            for read in one.reads
        }
        self.kept = needed & {"outputs", "histories", "planes", "generated", "model"}

    def __getitem__(self, name):
        """Read an object of the data set once."""
        if name not in self.known:
            self.known[name] = read_object(name, self.folder / f"{name}.npz")
        return self.known[name]

    def object_of(self, name, unit):
        """Read an object of the data set, or of one seed."""
        return self[f"real-{unit['seed']}" if name == "real" else name]

    def file(self, name, run):
        """Path of an object of a run."""
        return self.folder / ("-".join([name, *map(str, run.values())]) + ".npz")

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
                found[read] = lambda read=read: self.object_of(read, unit)
        return found

    def train(self, run):
        """Train the model of a run, and take its measurements; return tidy scores."""
        from kerasae.evaluation import inference
        from kerasae.training.run import train_run

        plan, data, config = self.plan, self["data"].at(run["seed"]), self.plan.config
        epochs, batch_size = planning.schedule(config)
        model, history = train_run(
            self.build,
            plan.settings_of(run["variant"]),
            data,
            latent_dim=run["latent_dim"],
            held_out=run["held_out"],
            seed=run["seed"],
            validation=plan.amounts["validation"],
            likelihood=plan.likelihood,
            verbose=0,
            alone=config["one_at_a_time"],
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=config["learning_rate"],
            patience=config["patience"],
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

            judge = keras.saving.load_model(self.folder / f"judge-{run['seed']}.keras")
            count = len(self.object_of("real", run)["held_out_features"])
            model.restart_noise()
            objects["generated"] = generated(
                model, objects["outputs"], data.x_test, judge, count, run["seed"]
            )
        for name in self.kept & objects.keys():
            write_object(name, objects[name], self.file(name, run))
        self.explore(run, model, objects)
        sources = {name: lambda name=name: objects[name] for name in objects}
        sources |= {
            name: lambda name=name: self.object_of(name, run) for name in ("bounds", "real")
        }

        def restarted():
            model.restart_noise()
            return model

        sources["model"] = restarted
        return [self.measured(name, run, sources) for name in mine]

    def explore(self, run, model, objects):
        """Keep what the page to explore shows of a run, if it shows the run."""
        from kerasae.reporting.explorer import content

        outputs, plan, variant = objects["outputs"], self.plan, run["variant"]
        data = content.shown(self["data"], run["seed"])
        rows = content.chosen(data)
        if run in plan.explored:
            found = content.of_run(model, outputs, data, rows, objects.get("plane"))
            self.explored["runs", variant] = found
        if run in plan.explored_flat:
            self.explored["flat_runs", variant] = content.of_flat_run(model, outputs, data, rows)


def read_object(name, path):
    """Read what `write_object` wrote."""
    if name == "data":
        return datasets.open_stored(path)
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
    explored, mine.explored = mine.explored, {}
    return len(runs), frames, failures, explored


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


def judge_job(folder, plan, measurements, seed):
    """Train the classifier that judges the generated samples of a seed."""
    with silent(folder):
        mine = worker(folder, plan, measurements)

    def trained():
        from kerasae.evaluation.judge import train_judge

        model, real = train_judge(mine["data"], seed)
        model.save(Path(folder, f"judge-{seed}.keras"))
        np.savez(Path(folder, f"real-{seed}.npz"), **real)
        return []

    return 1, *attempted(folder, f"the classifier of samples (seed {seed})", trained)
