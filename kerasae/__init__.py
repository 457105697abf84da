"""The Great Autoencoder Bake-Off: nine autoencoders, eleven tasks, one comparison.

>>> import kerasae
>>> images = kerasae.datasets.load("mnist").x_train
>>> images.shape
(60000, 32, 32, 1)
>>> model = kerasae.build("vae", input_shape=(32, 32, 1), latent_dim=20)  # doctest: +SKIP
>>> model.compile()  # doctest: +SKIP
>>> model.fit(images)  # doctest: +SKIP
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import wrapt

from kerasae import datasets
from kerasae.models import BASELINES, REGISTRY, build, load

__all__ = ["BASELINES", "REGISTRY", "build", "compare", "datasets", "load"]


def __dir__() -> list[str]:
    """List what is public."""
    return __all__


if TYPE_CHECKING:
    from kerasae.comparison import compare
else:

    def __getattr__(name: str) -> object:
        """Import `compare` when it is asked for, as it imports pandas."""
        if name == "compare":
            from kerasae.comparison import compare

            return compare
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@wrapt.when_imported("keras")
def _register(keras: ModuleType) -> None:
    # keras.saving.load_model finds only registered classes, and importing a model registers it.
    # So the models are imported once keras is, and code without keras does not pay for it.
    # Not if one of these modules itself imports keras now: its import is not complete.
    modules = {entry.split(":")[0] for entry in (*REGISTRY.values(), *BASELINES.values())}
    if not sys.modules.keys() & {"kerasae.models.base", *modules}:
        for module in modules:
            importlib.import_module(module)
