"""What results depend on besides other results: code, and data from outside, by content.

Snakemake compares parameters, and not time stamps: an edit makes stale what depends on it, a fresh
clone nothing. So code and data from outside are no inputs, and profiles/default switches off the
comparison of the scripts' time stamps.
"""

from functools import cache

from kerasae.storage import dependencies


def sources(script, *modules, files=()):
    """The code and data that a rule's results depend on, with one SHA-256 of them all.

    The job finds the same files by the same names, refuses them if they changed since the
    workflow was planned, and records each. `job.py`, in which all scripts begin and end, is left
    out: it changes no result.
    """
    script = os.path.relpath(ROOT / "workflow" / "scripts" / script)
    return planned(modules, (script, *files))


@cache
def planned(modules, files):
    """Modules and files with one SHA-256, the same throughout one start of Snakemake."""
    digests = dependencies.digests(modules, files)
    return {
        "modules": list(modules),
        "files": list(files),
        "sha256": dependencies.combined(digests),
    }


def training_sources(wildcards):
    """The code that a training depends on: that of its model, and of no other."""
    code = entry(ENTRANTS[wildcards.variant]["model"]).rpartition(":")[0]
    try:
        return sources(
            "train.py", "kerasae.training.train", "kerasae.datasets.splits", code
        )
    except ValueError as error:
        raise WorkflowError(
            f"config: variants.{wildcards.variant}.model: {error}"
        ) from None


def data_sources(wildcards):
    """The code that reads a data set, and the user's own files that it is read from."""
    options = SOURCES[wildcards.dataset]
    own = wildcards.dataset not in datasets.SOURCES  # others are held to known digests
    named = [options[key] for key in ("path", "anomalies") if own and key in options]
    return sources("data.py", "kerasae.datasets", files=named)
