"""The article's figures are those of the protocol."""

from kerasae.models import ARTICLE
from studies.bake_off.published import published


def test_published_figures_are_those_of_the_protocol():
    figures = published("mnist")
    assert set(figures["variant"]) == {*ARTICLE, "from_scratch"}
    of = figures.set_index(["metric", "variant"])["value"]
    assert (of["bce", "vq"], of["accuracy", "denoising"], of["seconds", "vae"]) == (
        64.49, 0.8049, 11 * 60 + 30,
    )  # fmt: skip
    assert not figures.duplicated(["task", "metric", "variant"]).any()
    assert published("wine").empty
