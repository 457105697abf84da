"""Interpolation between two images."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from kerasae.datasets.values import as_floats


def path(start, end, steps):
    """Return evenly spaced points (steps, d) from ``start`` (d,) to ``end`` (d,), both included."""
    return np.linspace(start, end, steps, dtype=np.float32)


def cross_fade(frames):
    """Return paths (pairs, steps, ...) that fade each first frame into the last, pixel by pixel.

    Frame t is (1 - t) · first + t · last, for evenly spaced t: what a path would be without a
    model. Its ends, and their blur, are the ends of the path.
    """
    frames = np.asarray(frames, np.float32)
    return np.linspace(frames[:, 0], frames[:, -1], frames.shape[1], axis=1, dtype=np.float32)


def path_metrics(frames, confidence, faded_confidence, real):
    """Measure how realistic the frames inside of interpolation paths are, and how smooth the paths.

    Compared with the `cross_fade` of the same ends, as blur alone brings an image nearer to the
    real ones, and differs between models: frames of a path and of its fade share the ends' blur.

    Parameters
    ----------
    frames : array of shape (pairs, steps, H, W, C)
        In [0, 1], both ends included; at least 3 steps.
    confidence, faded_confidence : array of shape (pairs, steps)
        A classifier's largest probability for each frame of the paths, and of their `cross_fade`.
    real : array of shape (n, H, W, C)
        Real images, uint8 or float.

    Returns
    -------
    dict of str to float
        ``confidence``: mean confidence of the frames between the ends, ``end_confidence`` that of
        the ends; higher = they look more like a class. ``confidence_over_fade``: ``confidence``
        less that of the cross-fade; above 0, the path leads through images that look more like a
        class. ``distance``, ``end_distance``, ``distance_over_fade``: the same with the mean
        Euclidean distance to the nearest real image, for values from 0 to 1; below 0, the path
        leads nearer to real images than the fade. ``roughness``: length of a path over the
        distance of its ends, mean over the paths, at least 1: 1 where images fade into one
        another, higher with detours and jitter; missing if no path has different ends. All depend
        on the number of steps.
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
    found = {}
    for name, of_path, inside_fade in (
        ("confidence", confidence, faded_confidence[:, 1:-1]),
        ("distance", distance, distances(cross_fade(rows)[:, 1:-1])),
    ):
        inside = of_path[:, 1:-1].mean()
        found[name] = float(inside)
        found[f"end_{name}"] = float(of_path[:, [0, -1]].mean())
        found[f"{name}_over_fade"] = float(inside - inside_fade.mean())
    if apart.any():
        found["roughness"] = float((lengths[apart] / chords[apart]).mean())
    return found
