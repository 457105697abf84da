"""Import an own model, and turn errors in its code into one line."""

import contextlib
import importlib
import importlib.util
import inspect
import re
import sys
import traceback
import zlib
from pathlib import Path

import kerasae.models.declared as declared  # not the registry, which no training depends on
from kerasae.storage.dependencies import syntax


@contextlib.contextmanager
def own_code(name):
    """Turn an error in the code of an own model into one line.

    Parameters
    ----------
    name : str
        ``file.py:Class`` or ``module:Class``; for a model of the package nothing is changed.

    Raises
    ------
    ValueError
        With the file, the line and the text of the error, an `exit` included, which would
        otherwise end the program as if all was well.
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        said = in_one_line(error, name) if ":" in name else None
        if said is None:
            raise
        raise ValueError(said) from error


def in_one_line(error, name):
    """Describe an error in the code of the model ``name``; None if it was raised elsewhere."""
    if isinstance(error, SyntaxError):
        return syntax(error, name)
    place = raised_at(error, name)
    if place is None and not isinstance(error, (SystemExit, TypeError, ImportError)):
        return None
    if isinstance(error, SystemExit):
        return (
            f"{place or name}: raise an error instead of ending the program. "
            f"Received: exit({'' if error.code is None else repr(error.code)})"
        )
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).split("Arguments received by")[0]
    text = " ".join(text.split()) + too_early(error)
    if isinstance(error, (ValueError, FloatingPointError, NotImplementedError)):
        return f"{place}: {text}" if place else text
    return f"{place or name}: {type(error).__name__}: {text}"


def raised_at(error, name):
    """Give the file and the line in the code of a model's own that an error came from, or None."""
    module, _ = declared.split(name)
    path, _, (*_, root) = declared.entry(name)
    folder = path.parent if module.endswith(".py") else root / module.split(".")[0]
    beyond = [declared.PACKAGE, *map(Path, {sys.prefix, sys.base_prefix})]
    beyond = [other for other in beyond if not folder.is_relative_to(other)]
    place = None
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file == path or (
            file.is_relative_to(folder) and not any(map(file.is_relative_to, beyond))
        ):
            shown = module if file == path and module.endswith(".py") else file
            place = f"{shown}, line {frame.lineno}"
    return place


def name_of(model):
    """Give ``file.py:Class`` of a model, or for one of the package the name of its class."""
    kind = type(model)
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    if file is None or Path(file).is_relative_to(declared.PACKAGE):
        return kind.__name__
    return f"{file}:{kind.__name__}"


def too_early(error):
    """Hint for an attribute that `networks` reads before the constructor sets it."""
    from kerasae.models.base import Autoencoder

    model = getattr(error, "obj", None)
    if not isinstance(error, AttributeError) or not isinstance(model, Autoencoder) or model.built:
        return ""
    return (
        f": set self.{error.name} in __init__ before super().__init__(...), which calls networks()"
    )


def own_class(name):
    """Import the class of an own model, and check its attributes.

    Raises
    ------
    ValueError
        In one line, if it cannot be imported, or is no model that can be trained.
    """
    declared.check_class(name)
    importlib.import_module("keras")  # first, so that all models are registered with it
    base = importlib.import_module("kerasae.models.base").Autoencoder
    module, class_name = declared.split(name)
    kind = getattr(own_module(module, name), class_name, None)
    if not isinstance(kind, type) or not issubclass(kind, base):
        raise ValueError(
            f"{name}: expected a class that derives from Autoencoder. Received: {kind!r}"
        )
    wrong = declared.wrong_terms(kind.terms)
    for flag, methods in NEEDED.items():
        missing = [
            method
            for method in methods
            if getattr(kind, method, None) is getattr(base, method, None)
        ]
        if getattr(kind, flag) and missing:
            wrong = wrong or (
                f"`{flag} = True` needs the method `{missing[0]}`: add it, or set {flag} = False. "
                f"Received: {flag} = {getattr(kind, flag)!r}"
            )
    if wrong:
        raise ValueError(f"{name}: {wrong}")
    return kind


NEEDED = {
    "stochastic": ("distribution",),
    "generative": ("sample_prior",),
    "discrete": ("indices", "nearest", "look_up"),
}
"""Attribute of a class that is true → the methods that it then needs."""


REST = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def complete(model):
    """Give a model back whose configuration has all parameters of its constructor.

    Raises
    ------
    ValueError
        If `get_config` lacks one: a saved model would be loaded with the default.
    """
    names = set()
    for kind in type(model).__mro__:
        if kind.__module__ == "kerasae.models.base":
            break
        parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
        names |= {each.name for each in parameters if each.kind not in REST}
    missing = sorted(names - set(model.get_config()))
    if missing:
        raise ValueError(
            f"`get_config` lacks {', '.join(missing)}, so that a loaded model has the default: "
            f"return {{**super().get_config(), {missing[0]!r}: self.{missing[0]}}}. "
            f"Received: {', '.join(model.get_config())}"
        )
    return model


def own_module(module, name):
    """Import the module or file of an own model.

    Raises
    ------
    ValueError
        If it cannot be imported, or ends the program.
    """
    with own_code(name):
        if not module.endswith(".py"):
            with first_on_path(Path.cwd()):
                return importlib.import_module(module)
        path = Path(module).absolute()
        unique = f"{path.stem}_{zlib.crc32(str(path).encode())}"
        if unique not in sys.modules:
            spec = importlib.util.spec_from_file_location(unique, path)
            sys.modules[unique] = importlib.util.module_from_spec(spec)
            try:
                with first_on_path(path.parent):  # what lies beside it can be imported
                    spec.loader.exec_module(sys.modules[unique])
            except BaseException:
                del sys.modules[unique]
                raise
        return sys.modules[unique]


@contextlib.contextmanager
def first_on_path(folder):
    """Import from a folder before all others."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # the code may have changed the path
            sys.path.remove(str(folder))
