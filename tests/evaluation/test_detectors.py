"""The baselines of anomaly detection against NumPy, SciPy and scikit-learn, on small real data."""

import sys
from types import SimpleNamespace

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

ALL = {detector.variant: {} for detector in DETECTORS.values()}


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
    return Dataset(images[:300], bunch.target[:300], images[300:400], bunch.target[300:400], names)


BOTH = pytest.mark.parametrize("data", [wine(), digits()], ids=["rows", "images"])


def vectors(data):
    """Training and test samples as vectors: standardised columns, or pixels from 0 to 1."""
    if data.x_train.ndim == 2:
        scaler = StandardScaler().fit(data.x_train.astype(float))
        return tuple(scaler.transform(x.astype(float)) for x in (data.x_train, data.x_test))
    return tuple(x.reshape(len(x), -1).astype(np.float32) / 255 for x in data[::2][:2])


def score(name, train, test, seed=1):
    return DETECTORS[name].score(train, test, seed)


def scores_of(*arguments):
    """Scores of all detectors by their names."""
    return {name: values for name, _, values in detector_scores(*arguments, ALL)}


@BOTH
def test_neighbours_are_the_five_nearest_training_samples(data):
    train, test = vectors(data)
    expected = np.sort(cdist(test, train), axis=1)[:, :5].mean(axis=1)
    values = score("neighbours", data.x_train, data.x_test)
    np.testing.assert_allclose(values, expected, rtol=1e-4)


@BOTH
def test_isolation_is_that_of_scikit_learn_with_a_seed_of_its_own(data):
    train, test = vectors(data)
    forest = IsolationForest(random_state=derive(7, "isolation forest"))
    forest.fit(train.astype(np.float32))
    values = score("isolation", data.x_train, data.x_test, seed=7)
    expected = -forest.score_samples(test.astype(np.float32))
    np.testing.assert_allclose(values, expected, rtol=1e-3)


def test_distance_from_the_mean_is_in_standard_deviations_of_the_training_rows():
    data = wine()
    train, test = data.x_train.astype(float), data.x_test.astype(float)
    expected = np.sqrt((((test - train.mean(axis=0)) / train.std(axis=0)) ** 2).sum(axis=1))
    values = score("far_from_mean", data.x_train, data.x_test)
    np.testing.assert_allclose(values, expected, rtol=1e-4)


def test_detectors_are_chosen_by_configuration_and_shape():
    def names(samples, chosen):
        return [name for name, _ in detectors(samples, chosen)]

    assert names(wine().x_test, ALL) == ["far_from_mean", "neighbours", "isolation"]
    assert names(digits().x_test, ALL) == ["less_ink", "neighbours", "isolation"]
    assert names(wine().x_test, {"nearest_neighbours": {}}) == ["neighbours"]


@BOTH
def test_detectors_see_just_what_the_models_are_trained_on(data):
    """Neither the held-out class nor the validation samples: garbage in both changes nothing."""
    held_out = data.classes[1]
    rows = training_rows(data, held_out, validation=20, seed=3)
    np.testing.assert_array_equal(rows, split(data.y_train, 20, 3, 1).train)
    assert (data.y_train[rows] != 1).all()
    garbage = np.full_like(data.x_train, 99)
    garbage[rows] = data.x_train[rows]
    expected = scores_of(data, held_out, 20, 3)
    np.testing.assert_equal(scores_of(data._replace(x_train=garbage), held_out, 20, 3), expected)


def test_areas_are_those_of_the_held_out_class_in_the_test_set():
    data = wine()
    train = data.x_train[split(data.y_train, 20, 1, 0).train].astype(float)
    scaler = StandardScaler().fit(train)
    distances = np.linalg.norm(scaler.transform(data.x_test.astype(float)), axis=1)
    anomalous, name = data.test("a")[1], "far_from_mean"
    np.testing.assert_array_equal(anomalous, data.y_test == 0)
    assert evaluated(name, scores_of(data, "a", 20, 1)[name], anomalous) == {
        ScoreKey(metric, score=name): pytest.approx(function(anomalous, distances), abs=1e-3)
        for metric, function in (
            ("auroc", roc_auc_score),
            ("average_precision", average_precision_score),
        )
    }


def test_given_anomalies_are_found_without_labels_and_all_training_rows_count():
    data = wine()
    usual = data.y_train != 0
    unlabelled = Dataset(
        data.x_train[usual], np.zeros(usual.sum(), int), data.x_test[data.y_test != 0],
        np.zeros((data.y_test != 0).sum(), int), (), data.x_train[~usual],
    )  # fmt: skip
    assert len(training_rows(unlabelled, GIVEN, 20, 1)) == usual.sum() - 20
    values, anomalous = scores_of(unlabelled, GIVEN, 20, 1), unlabelled.test(GIVEN)[1]
    assert roc_auc_score(anomalous, values["neighbours"]) > 0.8


# Estimators of libraries


def estimated(estimator, **parameters):
    """Scores of an estimator under the name of a variant, of the held-out class a."""
    chosen = {"mine": {"estimator": estimator, **parameters}}
    [(name, detector, values)] = detector_scores(wine(), "a", 20, 3, chosen)
    assert (name, detector.variant) == ("score_samples", "mine")
    return values


def fitted_to():
    """The standardised rows that detectors are fitted to and score."""
    data = wine()
    return as_vectors(data.x_train[training_rows(data, "a", 20, 3)], data.x_test)


def module_of(monkeypatch, **classes):
    """Offer classes as the module ``mine``."""
    monkeypatch.setitem(sys.modules, "mine", SimpleNamespace(**classes))


def test_an_estimator_is_named_by_its_class_and_scores_by_its_negated_score_samples():
    train, test = fitted_to()
    expected = -OneClassSVM(nu=0.2).fit(train).score_samples(test)
    np.testing.assert_allclose(estimated("sklearn.svm:OneClassSVM", nu=0.2), expected)


def test_the_seed_of_a_run_is_the_random_state_of_an_estimator_unless_it_is_given():
    forest = "sklearn.ensemble:IsolationForest"
    few = {"n_estimators": 10}
    np.testing.assert_array_equal(estimated(forest, **few), estimated(forest, **few))
    train, test = fitted_to()
    expected = -IsolationForest(random_state=0, **few).fit(train).score_samples(test)
    np.testing.assert_allclose(estimated(forest, random_state=0, **few), expected)


class Plain:
    """The least that an estimator has."""

    def fit(self, rows):
        self.centre = rows.mean(axis=0)

    def score_samples(self, rows):
        return -np.linalg.norm(rows - self.centre, axis=1)


class LikePyod(Plain):
    """The interface of PyOD's detectors."""

    decision_scores_ = ()

    def decision_function(self, rows):
        return 2 * np.linalg.norm(rows - self.centre, axis=1)


class NotFinite(Plain):
    def score_samples(self, rows):
        return np.full(len(rows), np.nan)


def test_detectors_of_pyod_score_by_their_decision_function(monkeypatch):
    module_of(monkeypatch, Plain=Plain, LikePyod=LikePyod)
    train, test = fitted_to()
    expected = np.linalg.norm(test - train.mean(axis=0), axis=1)
    np.testing.assert_allclose(estimated("mine:Plain"), expected)
    np.testing.assert_allclose(estimated("mine:LikePyod"), 2 * expected)


class Silent(Plain):
    def fit(self, rows):
        raise AssertionError


class Wordy(Plain):
    def fit(self, rows):
        raise ValueError("one\ntwo")


@pytest.mark.parametrize(
    ("estimator", "parameters", "message"),
    [
        ("nowhere:Detector", {}, "detectors.mine: .*No module named 'nowhere'"),
        ("sklearn.svm:Nothing", {}, "Received: sklearn.svm:Nothing with no parameters"),
        ("sklearn.svm:OneClassSVM", {"nuu": 1}, "OneClassSVM with nuu"),
        ("sklearn.svm:OneClassSVM", {"nu": -1}, "detectors.mine: .*'nu'"),
        ("sklearn.preprocessing:StandardScaler", {}, "an estimator with score_samples"),
        ("mine:NotFinite", {}, "a finite score for each of 36 samples.*Received: 0"),
        ("mine:Silent", {}, "^detectors.mine: AssertionError$"),
        ("mine:Wordy", {}, "^detectors.mine: one two$"),
    ],
)
def test_estimators_that_cannot_be_made_fitted_or_asked_are_named(
    monkeypatch, estimator, parameters, message
):
    module_of(monkeypatch, NotFinite=NotFinite, Silent=Silent, Wordy=Wordy)
    with pytest.raises(ValueError, match=message):
        estimated(estimator, **parameters)
