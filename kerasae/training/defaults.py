"""Options of a training, and their defaults for a number of rows."""

from dataclasses import dataclass
from typing import Any

STEPS = 12_600
"""About the steps of the article's training: 60 epochs of 55,000 images in batches of 256."""


def training_defaults(rows):
    """Propose epochs and a batch size for a number of rows, at least 1.

    The aim is as many optimizer steps as the article's training has: few rows need small batches
    and more epochs. Epochs are 60, from some 54,000 rows on, to 300, as more of the same few rows
    brings little. The batch size is a power of 2 from 16 to 256; 256 from 5,120 rows on.

    >>> training_defaults(55_000)
    (60, 256)
    >>> training_defaults(1_000)
    (300, 32)
    """
    batch_size = min(max(2 ** (max(rows // 20, 1).bit_length() - 1), 16), 256)
    steps = -(-rows // batch_size)
    return min(max(round(STEPS / steps), 60), 300), batch_size


@dataclass(frozen=True)
class TrainingOptions:
    """Options of the trainings of a variant, see `kerasae.training.run.train_run`."""

    model: dict[str, Any]  # `model` and its parameters
    validation: int  # training samples held out for validation
    likelihood: str = "bernoulli"
    epochs: int | None = None  # None, as for the batch size: see `training_defaults`
    batch_size: int | None = None
    learning_rate: float = 0.001  # of Adam
    patience: int | bool = False  # epochs without a lower validation loss, see `train`
