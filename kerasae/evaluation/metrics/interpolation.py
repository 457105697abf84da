"""Interpolation between two images."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from kerasae.datasets.values import as_floats


def cross_fade(frames):
    """Return paths (pairs, steps, ...) that fade each first frame into the last, pixel by pixel.

    Frame t is (1 - t) · first + t · last, for evenly spaced t: a path without a model.
    """
    frames = np.asarray(frames, np.float32)
    return np.linspace(frames[:, 0], frames[:, -1], frames.shape[1], axis=1, dtype=np.float32)


def path_metrics(frames, confidence, faded_confidence, real):
    """Return the metrics of paths by name: how realistic their frames are, and how smooth they are.

    Blur alone brings an image nearer to the real ones, and differs between models. Paths are
    therefore compared with the `cross_fade` of the same ends, which shares their blur. All metrics
    depend on the number of steps. ``roughness`` is missing if no path has different ends.

    Parameters
    ----------
    frames : array of shape (pairs, steps, H, W, C)
        In [0, 1], both ends included; at least 3 steps.
    confidence, faded_confidence : array of shape (pairs, steps)
        A classifier's largest probability for each frame of the paths, and of their `cross_fade`.
    real : array of shape (n, H, W, C)
        Real images, uint8 or float.
    """
    frames = np.asarray(frames, np.float32)
    rows = frames.reshape(*frames.shape[:2], -1)  # (pairs, steps, pixels)
    lengths = np.linalg.norm(np.diff(rows, axis=1), axis=2).sum(axis=1)
    chords = np.linalg.norm(rows[:, -1] - rows[:, 0], axis=1)
    apart = chords > 0  # a collapsed model has the same image at both ends
    search = NearestNeighbors(n_neighbors=1, algorithm="brute")
    search.fit(as_floats(real).reshape(len(real), -1))

    def distances(rows):
        return search.kneighbors(rows.reshape(-1, rows.shape[-1]))[0].reshape(rows.shape[:2])

    confidence, faded_confidence = np.asarray(confidence), np.asarray(faded_confidence)
    distance = distances(rows)  # (pairs, steps)
    metrics = {}
    for name, values, fade in (
        ("confidence", confidence, faded_confidence[:, 1:-1]),
        ("distance", distance, distances(cross_fade(rows)[:, 1:-1])),
    ):
        inside = values[:, 1:-1].mean()
        metrics[name] = float(inside)
        metrics[f"end_{name}"] = float(values[:, [0, -1]].mean())
        metrics[f"{name}_over_fade"] = float(inside - fade.mean())
    if apart.any():
        metrics["roughness"] = float((lengths[apart] / chords[apart]).mean())
    return metrics
