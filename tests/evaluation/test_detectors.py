"""The baselines of anomaly detection against NumPy, SciPy and scikit-learn, on small real data."""

import sys
import types

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits, load_wine
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

from kerasae.datasets import GIVEN, Dataset, split
from kerasae.evaluation.detectors import DETECTORS, as_vectors, detectors
from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.metrics.anomaly import detector_scores, training_rows
from kerasae.evaluation.tasks.anomaly import evaluated
from kerasae.seeds import derive

ROWS = [name for name, detector in DETECTORS.items() if "rows" in detector.takes]
CHOSEN = {detector.variant: {} for detector in DETECTORS.values()}
IMAGES = [name for name, detector in DETECTORS.items() if "images" in detector.takes]


def wine():
    """Every fifth row is the test set, as float32, in its own units."""
    rows, labels = load_wine(return_X_y=True)
    test = np.arange(len(rows)) % 5 == 0
    rows = rows.astype(np.float32)
    return Dataset(rows[~test], labels[~test], rows[test], labels[test], ("a", "b", "c"))


def digits():
    """Grey images (n, 8, 8, 1) of bytes."""
    bunch = load_digits()
    images = np.round(bunch.images[..., None] * 255 / 16).astype(np.uint8)
    names = tuple(map(str, range(10)))
    return Dataset(images[:600], bunch.target[:600], images[600:800], bunch.target[600:800], names)


def five_nearest(train, test):
    return np.sort(cdist(test, train), axis=1)[:, :5].mean(axis=1)


def score(name, train, test, seed=1):
    return DETECTORS[name].score(train, test, seed)


def test_neighbours_are_the_five_nearest_training_rows_in_standardised_columns():
    data = wine()
    scaler = StandardScaler().fit(data.x_train.astype(float))
    expected = five_nearest(
        *(scaler.transform(x.astype(float)) for x in (data.x_train, data.x_test))
    )
    np.testing.assert_allclose(score("neighbours", data.x_train, data.x_test), expected, rtol=1e-4)


def test_neighbours_of_images_are_the_nearest_in_pixels_between_0_and_1():
    data = digits()
    expected = five_nearest(*(x.reshape(len(x), 64) / 255 for x in (data.x_train, data.x_test)))
    np.testing.assert_allclose(score("neighbours", data.x_train, data.x_test), expected, rtol=1e-4)


def test_few_training_rows_are_all_neighbours():
    train = np.array([[0.0, 1.0], [2.0, 3.0]])  # standardised: all -1, and all 1
    assert score("neighbours", train, np.array([[1.0, 2.0]])) == pytest.approx([np.sqrt(2)])


def scores_of(*arguments, chosen=None):
    """Scores of the detectors by their names."""
    found = detector_scores(*arguments, CHOSEN if chosen is None else chosen)
    return {score: values for score, _, values in found}


@pytest.mark.parametrize("data", [wine(), digits()], ids=["rows", "images"])
def test_isolation_is_that_of_scikit_learn_with_a_seed_of_its_own(data):
    train, test = (x.reshape(len(x), -1).astype(np.float32) for x in (data.x_train, data.x_test))
    if data.x_train.ndim > 2:
        train, test = train / 255, test / 255
    else:
        scaler = StandardScaler().fit(train)
        train, test = scaler.transform(train), scaler.transform(test)
    forest = IsolationForest(random_state=derive(7, "isolation forest")).fit(train)
    found = score("isolation", data.x_train, data.x_test, seed=7)
    np.testing.assert_allclose(found, -forest.score_samples(test), rtol=1e-6)
    assert not np.allclose(found, score("isolation", data.x_train, data.x_test, seed=8))


def test_distance_from_the_mean_is_in_standard_deviations_of_the_training_rows():
    data = wine()
    train, test = data.x_train.astype(float), data.x_test.astype(float)
    expected = np.sqrt((((test - train.mean(axis=0)) / train.std(axis=0)) ** 2).sum(axis=1))
    found = score("far_from_mean", data.x_train, data.x_test)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("name", ROWS)
def test_units_of_the_columns_do_not_matter(name):
    data = wine()
    units = 2.0 ** np.arange(-6, 7)  # powers of two: floats stay exact
    before = score(name, data.x_train.astype(float), data.x_test.astype(float))
    after = score(name, data.x_train * units + 64, data.x_test * units + 64)
    np.testing.assert_allclose(after, before, rtol=1e-3)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_far_from_all_others_scores_highest_and_a_constant_column_is_harmless(name):
    generator = np.random.default_rng(0)
    train, test = generator.normal(size=(200, 4)), 0.5 * generator.normal(size=(30, 4))
    train[:, 2] = test[:, 2] = 3
    test[17, :2] = 30
    found = score(name, train, test)
    assert np.isfinite(found).all()
    assert found.argmax() == 17


@pytest.mark.parametrize("name", IMAGES)
def test_a_black_image_among_bright_ones_scores_highest(name):
    generator = np.random.default_rng(0)
    train, test = (generator.integers(200, 256, (n, 4, 4, 1), dtype=np.uint8) for n in (200, 30))
    test[17] = 0
    assert score(name, train, test).argmax() == 17


def test_every_shape_has_a_score_without_a_model_and_the_detectors_are_chosen_by_it():
    def names(samples, chosen):
        return [score for score, _ in detectors(samples, chosen)]

    assert names(wine().x_test, CHOSEN) == ["far_from_mean", "neighbours", "isolation"]
    assert names(digits().x_test, CHOSEN) == ["less_ink", "neighbours", "isolation"]
    assert names(wine().x_test, {"nearest_neighbours": {}}) == ["neighbours"]
    fitted = {name for name, detector in DETECTORS.items() if detector.fitted}
    assert fitted == {"far_from_mean", "neighbours", "isolation"}


@pytest.mark.parametrize("data", [wine(), digits()], ids=["rows", "images"])
def test_detectors_see_just_what_the_models_are_trained_on(data):
    """Neither the held-out class nor the validation samples: garbage in both changes nothing."""
    held_out = data.classes[1]
    rows = training_rows(data, held_out, validation=20, seed=3)
    part = split(data.y_train, 20, 3, 1)
    np.testing.assert_array_equal(rows, part.train)
    assert (data.y_train[rows] != 1).all()
    garbage = np.full_like(data.x_train, 99)
    garbage[rows] = data.x_train[rows]
    expected = scores_of(data, held_out, 20, 3)
    found = scores_of(data._replace(x_train=garbage), held_out, 20, 3)
    assert found.keys() == expected.keys()
    for name, scores in found.items():
        np.testing.assert_array_equal(scores, expected[name])


def test_areas_are_those_of_the_held_out_class_in_the_test_set():
    data = wine()
    train = data.x_train[split(data.y_train, 20, 1, 0).train].astype(float)
    scaler = StandardScaler().fit(train)
    distances = np.linalg.norm(scaler.transform(data.x_test.astype(float)), axis=1)
    found, anomalous = scores_of(data, "a", 20, 1), data.test("a")[1]
    np.testing.assert_array_equal(anomalous, data.y_test == 0)
    numbers = evaluated("far_from_mean", found["far_from_mean"], anomalous)
    assert numbers == {
        ScoreKey("auroc", score="far_from_mean"): pytest.approx(
            roc_auc_score(data.y_test == 0, distances), abs=1e-3
        ),
        ScoreKey("average_precision", score="far_from_mean"): pytest.approx(
            average_precision_score(data.y_test == 0, distances), abs=1e-3
        ),
    }


def test_given_anomalies_are_found_without_labels_and_all_training_rows_count():
    data = wine()
    usual = data.y_train != 0
    unlabelled = Dataset(
        data.x_train[usual], np.zeros(usual.sum(), int), data.x_test[data.y_test != 0],
        np.zeros((data.y_test != 0).sum(), int), (), data.x_train[~usual],
    )  # fmt: skip
    assert len(training_rows(unlabelled, GIVEN, 20, 1)) == usual.sum() - 20
    found, anomalous = scores_of(unlabelled, GIVEN, 20, 1), unlabelled.test(GIVEN)[1]
    assert roc_auc_score(anomalous, found["neighbours"]) > 0.8
    assert set(found) == {"far_from_mean", "neighbours", "isolation"}


# Estimators of libraries


def estimated(chosen, data=None):
    data = wine() if data is None else data
    chosen = {"mine": chosen}
    [(score, detector, values)] = detector_scores(data, "a", 20, 3, chosen)
    assert (score, detector.variant) == ("score_samples", "mine")
    return values


def fitted_to():
    """The standardised rows that detectors are fitted to and score."""
    data = wine()
    train = data.x_train[training_rows(data, "a", 20, 3)]
    return as_vectors(train, data.x_test)


def test_an_estimator_is_named_by_its_class_and_scores_by_its_negated_score_samples():
    train, test = fitted_to()
    found = estimated({"estimator": "sklearn.svm:OneClassSVM", "nu": 0.2})
    np.testing.assert_allclose(found, -OneClassSVM(nu=0.2).fit(train).score_samples(test))
    assert not np.allclose(found, estimated({"estimator": "sklearn.svm:OneClassSVM"}))


def test_one_gaussian_of_full_covariance_is_the_distance_of_mahalanobis():
    train, test = fitted_to()
    found = estimated({"estimator": "sklearn.mixture:GaussianMixture"})
    offsets = test - train.mean(axis=0)
    covariance = np.cov(train.T, bias=True) + 1e-6 * np.eye(train.shape[1])
    distances = np.einsum("ij,jk,ik->i", offsets, np.linalg.inv(covariance), offsets)
    assert np.corrcoef(found, distances)[0, 1] == pytest.approx(1, abs=1e-4)


def test_the_seed_of_a_run_is_the_random_state_of_an_estimator_unless_it_is_given():
    forest = {"estimator": "sklearn.ensemble:IsolationForest"}
    np.testing.assert_array_equal(estimated(forest), estimated(forest))
    data = wine()
    [(_, _, other)] = detector_scores(data, "a", 20, 4, {"mine": {**forest, "random_state": 0}})
    train = data.x_train[training_rows(data, "a", 20, 4)]
    train, test = as_vectors(train, data.x_test)
    expected = -IsolationForest(random_state=0).fit(train).score_samples(test)
    np.testing.assert_allclose(other, expected)


def test_detectors_of_pyod_score_by_their_decision_function(monkeypatch):
    class Detector:
        """The interface of PyOD's detectors."""

        def get_params(self):
            return {}

        def fit(self, rows):
            self.centre, self.decision_scores_ = rows.mean(axis=0), np.zeros(len(rows))

        def decision_function(self, rows):
            return np.linalg.norm(rows - self.centre, axis=1)

        def score_samples(self, rows):
            return self.decision_function(rows)

    monkeypatch.setitem(sys.modules, "like_pyod", types.SimpleNamespace(Detector=Detector))
    train, test = fitted_to()
    found = estimated({"estimator": "like_pyod:Detector"})
    np.testing.assert_allclose(found, np.linalg.norm(test - train.mean(axis=0), axis=1))


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"estimator": "nowhere:Detector"}, "detectors.mine: .*No module named 'nowhere'"),
        ({"estimator": "sklearn.svm:Nothing"}, "Received: sklearn.svm:Nothing with no parameters"),
        ({"estimator": "sklearn.svm:OneClassSVM", "nuu": 1}, "OneClassSVM with nuu"),
        ({"estimator": "sklearn.svm:OneClassSVM", "nu": -1}, "detectors.mine: .*'nu'"),
        ({"estimator": "sklearn.preprocessing:StandardScaler"}, "an estimator with score_samples"),
    ],
)
def test_estimators_that_cannot_be_made_fitted_or_asked_are_named(chosen, message):
    with pytest.raises(ValueError, match=message):
        estimated(chosen)


def test_an_estimator_without_parameters_to_list_and_an_error_without_words(monkeypatch):
    class Plain:
        def fit(self, rows):
            return self

        def score_samples(self, rows):
            return -rows.sum(axis=1)

    class Broken(Plain):
        def fit(self, rows):
            raise AssertionError

    class Wordy(Plain):
        def fit(self, rows):
            raise ValueError("one\ntwo")

    module = types.ModuleType("plain")
    module.Plain, module.Broken, module.Wordy = Plain, Broken, Wordy
    monkeypatch.setitem(sys.modules, "plain", module)
    assert len(estimated({"estimator": "plain:Plain"})) > 0
    for name, said in (("Broken", "AssertionError"), ("Wordy", "one two")):
        with pytest.raises(ValueError, match=f"^detectors.mine: {said}$"):
            estimated({"estimator": f"plain:{name}"})


def test_scores_that_are_not_finite_are_refused(monkeypatch):
    class Detector(OneClassSVM):
        def score_samples(self, rows):
            return np.full(len(rows), np.nan)

    monkeypatch.setitem(sys.modules, "broken", types.SimpleNamespace(Detector=Detector))
    with pytest.raises(ValueError, match=r"a finite score for each of 36 samples.*Received: 0"):
        estimated({"estimator": "broken:Detector"})
