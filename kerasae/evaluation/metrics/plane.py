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


def plane(codes, seed):
    """Return codes (N, d), N at least 3, in a plane (N, 2) by UMAP at its default settings.

    McInnes, Healy, Melville: UMAP (2018). Neighbours are exact, which is faster here than UMAP's
    approximate search. UMAP runs on one thread: the same codes and seed give the same plane.
    """
    count = min(15, len(codes) - 1)
    distances, indices = NearestNeighbors(n_neighbors=count).fit(codes).kneighbors(codes)
    layout = umap.UMAP(
        n_neighbors=count,
        precomputed_knn=(indices, distances),
        random_state=derive(seed, "umap"),
        n_jobs=1,
    )
    return layout.fit_transform(codes)
