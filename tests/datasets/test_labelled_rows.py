"""Tables with known anomalies: what each seed trains on and is tested on, and collections."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from kerasae import datasets
from kerasae.config.amounts import latent_dim_for, schedule
from kerasae.config.data_sets import name_of_file
from kerasae.config.plan import plans
from kerasae.config.proposal import proposal
from kerasae.config.schema import ConfigurationError, validated
from kerasae.datasets import GIVEN, DatasetError, load, open_stored
from kerasae.datasets.files import Raw
from kerasae.datasets.labelled_rows import labelled, sizes_of

SEMI, UNSUPERVISED = {"setting": "semi_supervised"}, {"setting": "unsupervised"}
X, Y = load_breast_cancer(return_X_y=True)
"""Breast tissue (569, 30); malignant samples count as anomalies."""
Y = 1 - Y


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("tables") / "4_breast.npz"
    np.savez(file, X=X, y=Y)
    return file


def rows(array):
    """The rows of an array, sorted, to compare sets of rows."""
    return array[np.lexsort(array.T)]


def test_semi_supervised_training_is_half_of_the_normal_rows_and_the_test_set_all_others(path):
    data = load("breast", path, scale="none", **SEMI).for_seed(1)
    assert (len(data.x_train), len(data.x_test), len(data.anomalies)) == (178, 179, 212)
    np.testing.assert_array_equal(rows(data.anomalies), rows(X[Y == 1].astype(np.float32)))
    normal = np.concatenate([data.x_train, data.x_test])
    np.testing.assert_array_equal(rows(normal), rows(X[Y == 0].astype(np.float32)))


def test_every_seed_has_a_half_of_its_own_and_the_same_one_at_each_call(path):
    data = load("breast", path, **SEMI)
    first, again, other = (data.for_seed(seed).x_train for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert len({*map(bytes, first)} & {*map(bytes, other)}) < 120


def test_the_published_half_is_the_first_in_the_order_of_the_file(path):
    data = load("breast", path, order="file", scale="none", **SEMI)
    for seed in (1, 2):
        expected = X[Y == 0][:178].astype(np.float32)
        np.testing.assert_array_equal(data.for_seed(seed).x_train, expected)


def test_unsupervised_training_is_a_bootstrap_of_all_rows_and_all_rows_are_tested(path):
    data = load("breast", path, scale="none", **UNSUPERVISED).for_seed(3)
    samples, anomalous = data.test(GIVEN)
    np.testing.assert_array_equal(rows(samples), rows(X.astype(np.float32)))
    assert anomalous.sum() == Y.sum() == 212
    drawn = {*map(bytes, data.x_train)}
    assert len(data.x_train) == 569
    assert drawn <= {*map(bytes, X.astype(np.float32))}
    assert 0.55 * 569 < len(drawn) < 0.71 * 569  # 1 - 1/e of the rows


@pytest.mark.parametrize("setting", datasets.SETTINGS)
def test_scaling_is_fitted_to_the_training_set_and_unsupervised_to_all_rows(path, setting):
    raw = load("breast", path, setting=setting, scale="none").for_seed(1)
    scaled = load("breast", path, setting=setting).for_seed(1)
    fitted = raw.x_train if setting == "semi_supervised" else raw.test(GIVEN)[0]
    scaler = StandardScaler().fit(fitted.astype(float))
    np.testing.assert_allclose(
        scaled.anomalies, scaler.transform(raw.anomalies), rtol=1e-4, atol=1e-4
    )


def test_larger_data_are_cut_at_random_with_the_same_share_of_anomalies(path):
    data = load("breast", path, **SEMI, rows=100)
    first, second = data.for_seed(1), data.for_seed(2)
    assert (len(first.x_train), len(first.x_test), len(first.anomalies)) == (31, 32, 37)
    assert not np.array_equal(rows(first.anomalies), rows(second.anomalies))
    for anomalies in (10, 1):
        rare = np.arange(1000) < anomalies
        assert sizes_of(rare, "semi_supervised", 100) == (49, 50 + 1)
    assert sizes_of(rare, "unsupervised", 1000) == (1000, 1000)


@pytest.mark.parametrize("setting", datasets.SETTINGS)
def test_sizes_are_known_without_loading_the_samples(path, setting):
    for limit in (None, 100):
        data = load("breast", path, setting=setting, rows=limit).for_seed(1)
        drawn = len(data.x_train), len(data.test(GIVEN)[0]), 30, 0
        assert datasets.sizes("breast", path, setting=setting, rows=limit) == drawn
        assert sizes_of(Y == 1, setting, limit) == drawn[:2]


@pytest.mark.parametrize("kind", ["csv", "npz", "memory"])
@pytest.mark.parametrize(
    "options",
    [SEMI, {**SEMI, "order": "file", "rows": 20}, UNSUPERVISED, {**UNSUPERVISED, "rows": 20}],
    ids=str,
)
def test_every_seed_names_the_rows_that_it_draws_also_from_stored_data(tmp_path, kind, options):
    samples, labels = np.arange(80.0).reshape(40, 2), np.arange(40) % 2
    options, start = {**options, "scale": "none"}, 0
    counting = "Samples are numbered from 0, in the order of the data."
    if kind == "memory":
        data = labelled(Raw("X", {"x_train": samples, "y_train": labels}), **options)
    elif kind == "npz":
        np.savez(tmp_path / "t.npz", X=samples, y=labels)
        data = load("t", tmp_path / "t.npz", **options)
    else:
        frame = pd.DataFrame(samples, columns=["a", "b"]).assign(kind=labels)
        frame.to_csv(tmp_path / "t.csv", index=False)
        data = load("t", tmp_path / "t.csv", labels="kind", **options)
        start, counting = 2, "Rows are numbered as in a spreadsheet: the header is row 1."
    data.save(tmp_path / "stored.npz")
    for seed in (1, 2):
        drawn, again = data.for_seed(seed), open_stored(tmp_path / "stored.npz").for_seed(seed)
        assert samples[drawn.names - start].tolist() == drawn.test(GIVEN)[0].tolist()
        assert drawn.counting == again.counting == counting
        assert drawn.preprocessing == again.preprocessing
        for stored, expected in zip(again[:4], drawn[:4], strict=True):
            np.testing.assert_array_equal(stored, expected)
        assert again.names.tolist() == drawn.names.tolist()
        assert drawn.with_anomalies().name(0) == f"{drawn.names[0]}, normal"


def test_a_table_names_the_column_of_the_labels_and_keeps_the_names_of_the_others(tmp_path):
    frame = pd.DataFrame(X[:, :3], columns=["radius", "texture", "perimeter"]).assign(ill=Y == 1)
    frame.to_csv(tmp_path / "cancer.csv", index=False)
    data = load("cancer", tmp_path / "cancer.csv", labels="ill", **SEMI)
    np.testing.assert_array_equal(data.anomalous, Y == 1)
    preprocessing = data.for_seed(1).preprocessing
    assert preprocessing.columns == ("radius", "texture", "perimeter")
    assert preprocessing.labels == "ill"


def test_anomalies_join_the_test_set_as_a_class_for_pictures(path):
    data = load("breast", path, **SEMI).for_seed(1)
    joined = data.with_anomalies()
    assert joined.classes == ("normal", "anomaly")
    np.testing.assert_array_equal(joined.x_test, data.test(GIVEN)[0])
    np.testing.assert_array_equal(np.bincount(joined.y_test), [179, 212])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.repeat([0, 2], 10), "expected labels that are 1 for anomalies.*Received: 0, 2"),
        (np.zeros(20), r"both at least once\. Received: 0$"),
        (np.array(["0", "ill"] * 10), "expected labels that are 1.*Received: 0, ill"),
        (np.repeat([0, 1], (5, 15)), "at least 6 normal samples. Received: 5"),
        (np.repeat([0, 1], 9), "one label per sample. Received: 20 samples, 18 labels"),
        (np.repeat([0, 1j], 10), "expected classes as labels.* Received: complex128"),
    ],
)
def test_labels_other_than_0_and_1_are_refused(tmp_path, labels, message):
    np.savez(tmp_path / "a.npz", X=np.random.default_rng(0).normal(size=(20, 3)), y=labels)
    with pytest.raises(DatasetError, match=message):
        load("a", tmp_path / "a.npz", **SEMI)


def test_samples_without_labels_or_with_a_test_set_are_refused(tmp_path):
    samples = np.random.default_rng(0).normal(size=(20, 3))
    np.savez(tmp_path / "a.npz", X=samples)
    with pytest.raises(DatasetError, match=r"y of an .npz file.*Received: no labels"):
        load("a", tmp_path / "a.npz", **SEMI)
    np.savez(tmp_path / "b.npz", x_train=samples, y_train=np.repeat([0, 1], 10), x_test=samples)
    with pytest.raises(DatasetError, match="expected one set of samples"):
        load("b", tmp_path / "b.npz", **UNSUPERVISED)


def test_values_whose_squares_overflow_are_named(tmp_path):
    samples = np.random.default_rng(0).normal(size=(20, 3))
    samples[15, 1] = 1e30
    np.savez(tmp_path / "a.npz", X=samples, y=np.repeat([0, 1], 10))
    data = load("a", tmp_path / "a.npz", **SEMI)
    with pytest.raises(
        DatasetError, match=r"anomalies: values too large.*Received: \d\.?\d*e\+\d+"
    ):
        data.for_seed(0)


# Configurations


def planned(path, **written):
    config = validated({"datasets": {"tables": path, "mnist": False}, **written})
    return plans(config, set())[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("collection")
    for name in ("10_Cover.npz", "magic.gamma.npz", "3_WBC.NPZ", "24_mnist.npz"):
        with open(folder / name, "wb") as file:
            np.savez(file, X=X[:, :9], y=Y)
    (folder / "published.csv").write_text("a,b\n1,2\n")
    (folder / "._upper.npz").write_bytes(b"of another system")
    return folder


def test_every_visible_file_of_a_collection_is_a_data_set_named_after_it(folder):
    collection = planned({"collection": str(folder), "rows": 300})
    assert set(collection) == {"cover", "wbc", "magic_gamma", "data_mnist"}
    plan = collection["magic_gamma"]
    assert plan.options["path"] == str(folder / "magic.gamma.npz")
    assert plan.options["setting"] == "semi_supervised"
    assert (plan.likelihood, plan.options["scale"]) == ("gaussian", "standard")
    assert plan.size == (94, 206, 9, 0)


def test_data_with_known_anomalies_have_one_run_per_variant_and_seed(path):
    plan = planned({"path": str(path), **SEMI}, seeds=[1, 2])["tables"]
    assert plan.general == plan.units("run") == plan.units("data") == []
    assert {(run.held_out, run.seed) for run in plan.anomaly} == {(GIVEN, 1), (GIVEN, 2)}
    assert len(plan.anomaly) == 2 * 12 == len(plan.explorer_runs) * 2
    assert list(plan.evaluations) == ["anomaly", "detectors"]
    assert plan.tables == ["anomaly"]


def test_automatic_amounts_follow_the_number_of_columns_and_rows(tmp_path):
    np.savez(tmp_path / "a.npz", X=X[:8, :9], y=np.repeat([0, 1], (6, 2)))
    anomaly = {"latent_dim": "auto", "score": "mse"}
    automatic = {"anomaly": anomaly, "batch_size": "auto", "epochs": "auto"}
    [plan] = planned({"path": str(tmp_path / "a.npz"), **SEMI}, **automatic).values()
    # No more latent dimensions than training rows
    assert (latent_dim_for(9), plan.size.train, plan.amounts["validation"]) == (4, 3, 1)
    assert plan.amounts["latent_dims"] == [2]
    assert [latent_dim_for(d) for d in (1, 2, 3, 6, 36, 1555)] == [1, 2, 2, 3, 7, 40]
    assert schedule(plan.config) == (None, None)
    assert schedule(plan.config, 160) == (300, 16)
    assert schedule({"epochs": 7, "batch_size": "auto"}, 5120) == (7, 256)


def test_least_widths_are_a_setting_of_the_models_with_hidden_layers(path):
    plan = planned({"path": str(path), **SEMI}, least_widths=[64, 32])["tables"]
    assert plan.settings_of("vanilla") == {"model": "vanilla", "least_widths": [64, 32]}
    assert "least_widths" in plan.settings_of("untrained")
    for name in ("shallow", "pca", "random_projection"):
        assert "least_widths" not in plan.settings_of(name)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": 100}, "tables.rows: expected setting, too"),
        ({"setting": "unsupervised", "train": 5}, "tables.train: expected no such option beside"),
        ({"setting": "supervised"}, 'expected semi_supervised or unsupervised. Received: "super'),
        ({"setting": "unsupervised", "order": "size"}, "expected random or file"),
    ],
)
def test_options_that_exclude_each_other_stop_the_workflow(path, options, message):
    with pytest.raises(ConfigurationError, match=message):
        planned({"path": str(path), **options})


def test_folders_without_tables_and_names_that_clash_stop_the_workflow(tmp_path):
    with pytest.raises(ConfigurationError, match=r"expected a folder with .npz files"):
        planned({"collection": str(tmp_path)})
    for name in ("4_wbc.npz", "WBC.npz"):
        np.savez(tmp_path / name, X=X, y=Y)
    with pytest.raises(ConfigurationError, match="Received: wbc twice"):
        planned({"collection": str(tmp_path)})
    with pytest.raises(ConfigurationError, match="a path, or one of"):
        validated({"datasets": {"tables": {"rows": 100}}})


def test_names_of_files_become_names_of_data_sets():
    named = {
        "22_magic.gamma.npz": "magic_gamma", "WBC.npz": "wbc", "31_satimage-2.npz": "satimage_2",
        "9_.npz": "data_9", "24_mnist.npz": "data_mnist", "Across.npz": "data_across",
    }  # fmt: skip
    for file, name in named.items():
        assert name_of_file(Path(file)) == name


def test_the_proposed_configuration_of_data_with_known_anomalies_is_complete(path):
    text, cost = proposal(path, setting="unsupervised")
    config = yaml.safe_load(text)
    assert config["datasets"]["breast"]["setting"] == "unsupervised"
    plan = plans(validated(config), {"validation"})[0]["breast"]
    assert plan.amounts["latent_dims"] == [6]
    assert plan.settings_of("vae")["least_widths"] == [64, 32]
    assert plan.size.train == 569
    assert cost.startswith("45 trainings")
    with pytest.raises(DatasetError, match="either a setting"):
        proposal(path, anomalies=path, setting="unsupervised")
