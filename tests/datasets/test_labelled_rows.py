"""Tables with known anomalies: what each seed trains on and is tested on, and collections."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from kerasae import datasets
from kerasae.config.plan import plans
from kerasae.config.planning import latent_dim_for, schedule
from kerasae.config.proposal import proposal
from kerasae.config.reading import ConfigurationError, schema, validated
from kerasae.config.sources import listed, name_of_file
from kerasae.datasets import GIVEN, DatasetError, LabelledRows, load, open_stored
from kerasae.datasets.labelled_rows import sizes_of


def cancer():
    """Breast tissue (569, 30); malignant ones count as anomalies."""
    X, benign = load_breast_cancer(return_X_y=True)
    return X, 1 - benign


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    X, y = cancer()
    file = tmp_path_factory.mktemp("tables") / "4_breast.npz"
    np.savez(file, X=X, y=y)
    return file


def rows(array):
    """The rows of an array, sorted, to compare sets of rows."""
    return array[np.lexsort(array.T)]


def test_semi_supervised_training_is_half_of_the_normal_rows_and_the_test_set_all_others(path):
    X, y = cancer()
    data = load("breast", path, setting="semi_supervised", scale="none").for_seed(1)
    assert (len(data.x_train), len(data.x_test), len(data.anomalies)) == (178, 179, 212)
    np.testing.assert_array_equal(rows(data.anomalies), rows(X[y == 1].astype(np.float32)))
    normal = np.concatenate([data.x_train, data.x_test])
    np.testing.assert_array_equal(rows(normal), rows(X[y == 0].astype(np.float32)))


def test_every_seed_has_a_half_of_its_own_and_the_same_one_at_each_call(path):
    data = load("breast", path, setting="semi_supervised")
    first, again, other = (data.for_seed(seed).x_train for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert len({*map(bytes, first)} & {*map(bytes, other)}) < 120


def test_the_published_half_is_the_first_in_the_order_of_the_file(path):
    X, y = cancer()
    data = load("breast", path, setting="semi_supervised", order="file", scale="none")
    for seed in (1, 2):
        np.testing.assert_array_equal(
            data.for_seed(seed).x_train, X[y == 0][:178].astype(np.float32)
        )


def test_unsupervised_training_is_a_bootstrap_of_all_rows_and_all_rows_are_tested(path):
    X, y = cancer()
    data = load("breast", path, setting="unsupervised", scale="none").for_seed(3)
    samples, anomalous = data.test(GIVEN)
    np.testing.assert_array_equal(rows(samples), rows(X.astype(np.float32)))
    assert anomalous.sum() == y.sum() == 212
    known = {*map(bytes, X.astype(np.float32))}
    drawn = {*map(bytes, data.x_train)}
    assert len(data.x_train) == 569
    assert drawn <= known
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
    data = load("breast", path, setting="semi_supervised", rows=100)
    one, other = data.for_seed(1), data.for_seed(2)
    assert (len(one.x_train), len(one.x_test), len(one.anomalies)) == (31, 32, 37)
    assert not np.array_equal(rows(one.anomalies), rows(other.anomalies))
    for anomalies in (10, 1):
        rare = np.arange(1000) < anomalies
        assert sizes_of(rare, "semi_supervised", 100) == (49, 50 + 1)
    assert sizes_of(rare, "unsupervised", 1000) == (1000, 1000)


@pytest.mark.parametrize("setting", datasets.SETTINGS)
@pytest.mark.parametrize("limit", [None, 100])
def test_sizes_are_known_without_loading_the_samples(path, setting, limit):
    data = load("breast", path, setting=setting, rows=limit).for_seed(1)
    found = datasets.sizes("breast", path, setting=setting, rows=limit)
    drawn = len(data.x_train), len(data.test(GIVEN)[0]), 30, 0
    assert found == drawn
    assert sizes_of(cancer()[1] == 1, setting, limit) == drawn[:2]


def test_stored_rows_are_read_back_with_their_settings(path, tmp_path):
    data = load("breast", path, setting="semi_supervised", order="file", rows=100)
    data.save(tmp_path / "data.npz")
    again = open_stored(tmp_path / "data.npz")
    assert isinstance(again, LabelledRows)
    for one, other in zip(data.for_seed(4)[:6], again.for_seed(4)[:6], strict=True):
        np.testing.assert_array_equal(one, other)
    assert data.for_seed(4).preprocessing == again.for_seed(4).preprocessing


def test_a_table_names_the_column_of_the_labels_and_keeps_the_names_of_the_others(path, tmp_path):
    X, y = cancer()
    table = pd.DataFrame(X[:, :3], columns=["radius", "texture", "perimeter"]).assign(ill=y)
    table.to_csv(tmp_path / "cancer.csv", index=False)
    data = load(
        "cancer", tmp_path / "cancer.csv", labels="ill", setting="semi_supervised"
    ).for_seed(1)
    assert data.preprocessing.columns == ("radius", "texture", "perimeter")
    assert data.preprocessing.labels == "ill"
    assert data.x_train.shape == (178, 3)


def test_anomalies_join_the_test_set_as_a_class_for_pictures(path):
    data = load("breast", path, setting="semi_supervised").for_seed(1)
    shown = data.with_anomalies()
    assert shown.classes == ("normal", "anomaly")
    np.testing.assert_array_equal(shown.x_test, data.test(GIVEN)[0])
    np.testing.assert_array_equal(np.bincount(shown.y_test), [179, 212])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.repeat([0, 2], 10), "expected labels that are 1 for anomalies.*Received: 0, 2"),
        (np.zeros(20), r"both at least once\. Received: 0$"),
        (np.array(["0", "ill"] * 10), "expected labels that are 1.*Received: 0, ill"),
        (np.repeat([0, 1], (5, 15)), "at least 6 normal samples. Received: 5"),
        (np.repeat([0, 1], 9), "one label per sample. Received: 20 samples, 18 labels"),
        (np.array(["0", "1", "nan", "0"] * 5), "expected classes as labels.* Received: nan"),
        (np.eye(2)[np.repeat([0, 1], 10)], "one label per sample. Received: 20 samples, 40 labels"),
        (np.repeat([0, 1j], 10), "expected classes as labels.* Received: complex128"),
    ],
)
def test_labels_other_than_0_and_1_are_refused(tmp_path, labels, message):
    np.savez(tmp_path / "a.npz", X=np.random.default_rng(0).normal(size=(20, 3)), y=labels)
    with pytest.raises(DatasetError, match=message):
        load("a", tmp_path / "a.npz", setting="semi_supervised")


def test_samples_without_labels_or_with_a_test_set_are_refused(tmp_path):
    samples = np.random.default_rng(0).normal(size=(20, 3))
    np.savez(tmp_path / "a.npz", X=samples)
    with pytest.raises(DatasetError, match=r"y of an .npz file.*Received: no labels"):
        load("a", tmp_path / "a.npz", setting="semi_supervised")
    np.savez(tmp_path / "b.npz", x_train=samples, y_train=np.repeat([0, 1], 10), x_test=samples)
    with pytest.raises(DatasetError, match="expected one set of samples"):
        load("b", tmp_path / "b.npz", setting="unsupervised")


def test_x_and_y_are_the_samples_and_classes_of_other_data_too(path):
    data = load("breast", path, scale="minmax")
    assert data.classes == ("0", "1")
    assert len(data.x_train) + len(data.x_test) == 569


def test_words_as_labels_are_numbers_in_text(tmp_path):
    X, y = cancer()
    np.savez(tmp_path / "a.npz", X=X, y=y.astype(str))
    data = load("a", tmp_path / "a.npz", setting="semi_supervised")
    np.testing.assert_array_equal(data.anomalous, y == 1)


@pytest.mark.parametrize("pair", [("False", "True"), ("false", "true"), (0, 1), (0.0, 1.0)])
def test_true_and_false_are_labels_in_tables_too(tmp_path, pair):
    X, y = cancer()
    table = pd.DataFrame(X).assign(ill=[pair[label] for label in y])
    table.to_csv(tmp_path / "a.csv", index=False)
    data = load("a", tmp_path / "a.csv", labels="ill", setting="semi_supervised")
    np.testing.assert_array_equal(data.anomalous, y == 1)


def test_a_missing_label_in_a_table_is_named(tmp_path):
    X, y = cancer()
    pd.DataFrame(X).assign(ill=np.where(np.arange(len(y)) == 3, np.nan, y)).to_csv(
        tmp_path / "a.csv", index=False
    )
    with pytest.raises(DatasetError, match=r"a label for every sample.* Received: 1 missing"):
        load("a", tmp_path / "a.csv", labels="ill", setting="semi_supervised")


def test_anomalies_may_be_fractions_where_the_training_rows_are_whole_numbers(tmp_path):
    counts = np.random.default_rng(0).poisson(5, size=(40, 3)).astype(float)
    X = np.concatenate([counts, np.full((4, 3), 0.5)])
    np.savez(tmp_path / "a.npz", X=X, y=np.repeat([0, 1], (40, 4)))
    data = load("a", tmp_path / "a.npz", setting="semi_supervised").for_seed(0)
    assert data.anomalies.shape == (4, 3)


def test_values_whose_squares_overflow_are_named(tmp_path):
    X = np.random.default_rng(0).normal(size=(20, 3))
    X[15, 1] = 1e30
    np.savez(tmp_path / "a.npz", X=X, y=np.repeat([0, 1], 10))
    data = load("a", tmp_path / "a.npz", setting="semi_supervised")
    with pytest.raises(
        DatasetError, match=r"anomalies: values too large.*Received: \d\.?\d*e\+\d+"
    ):
        data.for_seed(0)


# Configurations


def planned(path, **written):
    config = validated({"datasets": {"tables": path, "mnist": False}, **written}, schema())
    return plans(config, set())[0]


@pytest.fixture
def folder(tmp_path):
    X, y = cancer()
    for name in ("10_Cover.npz", "magic.gamma.npz", "3_WBC.npz"):
        np.savez(tmp_path / name, X=X[:, :9], y=y)
    (tmp_path / "published.csv").write_text("a,b\n1,2\n")
    return tmp_path


def test_every_file_of_a_collection_is_a_data_set_named_after_it(folder):
    found = planned({"collection": str(folder), "rows": 300})
    assert list(found) == ["cover", "wbc", "magic_gamma"]
    it = found["magic_gamma"]
    assert it.options["path"] == str(folder / "magic.gamma.npz")
    assert it.options["setting"] == "semi_supervised"
    assert (it.likelihood, it.options["scale"]) == ("gaussian", "standard")
    assert it.size == (94, 206, 9, 0)


def test_data_with_known_anomalies_have_one_run_per_variant_and_seed(folder):
    it = planned({"collection": str(folder)}, seeds=[1, 2])["cover"]
    assert it.general == it.units("run") == it.units("data") == []
    assert {(run.held_out, run.seed) for run in it.anomaly} == {(GIVEN, 1), (GIVEN, 2)}
    assert len(it.anomaly) == 2 * 12 == len(it.explorer_runs) * 2
    assert list(it.evaluations) == ["anomaly", "detectors"]
    assert it.tables == ["anomaly"]


def test_automatic_amounts_follow_the_number_of_columns_and_rows(folder):
    general = {"anomaly": {"latent_dim": "auto"}, "batch_size": "auto", "epochs": "auto"}
    it = planned({"collection": str(folder)}, **general)["cover"]
    assert it.amounts["latent_dims"] == [4] == [latent_dim_for(9)]
    assert [latent_dim_for(d) for d in (1, 2, 3, 6, 36, 1555)] == [1, 2, 2, 3, 7, 40]
    assert schedule(it.config) == (None, None)
    assert schedule(it.config, 160) == (300, 16)
    assert schedule({"epochs": 7, "batch_size": "auto"}, 5120) == (7, 256)


def test_the_smallest_table_has_no_more_latent_dimensions_than_training_rows(tmp_path):
    X, y = np.random.default_rng(0).normal(size=(8, 9)), np.repeat([0, 1], (6, 2))
    np.savez(tmp_path / "a.npz", X=X, y=y)
    options = {"path": str(tmp_path / "a.npz"), "setting": "semi_supervised"}
    anomaly = {"latent_dim": "auto", "score": "mse"}
    [plan] = planned(options, anomaly=anomaly).values()
    assert (latent_dim_for(9), plan.size.train, plan.amounts["validation"]) == (4, 3, 1)
    assert plan.amounts["latent_dims"] == [2]


def test_least_widths_are_a_setting_of_the_models_with_hidden_layers(folder):
    it = planned({"collection": str(folder)}, least_widths=[64, 32])["cover"]
    assert it.settings_of("vanilla") == {"model": "vanilla", "least_widths": [64, 32]}
    assert "least_widths" in it.settings_of("untrained")
    for name in ("shallow", "pca", "random_projection"):
        assert "least_widths" not in it.settings_of(name)
    assert "least_widths" not in planned({"collection": str(folder)})["cover"].settings_of("vae")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": 100}, "tables.rows: expected setting, too"),
        ({"setting": "unsupervised", "train": 5}, "tables.train: expected no such option beside"),
        ({"setting": "supervised"}, 'one of semi_supervised, unsupervised. Received: "super'),
        ({"setting": "unsupervised", "order": "size"}, "one of random, file"),
    ],
)
def test_options_that_exclude_each_other_stop_the_workflow(path, options, message):
    with pytest.raises(ConfigurationError, match=message):
        planned({"path": str(path), **options})


def test_folders_without_tables_and_names_that_clash_stop_the_workflow(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match=r"expected a folder with .npz files"):
        planned({"collection": str(tmp_path / "empty")})
    X, y = cancer()
    np.savez(folder / "4_wbc.npz", X=X, y=y)
    with pytest.raises(ConfigurationError, match="Received: wbc twice"):
        planned({"collection": str(folder)})
    with pytest.raises(ConfigurationError, match="a path, or one of"):
        validated({"datasets": {"tables": {"rows": 100}}}, schema())


def test_a_table_may_have_the_name_of_a_data_set_of_the_package(folder):
    X, y = cancer()
    np.savez(folder / "24_mnist.npz", X=X, y=y)
    found = listed({"datasets": {"mnist": False, "tables": {"collection": str(folder)}}})
    assert found["data_mnist"]["path"] == str(folder / "24_mnist.npz")
    assert "mnist" not in found


def test_all_visible_files_of_a_folder_are_in_a_collection(folder):
    names = set(planned({"collection": str(folder)}))
    X, y = cancer()
    np.savez(folder / "upper.npz", X=X, y=y)
    (folder / "upper.npz").rename(folder / "Upper.NPZ")
    (folder / "._upper.npz").write_bytes(b"of another system")
    assert set(planned({"collection": str(folder)})) == names | {"upper"}


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
    it = plans(validated(config, schema()), {"validation"})[0]["breast"]
    assert it.amounts["latent_dims"] == [6]
    assert it.settings_of("vae")["least_widths"] == [64, 32]
    assert it.size.train == 569
    assert cost.startswith("45 trainings")
    with pytest.raises(DatasetError, match="either a setting"):
        proposal(path, anomalies=path, setting="unsupervised")
