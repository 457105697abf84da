"""Code and data files that a result depends on, with their SHA-256.

The workflow passes their combined digest to Snakemake as a parameter, so that a result is out of
date if their content has changed, whatever the time stamps. Jobs record the same files.
"""

import ast
import hashlib
import importlib.util
import os
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

from kerasae.storage.atomic import digest, listing

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "kerasae"


def digests(modules, paths):
    """Compute the SHA-256 of each code and data file.

    Parameters
    ----------
    modules : iterable of str
        See `code_files`.
    paths : iterable of path-like
        See `data_files`.

    Returns
    -------
    dict of str to str
        Path → SHA-256.

    Raises
    ------
    ValueError
        If a module or file does not exist.
    """
    files = code_files(*modules)
    for path in paths:
        if not os.path.exists(path):
            raise ValueError(f"Expected a file or folder. Received: {path}")
        files += data_files(path)
    return {file: digest(file) for file in sorted(set(files))}


def combined(digests):
    """Combine digests (path → SHA-256) into one SHA-256."""
    return hashlib.sha256(listing(digests).encode()).hexdigest()


def syntax(error, name):
    """Describe a syntax error: file, line and text."""
    line = f", line {error.lineno}" if error.lineno else ""
    received = f". Received: {error.text.strip()}" if error.text and error.text.strip() else ""
    return f"{error.filename or name}{line}: {error.msg}{received}"


def data_files(path):
    """List the regular files of a data source, following symbolic links.

    Parameters
    ----------
    path : path-like
        A file, or a folder, which is searched recursively, each sub-folder once.

    Returns
    -------
    list of str
        Sorted paths that begin with ``path``.
    """
    if not os.path.isdir(path):
        return [str(path)]
    found, seen = [], set()
    for folder, below, names in os.walk(path, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            below.clear()  # a cyclic or duplicate link
            continue
        seen.add(real)
        found += filter(os.path.isfile, (os.path.join(folder, name) for name in names))
    return sorted(found)


def code_files(*entries):
    """List the files of modules and of their direct and indirect imports.

    Imports are followed into this package, into modules beside a file of the user, and within the
    package of an installed module; not into other installed packages.

    Parameters
    ----------
    *entries : str
        Modules (``package.module``) or Python files (``folder/mine.py``).

    Returns
    -------
    list of str
        Sorted paths relative to the current folder.

    Raises
    ------
    ValueError
        If a file or module does not exist, or is not valid Python.
    """
    found, pending = set(), []
    for entry in entries:
        files = _entry(entry)
        if not files:
            raise ValueError(f"Expected a Python file or module. Received: {entry}")
        pending += files
    while pending:
        module = pending.pop()
        if module not in found:
            found.add(module)
            pending += _imports(*module)
    return sorted({os.path.relpath(path) for path, *_ in found})


def _entry(entry):
    """Find the files of a module or file; same output as `_resolve`."""
    if entry.endswith(".py"):
        path = Path(entry).absolute()
        return [(path, path.stem, path.parent, None)] if path.is_file() else []
    top = entry.partition(".")[0]
    if top == PACKAGE:
        return _resolve(entry, ROOT, top)
    here = _resolve(entry, Path.cwd(), None)
    if here:
        return here
    try:
        spec = importlib.util.find_spec(top)
    except ValueError:
        spec = None
    if spec is None or not (spec.submodule_search_locations or spec.has_location):
        return []
    if spec.submodule_search_locations:
        return _resolve(entry, Path(next(iter(spec.submodule_search_locations))).parent, top)
    return _resolve(entry, Path(spec.origin).parent, top)


def _resolve(name, base, top):
    """Find the files that Python executes to import a module.

    Parameters
    ----------
    name : str
        Dotted name of the module.
    base : pathlib.Path
        Folder of its top-level package.
    top : str or None
        Top-level package to follow imports in; None for every module in ``base``.

    Returns
    -------
    list of (pathlib.Path, str, pathlib.Path, str or None)
        Path, name of the module or package, ``base`` and ``top``. Empty if it does not exist.
    """
    parts, found = name.split("."), []
    for length in range(1, len(parts) + 1):
        stem = base.joinpath(*parts[:length])
        last = length == len(parts)
        package, module = stem / "__init__.py", stem.with_name(f"{stem.name}.py")
        if package.is_file():
            # Packages of kerasae only register and re-export their modules
            if last or parts[0] != PACKAGE:
                found.append((package, ".".join([*parts[:length], "__init__"]), base, top))
        elif last and module.is_file():
            found.append((module, name, base, top))
        elif not stem.is_dir():
            return []
    return found


def _imports(path, name, base, top):
    """Find the files of the imports to follow in a file; same output as `_resolve`."""
    return _imports_of(path.read_bytes(), path, name, base, top)


@cache
def _imports_of(code, path, name, base, top):
    """Find them in its code."""
    found = []
    try:
        imported = _imported_names(code, name.rpartition(".")[0])
    except SyntaxError as error:
        error.filename = str(path)
        raise ValueError(syntax(error, path)) from error
    except ValueError as error:
        raise ValueError(f"{path} is not Python source. Received: {error}") from error
    for target, parts in imported:
        # Only the folder shows whether an imported name is a module or defined in one
        names = [target, *(f"{target}.{part}" for part in parts)]
        first = target.partition(".")[0]
        if first == PACKAGE:
            found += [file for module in names for file in _resolve(module, ROOT, PACKAGE)]
        elif top in (None, first):
            found += [file for module in names for file in _resolve(module, base, top)]
    return found


def _imported_names(code, package):
    """List the modules that code imports, each with the names imported from it."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            try:
                module = resolve_name("." * node.level + (node.module or ""), package or None)
            except ImportError:
                continue  # a relative import outside of a package, an error at run time
            found.append((module, [part.name for part in node.names]))
        elif isinstance(node, ast.Import):
            found += [(part.name, []) for part in node.names]
    return found
