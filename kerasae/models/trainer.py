"""The former place of `kerasae.training.fit.Trainer`."""

from kerasae.training.fit import Trainer

__all__ = ["Trainer"]
