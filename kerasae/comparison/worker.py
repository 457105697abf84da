"""A process of a comparison: it imports TensorFlow once, trains models and measures them."""

import contextlib
import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path

import numpy as np
import pandas as pd

from kerasae import datasets
from kerasae.configuration import planning
from kerasae.configuration.plan import OF_RUNS
from kerasae.evaluation import scores as tidy
from kerasae.evaluation.task import Inputs, Several
from kerasae.evaluation.tasks import MEASUREMENTS
from kerasae.storage.atomic import atomic_write

COMPARISON = "comparison.pickle"
"""File with the plan and the names of the measurements, in the folder of a comparison."""


class Worker:
    """What a process keeps between its jobs: the data, and a compiled model of each kind.

    The methods `train`, `measure` and `train_judge` are its jobs. Each returns a list of tables of
    tidy scores, and what the page to explore shows of a run.

    Parameters
    ----------
    folder : path-like
        Folder of the comparison: has the data and `COMPARISON`, and gets what jobs read of others.
    """

    def __init__(self, folder):
        from kerasae import models
        from kerasae.training.run import Builder

        self.folder = Path(folder)
        self.plan, names = pickle.loads((self.folder / COMPARISON).read_bytes())
        self.measurements = measurements = {name: MEASUREMENTS[name][1] for name in names}
        self.known = {}
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
        """Train the model of a run, and take its measurements."""
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
        explored = self.explored(run, model, objects)
        sources = {name: lambda name=name: objects[name] for name in objects}
        sources |= {
            name: lambda name=name: self.object_of(name, run) for name in ("bounds", "real")
        }

        def restarted():
            model.restart_noise()
            return model

        sources["model"] = restarted
        return [self.measured(name, run, sources) for name in mine], explored

    def explored(self, run, model, objects):
        """Describe a run for the page to explore, if the page shows it."""
        from kerasae.reporting.explorer import content

        outputs, plan, variant, found = objects["outputs"], self.plan, run["variant"], {}
        data = content.shown(self["data"], run["seed"])
        rows = content.chosen(data)
        if run in plan.explored:
            shown = content.of_run(model, outputs, data, rows, objects.get("plane"))
            found["runs", variant] = shown
        if run in plan.explored_flat:
            found["flat_runs", variant] = content.of_flat_run(model, outputs, data, rows)
        return found

    def measure(self, name, unit):
        """Take one measurement that is not of a single run."""
        found = self.measured(name, unit, self.sources(self.measurements[name], unit))
        if name == "bounds":
            found.to_csv(self.folder / "bounds.npz", index=False)
        return [found], {}

    def train_judge(self, seed):
        """Train the classifier that judges the generated samples of a seed."""
        from kerasae.evaluation.judge import train_judge

        model, real = train_judge(self["data"], seed)
        model.save(self.folder / f"judge-{seed}.keras")
        np.savez(self.folder / f"real-{seed}.npz", **real)
        return [], {}


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


def main():
    """Do jobs until no more come; arguments: folder, descriptors of the jobs and the results."""
    folder, *descriptors = sys.argv[1:]
    jobs, (source, target) = queue.SimpleQueue(), map(int, descriptors)
    threading.Thread(target=_receive, args=[jobs, source], daemon=True).start()
    try:
        worker = Worker(folder)
        with open(target, "wb") as results:
            while True:
                pickle.dump(_attempted(worker, *jobs.get()), results)
                results.flush()
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _receive(jobs, source):
    """Receive jobs; end the process and its children when the other end closes or dies."""
    with contextlib.suppress(EOFError), open(source, "rb") as file:
        while True:
            jobs.put(pickle.load(file))
    os.killpg(0, signal.SIGKILL)


def _attempted(worker, method, arguments):
    """Do a job; return its result, and why it has failed."""
    try:
        return getattr(worker, method)(*arguments), ""
    except Exception as error:  # one model that fails is not to end the comparison
        return None, " ".join(str(error).split()) or type(error).__name__
