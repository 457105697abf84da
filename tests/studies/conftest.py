"""The stored scores, read once."""

import pytest

from kerasae.evaluation import scores as tidy
from studies.bake_off.pages import SCORES, Context


@pytest.fixture(scope="session")
def scores():
    return tidy.read(SCORES / "article.csv")


@pytest.fixture(scope="session")
def context(scores):
    return Context(scores)
