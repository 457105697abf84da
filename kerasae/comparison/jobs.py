"""The jobs of a comparison, and their results so far."""

import contextlib
import io
import sys
import time
from itertools import chain

import pandas as pd

from kerasae.comparison.processes import Job
from kerasae.config.plan import OF_ANOMALY_RUNS, OF_RUNS
from kerasae.engine.run import Run
from kerasae.evaluation import scores as tidy
from kerasae.evaluation.metric import COLUMNS
from kerasae.evaluation.task import Gathered
from kerasae.reporting.summary import answers

_NEWS = 20
"""Seconds between two interim results on the screen."""


def jobs_of(plan, evaluations):
    """List the jobs of a comparison in three lists, each of which reads what those before made."""
    prerequisites, independent, aggregates = [], [], []
    for evaluation in evaluations:
        if evaluation.per in OF_RUNS:
            continue  # a part of the training
        jobs = prerequisites if evaluation.name == "bounds" else independent
        if any(isinstance(read, Gathered) for read in evaluation.reads):
            jobs = aggregates
        for unit in plan.units(evaluation.per):
            jobs.append(Job(evaluation.name, "measure", (evaluation.name, unit)))
    if {"generated", "real"} & {read for evaluation in evaluations for read in evaluation.reads}:
        for seed in plan.seeds:
            name = f"the classifier of samples (seed {seed})"
            prerequisites.append(Job(name, "classify", (Run(plan.dataset, seed=seed),)))
    trainings = []
    for run in runs_of(plan, evaluations):
        # Where trainings are short, one process trains all seeds of a variant
        kind = run.variant if plan.short else None
        trainings.append(Job(f"{run.variant} (seed {run.seed})", "train", (run,), kind))
    # A job without a model may take the longest: two of these begin first
    return prerequisites, [*independent[:2], *trainings, *independent[2:]], aggregates


def runs_of(plan, evaluations):
    """List the runs that the evaluations need."""
    units = {evaluation.per for evaluation in evaluations}
    gathered = any(isinstance(read, Gathered) for each in evaluations for read in each.reads)
    return [
        *(plan.general if units - {*OF_ANOMALY_RUNS, "data"} or gathered else ()),
        *(plan.anomaly if units & {*OF_ANOMALY_RUNS} else ()),
    ]


class Results:
    """Results of the jobs that are done, and the progress on the screen; a context that ends it."""

    def __init__(self, dataset, jobs, progress):
        from tqdm.auto import tqdm

        self.frames = {job: [] for job in jobs}  # in this order, whichever job ends first
        self.failures, self.explored = {}, {}
        self.left, self.reported = len(jobs), time.monotonic()
        self.bar = tqdm(
            total=len(jobs), disable=not progress, desc=f"Comparing on {dataset}", unit="run",
            smoothing=0.1,
        )  # fmt: skip

    def __enter__(self):
        """Return itself."""
        return self

    def __exit__(self, *error):
        """Close the progress bar."""
        with contextlib.suppress(BrokenPipeError):
            self.bar.close()

    def add(self, job, result, error):
        """Add what a job returned, and tell the results so far from time to time."""
        self.left -= 1
        if error:
            self.failures[job.name] = error
        else:
            self.frames[job], explored = result
            self.explored |= explored
        with contextlib.suppress(BrokenPipeError):  # nobody reads the progress: go on without
            self.bar.update()
            if error:
                self.bar.write(f"{job.name} failed: {error}", sys.stderr)
            due = self.left and time.monotonic() - self.reported > _NEWS and not self.bar.disable
            if due and (lines := answers(self.scores())):
                heading = f"After {self.bar.n} of {self.bar.total} jobs:"
                self.bar.write("\n".join([heading, *lines]), sys.stderr)
                self.reported = time.monotonic()

    def scores(self):
        """Return all scores, in the order of the jobs."""
        frames = [pd.DataFrame(columns=COLUMNS), *chain.from_iterable(self.frames.values())]
        text = pd.concat(frames).to_csv(index=False)
        # Seed-independent scores are measured once per seed: drop the duplicates
        return tidy.with_integers(tidy.merged(tidy.read(io.StringIO(text)), []))
