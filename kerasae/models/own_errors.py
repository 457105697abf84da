"""Turn errors in the code of an own model into one line."""

import contextlib
import re
import sys
import traceback
from pathlib import Path

import kerasae.models.declared as declared  # not the registry, which no training depends on
from kerasae.storage.code import syntax


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
    model = getattr(error, "obj", None)
    if not isinstance(error, AttributeError) or not hasattr(model, "networks") or model.built:
        return ""
    return (
        f": set self.{error.name} in __init__ before super().__init__(...), which calls networks()"
    )
