"""The pages with numbers, against the scores that they are made from."""

import pandas as pd
import pytest

from kerasae.evaluation import scores as tidy
from kerasae.models import ARTICLE
from studies.bake_off import model_pages, numbers, pages, uses
from studies.bake_off.published import published, published_figures


def test_pages_have_the_numbers_of_the_scores(context):
    for name, text in pages.rendered(context).items():
        assert pages.PAGES[name].read_text() == text, f"make pages writes another {name}"


def test_the_published_figures_are_those_of_the_article_one_a_task_and_variant():
    figures = published_figures("mnist")
    assert {variant for _, variant in figures} == {*ARTICLE, "from_scratch"}
    assert figures["reconstruction", "vq"] == 64.49
    assert figures["classification", "denoising"] == 0.8049
    assert figures["training_time", "vae"] == 11 * 60 + 30
    assert len(figures) == len(published("mnist"))
    assert published_figures("wine") == {}


def test_a_score_that_is_not_there_is_an_error(scores):
    mnist = numbers.Numbers(scores[scores["dataset"] == "mnist"])
    where = {"task": "reconstruction", "metric": "bce"}
    with pytest.raises(ValueError, match="no scores of nobody"):
        mnist.mean("nobody", **where)
    with pytest.raises(ValueError, match="several scores of vae"):
        mnist.mean("vae", **where)  # posterior sample and mean


def test_measures_over_digits_and_seeds_by_hand():
    rows = [
        ("mnist", name, seed, 2, digit, "anomaly", "auroc", *[""] * 4, "bce", "", "", value)
        for name, digit, values in (
            ("vae", "0", (0.9, 0.8, 0.7)), ("vae", "1", (0.1, 0.2, 0.3)),
            ("vq", "0", (0.6, 0.5, 0.4)), ("vq", "1", (0.6, 0.5)),
        )
        for seed, value in enumerate(values, 1)
    ]  # fmt: skip
    made_up = numbers.Numbers(pd.DataFrame(rows, columns=tidy.COLUMNS))
    where = {"task": "anomaly", "metric": "auroc", "score": "bce", "latent_dim": 2}
    assert made_up.most_over_digits(["vae", "vq"], **where) == pytest.approx(0.55)
    assert made_up.most_over_digits(["vae"], **where) == pytest.approx(0.5)
    assert made_up.seeds_at(0.2, "vae", held_out="1", **where) == [2]
    assert made_up.below(["vae", "vq"], 0.6, held_out="0", **where) == ["vq"]
    assert made_up.certainly_below(["vae", "vq"], 0.6, held_out="0", **where) == []
    assert made_up.certainly_below(["vae"], 0.6, held_out="1", **where) == ["vae"]


def test_scores_beside_others_are_of_the_runs_that_the_others_have():
    def rows(variant, *runs):
        return pd.DataFrame(
            [(variant, *run) for run in runs], columns=["variant", "seed", "latent_dim", "held_out"]
        )

    ours = rows(
        "vae", (1.0, 20.0, "none"), (4.0, 20.0, "none"), (1.0, 2.0, "none"), (1.0, 20.0, "7"),
        (None, None, "none"), (None, None, "7"),
    )  # fmt: skip
    others = rows("rae", (1.0, 20.0, "none"), (2.0, 20.0, "none"))
    expected = pd.concat([ours.iloc[[0, 4]], others], ignore_index=True)
    pd.testing.assert_frame_equal(pages.beside(ours, others), expected)


def test_the_best_of_the_others_is_compared_with_the_best_of_the_article_s():
    losses = {"vanilla": (64.0, 64.1, 64.2), "sparse": (65.0, 65.1, 65.2)}
    better = {"conv_vanilla": (60.0, 60.2, 60.1), "rae": (70.0, 71.0, 72.0)}
    for others, cells in (
        (better, "[`conv_vanilla`](models/conv_vanilla.md) 60.10 ± 0.25 | better |"),
        ({"iwae": (69.0, 69.1, 69.2)}, "[`iwae`](models/iwae.md) 69.10 ± 0.25 | worse |"),
        ({"rae": (63.0, 65.0, 64.6)}, "[`rae`](models/rae.md) 64.20 ± 2.63 | no significant"),
    ):
        rows = [
            ("mnist", name, seed, 20, "none", "reconstruction", "bce", "mean", *[""] * 6, value)
            for name, values in (losses | others).items()
            for seed, value in enumerate(values, 1)
        ]
        by_use = uses.uses_of(pd.DataFrame(rows, columns=tidy.COLUMNS))
        table = uses.others_table(by_use).replace("\u00a0", " ")
        assert f"| [`vanilla`](models/vanilla.md) 64.10 ± 0.25 | {cells}" in table


def test_a_data_set_is_on_the_pages_from_three_seeds_on(scores):
    mnist = scores[scores["dataset"] == "mnist"]
    few = mnist[mnist["seed"].isin([1, 2])].assign(dataset="few")
    assert list(pages.by_dataset_shown(pd.concat([few, mnist]))) == ["mnist"]


def test_a_model_without_a_template_has_a_page(context):
    page = pages.rendered(context, ["models/pca.md"])["models/pca.md"]
    assert page.startswith("# pca\n")
    assert "\n## Objective\n" in page
    assert "When to use it" not in page


def test_a_docstring_is_divided_into_objective_and_differences():
    text = (
        "\n    L = x\n\nSource. Differences from it:\n\n1. One.\n2. Two,\n   more.\n\nLater: β < 1."
    )
    objective, differences = map(model_pages.in_markdown, model_pages.divided(text))
    assert objective == "```text\nL = x\n```\n\nSource.\n\nLater: β \\< 1."
    assert differences == "1. One.\n2. Two,\n   more."
    prose = "\nSource. Differences from it: none in\nthe objective."
    assert model_pages.divided(prose) == ("Source. ", "None in\nthe objective.")


def test_the_parameters_of_a_docstring_are_read():
    """Read these.

    Parameters
    ----------
    beta : float, optional
        Weight, not
        negative.
    **kwargs
        Others.
    """
    text = test_the_parameters_of_a_docstring_are_read.__doc__
    assert model_pages.parameters(text) == [("beta", "Weight, not negative.")]
    assert model_pages.parameters("A model.") == []
