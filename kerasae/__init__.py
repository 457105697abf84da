"""The Great Autoencoder Bake-Off: nine autoencoders, eleven tasks, one comparison.

>>> import kerasae
>>> images = kerasae.datasets.load("mnist").x_train
>>> images.shape
(60000, 32, 32, 1)
>>> model = kerasae.build("vae", input_shape=(32, 32, 1), latent_dim=20)  # doctest: +SKIP
>>> model.compile()  # doctest: +SKIP
>>> model.fit(images)  # doctest: +SKIP
"""

from typing import TYPE_CHECKING

from kerasae import datasets
from kerasae.models import BASELINES, REGISTRY, build, load

__all__ = ["BASELINES", "REGISTRY", "build", "compare", "datasets", "load"]

if TYPE_CHECKING:
    from kerasae.comparison import compare
else:

    def compare(*arguments, **options):
        """Compare models on a data set: `kerasae.comparison.compare`, which imports pandas."""
        from kerasae.comparison import compare as compare_models

        return compare_models(*arguments, **options)
