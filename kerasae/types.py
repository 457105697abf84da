"""Types that signatures in several modules share, and the hint at a misspelt name."""

import difflib
import os
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

StrPath: TypeAlias = str | os.PathLike[str]
"""Path of a file or folder."""
Tensor: TypeAlias = Any
"""Tensor of the backend: of TensorFlow, JAX or PyTorch. Keras has no type for these."""
Likelihood: TypeAlias = Literal["bernoulli", "gaussian"]
"""Likelihood of the models: Bernoulli for values in [0, 1], Gaussian for any numbers."""
Scale: TypeAlias = Literal["none", "minmax", "standard"]
"""Scaling of the values, see `kerasae.datasets.load_own`."""
Setting: TypeAlias = Literal["semi_supervised", "unsupervised"]
"""How tables with known anomalies are divided, see `kerasae.datasets.LabelledRows`."""
Beyond: TypeAlias = Literal["clip", "warn", "refuse"]
"""What to do with values that are clipped, see `kerasae.datasets.Preprocessing.apply`."""


def suggestion(name: object, known: Iterable[object]) -> str:
    """Return a question about the known name closest to ``name``, or "" if none is close."""
    names = {str(choice).lower(): choice for choice in known}
    close = difflib.get_close_matches(str(name).lower(), names, n=1)
    return f"Did you mean {names[close[0]]}? " if close else ""
