"""What every script does first."""

import os
import sys


def start(snakemake):
    """Send all output to the rule's log, and keep TensorFlow to the rule's threads.

    To be called before TensorFlow is imported. An error is told in its last line, behind
    the traceback, and Snakemake shows the log of a job that failed.
    """
    log = os.open(snakemake.log[0], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(snakemake.threads)
    os.environ["TF_NUM_INTEROP_THREADS"] = str(snakemake.threads)
