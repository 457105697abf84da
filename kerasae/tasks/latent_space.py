"""Latent space: a plane to look at."""

import umap


def umap_plane(codes, seed):
    """Lay codes out in a plane with UMAP, at its default settings.

    McInnes, Healy, Melville: UMAP (2018). With a seed it runs on one thread, and the same
    codes give the same plane.

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
    neighbours = min(15, len(codes) - 1)
    return umap.UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1).fit_transform(codes)
