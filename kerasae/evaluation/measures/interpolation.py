"""Interpolation between two images."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from kerasae.datasets.values import as_floats


def path(start, end, steps):
    """Interpolate on a straight line.

    Parameters
    ----------
    start, end : array of shape (d,)
        The ends, included in the path.
    steps : int
        Number of points.

    Returns
    -------
    numpy.ndarray of shape (steps, d)
        Evenly spaced.
    """
    return np.linspace(start, end, steps, dtype=np.float32)


def path_metrics(frames, confidence, real):
    """Measure how realistic the frames of interpolation paths are, and how smooth the paths.

    Parameters
    ----------
    frames : array of shape (pairs, steps, H, W, C)
        In [0, 1], both ends included.
    confidence : array of shape (pairs, steps)
        A classifier's largest probability for each frame.
    real : array of shape (n, H, W, C)
        Real images, uint8 or float.

    Returns
    -------
    dict of str to float
        ``confidence``: mean confidence; higher = the frames look more like a class.
        ``distance``: mean Euclidean distance of a frame to the nearest real image, for values
        from 0 to 1; lower is better. ``roughness``: length of a path over the distance of its
        ends, mean over the paths, at least 1: 1 where images fade into one another, higher with
        detours and jitter; missing if no path has different ends. All depend on the number of
        steps.
    """
    frames = np.asarray(frames, np.float32)
    rows = frames.reshape(*frames.shape[:2], -1)  # (pairs, steps, pixels)
    lengths = np.linalg.norm(np.diff(rows, axis=1), axis=2).sum(axis=1)
    chords = np.linalg.norm(rows[:, -1] - rows[:, 0], axis=1)
    apart = chords > 0  # a collapsed model has the same image at both ends
    search = NearestNeighbors(n_neighbors=1, algorithm="brute")
    search.fit(as_floats(real).reshape(len(real), -1))
    distances = search.kneighbors(rows.reshape(-1, rows.shape[-1]))[0]
    found = {"confidence": float(np.mean(confidence)), "distance": float(distances.mean())}
    if apart.any():
        found["roughness"] = float((lengths[apart] / chords[apart]).mean())
    return found
