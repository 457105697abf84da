"""Code and external data as dependencies of the results, by content.

They are parameters, not inputs, because Snakemake compares inputs by time stamp: an edit triggers
the jobs that depend on it, a fresh clone triggers none. profiles/default switches off the
comparison of the scripts' time stamps.
"""

from functools import cache

from kerasae.storage import dependencies


def sources(script, *modules, files=()):
    """Function that gives the code and data that a job's results depend on, and their SHA-256.

    A function, as a process that runs one job needs those of no other. The job finds the same files by their names, stops if they changed after planning, and
    records each. `job.py`, which all scripts use, is left out: it does not change results.
    """
    script = os.path.relpath(ROOT / "workflow" / "scripts" / script)
    return lambda wildcards: with_digest(modules, (script, *files))


def modules_of(tasks):
    """The modules of tasks, which the registry imports by name."""
    return [f"kerasae.evaluation.tasks.{name}" for name in tasks]


@cache
def with_digest(modules, files):
    """Modules and files with one SHA-256, computed once per start of Snakemake."""
    digests = dependencies.digests(modules, files)
    return {
        "modules": list(modules),
        "files": list(files),
        "sha256": dependencies.combined(digests),
    }


def training_sources(wildcards):
    """The code that a training depends on, including its own model only."""
    code = entry(ALL_VARIANTS[wildcards.variant]["model"]).rpartition(":")[0]
    try:
        return sources("train.py", "kerasae.training.run", code)(wildcards)
    except ValueError as error:
        raise WorkflowError(
            f"config: variants.{wildcards.variant}.model: {error}"
        ) from None


def data_sources(wildcards):
    """The code that reads a data set, and the user's own files."""
    options = PLANS[wildcards.dataset].options
    own = wildcards.dataset not in datasets.SOURCES  # others have known digests
    named = [options[key] for key in ("path", "anomalies") if own and key in options]
    return sources("data.py", "kerasae.datasets", files=named)(wildcards)
