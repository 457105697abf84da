"""The pages with numbers, against the scores that they are made from."""

import importlib.util
import re
from pathlib import Path

import pytest

from kerasae.evaluation import scores as tidy

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def render():
    spec = importlib.util.spec_from_file_location("render", ROOT / "docs/render.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scores(render):
    return tidy.read(render.SCORES)


def test_pages_have_the_numbers_of_the_scores(render, scores):
    for name, text in render.rendered(scores).items():
        assert render.PAGES[name].read_text() == text, f"make pages writes another {name}"


def test_a_number_that_moves_changes_its_page(render, scores):
    moved = scores.copy()
    moved.loc[moved["metric"] == "bce", "value"] *= 1.01
    again = render.rendered(moved)
    known = {name: path.read_text() for name, path in render.PAGES.items()}
    assert {"README.md", "article.md", "claims.md"} <= {n for n in known if known[n] != again[n]}


def test_a_sentence_that_the_scores_no_longer_bear_is_an_error(render, scores):
    moved = scores.copy()
    moved.loc[moved["variant"] == "vanilla", "value"] = 500.0
    with pytest.raises(ValueError, match="the scores do not bear"):
        render.rendered(moved)


def test_a_score_that_is_not_there_is_an_error(render, scores):
    numbers = render.Numbers(scores[scores["dataset"] == "mnist"])
    where = {"task": "reconstruction", "metric": "bce"}
    assert re.fullmatch(r"\d+\.\d\d ± \d\.\d\d", numbers.interval("vanilla", digits=2, **where))
    with pytest.raises(ValueError, match="no scores of nobody"):
        numbers.mean("nobody", **where)
    with pytest.raises(ValueError, match="several scores of vae"):
        numbers.mean("vae", **where)  # posterior sample and mean
