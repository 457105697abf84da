"""Charts show the means, the spread, and what is worse than guessing."""

import numpy as np
import pandas as pd
import pytest

from kerasae.reporting.charts import heat_map
from kerasae.reporting.figures.divergence_panel import divergences
from kerasae.reporting.figures.label_curve_panel import curves
from kerasae.reporting.statistics import half_width


def cells():
    return pd.DataFrame(
        [("a", "1", 1, 0.4), ("a", "1", 2, 0.5), ("a", "2", 1, 0.9), ("b", "1", 1, 0.7)],
        columns=["row", "column", "seed", "value"],
    )


def test_heat_map_marks_what_is_worse_than_guessing_and_gives_intervals():
    _, axes = heat_map(cells(), ["b", "a", "absent"], "title", "label", guessing=0.5)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    assert texts[0, 0] == "0.70"
    assert texts[0, 1] == f"0.45▼\n±{half_width([0.4, 0.5]):.2f}"
    assert texts[1, 1] == "0.90"
    np.testing.assert_allclose(axes.images[0].get_array()[:, 0], [0.7, 0.45])


def test_curves_have_a_panel_a_probe_and_a_line_a_variant():
    rows = [
        (kind, labels, variant, seed, 0.5 + 0.1 * seed)
        for kind in ("logistic", "neighbours")
        for labels in (50, 5000)
        for variant in ("a", "b")
        for seed in (1, 2)
    ]
    frame = pd.DataFrame(rows, columns=["probe", "labels", "variant", "seed", "value"])
    figure = curves(frame, ["b", "a", "absent"], "title")
    assert [axes.get_title() for axes in figure.axes] == ["logistic", "neighbours"]
    for axes in figure.axes:
        assert [bars.get_label() for bars in axes.containers] == ["b", "a"]
        line = axes.containers[0].lines[0]
        np.testing.assert_allclose(line.get_xdata(orig=False), [50, 5000])
        np.testing.assert_allclose(line.get_ydata(orig=False), 0.65)
    assert figure.axes[0].get_xscale() == "log"


@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_numbers_are_legible_on_either_end_of_the_scale(mean):
    frame = pd.DataFrame({"row": ["a"], "column": ["1"], "seed": [1], "value": [mean]})
    _, axes = heat_map(frame, ["a"], "title", "label")
    (text,) = axes.texts
    assert text.get_color() == ("white" if mean == 0 else "black")


def test_divergences_are_ranked_within_each_seed():
    figure = divergences({"vae": [np.array([0.1, 3.0]), np.array([1.0, 0.3])]}, "title")
    (axes,) = figure.axes
    line = axes.containers[0].lines[0]
    np.testing.assert_allclose(line.get_xdata(orig=False), [1, 2])
    np.testing.assert_allclose(line.get_ydata(orig=False), [2.0, 0.2])
    assert all(place == round(place) for place in axes.get_xticks())
