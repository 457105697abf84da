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
TRAINING = ("datasets", "nn", "seeds.py", "training")
"""Code that every training depends on, besides its model's."""


def files_of(*parts):
    """List the files of parts of this package.

    Parameters
    ----------
    *parts : str
        Folders and files below ``kerasae/``, such as ``networks`` or ``seeds.py``.

    Returns
    -------
    list of pathlib.Path
        Files of folders without what Python compiled of them.
    """
    found = []
    for part in parts:
        path = PACKAGE / part
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [file for file in below if file.is_file() and "__pycache__" not in file.parts]
    return found


def model_files(module):
    """List the files of a model: its module, and the modules beside it that it imports.

    Parameters
    ----------
    module : str
        Such as ``kerasae.models.vae``, ``my_models.vae`` or ``folder/mine.py``.

    Returns
    -------
    list of pathlib.Path
        Each once. No module is imported.

    Raises
    ------
    ValueError
        If the module is missing, or is not Python.
    """
    found, pending = [], [_file_of(module)]
    while pending:
        path = pending.pop()
        if path not in found:
            found.append(path)
            pending += [file for name in _imported(path) for file in _beside(path, name)]
    return sorted(found)


def digest_of(files, *texts):
    """Compute one SHA-256 of files and texts, whatever the folder in which the files are."""
    lines = [f"{digest(file)}  {Path(file).name}\n" for file in files]
    return hashlib.sha256("".join([*lines, *texts]).encode()).hexdigest()


def syntax(error, name):
    """Describe a syntax error: file, line and text."""
    line = f", line {error.lineno}" if error.lineno else ""
    received = f". Received: {error.text.strip()}" if error.text and error.text.strip() else ""
    return f"{error.filename or name}{line}: {error.msg}{received}"


def _file_of(module):
    """Find the file of a module without importing it."""
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
    """List the dotted names that a file imports."""
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
            yield from (f"{module}{alias.name}" for alias in node.names)
            if module:
                yield module.removesuffix(".")
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _beside(path, name):
    """List the files beside a file that may hold an imported name; more than needed is harmless."""
    for part in {name.split(".")[0], name.split(".")[-1]}:
        module, package = path.with_name(f"{part}.py"), path.with_name(part)
        if module.is_file():
            yield module
        elif package.resolve() != PACKAGE and (package / "__init__.py").is_file():
            yield from sorted(package.rglob("*.py"))
