"""What a configuration computes of a data set, and how many jobs that takes."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from projects import ROOT, copied, jobs_of

from kerasae.config.amounts import own_amounts
from kerasae.config.plan import UNITS, plans
from kerasae.config.proposal import proposal
from kerasae.config.reading import merge, read
from kerasae.config.schema import ConfigurationError, validated
from kerasae.engine.run import Run
from kerasae.evaluation.task import Gathered
from kerasae.evaluation.tasks import EVALUATIONS
from kerasae.models import ARTICLE, BASELINES
from kerasae.reporting.figures import FIGURES

SHIPPED = read(ROOT / "config.yaml")
MOST_JOBS = 34
"""For a small table and five seeds."""


def planned(**written):
    """The plan of MNIST."""
    config = validated(merge(written, merge(SHIPPED, {})))
    found, notes = plans(config, own_amounts(config, written))
    assert notes == []
    return found["mnist"]


def test_general_and_anomaly_runs_are_those_of_all_variants_and_baselines():
    it = planned(seeds=[1, 2], anomaly={"held_out": [1, 7], "latent_dim": [2, 5], "seeds": [3]})
    assert list(it.all_variants) == [*ARTICLE, *BASELINES]
    assert len(it.general) == 2 * 12
    assert len(it.anomaly) == 2 * 2 * 12
    assert it.general[0] == Run("mnist", "shallow", 20, "none", 1)
    assert {run.seed for run in it.anomaly} == {3}
    assert {(run.held_out, run.label) for run in it.anomaly} == {("1", "1"), ("7", "7")}


def test_baselines_alone_are_runs_but_no_variants():
    it = planned(variants=dict.fromkeys(ARTICLE, False))
    assert [run.variant for run in it.general] == [*BASELINES]
    assert it.runs_of(Gathered("outputs"), Run("mnist")) == it.units("variant") == []


@pytest.mark.parametrize(
    ("per", "count"),
    [
        ("run", 2),
        ("anomaly_run", 2),
        ("data", 1),
        ("seed", 2),
        ("latent_dim_seed", 2),
        ("held_out_seed", 2),
        ("variant", 9),
        ("held_out", 1),
        ("latent_dim", 1),
    ],
)
def test_a_unit_is_listed_once(per, count):
    it = planned(seeds=[1, 2])
    units = it.units(per)
    assert len(units) == count
    assert all(set(unit.columns()) == {"dataset", *UNITS[per]} for unit in units)
    assert len({unit.name for unit in units}) == count


def test_every_measurement_and_figure_has_a_known_unit():
    parts = [*(evaluation for _, evaluation in EVALUATIONS.values()), *FIGURES.values()]
    assert {part.per for part in parts} <= UNITS.keys()


def test_tasks_apply_by_the_data_and_the_configuration():
    assert "label_curve" not in planned().evaluations
    assert "label_curve" in planned(classification={"curve": [50]}).evaluations
    assert "samples" not in planned().tables
    assert "samples" in planned(thorough=True).tables
    assert planned().provides("held_out")
    assert not planned().provides("several_held_out")


@pytest.mark.parametrize(
    ("read", "unit", "count"),
    [
        (Gathered("outputs"), {}, 9),
        (Gathered("outputs", seeds="all"), {}, 18),
        (Gathered("outputs", seeds="same", models="all"), {"seed": 2}, 12),
        (Gathered("outputs", of="variant", seeds="all"), {"variant": "vae"}, 2),
        (Gathered("outputs", of="held_out"), {"latent_dim": 2, "held_out": "1"}, 9),
        (Gathered("histories", of="trained"), {}, 2 * 18),
    ],
)
def test_runs_of_an_input_of_several_runs(read, unit, count):
    runs = planned(seeds=[1, 2]).runs_of(read, Run("mnist", **unit))
    assert len(runs) == count
    for run in runs:
        assert unit.items() <= run.columns().items()


def test_a_measurement_of_runs_is_taken_of_all_variants_of_a_group():
    it = planned(seeds=[1, 2])
    _, evaluation = EVALUATIONS["anomaly"]
    unit = it.unit(evaluation, "latent2-without_1-seed2")
    jobs = it.jobs(evaluation, unit)
    assert [run.variant for run, _ in jobs] == [*ARTICLE, *BASELINES]
    assert all(reads == {"data": run, "outputs": run} for run, reads in jobs)
    paths = it.paths(jobs)
    assert paths[:2] == ["data/images.npz", "codes/shallow-latent2-without_1-seed2.npz"]
    assert len(paths) == 1 + 12


def test_settings_are_those_of_the_data_set_by_the_last_part_of_their_key():
    it = planned(classification={"labels": 100})
    keys = ("validation", "classification.labels", "classification.epochs", "anomaly.score")
    assert it.settings(keys) == {"validation": 5000, "labels": 100, "epochs": 20, "score": "bce"}


def test_unknown_classes_and_double_names_are_refused():
    with pytest.raises(ConfigurationError, match=r"held_out: expected some of 0, 1.*Received: x"):
        planned(anomaly={"held_out": "x"})
    with pytest.raises(ConfigurationError, match=r"variants\.pca: expected another name"):
        planned(variants={"pca": {"model": "vae"}})


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copied(tmp_path_factory.mktemp("plan"))


@pytest.mark.workflow
def test_a_small_table_takes_few_jobs_each_of_all_variants_and_seeds(project):
    """A table as large as thyroid, and what kerasae init proposes for it."""
    rng = np.random.default_rng(0)
    table = (
        pd.DataFrame(rng.random((3772, 6)))
        .add_prefix("x")
        .assign(anomaly=rng.permutation(3772) < 93)
    )
    path = project / "small.csv"
    table.assign(anomaly=table["anomaly"].astype(int)).to_csv(path, index=False)
    text, _ = proposal(path, labels="anomaly")
    (project / "small.yaml").write_text(text.replace(str(path), "small.csv"))
    jobs = jobs_of(project, "small.yaml")
    counts = Counter(rule for rule, _ in jobs)
    assert "seeds: [1, 2, 3, 4, 5]" in text
    assert counts["train_all_seeds"] == counts["embed_all_seeds"] == 2
    assert counts["plane"] == 1
    assert counts["figure_of_variants"] == 2
    assert "train" not in counts
    assert len(jobs) <= MOST_JOBS


@pytest.mark.workflow
def test_a_training_on_mnist_is_a_job_of_its_own_and_little_else_is(project):
    (project / "default.yaml").write_text("results: results\n")
    jobs = jobs_of(project, "default.yaml")
    counts = Counter(rule for rule, _ in jobs)
    assert {job["variant"] for rule, job in jobs if rule == "train"} == {*ARTICLE, *BASELINES}
    assert counts["train"] == 2 * 12
    assert counts["embed"] == 2
    assert not any(rule.endswith("_all_seeds") for rule in counts)
    assert len(jobs) - counts["train"] <= 32
