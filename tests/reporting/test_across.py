"""Comparisons across data sets, against published values, SciPy, closed forms and enumeration."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy import special, stats

from kerasae.reporting.across import comparison_page, diagrams, pairs, ranks
from kerasae.reporting.sentences import about_all, about_one
from kerasae.reporting.statistics import can_differ, holm

# Demšar, JMLR 7 (2006), table 6: AUROC of C4.5 and its variants on 14 data sets;
# the .975 that ranks before another .975 in its last but one row is written as .9751
DEMSAR = {
    "C4.5": ".763 .599 .954 .628 .882 .936 .661 .583 .775 1 .940 .619 .972 .957",
    "C4.5+m": ".768 .591 .971 .661 .888 .931 .668 .583 .838 1 .962 .666 .981 .978",
    "C4.5+cf": ".771 .590 .968 .654 .886 .916 .609 .563 .866 1 .965 .614 .9751 .946",
    "C4.5+m+cf": ".798 .569 .967 .657 .898 .931 .685 .625 .875 1 .962 .669 .975 .970",
}
DEMSAR = pd.DataFrame({name: np.array(text.split(), float) for name, text in DEMSAR.items()})
HOSTILE = ["<b>&x</b>", "$a_b$ $", "{label}\n|", "data set"]


def scores(values, seeds=1):
    """Tidy scores with the values (data sets, methods) as means over the seeds."""
    rows = [
        (f"set {at}", method, seed, value + 0.001 * (seed - (seeds - 1) / 2))
        for at, row in enumerate(values.to_dict("records"))
        for method, value in row.items()
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows, columns=list(ranks.COLUMNS))


def made_up(datasets=20, seed=0, noise=0.02, **offsets):
    """Methods that share the difficulty of a data set, and differ by an offset and noise."""
    rng = np.random.default_rng(seed)
    difficulty = rng.uniform(0.5, 0.9, (datasets, 1))
    values = difficulty + list(offsets.values()) + rng.normal(0, noise, (datasets, len(offsets)))
    return pd.DataFrame(values, columns=list(offsets))


def by_hand(values):
    """Adjusted p-values of all pairs, by SciPy and the Holm correction of the package."""
    found = list(itertools.combinations(values, 2))
    p = [stats.wilcoxon(values[a], values[b], zero_method="zsplit").pvalue for a, b in found]
    return dict(zip(found, holm(p), strict=True))


def overlapping(figure, texts):
    """Whether texts overlap each other or leave the figure, as drawn."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    boxes = [text.get_window_extent(renderer) for text in texts if text.get_text()]
    assert boxes
    outside = [box for box in boxes if box.x0 < 0 or box.y0 < 0
               or box.x1 > figure.bbox.width or box.y1 > figure.bbox.height]  # fmt: skip
    return outside or [
        pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])
    ]


# Values and ranks


def test_average_ranks_and_friedman_are_those_published_by_demsar():
    average = ranks.average_ranks(ranks.by_dataset(scores(DEMSAR)))
    expected = {"C4.5+m+cf": 1.964, "C4.5+m": 2.000, "C4.5+cf": 2.893, "C4.5": 3.143}
    assert average.round(3).to_dict() == expected
    assert list(average.index) == list(expected)
    uncorrected = 12 * 14 / (4 * 5) * ((average**2).sum() - 4 * 5**2 / 4)
    assert uncorrected == pytest.approx(9.28, abs=0.005)
    sizes = [np.unique(row, return_counts=True)[1] for row in ranks.ranks(DEMSAR).to_numpy()]
    ties = sum((size**3 - size).sum() for size in sizes) / (14 * 4 * (4**2 - 1))
    test = ranks.friedman(DEMSAR)
    assert test.statistic == pytest.approx(uncorrected / (1 - ties))
    assert test.p == pytest.approx(stats.chi2.sf(test.statistic, 3))


def test_seeds_are_averaged_in_any_order():
    frame = scores(made_up(3, a=0, b=0.1), seeds=3)
    frame.loc[frame["seed"] == 2, "value"] += 0.3  # the median of the seeds stays
    found = ranks.by_dataset(frame.sample(frac=1, random_state=0))
    for (dataset, method), rows in frame.groupby(["dataset", "method"]):
        assert found.at[dataset, method] == pytest.approx(np.mean(rows["value"]), abs=1e-12)


def test_values_that_differ_by_rounding_errors_tie():
    values = pd.DataFrame({"a": [0.3, 0.3], "b": [0.1 + 0.2, 0.3 + 1e-11]})
    assert values.at[0, "a"] != values.at[0, "b"]
    found = ranks.ranks(ranks.by_dataset(scores(values)))
    assert found.to_numpy().tolist() == [[1.5, 1.5], [2, 1]]


def dropped(frame, **row):
    return frame[~(frame[list(row)] == list(row.values())).all(axis=1)]


FAULTS = {
    "none of method 'b' for data set 'set 1'": lambda f: dropped(f, dataset="set 1", method="b"),
    "'set 1' lacks seed 0": lambda f: dropped(f, dataset="set 1", method="b", seed=0),
    "one value per data set, method and seed": lambda f: pd.concat([f, f[:1]]),
    "or one without a seed": lambda f: pd.concat([f, f[:1].assign(seed=np.nan)]),
    "Received: 3 data sets, 1 methods": lambda f: f[f["method"] == "a"],
    "Received: 1 data sets, 2 methods": lambda f: f[:4],
}


@pytest.mark.parametrize("message", FAULTS)
def test_incomplete_or_repeated_scores_are_an_error(message):
    frame = scores(made_up(3, a=0, b=0.1), seeds=2)
    with pytest.raises(ValueError, match=message):
        ranks.by_dataset(FAULTS[message](frame))


def test_data_sets_may_differ_in_seeds_and_methods_may_have_none():
    frame = scores(made_up(3, a=0, b=0.1), seeds=2)
    fewer = dropped(dropped(frame, dataset="set 1", seed=0), method="b", seed=0)
    assert ranks.by_dataset(dropped(frame, dataset="set 1", seed=0)).shape == (3, 2)
    fewer.loc[fewer["method"] == "b", "seed"] = np.nan
    assert ranks.by_dataset(fewer).shape == (3, 2)


def test_friedman_needs_three_methods_and_keeps_equal_ones():
    assert ranks.friedman(pd.DataFrame(np.ones((5, 3)))) == (0, 1)
    assert np.isnan(ranks.friedman(made_up(a=0, b=0.1))).all()


# Pairs


@pytest.mark.parametrize("datasets", [8, 35])
def test_wilcoxon_with_holms_correction_agrees_with_scipy(datasets):
    values = made_up(datasets, a=0, b=0.02, c=0.1, d=0.02)
    values.iloc[:3, 1] = values.iloc[:3, 0]  # zeros
    found = pairs.wilcoxon_holm(values)
    for (one, other), p in by_hand(values).items():
        assert found.at[one, other] == found.at[other, one] == pytest.approx(p)
    assert (np.diag(found) == 1).all()


@pytest.mark.parametrize(
    ("datasets", "methods", "can"), [(6, 2, True), (5, 2, False), (13, 20, True), (12, 20, False)]
)
def test_too_few_data_sets_cannot_show_a_difference(datasets, methods, can):
    assert can_differ(datasets, methods) is can
    offsets = {f"m{at}": at for at in range(methods)}  # always in the same order
    smallest = pairs.wilcoxon_holm(made_up(datasets, noise=0.001, **offsets)).to_numpy().min()
    assert (smallest <= 0.05) == can


def test_groups_are_all_largest_sets_without_a_difference():
    rng = np.random.default_rng(0)
    for _ in range(20):
        p = np.triu(rng.choice([0.001, 0.5], (7, 7)), 1)
        p = pd.DataFrame(p + p.T + np.eye(7), index=list("abcdefg"), columns=list("abcdefg"))
        sets = [
            set(names)
            for size in range(2, 8)
            for names in itertools.combinations(p, size)
            if all(p.at[one, other] > 0.05 for one, other in itertools.combinations(names, 2))
        ]
        largest = [one for one in sets if not any(one < other for other in sets)]
        found = pairs.groups(p)
        assert sorted(map(sorted, largest)) == sorted(map(sorted, found))
        assert all(list(group) == sorted(group) for group in found)


@pytest.mark.parametrize(("difference", "limit"), [(0.5, np.sqrt(0.5)), (0.015, 1 - np.sqrt(0.5))])
def test_bayesian_signed_rank_has_the_closed_form_of_equal_differences(difference, limit):
    # The prior's weight w of a difference 0 is Beta(0.5, n). Beyond twice the region, worse or
    # better has the mass 1 - w², between once and twice (1 - w)²: it leads below the limit of w.
    other = np.array([0.25, 0.5, 0.75])
    expected = special.betainc(0.5, 3, limit)
    better = pairs.bayesian_signed_rank(other + difference, other)
    assert better == pytest.approx((0, 1 - expected, expected), abs=0.01)
    assert pairs.bayesian_signed_rank(other, other + difference) == better[::-1]


def test_bayesian_signed_rank_agrees_with_a_posterior_by_hand():
    values = made_up(25, a=0, b=0.01)
    difference = np.r_[0, values["b"] - values["a"]]
    sums = np.add.outer(difference, difference)
    weights = np.random.default_rng(1).dirichlet([0.5] + [1] * 25, 20_000)
    masses = [
        np.einsum("si,ij,sj->s", weights, region.astype(float), weights)
        for region in (sums < -0.02, np.abs(sums) <= 0.02, sums > 0.02)
    ]
    expected = np.bincount(np.argmax(masses, axis=0), minlength=3) / 20_000
    assert 0.1 < expected[1] < 0.9
    found = pairs.bayesian_signed_rank(values["b"], values["a"])
    assert found == pytest.approx(expected, abs=0.015)


def test_a_difference_of_the_size_of_the_region_is_practically_none():
    one = np.array([0.81, 0.91, 0.71, 0.33, 0.57] * 3)
    found = pairs.bayesian_signed_rank(one, np.round(one - 0.01, 2))
    assert found.equal > 0.9


def test_comparisons_with_a_reference_have_a_direction():
    values = made_up(25, noise=0.005, mid=0, low=-0.1, high=0.1, same=0)
    found = pairs.against(values, pairs.wilcoxon_holm(values), "mid", samples=2000)
    assert list(found.index) == ["low", "high", "same"]
    assert found.at["low", "lead"] == -1
    assert found.at["high", "lead"] == 1
    assert found.at["low", "worse"] == found.at["high", "better"] == 1
    assert found.at["same", "equal"] > 0.95
    assert (found["p"] <= 0.05).tolist() == [True, True, False]
    with pytest.raises(ValueError, match=r"a reference out of 'mid', .*Received: 'none'"):
        pairs.against(values, pairs.wilcoxon_holm(values), "none")


# Sentences and page


def test_sentences_name_the_best_and_its_standing():
    values = made_up(25, noise=0.004, low=-0.1, reference=0, best=0.1, twin=0.1)
    text = comparison_page.page(scores(values, seeds=5), "title", reference="reference")
    assert "4 methods on 25 data sets by AUROC (higher is better), 5 seeds each." in text
    first = ranks.average_ranks(values).index[0]
    second = {"best": "twin", "twin": "best"}[first]
    assert f"Best average rank: {first} (" in text
    assert f"Significantly worse than {first}: reference, low." in text
    assert f"Not significantly different from {first}: {second}." in text
    assert f"Practically equal to {first} (difference of at most 0.01 AUROC), with" in text
    assert "Significantly worse than reference: low." in text
    assert f"Significantly better than reference: {first}, {second}." in text
    assert "No method is practically equal to reference (difference of at most 0.01 AUROC)" in text
    assert f'<td class="number">{values["low"].mean():.3f}</td>' in text
    assert f'<td class="number">{values.at[7, "low"]:.3f}</td>' in text


def test_sentences_claim_nothing_of_equal_methods():
    text = comparison_page.page(scores(made_up(12, a=0, b=0, c=0)), "title")
    assert "The methods do not differ significantly" in text
    assert "No method is significantly worse" in text
    assert "Significantly" not in text
    equal = scores(pd.DataFrame(np.full((6, 3), 0.5), columns=list("abc")))
    text = comparison_page.page(equal, "title")
    assert "All methods have the same average rank." in text
    assert "Best average rank" not in text


def about(datasets=6, **columns):
    row = {"p": 1.0, "lead": 1, "worse": 0.0, "equal": 0.0, "better": 0.0} | columns
    return " ".join(about_one(pd.DataFrame([row], index=["one"]), "two", "0.01", datasets))


def test_a_sentence_needs_significance_or_a_probability():
    assert "All other methods are significantly worse than two." in about(p=0.05, lead=-1)
    assert "All other methods are significantly better than two." in about(p=0.05, lead=1)
    assert "Not significantly different from two: one." in about(p=0.051)
    assert "Practically worse than two (difference of more than 0.01)" in about(worse=0.95)
    assert "Practically better than two (difference of more than 0.01)" in about(better=0.95)
    assert "Practically equal to two (difference of at most 0.01)" in about(equal=0.95)
    undecided = about(worse=0.06, equal=0.94)
    assert "Practically undecided against two (no such probability): one." in undecided
    assert "No method is practically equal to two" in undecided
    few = about(datasets=5, better=0.96)
    assert "With 5 data sets no method is called practically equal, worse or better" in few
    assert "Practically" not in few


def test_summary_states_seeds_ties_and_too_few_data_sets():
    average = pd.Series({"a": 1.5, "b": 1.5, "c": 3.0})
    text = " ".join(about_all(average, 4, (1, 3), ranks.Friedman(6.0, 0.0498), "AP"))
    assert "3 methods on 4 data sets by AP (higher is better), 1 to 3 seeds each." in text
    assert "Best average rank: a, b (1.50 of 3)." in text
    assert "differ significantly (Friedman's test: χ² = 6.00, p = 0.050)" in text
    assert "With 4 data sets no difference between two of 3 methods can be significant" in text
    two = " ".join(about_all(average[1:], 40, (0, 0), ranks.Friedman(np.nan, np.nan), "AP"))
    assert "without seeds." in two
    assert "Friedman" not in two
    assert "can be significant" not in two


def test_more_groups_than_there_are_letters_are_not_listed(monkeypatch):
    def too_many(p_values):
        raise ValueError("Too many letter groups (60)")

    monkeypatch.setattr(comparison_page, "groups", too_many)
    text = comparison_page.page(scores(made_up(6, a=0, b=0)), "title")
    assert "There are too many to list." in text


def test_names_from_data_are_escaped():
    frame = scores(made_up(6, **dict.fromkeys(HOSTILE, 0)))
    frame["dataset"] = "<script>" + frame["dataset"]
    text = comparison_page.page(frame, "<i>", reference=HOSTILE[0], metric="<u>")
    assert "&lt;b&gt;&amp;x&lt;/b&gt;" in text
    for tag in ("<script>", "<b>", "<i>", "<u>"):
        assert tag not in text


# Figures


def large():
    """Values of 20 methods with long names on 35 data sets."""
    offsets = {f"method_of_some_length_{at}": 0.01 * (at // 3) for at in range(20)}
    return made_up(35, noise=0.03, **offsets).rename("data_set_{}".format)


def test_critical_difference_diagram_shows_ranks_and_groups():
    values = large()
    p = pairs.wilcoxon_holm(values)
    figure = diagrams.critical_difference(values, p, "A title")
    (axes,) = figure.axes
    average = ranks.average_ranks(values)
    texts = {text.get_text().strip() for text in axes.texts}
    for name, rank in average.items():
        assert texts & {f"{name}  {rank:.2f}", f"{rank:.2f}  {name}"}
    bars = {tuple(sorted(line.get_xdata())) for line in axes.lines if line.get_marker() == "o"}
    expected = {tuple(sorted(average[list(group)])) for group in pairs.groups(p)}
    assert bars == expected
    assert len(bars) > 2
    assert "average rank on 35 data sets" in axes.get_xlabel()
    assert figure.get_suptitle() == "A title"
    assert not overlapping(figure, axes.texts)


def test_heat_map_orders_both_axes_and_prints_the_values():
    values = large()
    figure = diagrams.heat_map(values, "A title", "AP")
    axes, bar = figure.axes
    columns = [text.get_text() for text in axes.get_xticklabels()]
    rows = [text.get_text() for text in axes.get_yticklabels()]
    assert columns == list(ranks.average_ranks(values).index)
    assert values.max(axis=1)[rows].is_monotonic_decreasing
    np.testing.assert_allclose(axes.images[0].get_array(), values.loc[rows, columns])
    texts = {text.get_position(): text for text in axes.texts}
    for (row, column), value in np.ndenumerate(values.loc[rows, columns].to_numpy()):
        assert texts[column, row].get_text() == f"{value:.2f}".removeprefix("0")
        best = value == values.loc[rows[row]].max()
        assert (texts[column, row].get_fontweight() == "bold") == best
    assert bar.get_ylabel() == "AP (higher is better)"
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert not overlapping(figure, [*axes.texts, *axes.get_yticklabels()])
    assert not overlapping(figure, axes.get_xticklabels())


def test_a_large_heat_map_has_no_values_in_its_cells():
    values = pd.DataFrame(np.random.default_rng(0).uniform(size=(300, 3)), columns=list("abc"))
    figure = diagrams.heat_map(values, "title")
    assert not figure.axes[0].texts
    assert figure.get_figheight() < 45


@pytest.mark.parametrize("names", [HOSTILE, ["x" * 80, "y" * 80, "z"]])
def test_figures_show_any_name_as_it_is(names, tmp_path):
    values = made_up(8, **dict.fromkeys(names, 0)).rename({0: "$x$ <i>"})
    cd = diagrams.critical_difference(values, pairs.wilcoxon_holm(values), "$t$ $")
    heat = diagrams.heat_map(values, "$t$ $", "$m$")
    columns = [text.get_text() for text in heat.axes[0].get_xticklabels()]
    shown = {name.replace("$", r"\$").replace("\n", r"\n") for name in names}
    assert set(columns) == shown
    for figure in (cd, heat):
        figure.savefig(tmp_path / "figure.png", dpi=20)
        assert not overlapping(figure, cd.axes[0].texts if figure is cd else heat.axes[0].texts)
        for text in figure.findobj(lambda artist: hasattr(artist, "get_parse_math")):
            assert not text._preprocess_math(text.get_text())[1]  # drawn as text, no formula
