"""Figures show what was measured."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from kerasae.reporting import drawing
from kerasae.reporting.figures.animation import Animation
from kerasae.reporting.figures.contributions_panel import contributions_of, shares_of
from kerasae.reporting.figures.histories_panel import losses
from kerasae.reporting.figures.most_anomalous_panel import most_anomalous
from kerasae.reporting.figures.reconstruction_grid import grid
from kerasae.reporting.figures.roc_panel import roc_curves


def test_animation_goes_there_and_back_with_pauses(tmp_path):
    frames = np.linspace(0, 1, 4)[:, None, None, None] * np.ones((1, 2, 3, 1))
    Animation(frames, pause=500, step=20, zoom=2).savefig(tmp_path / "a.png")
    seen, durations = [], []
    with Image.open(tmp_path / "a.png") as picture:
        assert (picture.format, picture.size, picture.info["loop"]) == ("PNG", (6, 4), 0)
        for number in range(picture.n_frames):
            picture.seek(number)
            seen.append(round(np.asarray(picture.convert("L")).mean() / 255, 2))
            durations.append(picture.info["duration"])
    assert seen == pytest.approx([0, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3], abs=0.01)
    assert durations == [500, 20, 20, 500, 20, 20]


def test_every_point_and_class_is_drawn():
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 5)
    points, classes = {"a": generator.normal(size=(50, 2))}, tuple("0123456789")
    figure = drawing.planes(points, labels, classes, "title", "code")
    (axes,) = (axes for axes in figure.axes if axes.get_title() == "a")
    assert len(axes.collections[0].get_offsets()) == 50
    assert {text.get_text() for text in axes.texts} == {str(label) for label in range(10)}
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("code 1", "code 2")
    colours = axes.collections[0].cmap(axes.collections[0].norm(np.arange(10)))
    assert len({tuple(colour) for colour in colours}) == 10


def test_points_without_labels_are_drawn_without_names():
    points = {"a": np.random.default_rng(0).normal(size=(50, 2))}
    figure = drawing.planes(points, np.zeros(50, int), (), "title", "code")
    assert not figure.legends
    assert not figure.axes[0].texts


def test_rows_are_drawn_as_profiles_in_one_range():
    rows = np.array([[0.0, 5, -5], [1, 1, 1]])
    figure = grid(rows, rows / 2, "title")
    drawn = [axes for axes in figure.axes if axes.patches]
    profiles = [axes.patches[0].get_data().values.tolist() for axes in drawn]
    assert profiles == [[0, 5, -5], [0, 2.5, -2.5], [1, 1, 1], [0.5, 0.5, 0.5]]
    assert {axes.get_ylim() for axes in drawn} == {(-5.5, 5.5)}


def test_a_way_between_rows_becomes_an_animation_of_profiles(tmp_path):
    Animation(np.linspace([0, 1, 0], [1, 0, 1], 4)).savefig(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.n_frames == 6
        first = np.asarray(picture.convert("L"))
    across = first.shape[1] // 3
    dark = [
        np.flatnonzero(part.min(axis=1) < 128)
        for part in np.split(first, [across, 2 * across], axis=1)
    ]
    assert dark[0].max() > 0.9 * first.shape[0]  # low at first, then high
    assert dark[1].min() < 0.1 * first.shape[0]


def test_grid_shows_each_image_above_its_reconstruction():
    images = np.linspace(0, 0.5, 16)[:, None, None, None] * np.ones((1, 2, 2, 1))
    figure = grid(images, images + 0.5, "title")
    shown = [axes.images[0].get_array()[0, 0] for axes in figure.axes if axes.images]
    upper, lower = shown[:8] + shown[16:24], shown[8:16] + shown[24:]
    np.testing.assert_allclose(upper, images[:, 0, 0, 0])
    np.testing.assert_allclose(lower, images[:, 0, 0, 0] + 0.5)


def test_roc_panel_has_the_score_without_a_model_beside_each():
    curve = (np.array([0, 0.2, 1]), np.array([0, 0.7, 1]), 0.75)
    worse = (np.array([0, 0.4, 1]), np.array([0, 0.5, 1]), 0.55)
    reference = (np.array([0, 1]), np.array([0, 1]), 0.5)
    figure = roc_curves({"a": [curve], "b": [curve, worse]}, reference, "less ink", "title")
    drawn = [axes for axes in figure.axes if axes.lines]
    assert len(drawn) == 2
    assert [axes.get_title() for axes in drawn] == ["a\nAUROC 0.750", "b\nAUROC 0.650 ± 1.271"]
    for axes, points in zip(drawn, ([2, 3, 2], [2, 3, 3, 2]), strict=True):
        assert [len(line.get_xdata()) for line in axes.lines] == points
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "no model, less ink: AUROC 0.500" in labels


@pytest.mark.parametrize("shape", [(3, 2, 2, 1), (3, 4)], ids=["images", "rows"])
def test_most_anomalous_samples_come_first_and_are_marked_by_what_they_are(shape):
    samples = np.linspace(0.2, 0.8, 3).repeat(4).reshape(shape)
    anomalous = np.array([False, True, False])
    scores = {"a": np.array([0.1, 0.9, 0.5]), "b": np.array([3.0, 1.0, 2.0])}
    figure = most_anomalous(samples, anomalous, scores, "title", shown=2)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["▲ 1", "○ 2", "○ 0", "○ 2"]
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == ["a\n▲ 1 of 2", "b\n▲ 0 of 2"]
    widths = [axes.spines["top"].get_linewidth() for axes in figure.axes]
    assert widths[0] > max(widths[1:])
    drawn = [
        axes.images[0].get_array().mean() if axes.images else axes.patches[0].get_data().values[0]
        for axes in figure.axes
    ]
    assert drawn == pytest.approx([0.5, 0.8, 0.2, 0.8])


def test_fewer_samples_than_asked_for_are_all_shown():
    scores = {"a": np.arange(3.0)}
    figure = most_anomalous(np.eye(3), np.ones(3, bool), scores, "title")
    assert [axes.get_title() for axes in figure.axes] == ["▲ 2", "▲ 1", "▲ 0"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("212", "▲ 212"),
        ("B/20260101-$.png", "▲ B/20260101-\n\\$.png"),
        ("folder/" + 60 * "x" + "-number 17.png", "▲ folder/xxxxx\n…\n-number 17.png"),
    ],
)
def test_long_names_take_up_to_three_lines_with_their_begin_and_end(name, shown):
    assert drawing.marked(name, anomalous=True) == shown


def test_histories_of_all_seeds_are_drawn_and_named_once():
    history = pd.DataFrame({"epoch": [1, 2], "loss": [3.0, 2.0], "val_loss": [3.1, 2.2]})
    figure = losses({"a": [history, history + 1]}, "title")
    (axes,) = figure.axes
    assert [len(line.get_xdata()) for line in axes.lines] == [2] * 4
    (short,) = losses({"a": [history[:1]]}, "title").axes
    assert {line.get_marker() for line in short.lines} == {"o"}, "a line of one epoch is none"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "validation"]


@pytest.mark.parametrize("count", [3, 9, 18])
def test_figures_of_many_models_are_wider_than_tall(count):
    """A window of 1366 to 768 shows them whole."""
    names = [str(number) for number in range(count)]
    grids = dict.fromkeys(names, np.zeros((1, 4, 4, 1)))
    for figure in (drawing.panel(names, "title")[0], drawing.sample_grids(grids, "title")):
        width, height = figure.get_size_inches()
        assert width / height > 1.2


def test_rows_of_images_side_by_side_keep_their_order():
    rows = {f"m{number}": np.full((1, 1, 1, 1), number / 9) for number in range(9)}
    figure = drawing.rows_of_images(rows, "title", most=4)
    assert len(figure.subfigs) == 3
    drawn = [axes for axes in figure.axes if axes.images]
    assert [axes.get_ylabel() for axes in drawn] == list(rows)
    values = [float(axes.images[0].get_array()[0, 0]) for axes in drawn]
    assert values == [number / 9 for number in range(9)]
    one = drawing.rows_of_images({**rows, "m9": rows["m0"]}, "title", most=4)
    assert len(one.axes) == 12
    assert not any(axes.axison for axes in one.axes if not axes.images)


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_panel_has_an_axes_for_each_name_and_hides_the_rest(count):
    _, axes_of = drawing.panel([str(number) for number in range(count)], "title")
    assert len(axes_of) == count
    assert all(axes.axison for axes in axes_of.values())


def test_shares_of_the_loss_sum_to_one_and_are_0_without_loss():
    losses = np.array([[1.0, 3.0], [0.0, 0.0]])
    np.testing.assert_array_equal(shares_of(losses), [[0.25, 0.75], [0, 0]])
    images = np.arange(8.0).reshape(2, 2, 2, 1)
    np.testing.assert_allclose(shares_of(images).sum(axis=(1, 2, 3)), 1)


def test_contributions_of_rows_are_a_map_of_samples_and_named_columns():
    losses = np.array([[9.0, 0.0, 1.0], [1.0, 2.0, 1.0]])
    figure = contributions_of(
        {"vae": losses}, {"vae": np.array([7, 3])}, {"vae": np.array([True, False])},
        ("age", "$", "size"), "title",
    )  # fmt: skip
    axes = figure.axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), [[0.9, 0, 0.1], [0.25, 0.5, 0.25]])
    assert [text.get_text() for text in axes.get_yticklabels()] == ["▲ 7", "○ 3"]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["age", r"\$", "size"]


def test_contributions_of_images_are_a_map_each_with_the_colours_summed():
    losses = np.zeros((2, 3, 3, 3))
    losses[0, 1, 2] = 1
    figure = contributions_of(
        {"vae": losses}, {"vae": np.array([7, 3])}, {"vae": np.array([True, False])}, (), "title"
    )
    expected = np.zeros((3, 3))
    expected[1, 2] = 1
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), expected)
    assert [axes.get_title() for axes in figure.axes] == ["▲ 7", "○ 3"]
