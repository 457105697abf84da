"""Logs of jobs: all output of a job, and the SHA-256 of every file that it wrote."""

import contextlib
import os
import re
import sys
from pathlib import Path

from kerasae.storage.atomic import digest

WRITTEN = re.compile(r"wrote ([0-9a-f]{64})  (.+)")
"""A line of a log about a file, whose path is relative to the folder of the results."""


@contextlib.contextmanager
def logged(log, outputs, folder):
    """Send what a process prints to a log, and end the log with a line for each output.

    Parameters
    ----------
    log : path-like
        File to write.
    outputs : iterable of path-like
        Files that the block writes.
    folder : path-like
        Folder to which the log names them, so that the results stay valid when moved.
    """
    with open(log, "wb") as file:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in (sys.stdout, sys.stderr):  # TensorFlow writes to the descriptors
            os.dup2(file.fileno(), stream.fileno())
    sys.stdout.reconfigure(line_buffering=True)  # so that an error is the last line
    yield
    for path in outputs:
        name = Path(os.path.relpath(path, folder)).as_posix()
        print(f"wrote {digest(path)}  {name}", flush=True)


def written(folder):
    """List what the logs in a folder of results say of its files: path → set of SHA-256."""
    found = {}
    for log in sorted(Path(folder, "logs").rglob("*.log")):
        for line in log.read_text(errors="replace").splitlines():
            if match := WRITTEN.fullmatch(line):
                found.setdefault(match[2], set()).add(match[1])
    return found
