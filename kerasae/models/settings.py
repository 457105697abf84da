"""Settings of a model class, checked before it is made."""

import inspect
import math
from numbers import Integral, Real

from kerasae.models.base import Autoencoder
from kerasae.models.declared import BY_THE_RUN, check_names


def parameters(kind):
    """Find what the constructor of a model class takes.

    Parameters
    ----------
    kind : type
        A subclass of `Autoencoder`.

    Returns
    -------
    dict of str to object
        Name → default, `inspect.Parameter.empty` without one; those of base classes included.
    """
    found = {}
    for part in kind.__mro__:
        _, *own = inspect.signature(part.__init__).parameters.values()
        for parameter in own:
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                found.setdefault(parameter.name, parameter.default)
        if part is Autoencoder:
            break
    return found


def check_settings(kind, name, settings, elsewhere):
    """Refuse settings that a model class does not know, and values of the wrong type.

    The type of a value is that of the parameter's default: a number must be finite, and whole
    where a model of this package has a whole number by default.

    Parameters
    ----------
    kind : type
        A subclass of `Autoencoder`.
    name : str
        Name of the model, for the error.
    settings : dict
        Arguments of the constructor.
    elsewhere : dict of str to list of str
        Name of a setting → variants that have it, for the error.

    Raises
    ------
    ValueError
        Names the setting, what is expected, and what came.
    """
    known = parameters(kind)
    own = sorted(known.keys() - set(BY_THE_RUN))
    needed = [key for key in own if known[key] is inspect.Parameter.empty]
    asked = {key: value for key, value in settings.items() if key not in BY_THE_RUN}
    check_names(name, own, needed, asked, elsewhere)
    for key, value in settings.items():
        expected = wrong(value, known[key], whole=kind.__module__.startswith("kerasae."))
        if expected:
            raise ValueError(f"{name}: {key} must be {expected}. Received: {value!r}")


def wrong(value, default, whole):
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
