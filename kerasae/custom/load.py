"""Import the class of a user's model, and check it and the settings that it takes."""

import contextlib
import importlib
import importlib.util
import inspect
import math
import sys
import zlib
from numbers import Integral, Real
from pathlib import Path

from kerasae.custom.declared import BY_THE_RUN, check_class, check_names, split

_NEEDED = {
    "stochastic": ("distribution",),
    "generative": ("sample_prior",),
    "discrete": ("indices", "nearest", "look_up"),
}
"""Attribute of a class that is true → the methods that it then needs."""
_REST = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def load_class(name, base):
    """Import the class ``file.py:Class`` or ``module:Class`` of a user, and check its attributes.

    ``base`` is `kerasae.models.base.Autoencoder`. Raise a ValueError of one line if there is no
    such class, or it is no model that can be trained.
    """
    check_class(name)
    module, class_name = split(name)
    kind = getattr(_module(module), class_name, None)
    if not isinstance(kind, type) or not issubclass(kind, base):
        raise ValueError(
            f"{name}: expected a class that derives from Autoencoder. Received: {kind!r}"
        )
    terms = list(kind.terms) if isinstance(kind.terms, (tuple, list)) else []
    if not all(isinstance(term, str) for term in terms) or "loss" not in terms:
        raise ValueError(
            f"{name}: `terms` has to be a tuple of names, the one to minimise being 'loss': "
            f'terms = ("loss", "reconstruction"). Received: terms = {kind.terms!r}'
        )
    for flag, methods in _NEEDED.items():
        for method in methods if getattr(kind, flag) else ():
            if getattr(kind, method, None) is getattr(base, method, None):
                raise ValueError(
                    f"{name}: `{flag} = True` needs the method `{method}`: add it, or set "
                    f"{flag} = False. Received: {flag} = {getattr(kind, flag)!r}"
                )
    return kind


def _module(module):
    """Import a module, or a file under a name of its own."""
    with no_exit():
        if not module.endswith(".py"):
            with _first_on_path(Path.cwd()):
                return importlib.import_module(module)
        path = Path(module).absolute()
        unique = f"{path.stem}_{zlib.crc32(str(path).encode())}"
        if unique not in sys.modules:
            spec = importlib.util.spec_from_file_location(unique, path)
            sys.modules[unique] = importlib.util.module_from_spec(spec)
            try:
                with _first_on_path(path.parent):  # what lies beside it can be imported
                    spec.loader.exec_module(sys.modules[unique])
            except BaseException:
                del sys.modules[unique]
                raise
        return sys.modules[unique]


@contextlib.contextmanager
def no_exit():
    """Turn an exit in a model's code into an error: the program would end as if all was well."""
    try:
        yield
    except SystemExit as error:
        code = "" if error.code is None else repr(error.code)
        raise ValueError(
            "The code of the model ends the program: raise an error instead. "
            f"Received: exit({code})"
        ) from error


@contextlib.contextmanager
def _first_on_path(folder):
    """Import from a folder before all others."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # the code may have changed the path
            sys.path.remove(str(folder))


def parameters(kind):
    """List what a model class and its bases take, the base's first: name → default or `empty`."""
    end, defaults = [base.__module__ for base in kind.__mro__].index("kerasae.models.base"), {}
    for base in reversed(kind.__mro__[: end + 1]):
        _, *own = inspect.signature(base.__init__).parameters.values()
        defaults |= {each.name: each.default for each in own if each.kind not in _REST}
    return {name: default for name, default in defaults.items() if name not in kind.unused}


def check_complete(model):
    """Raise a ValueError if `get_config` lacks a parameter: a file would load its default."""
    missing = sorted(parameters(type(model)).keys() - model.get_config().keys())
    if missing:
        raise ValueError(
            f"`get_config` lacks {', '.join(missing)}, so that a loaded model has the default: set "
            f"self.{missing[0]} in the constructor. Received: {', '.join(model.get_config())}"
        )


def check_settings(kind, name, settings, elsewhere):
    """Raise ValueError for settings that a model class does not know, or of the wrong type.

    The type of a value is that of the parameter's default: a number must be finite, and whole where
    a model of this package has a whole number by default. ``elsewhere``, the name of a setting →
    variants that have it, and ``name``, of the model, are for the error.
    """
    defaults = parameters(kind)
    own = sorted(defaults.keys() - set(BY_THE_RUN))
    asked = {key: value for key, value in settings.items() if key not in BY_THE_RUN}
    check_names(name, own, asked, elsewhere)
    for key in own:
        if defaults[key] is inspect.Parameter.empty and key not in settings:
            raise ValueError(
                f"{name} needs the setting {key}. Its settings are {', '.join(own)}. "
                f"Received: {', '.join(asked) or 'none'}"
            )
    for key, value in settings.items():
        expected = _expected(value, defaults.get(key), whole=kind.__module__.startswith("kerasae."))
        if expected:
            raise ValueError(f"{name}: {key} must be {expected}. Received: {value!r}")


def _expected(value, default, whole):
    """Say what is expected instead of a value, in words; None if nothing is wrong."""
    if isinstance(default, bool):
        return None if isinstance(value, bool) else "True or False"
    if isinstance(default, str):
        return None if isinstance(value, str) else "a word"
    if not isinstance(default, Real):
        return None
    if whole and isinstance(default, Integral):
        good = isinstance(value, Integral) and not isinstance(value, bool)
        return None if good else "a whole number"
    good = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    return None if good else "a finite number"
