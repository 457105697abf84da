"""Processes of a comparison: each loses at most its own job."""

import contextlib
import os
import signal
import threading
import time

import psutil
import pytest

from kerasae.comparison import processes
from kerasae.comparison.processes import Job, Process, Processes

WORKER = """
import os, pathlib, signal, sys, time
from kerasae.comparison import worker


class Worker:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def works(self):
        return os.getpid()

    def asks(self):
        return input("Which loss? ")

    def leaves(self):
        sys.exit(3)

    def ends(self):
        os._exit(3)

    def once(self):
        if not (self.folder / "begun").exists():
            (self.folder / "begun").write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        return "again"

    def forked(self):
        if os.fork() == 0:
            with open(self.folder / "children", "a") as file:
                print(os.getpid(), file=file)
            time.sleep(1000)  # holds the pipe open
            os._exit(0)
        os.kill(os.getpid(), signal.SIGKILL)


worker.Worker = Worker
main = worker.main
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder for processes that do the methods of `WORKER`."""
    (tmp_path / "some_worker.py").write_text(WORKER)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(processes, "_MAIN", "from some_worker import main; main()")
    return tmp_path


def test_a_killed_process_loses_only_its_job_which_is_tried_again(folder):
    methods = ("works", "once", "forked", "asks", "leaves", "ends")
    with Processes(2, folder, (folder,)) as pool:
        jobs = [Job(method, method, ()) for method in methods]
        done = {
            job.name: (result, error) for job, result, error in pool.do(jobs, threading.Event())
        }
    killed = None, "its process was killed (SIGKILL) 2 times, perhaps for lack of memory"
    assert done.pop("works")[1] == ""
    assert done == {
        "forked": killed,
        "once": ("again", ""),
        "asks": (None, "EOFError: EOF when reading a line"),
        "leaves": (None, "SystemExit: 3"),
        "ends": (None, "its process ended with exit code 3"),
    }
    children = list(map(int, (folder / "children").read_text().split()))
    assert len(children) == 2
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            end = time.monotonic() + 300
            while (process := psutil.Process(child)).status() != psutil.STATUS_ZOMBIE:
                assert time.monotonic() < end, process
                time.sleep(0.1)


def test_a_process_does_jobs_of_one_kind_together_and_an_interrupt_ends_the_work(folder):
    jobs = [Job(f"{kind}{number}", "works", (), kind) for number in (1, 2) for kind in "abc"]
    interrupted, names, started = threading.Event(), [], set()
    with Processes(1, folder, (folder,)) as pool:
        for job, process, _ in pool.do(jobs, interrupted):
            names.append(job.name)
            started.add(process)
            if len(names) == 4:
                interrupted.set()
    assert names == ["a1", "a2", "b1", "b2"]
    assert [psutil.pid_exists(process) for process in started] == [False]


def test_a_process_ends_when_the_comparison_is_killed(folder):
    process = Process(folder / "log", (folder,))
    assert process.popen.poll() is None
    process.pipe.close()
    assert process.popen.wait(timeout=300) == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noted_where_it_would_end_the_comparison(number):
    usual = signal.getsignal(number)
    default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    try:
        for handler, noted in ((default, True), (signal.SIG_IGN, False)):
            signal.signal(number, handler)
            with processes.interrupts() as interrupted:
                os.kill(os.getpid(), number)
                assert interrupted.wait(60 if noted else 0) == noted
            assert signal.getsignal(number) == handler
    finally:
        signal.signal(number, usual)
