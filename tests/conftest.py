"""What several test files share: the images, and the models after a short training."""

import functools
import os
from types import SimpleNamespace

import pytest

# Tests run at the same time, on all cores: further threads of NumPy and scikit-learn would take
# many times the processor time, waiting for each other. The jobs of the workflow have one, too.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
# Jobs of the workflow in a copy of the project would otherwise compile the package every time
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import kerasae
from kerasae.datasets.sources import SHIPPED

SHAPE = (32, 32, 1)
EVERY = pytest.mark.parametrize("name", kerasae.REGISTRY)


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that no core is idle at the end."""
    items.sort(key=lambda item: "workflow" not in item.keywords)


def build(name, **settings):
    small = {} if name == "shallow" else {"widths": (16, 8)}
    model = kerasae.build(name, SHAPE, 4, **small, **settings)
    model.compile(jit_compile=False)
    return model


def weights(model):
    return [variable.numpy() for variable in model.variables if "seed" not in variable.path]


def pairwise(compare, first, second):
    return [compare(a, b) for a, b in zip(first, second, strict=True)]


@pytest.fixture(scope="session")
def mnist():
    return kerasae.datasets.load("mnist", path=SHIPPED / "mnist")


@pytest.fixture(scope="session")
def images(mnist):
    return mnist.x_train[:300]


@pytest.fixture(scope="session")
def trained(images):
    @functools.cache
    def run(name):
        model = build(name)
        before = weights(model)
        fit = model.fit(images, batch_size=128, epochs=3, validation_data=images[:100], verbose=0)
        return SimpleNamespace(model=model, before=before, history=fit.history)

    return run


@pytest.fixture(scope="session")
def few(mnist):
    """A few images (24, 32, 32, 1) in [0, 1]."""
    return mnist.x_train[:24].astype("float32") / 255
