"""Import an own model, and check its class."""

import contextlib
import importlib
import importlib.util
import inspect
import sys
import zlib
from pathlib import Path

import kerasae.models.declared as declared  # not the registry, which no training depends on
from kerasae.models.own_errors import own_code


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
    for former, now in RENAMED.items():
        if hasattr(kind, former):
            wrong = wrong or f"`{former}` is never called: name it `{now}`. Received: {former}"
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
RENAMED = {"learn": "train_batch", "judge": "evaluate_batch", "draw": "sample_prior"}
"""Method of models of version 0.1.0 → its name, without which it would be ignored."""
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
