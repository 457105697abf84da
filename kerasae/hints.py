"""Types that signatures in several modules share."""

import os
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
