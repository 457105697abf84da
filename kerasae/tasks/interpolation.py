"""Interpolation between two images."""

import numpy as np


def path(start, end, steps):
    """Go straight from one point to another.

    Parameters
    ----------
    start, end : array of shape (d,)
        The ends, both part of the path.
    steps : int
        Points on the path.

    Returns
    -------
    numpy.ndarray of shape (steps, d)
        Evenly spaced.
    """
    return np.linspace(start, end, steps, dtype=np.float32)
