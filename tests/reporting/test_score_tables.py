"""Tables show the tidy scores, and say what is best, collapsed or worse than guessing."""

import re

import numpy as np
import pandas as pd
import pytest

from kerasae.evaluation.metric import QUALIFIERS, ScoreKey, tidy
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting import tables
from kerasae.reporting.markup import table_page

BCE, SAMPLED, EXPLAINED = ScoreKey("bce"), ScoreKey("bce", "sample"), ScoreKey("explained")
DENSE, LOGISTIC = (ScoreKey("accuracy", probe=probe, labels=50) for probe in ("dense", "logistic"))
RUN = {"dataset": "mnist", "variant": "vae", "seed": 1, "latent_dim": 20, "held_out": "none"}

FIGURES = pd.DataFrame(
    [
        dict.fromkeys(QUALIFIERS, "")
        | {"variant": name, "task": task, "metric": "bce", "code": code, "value": value}
        for name, task, code, value in (
            ("vae", "reconstruction", "sample", 76.12), ("vae", "reconstruction", "mean", 1.0),
            ("vae", "likelihood", "sample", 2.0), ("absent", "reconstruction", "sample", 3.0),
        )
    ]
)  # fmt: skip
"""Published figures, of which one is of the table of `two_seeds`."""


def two_seeds():
    frames = [
        tidy({**RUN, "variant": name, "seed": seed}, "reconstruction", {key: value})
        for name, key, seed, value in [
            ("vae", SAMPLED, 1, 75.0), ("vae", SAMPLED, 2, 77.0),
            ("mine", BCE, 1, 60.0), ("mine", BCE, 2, 60.0),
        ]
    ]  # fmt: skip
    return pd.concat(frames)


def test_table_gives_mean_and_interval_over_seeds_and_the_published_figure():
    table = tables.table(two_seeds(), "reconstruction", ["vae"], FIGURES)
    assert list(table.index) == ["vae", "mine"]
    assert list(table.columns) == ["BCE", "BCE ±", "BCE best", "BCE published"]
    # t(0.975, 1) = 12.706 times the standard error of 75 and 77
    assert table.loc["vae"].tolist() == [76.0, pytest.approx(12.71), "", 76.12]
    assert table.loc["mine", "BCE best"] == "best"
    assert np.isnan(table.loc["mine", "BCE published"])


def of_metrics(task, **values):
    frames = [tidy({**RUN, "variant": name}, task, metrics) for name, metrics in values.items()]
    return pd.concat(frames)


def test_collapsed_models_are_named_and_healthy_ones_are_not():
    healthy = of_metrics("reconstruction", vae={BCE: 75.0, EXPLAINED: 0.8})
    assert "remark" not in tables.table(healthy, "reconstruction", ["vae"])
    drawn = of_metrics("reconstruction", random_projection={BCE: 209.0, EXPLAINED: -0.01})
    assert "remark" not in tables.table(drawn, "reconstruction", [])  # it never learned
    both = pd.concat(
        [
            healthy,
            of_metrics("reconstruction", strict={BCE: 206.5, EXPLAINED: 0.001}),
            of_metrics("reconstruction", mean_image={BCE: 206.6}),
        ]
    )
    table = tables.table(both, "reconstruction", ["vae", "strict"])
    assert table.loc["strict", "remark"] == "collapsed: as the mean image"
    assert table.loc["vae", "remark"] == ""
    assert pd.isna(table.loc["mean_image", "remark"])
    assert tables.remark(-0.02) == "worse than the mean image"


def test_headings_name_the_qualifiers_that_vary_and_ranks_stand_side_by_side():
    frame = of_metrics(
        "classification",
        a={DENSE: 0.2, LOGISTIC: 0.9},
        b={DENSE: 0.5, LOGISTIC: 0.8},
        from_scratch={DENSE: 0.9},
    )
    table = tables.table(frame, "classification", ["a", "b"])
    assert table.loc[["a", "b"], "rank by accuracy, dense"].tolist() == [2, 1]
    assert table.loc[["a", "b"], "rank by accuracy, logistic"].tolist() == [1, 2]
    assert pd.isna(table.loc["from_scratch", "rank by accuracy, dense"])
    more = of_metrics("classification", a={DENSE: 0.1, DENSE._replace(labels=100): 0.3})
    table = tables.table(more, "classification", ["a"])
    assert list(table) == ["accuracy, 50 labels", "accuracy, 100 labels"]


def test_a_task_that_measured_nothing_has_an_empty_table():
    """As the uncertainty in a thorough run without a VAE."""
    table = tables.table(two_seeds(), "uncertainty", ["vae", "mine"])
    short = tables.leading(table, two_seeds(), "uncertainty")
    assert (len(table), len(short)) == (0, 0)
    assert tables.to_markdown(table).strip() == "| variant   |\n|-----------|"
    assert table.to_csv().strip() == "variant"
    assert "Not measured" in table_page("mnist: Uncertainty", short, table)


def test_scores_worse_than_guessing_are_marked():
    frame = of_metrics(
        "anomaly",
        a={
            ScoreKey("auroc", score="bce"): 0.2,
            ScoreKey("auroc", score="mse"): 0.49,
            ScoreKey("auroc", score="signed"): 0.9,
            ScoreKey("average_precision", score="bce"): 0.1,
        },
        b={ScoreKey("auroc", score="bce"): 0.5, ScoreKey("auroc", score="mse"): 0.6},
    )
    table = tables.table(frame, "anomaly", ["a", "b"])
    assert table["worse than guessing"].to_dict() == {"a": "bce, mse", "b": ""}


def test_every_sampler_of_a_variant_has_its_own_row():
    frame = of_metrics(
        "samples",
        vq={
            ScoreKey("coverage", sampler="prior"): 0.1,
            ScoreKey("coverage", sampler="learned_prior"): 0.6,
            ScoreKey("density", sampler="prior"): 0.2,
        },
        vae={ScoreKey("coverage", sampler="prior"): 0.5},
        real_images={ScoreKey("coverage", sampler="real"): 0.9, ScoreKey("judge_accuracy"): 0.98},
    )
    table = tables.table(frame, "samples", ["vae", "vq"])
    assert list(table.index) == [
        "vae, prior",
        "vq, prior",
        "vq, learned prior",
        "real_images, real",
        "real_images",
    ]
    assert table["coverage"].tolist()[:4] == [0.5, 0.1, 0.6, 0.9]
    assert table.loc["vq, prior", "density"] == 0.2
    assert table.loc["real_images", "classifier accuracy"] == 0.98


def test_the_best_follows_the_direction_of_the_metric_and_bounds_are_not_compared():
    floor = tidy({**RUN, "variant": "entropy_floor", "seed": np.nan}, "reconstruction", {BCE: 40.0})
    table = tables.table(pd.concat([two_seeds(), floor]), "reconstruction", ["vae"])
    assert table["BCE best"].to_dict() == {"vae": "", "mine": "best", "entropy_floor": ""}
    frames = [
        tidy(
            {**RUN, "variant": variant, "seed": seed},
            "samples",
            {ScoreKey("recall", sampler=sampler): value + seed},
        )
        for seed in (1, 2)
        for variant, sampler, value in (
            ("vae", "prior", 0.1), ("vq", "prior", 0.2), ("real_images", "real", 0.9),
        )
    ]  # fmt: skip
    table = tables.table(pd.concat(frames), "samples", ["vae", "vq"])
    assert table["recall best"].tolist() == ["", "best", ""]


def test_text_in_a_markdown_table_makes_no_cells_and_no_markup():
    names = ["a|b", "<b>", "`c`", "_d_", "e\n\nf", "[g](h)"]
    frame = pd.DataFrame({"x|y": names}, index=pd.Index(names, name="variant"))
    lines = tables.to_markdown(frame).splitlines()
    assert len(lines) == 2 + len(names)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {3}
    assert not re.findall(r"(?<!\\)[<>`_\[\]]", "".join(lines))
    assert "beta_vae_strict" in tables.to_markdown(frame.rename({"a|b": "beta_vae_strict"}))


def test_blank_codes_join_the_first_kind_of_code_of_each_metric():
    """A deterministic model has one code, and stands beside the sampled codes of VAEs."""
    frame = of_metrics(
        "reconstruction",
        vae={ScoreKey("bce", "mean"): 68.0, ScoreKey("bce", "sample"): 75.0},
        vanilla={BCE: 64.0},
    )
    table = tables.table(frame, "reconstruction", ["vae", "vanilla"])
    assert table["BCE"].to_dict() == {"vae": 75.0, "vanilla": 64.0}
    assert table["BCE (posterior mean)"].dropna().to_dict() == {"vae": 68.0}
    alone = tables.table(frame.query("variant == 'vae'"), "reconstruction", ["vae"])
    assert {"BCE (posterior sample)", "BCE (posterior mean)"} == set(alone)


def test_leading_columns_are_few_and_say_what_is_better_and_best():
    frame = pd.concat(
        [
            two_seeds(),
            *(tidy({**RUN, "seed": seed}, "reconstruction", {EXPLAINED: 0.8}) for seed in (1, 2)),
            tidy({**RUN, "variant": "empty"}, "reconstruction", {ScoreKey("x"): 0.8}),
        ]
    )
    table = tables.table(frame, "reconstruction", ["vae"], FIGURES)
    found = tables.leading(table, frame, "reconstruction")
    assert list(found) == ["variant", "BCE\u00a0↓", "BCE published", "explained\u00a0↑"]
    assert found.to_numpy().tolist() == [
        ["vae", "76.00\u00a0±\u00a012.71", "76.12", "0.80\u00a0±\u00a00.00"],
        ["mine", "best 60.00\u00a0±\u00a00.00", "", ""],
    ]


@pytest.mark.parametrize(
    "task", [task for task in TASKS.values() if task.leading], ids=lambda task: task.name
)
def test_a_page_shows_at_most_eight_columns_at_first(task):
    metrics = {key._replace(**{row: "prior" for row in task.rows}): 0.1 for key in task.leading}
    frame = of_metrics(task.name, vae=metrics, shallow=metrics)
    table = tables.table(frame, task.name, ["vae", "shallow"])
    found = tables.leading(table, frame, task.name)
    assert found.shape[1] <= tables.MOST
    assert [name.split(",")[0] for name in found["variant"]] == ["vae", "shallow"]
    assert len(set(found)) == found.shape[1]
    for remark in tables.REMARKS:
        assert (remark in found) == (remark in table)


@pytest.mark.parametrize("task", TASKS)
def test_every_stored_score_is_in_one_column_and_every_variant_in_the_short_table(scores, task):
    rows = scores[(scores["dataset"] == "mnist") & (scores["task"] == task)]
    columns = tables.columns(rows, task)
    assert sum(len(column.scores) for column in columns) == len(rows)
    assert len({column.heading for column in columns}) == len(columns)
    if "held_out" in TASKS[task].needs:
        rows = rows[rows["held_out"] == "1"]
        columns = tables.columns(rows, task)
    leading = [column for key in TASKS[task].leading for column in columns if column.matches(key)]
    if leading:
        short = tables.leading(tables.table(rows, task, []), rows, task)
        assert short.columns[1].rstrip("↑↓\u00a0") == leading[0].heading
        variants = set(leading[0].scores["of"])
        assert variants <= {name.split(",")[0] for name in short["variant"]}
