"""What every job does: a log of all output, and checks of what it reads and what it runs.

A log ends with the SHA-256 of each file that the job wrote. Later jobs compare inputs with it.
"""

import contextlib
import json
import os
import re
import sys
from pathlib import Path

from kerasae.storage.atomic import digest, remove_unfinished
from kerasae.storage.code import digest_of, files_of

ENVIRONMENT = "KERASAE_CODE"
"""Environment variable with the code of the workflow, see `code_of_workflow`."""
WRITTEN = re.compile(rb"^wrote ([0-9a-f]{64})  (.+)$", re.MULTILINE)
"""A line of a log about a file, whose path is relative to the folder of the results."""


class ChangedError(RuntimeError):
    """Code or results changed after they were planned or written."""


@contextlib.contextmanager
def logged(job):
    """Send what a process prints to its log, and check its code and inputs.

    ``job`` is what Snakemake hands to a script, with ``params.folder`` and ``config["code"]``, see
    `planned_code`. Raise a `ChangedError` if the code is not that of the plan, before or after the
    work, as Snakemake notes the planned code with the results, or if an input is not as the
    workflow wrote it.
    """
    with open(job.log[0], "wb") as file:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in (sys.stdout, sys.stderr):  # TensorFlow writes to the descriptors
            os.dup2(file.fileno(), stream.fileno())
    sys.stdout.reconfigure(line_buffering=True)  # so that an error is the last line
    folder, planned = job.params.folder, job.config["code"]
    check_code(planned)
    check_files(folder, job.input)
    for path in job.output:  # no other job writes these files
        remove_unfinished(path)
    yield
    check_code(planned)
    for path in job.output:
        print(f"wrote {digest(path)}  {_name(path, folder)}", flush=True)


def planned_code(own):
    """Describe all code at the start of the workflow; ``own`` are files of the user's models."""
    return {"own": own, "sha256": digest_of([*files_of(""), *own])}


def code_of_workflow(own, is_main_process):
    """Describe all code, see `planned_code`, and hand it on to the processes of single jobs.

    On a cluster each job reads the workflow again, perhaps after an edit; the environment, which it
    gets from the main process, has the code of the plan.
    """
    if is_main_process or ENVIRONMENT not in os.environ:
        os.environ[ENVIRONMENT] = json.dumps(planned_code(own))
    return json.loads(os.environ[ENVIRONMENT])


def check_code(planned):
    """Raise a `ChangedError` if code is not as `planned_code` described it."""
    if planned_code(planned["own"]) != planned:
        raise ChangedError("Code changed while Snakemake was running: run Snakemake again")


def check_files(folder, paths):
    """Raise a `ChangedError` if files of results are not as the logs of their jobs say."""
    logged, changed = written(folder), []
    for path in paths:
        sha256 = digest(path)
        if sha256 not in logged.get(_name(path, folder), {sha256}):
            changed.append(f"{path} was damaged or edited after the workflow wrote it")
    if changed:
        raise ChangedError(
            f"{'; '.join(changed)}. Delete these files, and run Snakemake to make them again"
        )


def written(folder):
    """List what the logs in a folder of results say of its files: path → set of SHA-256."""
    digests = {}
    for log in sorted(Path(folder, "logs").rglob("*.log")):
        for sha256, name in WRITTEN.findall(log.read_bytes()):
            digests.setdefault(name.decode(errors="replace"), set()).add(sha256.decode())
    return digests


def _name(path, folder):
    """Path of a file relative to the folder of the results."""
    return Path(os.path.relpath(path, folder)).as_posix()
