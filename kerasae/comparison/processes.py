"""Processes of a comparison: each does one job at a time, and loses only this job if killed."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from multiprocessing import Pipe, connection
from pathlib import Path
from typing import Any

from kerasae.config.plan import BACKEND

_ATTEMPTS = 2
"""How often a job is begun: its process may have been killed for the memory of another one."""
_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMBA")
_ENVIRONMENT = {
    **{f"{library}_NUM_THREADS": "1" for library in _LIBRARIES},
    "VECLIB_MAXIMUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
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
    """A process that does the jobs it is sent, and ends when this one does.

    ``worker`` are the arguments of its `kerasae.comparison.worker.Worker`.
    """

    def __init__(self, log, worker):
        self.log, self.job, self.kind = log, None, None
        self.pipe, theirs = Pipe()
        paths = [path or os.getcwd() for path in sys.path if isinstance(path, str)]
        with theirs, open(log, "wb") as file:
            self.popen = subprocess.Popen(
                [sys.executable, "-P", "-c", _MAIN, str(theirs.fileno())],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file, pass_fds=[theirs.fileno()],
                env={**os.environ, **_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(paths)},
                process_group=0,  # Ctrl-C reaches this process alone, which then ends the others
            )  # fmt: skip
        self._send(worker)

    def begin(self, job):
        """Send a job."""
        self.job, self.kind = job, job.kind
        self._send((job.method, job.arguments))

    def _send(self, message):
        with contextlib.suppress(BrokenPipeError):  # killed: `result` tells
            self.pipe.send(message)

    def result(self):
        """Receive what the job returned; raise EOFError if the process has ended."""
        if not self.pipe.poll():  # a child of the killed process holds the pipe open
            raise EOFError
        try:
            return self.pipe.recv()
        except OSError as error:  # killed while it read or wrote
            raise EOFError from error

    def end(self):
        """Kill the process and its children; return its exit code, or minus the killing signal."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.pipe.close()
        return self.popen.wait()


class Processes:
    """At most ``number`` processes that share the jobs of a comparison; a context that ends them.

    ``folder`` gets their logs, ``worker`` is that of `Process`.
    """

    def __init__(self, number, folder, worker):
        self.number, self.folder, self.worker = number, folder, worker
        self.idle, self.busy, self.started = [], [], 0

    def __enter__(self):
        """Return itself; processes start with the first jobs."""
        return self

    def __exit__(self, *error):
        """End all processes."""
        for process in (*self.idle, *self.busy):
            process.end()

    def do(self, jobs, interrupted):
        """Do jobs; yield each finished job, its result, and its error, empty if it succeeded.

        Jobs begin in their order, apart from those of one kind, and are yielded in any order. The
        result of a failed job is None. ``interrupted`` ends the work, within a moment, once it is
        set.
        """
        waiting, killed = list(jobs), Counter()
        while (waiting or self.busy) and not interrupted.is_set():
            while waiting and len(self.busy) < self.number:
                self._begin(waiting)
            ready = connection.wait([process.pipe for process in self.busy], _LOOK)
            for process in self.busy.copy():
                if process.pipe not in ready and process.popen.poll() is None:
                    continue
                self.busy.remove(process)
                try:
                    result, error = process.result()
                except EOFError:
                    killed[process.job] += 1
                    code = process.end()
                    if code < 0 and killed[process.job] < _ATTEMPTS:
                        waiting.append(process.job)
                    else:
                        yield process.job, None, _cause(code, process.log)
                else:
                    self.idle.append(process)
                    yield process.job, result, error

    def _begin(self, waiting):
        """Begin the next job in a process that had its kind, else in any or a new one."""
        if self.idle:
            process = self.idle.pop()
        else:
            self.started += 1
            process = Process(Path(self.folder, f"log-{self.started}"), self.worker)
        taken = {other.kind for other in self.busy} - {None}
        job = next(
            (job for job in waiting if job.kind and job.kind == process.kind),
            next((job for job in waiting if job.kind not in taken), waiting[0]),
        )
        waiting.remove(job)
        process.begin(job)
        self.busy.append(process)


def _cause(code, log):
    """Say why a process has ended."""
    if code < 0:
        reason = ", perhaps for lack of memory" if -code == signal.SIGKILL else ""
        with contextlib.suppress(ValueError):  # a signal without a name
            code = signal.Signals(-code).name
        return f"its process was killed ({code}) {_ATTEMPTS} times{reason}"
    last = log.read_text(errors="replace").strip().rpartition("\n")[2]
    return f"its process ended with exit code {code}" + (f": {last[:200]}" if code == 1 else "")


@contextlib.contextmanager
def interrupts():
    """Yield a `threading.Event` that Ctrl-C or SIGTERM sets, instead of an exception in any line.

    An exception would strike libraries that lose it or print it. Where the caller handles a signal
    differently, that stays.
    """
    received, usual = threading.Event(), {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL):
                usual[number] = signal.signal(number, lambda *_: received.set())
    try:
        yield received
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
