"""Untrained models and reference losses in NumPy, shared by the tests of losses."""

import numpy as np
from scipy.special import log_expit

import kerasae

SHAPE = (32, 32, 1)


def build(name, **settings):
    small = {} if name == "shallow" else {"widths": (16, 8)}
    return kerasae.build(name, SHAPE, 2, **small, **settings)


def cross_entropy(images, logits):
    x, logits = (np.reshape(a, (len(images), -1)).astype("float64") for a in (images, logits))
    return -(x * log_expit(logits) + (1 - x) * log_expit(-logits)).sum(axis=1).mean()


def evaluate(model, images, training=False):
    return {name: float(term) for name, term in model.objective(images, training).items()}
