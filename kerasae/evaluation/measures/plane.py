"""Latent space: projection of the codes to a plane."""

import sys

from sklearn.neighbors import NearestNeighbors

from kerasae.seeds import derive

if "tensorflow" in sys.modules:
    import umap
else:
    # umap would import TensorFlow for its parametric variant, which takes seconds
    sys.modules["tensorflow"] = None  # type: ignore[assignment]  # Python documents it
    import umap

    del sys.modules["tensorflow"]


def plane(outputs, seed):
    """Project the test codes of a run, the posterior means for VAEs; see `umap_plane`.

    Parameters
    ----------
    outputs : kerasae.evaluation.outputs.Outputs
        Outputs of a trained model.
    seed : int
        Root seed of the run.

    Returns
    -------
    numpy.ndarray of shape (N, 2)
        A point for each test sample.
    """
    return umap_plane(outputs.mean.test, derive(seed, "umap"))


def umap_plane(codes, seed):
    """Project codes to a plane with UMAP, at its default settings.

    McInnes, Healy, Melville: UMAP (2018). Neighbours are exact, which is faster here than
    compiling UMAP's approximate search. UMAP runs on one thread, and the same codes and seed
    give the same plane.

    Parameters
    ----------
    codes : array of shape (N, d)
        N at least 3. UMAP's default of 15 neighbours, fewer for N ≤ 15.
    seed : int
        Seed of UMAP.

    Returns
    -------
    numpy.ndarray of shape (N, 2)
        Neighbours stay neighbours; the axes have no unit.
    """
    count = min(15, len(codes) - 1)
    distances, indices = NearestNeighbors(n_neighbors=count).fit(codes).kneighbors(codes)
    layout = umap.UMAP(
        n_neighbors=count, precomputed_knn=(indices, distances), random_state=seed, n_jobs=1
    )
    return layout.fit_transform(codes)
