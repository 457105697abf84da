"""Processes of a comparison: each does one job at a time, and loses only this job if killed."""

import contextlib
import os
import pickle
import selectors
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasae.config.plan import BACKEND

_ATTEMPTS = 2
"""How often a job is begun: its process may have been killed for the memory of another one."""
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
ENVIRONMENT = {
    **dict.fromkeys(ONE_THREAD, "1"),
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KERAS_BACKEND": BACKEND,
}
_LOOK = 0.2
"""Seconds between two looks at whether the comparison was interrupted, or a process has died."""
_MAIN = "from kerasae.comparison.worker import main; main()"


@dataclass(frozen=True, eq=False)
class Job:
    """A job of a comparison."""

    name: str  # for messages
    method: str  # of `kerasae.comparison.worker.Worker`
    arguments: tuple[Any, ...]  # of the method
    # A process does jobs of one kind after another, as they share compiled programs.
    kind: str | None = None


class Process:
    """A process that does the jobs it is sent, and ends when this one does."""

    def __init__(self, folder, number):
        self.log = Path(folder, f"log-{number}")
        (theirs, ours), (results, write) = os.pipe(), os.pipe()
        self.jobs, self.results = os.fdopen(ours, "wb"), os.fdopen(results, "rb")
        paths = [path or os.getcwd() for path in sys.path if isinstance(path, str)]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", _MAIN, str(folder), str(theirs), str(write)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[theirs, write],
                env={**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(paths)},
                process_group=0,  # Ctrl-C reaches this process alone, which then ends the others
            )  # fmt: skip
        os.close(theirs)
        os.close(write)
        self.job = self.kind = None

    def begin(self, job):
        """Send a job."""
        self.job, self.kind = job, job.kind
        with contextlib.suppress(BrokenPipeError):  # killed: `result` tells
            pickle.dump((job.method, job.arguments), self.jobs)
            self.jobs.flush()

    def result(self):
        """Read what the job returned; raise EOFError if the process has ended."""
        try:
            return pickle.load(self.results)
        except pickle.UnpicklingError as error:  # killed while it wrote
            raise EOFError from error

    def end(self):
        """Kill the process and its children; return its exit code, or minus the killing signal."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        code = self.process.wait()
        self.results.close()
        with contextlib.suppress(BrokenPipeError):
            self.jobs.close()
        return code


class Processes:
    """At most ``number`` processes that share the jobs of a comparison; a context that ends them.

    ``folder`` is the folder of the comparison, see `kerasae.comparison.worker.Worker`.
    """

    def __init__(self, number, folder):
        self.number, self.folder = number, folder
        self.idle, self.busy, self.started = [], [], 0
        self.selector = selectors.DefaultSelector()

    def __enter__(self):
        """Return itself; processes start with the first jobs."""
        return self

    def __exit__(self, *error):
        """End all processes."""
        for process in (*self.idle, *self.busy):
            process.end()
        self.selector.close()

    def do(self, jobs, interrupted):
        """Do jobs; yield each finished job, its result, and its error, empty if it succeeded.

        Jobs begin in their order, apart from those of one kind, and are yielded in any order. The
        result of a failed job is None. ``interrupted`` ends the work, within a moment, once it is
        set.
        """
        waiting, killed = list(jobs), dict.fromkeys(jobs, 0)
        while (waiting or self.busy) and not interrupted.is_set():
            while waiting and len(self.busy) < self.number:
                self._begin(waiting)
            ready = {key.data for key, _ in self.selector.select(_LOOK)}
            # A child of a killed process can hold its pipe open
            dead = {process for process in self.busy if process.process.poll() is not None}
            for process in ready | dead:
                self.selector.unregister(process.results)
                self.busy.remove(process)
                try:
                    if process not in ready:
                        raise EOFError
                    result = process.result()
                except EOFError:
                    killed[process.job] += 1
                    code = process.end()
                    if code < 0 and killed[process.job] < _ATTEMPTS:
                        waiting.append(process.job)
                    else:
                        yield process.job, None, _cause(code, process.log)
                else:
                    self.idle.append(process)
                    yield process.job, *result

    def _begin(self, waiting):
        """Begin the next job in a process that had its kind, else in any or a new one."""
        if self.idle:
            process = self.idle.pop()
        else:
            self.started += 1
            process = Process(self.folder, self.started)
        taken = {other.kind for other in self.busy} - {None}
        job = next(
            (job for job in waiting if job.kind and job.kind == process.kind),
            next((job for job in waiting if job.kind not in taken), waiting[0]),
        )
        waiting.remove(job)
        process.begin(job)
        self.busy.append(process)
        self.selector.register(process.results, selectors.EVENT_READ, process)


def _cause(code, log):
    """Say why a process has ended."""
    if code < 0:
        reason = ", perhaps for lack of memory" if -code == signal.SIGKILL else ""
        with contextlib.suppress(ValueError):
            code = signal.Signals(-code).name
        return f"its process was killed ({code}) {_ATTEMPTS} times{reason}"
    last = log.read_text(errors="replace").strip().rpartition("\n")[2]
    return f"its process ended with exit code {code}" + (f": {last[:200]}" if code == 1 else "")


@contextlib.contextmanager
def interrupts():
    """Yield a `threading.Event` that Ctrl-C sets, instead of an exception in any line.

    An exception would strike libraries that lose it or print it. Where the caller handles Ctrl-C
    differently, that stays.
    """
    received = threading.Event()
    usual = signal.getsignal(signal.SIGINT)
    if (
        usual is not signal.default_int_handler
        or threading.current_thread() is not threading.main_thread()
    ):
        yield received
        return
    signal.signal(signal.SIGINT, lambda *_: received.set())
    try:
        yield received
    finally:
        signal.signal(signal.SIGINT, usual)
