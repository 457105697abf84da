"""Tables and pictures show what was measured."""

import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from kerasae.evaluation import scores
from kerasae.models import ARTICLE
from kerasae.reporting import figures, tables

RUN = {"dataset": "mnist", "variant": "vae", "seed": 1, "latent_dim": 20, "held_out": "none"}


def two_seeds():
    frames = [
        scores.tidy({**RUN, "variant": name, "seed": seed}, "reconstruction", {"bce": value})
        for name, seed, value in [
            ("vae", 1, 75.0), ("vae", 2, 77.0), ("mine", 1, 60.0), ("mine", 2, 60.0),
        ]
    ]  # fmt: skip
    return pd.concat(frames)


def test_tidy_scores_have_a_row_a_number():
    frame = scores.tidy(RUN, "reconstruction", {"bce": 75.5, "other": 1.0})
    assert tuple(frame.columns) == scores.COLUMNS
    assert frame.to_dict("records") == [
        {**RUN, "task": "reconstruction", "metric": "bce", "value": 75.5},
        {**RUN, "task": "reconstruction", "metric": "other", "value": 1.0},
    ]


def test_scores_survive_the_file(tmp_path):
    frame = scores.tidy(RUN, "reconstruction", {"bce": 75.5})
    frame.to_csv(tmp_path / "scores.csv", index=False)
    pd.testing.assert_frame_equal(scores.read(tmp_path / "scores.csv"), frame, check_dtype=False)
    assert scores.read(tmp_path / "scores.csv")["held_out"].tolist() == ["none"]


def test_table_gives_mean_and_interval_over_seeds_and_the_published_figure():
    table = tables.table(two_seeds(), "reconstruction", ["vae"])
    assert list(table.index) == ["vae", "mine"]
    assert list(table.columns) == ["bce", "bce ±", "bce best", "bce published"]
    # t(0.975, 1) = 12.706 times the standard error of 75 and 77
    assert table.loc["vae"].tolist() == [76.0, pytest.approx(12.71), "", 76.12]
    assert table.loc["mine", "bce best"] == "best"
    assert np.isnan(table.loc["mine", "bce published"])


def test_scores_from_elsewhere_add_seeds_and_replace_nothing():
    own = two_seeds()
    fresh = own[own["seed"] == 1].assign(seed=3)
    again = own.assign(value=0.0)
    strange = own.assign(dataset="wine")
    whole = scores.merged(own, [again, fresh, strange])
    assert len(whole) == len(own) + len(fresh)
    assert whole[: len(own)].equals(own.reset_index(drop=True))
    assert whole["seed"].tolist()[len(own) :] == [3] * len(fresh)


def test_what_knows_no_seed_is_the_same_in_all_and_comes_once():
    own = two_seeds()
    seedless = own[:1].assign(variant="no_model", seed=np.nan, latent_dim=np.nan)
    whole = scores.merged(pd.concat([own, seedless]), [seedless])
    assert (whole["variant"] == "no_model").sum() == 1


def test_the_least_squared_error_is_the_best():
    frame = two_seeds().assign(metric="mse", dataset="wine")
    table = tables.table(frame, "reconstruction", ["vae", "mine"])
    assert table["mse best"].tolist() == ["", "best"]


def test_table_of_one_seed_claims_no_spread_and_of_other_data_no_published_figure():
    frame = two_seeds().query("seed == 1").assign(dataset="fashion_mnist")
    assert list(tables.table(frame, "reconstruction", ["vae"]).columns) == ["bce"]


def of_metrics(task, **values):
    frames = [
        scores.tidy({**RUN, "variant": name}, task, metrics) for name, metrics in values.items()
    ]
    return pd.concat(frames)


def test_collapsed_models_are_named_and_healthy_ones_are_not():
    healthy = of_metrics("reconstruction", vae={"bce": 75.0, "explained": 0.8})
    assert "remark" not in tables.table(healthy, "reconstruction", ["vae"])
    drawn = of_metrics("reconstruction", random_projection={"bce": 209.0, "explained": -0.01})
    assert "remark" not in tables.table(drawn, "reconstruction", [])  # it never learned
    both = pd.concat(
        [
            healthy,
            of_metrics("reconstruction", strict={"bce": 206.5, "explained": 0.001}),
            of_metrics("reconstruction", mean_image={"bce": 206.6}),
        ]
    )
    table = tables.table(both, "reconstruction", ["vae", "strict"])
    assert table.loc["strict", "remark"] == "collapsed: as the mean image"
    assert table.loc["vae", "remark"] == ""
    assert pd.isna(table.loc["mean_image", "remark"])


@pytest.mark.parametrize(
    ("share", "word"),
    [(-0.3, "worse"), (-0.02, "worse"), (-0.01, "collapsed"), (0.019, "collapsed"), (0.02, "")],
)
def test_what_explains_nothing_is_collapsed_and_what_explains_less_is_worse(share, word):
    assert tables.remark(share).startswith(word)
    assert bool(tables.remark(share)) == bool(word)


def test_ranks_under_both_probes_stand_side_by_side():
    frame = of_metrics(
        "classification",
        a={"accuracy": 0.2, "logistic accuracy": 0.9},
        b={"accuracy": 0.5, "logistic accuracy": 0.8},
        from_scratch={"accuracy": 0.9},
    )
    table = tables.table(frame, "classification", ["a", "b"])
    assert table.loc[["a", "b"], "rank by accuracy"].tolist() == [2, 1]
    assert table.loc[["a", "b"], "rank by logistic accuracy"].tolist() == [1, 2]
    assert pd.isna(table.loc["from_scratch", "rank by accuracy"])


def test_scores_that_point_the_wrong_way_are_marked():
    frame = of_metrics(
        "anomaly",
        a={"auc_bce": 0.2, "auc_mse": 0.49, "auc_signed": 0.9, "ap_bce": 0.1},
        b={"auc_bce": 0.5, "auc_mse": 0.6},
    )
    table = tables.table(frame, "anomaly", ["a", "b"])
    assert table["worse than guessing"].to_dict() == {"a": "bce, mse", "b": ""}


def test_every_way_of_a_variant_has_a_row_of_its_own():
    frame = of_metrics(
        "samples",
        vq={"coverage (prior)": 0.1, "coverage (learned)": 0.6, "density (prior)": 0.2},
        vae={"coverage (prior)": 0.5},
        real_images={"coverage (real)": 0.9, "accuracy of the classifier": 0.98},
    )
    table = tables.table(frame, "samples", ["vae", "vq"])
    assert list(table.index) == [
        "vae, prior",
        "vq, prior",
        "vq, learned",
        "real_images, real",
        "real_images",
    ]
    assert table["coverage"].tolist()[:4] == [0.5, 0.1, 0.6, 0.9]
    assert table.loc["vq, prior", "density"] == 0.2
    assert table.loc["real_images", "accuracy of the classifier"] == 0.98


@pytest.mark.parametrize(("metric", "first"), [("frechet distance", "low"), ("coverage", "high")])
def test_best_is_the_lowest_or_the_highest_as_the_metric_has_it(metric, first):
    frame = pd.concat(
        scores.tidy(
            {**RUN, "variant": name, "seed": seed},
            "samples",
            {f"{metric} (prior)": value + seed / 100},
        )
        for name, value in (("low", 0.1), ("high", 0.9))
        for seed in (1, 2, 3)
    )
    table = tables.table(frame, "samples", ["low", "high"])
    assert table.loc[f"{first}, prior", f"{metric} best"] == "best"
    assert (table[f"{metric} best"] == "").sum() == 1


def test_bounds_take_no_part_in_the_contest():
    floor = scores.tidy(
        {**RUN, "variant": "entropy_floor", "seed": np.nan}, "reconstruction", {"bce": 40.0}
    )
    table = tables.table(pd.concat([two_seeds(), floor]), "reconstruction", ["vae"])
    assert table["bce best"].to_dict() == {"vae": "", "mine": "best", "entropy_floor": ""}
    real = [
        scores.tidy({**RUN, "variant": variant, "seed": seed}, "samples", {metric: value + seed})
        for seed in (1, 2)
        for variant, metric, value in (
            ("vae", "recall (prior)", 0.1), ("vq", "recall (prior)", 0.2),
            ("real_images", "recall (real)", 0.9),
        )
    ]  # fmt: skip
    table = tables.table(pd.concat(real), "samples", ["vae", "vq"])
    assert table["recall best"].tolist() == ["", "best", ""]


def test_markdown_leaves_out_what_is_missing():
    text = tables.to_markdown(tables.table(two_seeds(), "reconstruction", ["vae"]))
    assert "76.12" in text
    assert "nan" not in text


def test_text_in_a_markdown_table_makes_no_cells_and_no_markup():
    names = ["a|b", "<b>", "`c`", "_d_", "e\n\nf", "[g](h)"]
    frame = pd.DataFrame({"x|y": names}, index=pd.Index(names, name="variant"))
    lines = tables.to_markdown(frame).splitlines()
    assert len(lines) == 2 + len(names)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {3}
    assert not re.findall(r"(?<!\\)[<>`_\[\]]", "".join(lines))
    assert "beta_vae_strict" in tables.to_markdown(frame.rename({"a|b": "beta_vae_strict"}))


def test_leading_columns_are_few_and_say_what_is_better_and_best():
    frame = pd.concat(
        [
            two_seeds(),
            *(
                scores.tidy({**RUN, "seed": seed}, "reconstruction", {"explained": 0.8, "x": 1})
                for seed in (1, 2)
            ),
        ]
    )
    found = tables.leading(tables.table(frame, "reconstruction", ["vae"]), "reconstruction")
    assert list(found) == ["variant", "bce ↓", "published", "explained ↑"]
    assert found.to_numpy().tolist() == [
        ["vae", "76.00\u00a0±\u00a012.71", "76.12", "0.80\u00a0±\u00a00.00, best"],
        ["mine", "60.00\u00a0±\u00a00.00, best", "", ""],
    ]


@pytest.mark.parametrize("task", tables.LEADING)
def test_a_page_shows_at_most_eight_columns_at_first(task):
    metrics = {
        name: 0.1 for name in tables.LEADING[task] if not (task == "anomaly" and "far" in name)
    }
    frame = of_metrics(task, vae=metrics, shallow=metrics | {"explained": 0.0})
    table = tables.table(frame, task, ["vae", "shallow"])
    found = tables.leading(table, task)
    assert found.shape[1] <= tables.MOST
    assert found["variant"].tolist() == ["vae", "shallow"]
    assert len(set(found)) == found.shape[1]
    for remark in tables.REMARKS:
        assert (remark in found) == (remark in table)


def test_published_figures_are_those_of_the_protocol():
    published = pd.read_csv(tables.PUBLISHED)
    assert set(published["variant"]) == {*ARTICLE, "from_scratch"}
    of = published.set_index(["metric", "variant"])["value"]
    assert (of["bce", "vq"], of["accuracy", "denoising"], of["seconds", "vae"]) == (
        64.49, 0.8049, 11 * 60 + 30,
    )  # fmt: skip
    assert not published.duplicated(["task", "metric", "variant"]).any()


def test_animation_goes_there_and_back_with_pauses(tmp_path):
    frames = np.linspace(0, 1, 4)[:, None, None, None] * np.ones((1, 2, 3, 1))
    figures.interpolation_png(frames, tmp_path / "a.png", pause=500, step=20, zoom=2)
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
    figure = figures.planes(points, labels, classes, "title", "code")
    (axes,) = (axes for axes in figure.axes if axes.get_title() == "a")
    assert len(axes.collections[0].get_offsets()) == 50
    assert {text.get_text() for text in axes.texts} == {str(label) for label in range(10)}
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("code 1", "code 2")
    colours = axes.collections[0].cmap(axes.collections[0].norm(np.arange(10)))
    assert len({tuple(colour) for colour in colours}) == 10


def test_points_without_labels_are_drawn_without_names():
    points = {"a": np.random.default_rng(0).normal(size=(50, 2))}
    figure = figures.planes(points, np.zeros(50, int), (), "title", "code")
    assert not figure.legends
    assert not figure.axes[0].texts


def test_rows_are_drawn_as_profiles_in_one_range():
    rows = np.array([[0.0, 5, -5], [1, 1, 1]])
    figure = figures.reconstruction_grid(rows, rows / 2, "title")
    drawn = [axes for axes in figure.axes if axes.patches]
    profiles = [axes.patches[0].get_data().values.tolist() for axes in drawn]
    assert profiles == [[0, 5, -5], [0, 2.5, -2.5], [1, 1, 1], [0.5, 0.5, 0.5]]
    assert {axes.get_ylim() for axes in drawn} == {(-5.5, 5.5)}


def test_a_way_between_rows_becomes_an_animation_of_profiles(tmp_path):
    figures.interpolation_png(np.linspace([0, 1, 0], [1, 0, 1], 4), tmp_path / "a.png")
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
    figure = figures.reconstruction_grid(images, images + 0.5, "title")
    shown = [axes.images[0].get_array()[0, 0] for axes in figure.axes if axes.images]
    upper, lower = shown[:8] + shown[16:24], shown[8:16] + shown[24:]
    np.testing.assert_allclose(upper, images[:, 0, 0, 0])
    np.testing.assert_allclose(lower, images[:, 0, 0, 0] + 0.5)


def test_roc_panel_has_the_score_without_a_model_beside_each():
    curve = (np.array([0, 0.2, 1]), np.array([0, 0.7, 1]), 0.75)
    worse = (np.array([0, 0.4, 1]), np.array([0, 0.5, 1]), 0.55)
    reference = (np.array([0, 1]), np.array([0, 1]), 0.5)
    figure = figures.roc_panel({"a": [curve], "b": [curve, worse]}, reference, "less ink", "title")
    drawn = [axes for axes in figure.axes if axes.lines]
    assert len(drawn) == 2
    assert [axes.get_title() for axes in drawn] == ["a\nAUC 0.750", "b\nAUC 0.650 ± 1.271"]
    for axes, points in zip(drawn, ([2, 3, 2], [2, 3, 3, 2]), strict=True):
        assert [len(line.get_xdata()) for line in axes.lines] == points
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "no model, less ink: AUC 0.500" in labels


@pytest.mark.parametrize("shape", [(3, 2, 2, 1), (3, 4)], ids=["images", "rows"])
def test_most_anomalous_samples_come_first_and_are_marked_by_what_they_are(shape):
    samples = np.linspace(0.2, 0.8, 3).repeat(4).reshape(shape)
    anomalous = np.array([False, True, False])
    scores = {"a": np.array([0.1, 0.9, 0.5]), "b": np.array([3.0, 1.0, 2.0])}
    figure = figures.most_anomalous(samples, anomalous, scores, "title", shown=2)
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
    figure = figures.most_anomalous(np.eye(3), np.ones(3, bool), scores, "title")
    assert [axes.get_title() for axes in figure.axes] == ["▲ 2", "▲ 1", "▲ 0"]


def test_histories_of_all_seeds_are_drawn_and_named_once():
    history = pd.DataFrame({"epoch": [1, 2], "loss": [3.0, 2.0], "val_loss": [3.1, 2.2]})
    figure = figures.history_panel({"a": [history, history + 1]}, "title")
    (axes,) = figure.axes
    assert [len(line.get_xdata()) for line in axes.lines] == [2] * 4
    (short,) = figures.history_panel({"a": [history[:1]]}, "title").axes
    assert {line.get_marker() for line in short.lines} == {"o"}, "a line of one epoch is none"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "validation"]


@pytest.mark.parametrize("count", [3, 9, 18])
def test_figures_of_many_models_are_wider_than_tall(count):
    """A window of 1366 to 768 shows them whole."""
    names = [str(number) for number in range(count)]
    grids = dict.fromkeys(names, np.zeros((1, 4, 4, 1)))
    for figure in (figures.panel(names, "title")[0], figures.sample_grids(grids, "title")):
        width, height = figure.get_size_inches()
        assert width / height > 1.2


def test_rows_of_images_side_by_side_keep_their_order():
    rows = {f"m{number}": np.full((1, 1, 1, 1), number / 9) for number in range(9)}
    figure = figures.rows_of_images(rows, "title", most=4)
    assert len(figure.subfigs) == 3
    drawn = [axes for axes in figure.axes if axes.images]
    assert [axes.get_ylabel() for axes in drawn] == list(rows)
    values = [float(axes.images[0].get_array()[0, 0]) for axes in drawn]
    assert values == [number / 9 for number in range(9)]
    one = figures.rows_of_images({**rows, "m9": rows["m0"]}, "title", most=4)
    assert len(one.axes) == 12
    assert not any(axes.axison for axes in one.axes if not axes.images)


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_panel_has_an_axes_for_each_name_and_hides_the_rest(count):
    _, axes_of = figures.panel([str(number) for number in range(count)], "title")
    assert len(axes_of) == count
    assert all(axes.axison for axes in axes_of.values())
