"""Figures show what was measured."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from kerasae.reporting import drawing
from kerasae.reporting.figures.animation import Animation
from kerasae.reporting.figures.contributions_panel import contributions_of
from kerasae.reporting.figures.histories_panel import losses
from kerasae.reporting.figures.most_anomalous_panel import most_anomalous
from kerasae.reporting.figures.reconstruction_grid import grid
from kerasae.reporting.figures.roc_panel import roc_curves


def frames_of(path):
    """The pictures (H, W) of an animation, and the milliseconds that each is shown."""
    with Image.open(path) as picture:
        assert (picture.format, picture.info["loop"]) == ("PNG", 0)
        frames, durations = [], []
        for number in range(picture.n_frames):
            picture.seek(number)
            frames.append(np.asarray(picture.convert("L")))
            durations.append(picture.info["duration"])
    return frames, durations


def test_animation_goes_there_and_back_with_pauses(tmp_path):
    images = np.linspace(0, 1, 4)[:, None, None, None] * np.ones((1, 2, 3, 1))
    Animation(images).savefig(tmp_path / "a.png")
    frames, durations = frames_of(tmp_path / "a.png")
    assert frames[0].shape == (10, 15)
    means = [frame.mean() / 255 for frame in frames]
    assert means == pytest.approx([0, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3], abs=0.01)
    assert durations == [1000, 40, 40, 1000, 40, 40]


def test_animation_of_rows_has_their_profiles(tmp_path):
    Animation(np.linspace([0, 1, 0], [1, 0, 1], 4)).savefig(tmp_path / "a.png")
    frames, _ = frames_of(tmp_path / "a.png")
    assert len(frames) == 6
    left, middle, _ = np.array_split(frames[0], 3, axis=1)
    height = len(frames[0])
    assert np.flatnonzero(left.min(axis=1) < 128).max() > 0.9 * height  # low at first, then high
    assert np.flatnonzero(middle.min(axis=1) < 128).min() < 0.1 * height


@pytest.mark.parametrize("classes", [tuple("0123456789"), ()])
def test_every_point_and_class_is_drawn(classes):
    labels = np.repeat(np.arange(10), 5)
    points = {"a": np.random.default_rng(0).normal(size=(50, 2))}
    figure = drawing.planes(points, labels, classes, "title", "code")
    axes = figure.axes[0]
    assert len(axes.collections[0].get_offsets()) == 50
    assert [text.get_text() for text in axes.texts] == list(classes)
    assert len(figure.legends) == bool(classes)
    colours = axes.collections[0].cmap(axes.collections[0].norm(np.arange(10)))
    assert len({tuple(colour) for colour in colours}) == 10


def test_rows_are_drawn_as_profiles_in_one_range():
    rows = np.array([[0.0, 5, -5], [1, 1, 1]])
    figure = grid(rows, rows / 2, "title")
    drawn = [axes for axes in figure.axes if axes.patches]
    profiles = [axes.patches[0].get_data().values.tolist() for axes in drawn]
    assert profiles == [[0, 5, -5], [0, 2.5, -2.5], [1, 1, 1], [0.5, 0.5, 0.5]]
    assert {axes.get_ylim() for axes in drawn} == {(-5.5, 5.5)}


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
    figure = most_anomalous(samples, anomalous, scores, "title", most=2)
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


def test_contributions_are_shares_of_named_columns_or_pixels():
    losses = np.array([[9.0, 0.0, 1.0], [1.0, 2.0, 1.0]])
    labels, columns = {"vae": ["▲ 7", "○ 3"]}, ("age", "$", "size")
    axes = contributions_of({"vae": losses}, labels, columns, "title").axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), [[0.9, 0, 0.1], [0.25, 0.5, 0.25]])
    assert [text.get_text() for text in axes.get_yticklabels()] == ["▲ 7", "○ 3"]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["age", r"\$", "size"]
    images = np.zeros((2, 3, 3, 3))  # the second without a loss
    images[0, 1, 2] = 1
    figure = contributions_of({"vae": images}, labels, (), "title")
    expected = np.zeros((3, 3))
    expected[1, 2] = 1  # the colours together
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), expected)
    assert [axes.get_title() for axes in figure.axes] == ["▲ 7", "○ 3"]
