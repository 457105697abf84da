"""Latent space: a plane to look at."""

import sys

from sklearn.neighbors import NearestNeighbors

if "tensorflow" in sys.modules:
    import umap
else:
    # umap imports TensorFlow if it can, for its parametric variant alone: seconds, for nothing
    sys.modules["tensorflow"] = None
    import umap

    del sys.modules["tensorflow"]


def umap_plane(codes, seed):
    """Lay codes out in a plane with UMAP, at its default settings.

    McInnes, Healy, Melville: UMAP (2018). The neighbours are the exact ones: that is faster
    here than to have UMAP's approximate search compiled. With a seed UMAP runs on one thread,
    and the same codes give the same plane.

    Parameters
    ----------
    codes : array of shape (N, d)
        N at least 3; with few codes, fewer neighbours than the default 15 are used.
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
