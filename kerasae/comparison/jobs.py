"""The jobs of a comparison, and what they have found so far."""

import contextlib
import io
import pickle
import sys
import time
from pathlib import Path

import pandas as pd

from kerasae.comparison.processes import Job, Processes
from kerasae.comparison.worker import COMPARISON
from kerasae.config.plan import OF_ANOMALY_RUNS, OF_RUNS
from kerasae.engine.run import Run
from kerasae.evaluation import scores as tidy
from kerasae.evaluation.metric import COLUMNS
from kerasae.evaluation.task import Gathered
from kerasae.reporting.summary import answers

_NEWS = 20
"""Seconds between two interim results on the screen."""


class Schedule:
    """The jobs of a comparison, in their order.

    ``folder`` has the data, and what jobs hand to each other.
    """

    def __init__(self, plan, tasks, folder):
        self.plan, self.folder = plan, folder
        self.evaluations = {
            name: evaluation
            for name, (task, evaluation) in plan.evaluations.items()
            if task.name in tasks
        }
        self.first, self.alone, self.after = [], [], []
        for name, evaluation in self.evaluations.items():
            if evaluation.per not in OF_RUNS:
                several = any(isinstance(read, Gathered) for read in evaluation.reads)
                jobs = self.alone
                if several or name == "bounds":
                    jobs = self.after if several else self.first
                jobs += [Job(name, "measure", (name, unit)) for unit in plan.units(evaluation.per)]
        if self.classified:
            self.first += [
                Job(
                    f"the classifier of samples (seed {seed})",
                    "classify",
                    (Run(plan.dataset, seed=seed),),
                )
                for seed in plan.seeds
            ]
        kinds = {evaluation.per for evaluation in self.evaluations.values()}
        self.runs = [
            *(plan.general if kinds - {*OF_ANOMALY_RUNS, "data"} or self.after else ()),
            *(plan.anomaly if kinds & {*OF_ANOMALY_RUNS} else ()),
        ]

    @property
    def classified(self):
        """Whether an evaluation needs the classifier of generated samples."""
        reads = {read for one in self.evaluations.values() for read in one.reads}
        return bool(reads & {"generated", "real"})

    @property
    def trainings(self):
        """The jobs that train; where they are short, the runs of a variant are of one kind."""
        return [
            Job(
                f"{run.variant} (seed {run.seed})",
                "train",
                (run,),
                run.variant if self.plan.short else None,
            )
            for run in self.runs
        ]

    def collect(self, n_jobs, collected, interrupted):
        """Compute everything, unless interrupted; return whether it is complete."""
        from joblib import effective_n_jobs

        state = self.plan, list(self.evaluations)
        Path(self.folder, COMPARISON).write_bytes(pickle.dumps(state))
        second = [*self.alone[:2], *self.trainings, *self.alone[2:]]
        jobs = [*self.first, *second, *self.after]
        left = len(jobs)
        collected.begin(jobs)
        try:
            with Processes(effective_n_jobs(n_jobs), self.folder) as processes:
                for jobs in (self.first, second, self.after):
                    for job, result, error in processes.do(jobs, interrupted):
                        collected.add(job, result, error)
                        left -= 1
        finally:
            collected.end()
        return left == 0


class Collected:
    """Scores of the jobs that are done, and the progress on the screen."""

    def __init__(self, dataset, progress):
        self.dataset, self.progress = dataset, progress
        self.frames, self.failures, self.said = {}, {}, time.monotonic()
        self.explored = {}

    def begin(self, jobs):
        """Start the progress bar; the scores are in the order of the jobs, whichever ends first."""
        from tqdm.auto import tqdm

        self.frames = {job: [] for job in jobs}
        self.bar = tqdm(
            total=len(jobs), disable=not self.progress, desc=f"Comparing on {self.dataset}",
            unit="run", smoothing=0.1,
        )  # fmt: skip

    def add(self, job, result, error):
        """Add what a job returned, and tell what is known so far from time to time."""
        if error:
            self.failures[job.name] = error
        else:
            frames, explored = result
            self.frames[job] = frames
            self.explored |= explored
        with contextlib.suppress(BrokenPipeError):  # nobody reads the progress: go on without
            self.bar.update()
            if error:
                self.bar.write(f"{job.name} failed: {error}", sys.stderr)
            due = time.monotonic() - self.said > _NEWS and self.bar.n < self.bar.total
            if self.progress and due and (lines := answers(self.scores())):
                done = f"After {self.bar.n} of {self.bar.total} jobs:"
                self.bar.write("\n".join([done, *lines]), sys.stderr)
                self.said = time.monotonic()

    def end(self):
        """Close the progress bar."""
        with contextlib.suppress(BrokenPipeError):
            self.bar.close()

    def scores(self):
        """Return all scores, in the order of the jobs."""
        done = [frame for frames in self.frames.values() for frame in frames]
        frames = [pd.DataFrame(columns=COLUMNS), *done]
        text = pd.concat(frames).to_csv(index=False)
        # Seed-independent scores are measured once per seed: drop the duplicates
        return tidy.with_integers(tidy.merged(tidy.read(io.StringIO(text)), []))
