"""A process of a comparison: it imports TensorFlow once, trains models and measures them."""

import contextlib
import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection

from kerasae import datasets
from kerasae.config.plan import OF_RUNS
from kerasae.engine import steps
from kerasae.engine.artifacts import Artifacts
from kerasae.evaluation.task import Gathered
from kerasae.evaluation.tasks import EVALUATIONS


class Worker:
    """What a process keeps between its jobs: the data, and a compiled model of each kind.

    The methods `train`, `measure` and `classify` are its jobs. Each returns a list of tables of
    tidy scores, and what the page to explore shows of a run. ``folder`` has the data, and gets what
    jobs read of others. ``names`` are those of the evaluations.
    """

    def __init__(self, folder, plan, names):
        from kerasae import models
        from kerasae.training.run import Builder

        self.plan, self.artifacts, self.build = plan, Artifacts(folder), Builder(models.build)
        self.evaluations = [EVALUATIONS[name][1] for name in names]
        self.read_by_others = {
            read.name if isinstance(read, Gathered) else read
            for evaluation in self.evaluations
            if evaluation.per not in OF_RUNS
            for read in evaluation.reads
        }

    def measured(self, evaluation, unit):
        """Do one evaluation of a run or a group of runs; return tidy scores."""
        reads = {
            kind: self.successful(kind, runs) if isinstance(runs, list) else runs
            for kind, runs in self.plan.inputs(evaluation, unit).items()
        }
        settings = self.plan.settings(evaluation.settings)
        return steps.measure(self.artifacts, evaluation.name, [(unit, reads)], settings)

    def successful(self, kind, runs):
        """Return the runs that did not fail."""
        return [run for run in runs if self.artifacts.path(kind, run).exists()]

    def train(self, run):
        """Train the model of a run, and do its evaluations."""
        plan, artifacts, general = self.plan, self.artifacts, run.held_out == datasets.NO_CLASS
        options, config = plan.training_options(run.variant), plan.config
        alone = config["one_at_a_time"]
        model, history = steps.train(artifacts, run, options, self.build, alone=alone, verbose=0)
        per = "run" if general else "anomaly_run"
        evaluations = [evaluation for evaluation in self.evaluations if evaluation.per == per]
        reads = {read for evaluation in evaluations for read in evaluation.reads}
        artifacts.hold("model", run, model)
        artifacts.hold("histories", run, history)
        outputs = steps.embed(artifacts, run, config["interpolation"]["steps"])
        artifacts.hold("outputs", run, outputs)
        results = {"histories": history, "outputs": outputs}
        if "plane" in reads:
            artifacts.hold("plane", run, steps.plane(artifacts, run))
        if "generated" in reads or (general and "generated" in self.read_by_others):
            results["generated"] = steps.generate(artifacts, run)
            artifacts.hold("generated", run, results["generated"])
        for kind in self.read_by_others & results.keys():
            artifacts.write(kind, run, results[kind])
        explored = {}
        for kind, runs in (("runs", plan.explorer_runs), ("flat_runs", plan.explorer_runs_2d)):
            if run in runs:
                explored[kind, run.variant] = steps.explored(artifacts, run, kind, "plane" in reads)
        scores = [self.measured(evaluation, run) for evaluation in evaluations]
        artifacts.release(run)
        return scores, explored

    def measure(self, name, unit):
        """Do one evaluation that is not of a single run."""
        scores = self.measured(EVALUATIONS[name][1], unit)
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
    """Do jobs until no more come; the argument is the descriptor of the pipe to the comparison."""
    pipe, messages = Connection(int(sys.argv[1])), queue.SimpleQueue()
    threading.Thread(target=_receive, args=[pipe, messages], daemon=True).start()
    worker = Worker(*messages.get())
    while True:
        pipe.send(_attempted(worker, *messages.get()))


def _receive(pipe, messages):
    """Receive messages; end the process and its children when the comparison ends."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            messages.put(pipe.recv())
    os.killpg(0, signal.SIGKILL)


def _attempted(worker, method, arguments):
    """Do a job; return its result, and why it has failed."""
    try:
        return getattr(worker, method)(*arguments), ""
    except (Exception, SystemExit) as error:  # a model that fails must not end the comparison
        reason = " ".join(str(error).split())
        if not isinstance(error, ValueError | FloatingPointError):  # of code that is not ours
            reason = f"{type(error).__name__}: {reason}"
        return None, reason or type(error).__name__
