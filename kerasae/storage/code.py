"""Digests of code, which tell whether results are out of date.

They are computed from the contents of files: an edit makes results out of date, another time stamp
does not.
"""

import ast
import hashlib
import importlib.util
from pathlib import Path

from kerasae.storage.atomic import digest

PACKAGE = Path(__file__).resolve().parents[1]
TRAINING = ("datasets", "networks", "seeds.py", "training")
"""Code that every training depends on, besides its model's."""


def files_of(*parts):
    """List the files of folders and files below ``kerasae/``, such as ``networks`` or ``seeds.py``.

    Compiled files in ``__pycache__`` are left out.
    """
    files = []
    for part in parts:
        path = PACKAGE / part
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        files += [file for file in below if file.is_file() and "__pycache__" not in file.parts]
    return files


def model_files(module):
    """List the files of a model: its module, and the modules beside it that it imports, each once.

    ``module`` is a dotted name or a ``.py`` file. No module is imported. A module that is
    missing or is not Python raises a ValueError.
    """
    files, pending = {}, [_file_of(module)]
    while pending:
        path = pending.pop()
        if path.resolve() not in files:
            files[path.resolve()] = path
            pending += [file for imported in _imported(path) for file in _beside(path, *imported)]
    return sorted(files.values())


def digest_of(files, *texts):
    """Return one SHA-256 of the contents and names of files, in any folder, and of texts."""
    lines = [f"{digest(file)}  {Path(file).name}\n" for file in files]
    return hashlib.sha256("".join([*lines, *texts]).encode()).hexdigest()


def syntax(error, name):
    """Describe a syntax error: file, line and text."""
    line = f", line {error.lineno}" if error.lineno else ""
    received = f". Received: {error.text.strip()}" if error.text and error.text.strip() else ""
    return f"{error.filename or name}{line}: {error.msg}{received}"


def _file_of(module):
    """Return the path of a module's file, without importing the module."""
    if module.endswith(".py"):
        path = Path(module)
    else:
        top, *below = module.split(".")
        local = PACKAGE if top == PACKAGE.name else Path(top)
        spec = None if local.is_dir() else importlib.util.find_spec(top)
        if spec and spec.submodule_search_locations:
            local = Path(next(iter(spec.submodule_search_locations)))
        elif spec and spec.origin:
            local = Path(spec.origin).with_suffix("")
        stem = local.joinpath(*below)
        path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
    if not path.is_file():
        raise ValueError(f"Expected a Python file or module. Received: {module}")
    return path


def _imported(path):
    """Yield what a file imports: a dotted name, and the level of a relative import."""
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError as error:
        error.filename = str(path)
        raise ValueError(syntax(error, path)) from error
    except ValueError as error:
        raise ValueError(f"{path} is not Python source. Received: {error}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            yield from ((f"{module}{alias.name}", node.level) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)


def _beside(path, name, level):
    """List the files that an import may execute: beside a file, its package, or the user."""
    parts = name.split(".")
    if PACKAGE in path.resolve().parents:  # other rooms of the package are named as a whole
        files = [path.with_name(f"{part}.py") for part in parts]
    else:
        roots = [path.parents[level - 1]] if level else [path.parent, path.parent.parent, Path()]
        stems = [root.joinpath(*parts[: k + 1]) for root in roots for k in range(len(parts))]
        files = [file for stem in stems for file in (Path(f"{stem}.py"), stem / "__init__.py")]
        files = [file for file in files if PACKAGE not in file.resolve().parents]
    return [file for file in files if file.is_file()]
