"""Which files a job's results depend on, of the package and of the user's own."""

import ast
import importlib.util
from functools import cache


@cache
def code(*modules):
    """Files of the modules and of what they import from the package, directly or not.

    They are inputs of the rules: an edit makes stale what depends on it, and nothing else. A
    module can be given by its file, of which what lies beside it counts too.
    """
    found, pending = set(), list(modules)
    while pending:
        path = source_file(pending.pop())
        if path is not None and path not in found:
            found.add(path)
            pending += imported(path)
    # Code lies where Snakemake runs, wherever data and results may
    return [local(path) for path in sorted(map(os.path.relpath, found))]


@cache
def imported(path):
    """Modules that a file imports, as far as they can be the package's or lie beside it."""
    found = []
    beside = None if ROOT / "kerasae" in path.parents else path.parent
    for node in ast.walk(declared.parsed(path)):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [
                node.module,
                *(f"{node.module}.{part.name}" for part in node.names),
            ]
        elif isinstance(node, ast.Import):
            names = [part.name for part in node.names]
        found += [name for name in names if name.startswith("kerasae")]
        if beside:
            found += [str(beside / f"{name.split('.')[0]}.py") for name in names]
    return found


@cache
def source_file(module):
    """The file of a module of the package, of another module, or one that is a file itself."""
    if module.endswith(".py"):
        paths = [Path(module).absolute()]
    elif module.split(".")[0] == "kerasae":
        stem = ROOT / module.replace(".", "/")
        paths = [stem.with_suffix(".py"), stem / "__init__.py"]
    else:
        stem = Path(module.replace(".", "/")).absolute()
        found = importlib.util.find_spec(module.split(".")[0])
        paths = [stem.with_suffix(".py"), *([Path(found.origin)] if found else [])]
    return next((path for path in paths if path.exists()), None)


def contestant_code(wildcards):
    """Files that a contestant's training depends on."""
    model = ENTRANTS[wildcards.variant]["model"]
    entry = {**REGISTRY, **BASELINES}.get(model, model).rpartition(":")[0]
    if source_file(entry) is None:
        raise WorkflowError(
            f"config: variants.{wildcards.variant}.model: no file or module {entry}. "
            f"Received: {model}"
        )
    return code("kerasae.training", "kerasae.datasets.splits", entry)


def source_files(wildcards):
    """The user's own files that a data set is read from, those in a folder one by one."""
    options = SOURCES[wildcards.dataset]
    named = [options[key] for key in ("path", "anomalies") if key in options]
    if wildcards.dataset in datasets.SOURCES:
        return []
    return [
        str(file)
        for path in map(Path, named)
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if not file.is_dir()
    ]
