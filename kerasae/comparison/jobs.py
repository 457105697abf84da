"""The jobs of a comparison, in processes of joblib, and what they have found so far."""

import io
import time
import warnings

import pandas as pd

from kerasae.comparison.worker import judge_job, measure_job, runs_job
from kerasae.configuration.plan import OF_ANOMALY_RUNS, OF_RUNS
from kerasae.evaluation import scores as tidy
from kerasae.evaluation.metrics import COLUMNS
from kerasae.evaluation.task import Several
from kerasae.reporting.summary import answers

NEWS = 20
"""Seconds between two interim results on the screen."""


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
            if measurement.per not in OF_RUNS:
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
            first += [delayed(judge_job)(*state, seed) for seed in self.plan.seeds]
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
        self.explored = {}

    def begin(self, total):
        """Start the progress bar."""
        from tqdm.auto import tqdm

        self.bar = tqdm(
            total=total, disable=not self.progress, desc=f"Comparing on {self.dataset}",
            unit="run", smoothing=0.1,
        )  # fmt: skip

    def add(self, count, frames, failures, explored=()):
        """Add what a job returned, and tell what is known so far from time to time."""
        self.frames += frames
        self.failures |= failures
        self.explored |= dict(explored)
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
        # Each seed measures the scores that depend on none
        return tidy.with_integers(tidy.merged(tidy.read(io.StringIO(text)), []))
