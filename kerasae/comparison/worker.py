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

from kerasae import datasets
from kerasae.config.plan import OF_RUNS
from kerasae.engine import steps
from kerasae.engine.artifacts import Artifacts
from kerasae.evaluation.task import Gathered
from kerasae.evaluation.tasks import EVALUATIONS

COMPARISON = "comparison.pickle"
"""File with the plan and the names of the evaluations, in the folder of a comparison."""


class Worker:
    """What a process keeps between its jobs: the data, and a compiled model of each kind.

    The methods `train`, `measure` and `classify` are its jobs. Each returns a list of tables of
    tidy scores, and what the page to explore shows of a run. The folder of the comparison has the
    data and `COMPARISON`, and gets what jobs read of others.
    """

    def __init__(self, folder):
        from kerasae import models
        from kerasae.training.run import Builder

        self.plan, names = pickle.loads(Path(folder, COMPARISON).read_bytes())
        self.artifacts, self.build = Artifacts(folder), Builder(models.build)
        self.evaluations = {name: EVALUATIONS[name][1] for name in names}
        self.read_by_others = {
            read.name if isinstance(read, Gathered) else read
            for evaluation in self.evaluations.values()
            if evaluation.per not in OF_RUNS
            for read in evaluation.reads
        }

    def measured(self, name, unit):
        """Do one evaluation of a run or a group of runs; return tidy scores."""
        evaluation = self.evaluations[name]
        reads = {
            kind: self.made(kind, runs) if isinstance(runs, list) else runs
            for kind, runs in self.plan.inputs(evaluation, unit).items()
        }
        settings = self.plan.settings(evaluation.settings)
        return steps.measure(self.artifacts, name, [(unit, reads)], settings)

    def made(self, kind, runs):
        """Return the runs that did not fail."""
        return [run for run in runs if self.artifacts.path(kind, run).exists()]

    def train(self, run):
        """Train the model of a run, and do its evaluations."""
        plan, artifacts, general = self.plan, self.artifacts, run.held_out == datasets.NO_CLASS
        options, config = plan.training_options(run.variant), plan.config
        alone = config["one_at_a_time"]
        model, history = steps.train(artifacts, run, options, self.build, alone=alone, verbose=0)
        per = "run" if general else "anomaly_run"
        names = [name for name, one in self.evaluations.items() if one.per == per]
        reads = {read for name in names for read in self.evaluations[name].reads}
        artifacts.hold("model", run, model)
        artifacts.hold("histories", run, history)
        outputs = steps.embed(artifacts, run, config["interpolation"]["steps"])
        artifacts.hold("outputs", run, outputs)
        made = {"histories": history, "outputs": outputs}
        if "plane" in reads:
            artifacts.hold("plane", run, steps.plane(artifacts, run))
        if "generated" in reads or (general and "generated" in self.read_by_others):
            made["generated"] = steps.generate(artifacts, run)
            artifacts.hold("generated", run, made["generated"])
        for kind in self.read_by_others & made.keys():
            artifacts.write(kind, run, made[kind])
        explored = {}
        for kind, shown in (("runs", plan.explorer_runs), ("flat_runs", plan.explorer_runs_2d)):
            if run in shown:
                explored[kind, run.variant] = steps.explored(artifacts, run, kind, "plane" in reads)
        scores = [self.measured(name, run) for name in names]
        artifacts.release(run)
        return scores, explored

    def measure(self, name, unit):
        """Do one evaluation that is not of a single run."""
        scores = self.measured(name, unit)
        if name == "bounds":
            self.artifacts.write("bounds", unit, scores)
        return [scores], {}

    def classify(self, run):
        """Train the feature classifier of a seed."""
        classifier, real = steps.classify(self.artifacts, run)
        self.artifacts.write("classifier", run, classifier)
        self.artifacts.write("real", run, real)
        return [], {}


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
    except Exception as error:  # a model that fails must not end the comparison
        said = " ".join(str(error).split())
        if not isinstance(error, ValueError | FloatingPointError):  # of code that is not ours
            said = f"{type(error).__name__}: {said}"
        return None, said or type(error).__name__
