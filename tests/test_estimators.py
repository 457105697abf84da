"""The estimators keep scikit-learn's conventions, and compute what the models compute."""

import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from kerasae.estimators import AutoencoderDetector, AutoencoderTransformer
from kerasae.evaluation.measures.likelihood import importance_weights, log_likelihoods
from kerasae.training.defaults import training_defaults

QUICK = {"latent_dim": 2, "epochs": 2, "batch_size": 64}


@parametrize_with_checks(
    [AutoencoderTransformer("shallow", **QUICK), AutoencoderDetector("shallow", **QUICK)]
)
def test_conventions_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def wine():
    rows, labels = load_wine(return_X_y=True)
    return StandardScaler().fit_transform(rows).astype("float32"), labels


@pytest.fixture(scope="module")
def transformer(wine):
    return AutoencoderTransformer("vanilla", latent_dim=3, epochs=30, batch_size=32).fit(wine[0])


def test_rows_go_to_codes_and_back(transformer, wine):
    codes = transformer.transform(wine[0])
    assert codes.shape == (178, 3)
    rows = transformer.inverse_transform(codes)
    np.testing.assert_allclose(rows, transformer.model_.reconstruct(wine[0]), atol=1e-4)
    losses = 0.5 * ((rows - wine[0]) ** 2).sum(axis=1)
    np.testing.assert_allclose(transformer.score_samples(wine[0]), -losses, rtol=1e-4)
    assert transformer.score(wine[0]) == pytest.approx(-losses.mean(), rel=1e-5)
    assert transformer.loss_curve_[-1] < transformer.loss_curve_[0]


def test_more_training_brings_it_near_principal_components(wine):
    rows = wine[0]
    linear = PCA(3).fit(rows)
    best = ((linear.inverse_transform(linear.transform(rows)) - rows) ** 2).sum(axis=1).mean() / 2
    trained = AutoencoderTransformer("vanilla", latent_dim=3, epochs=300, batch_size=32).fit(rows)
    assert -trained.score(rows) < 1.1 * best


def test_the_same_number_gives_the_same_model_and_another_another(wine):
    settings = {"latent_dim": 2, "epochs": 2}
    first, again, other = (
        AutoencoderTransformer("vae", random_state=seed, **settings).fit(wine[0]).transform(wine[0])
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_codes_of_a_row_do_not_depend_on_the_rows_beside_it(transformer, wine):
    whole = transformer.transform(wine[0])
    np.testing.assert_array_equal(transformer.transform(wine[0][5:6]), whole[5:6])


def test_they_survive_a_fresh_process(transformer, wine, tmp_path):
    joblib.dump(transformer, tmp_path / "model.joblib")
    np.save(tmp_path / "rows.npy", wine[0])
    script = (
        "import sys, joblib, numpy as np\n"
        "rows = np.load(sys.argv[1] + '/rows.npy')\n"
        "codes = joblib.load(sys.argv[1] + '/model.joblib').transform(rows)\n"
        "np.save(sys.argv[1] + '/codes.npy', codes)\n"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "codes.npy"), transformer.transform(wine[0]))


def test_they_work_in_a_pipeline_and_a_search(wine):
    codes = AutoencoderTransformer("vanilla", epochs=60, batch_size=32)
    model = make_pipeline(StandardScaler(), codes, LogisticRegression())
    grid = {"autoencodertransformer__latent_dim": [1, 4]}
    search = GridSearchCV(clone(model), grid, cv=2).fit(*load_wine(return_X_y=True))
    assert search.best_score_ > 0.6  # guessing is 0.4
    names = search.best_estimator_[:2].get_feature_names_out()
    assert names[0] == "autoencodertransformer0"


def test_the_score_of_a_row_is_split_over_its_columns(wine):
    rows = wine[0]
    detector = AutoencoderDetector("vanilla", latent_dim=3, epochs=30, batch_size=32).fit(rows)
    parts = detector.feature_scores(rows)
    errors = (detector.model_.reconstruct(rows).numpy() - rows) ** 2
    np.testing.assert_allclose(parts, errors / 2, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(parts.sum(axis=1), -detector.score_samples(rows))
    odd = rows[:20].copy()
    odd[:, 4] += 30
    shares = detector.feature_scores(odd) / -detector.score_samples(odd)[:, None]
    assert (shares.argmax(axis=1) == 4).mean() > 0.9


def test_the_likelihood_is_the_bound_of_the_tasks_and_depends_on_no_other_row(wine):
    rows = wine[0]
    detector = AutoencoderDetector("vae", criterion="likelihood", epochs=30, batch_size=32)
    scores = detector.fit(rows).score_samples(rows)
    bound = log_likelihoods(importance_weights(detector.model_, rows, 5, 2_000))
    assert np.corrcoef(scores, bound)[0, 1] > 0.99
    assert scores.mean() == pytest.approx(bound.mean(), abs=0.5)
    assert (detector.predict(rows) == -1).mean() == pytest.approx(0.1, abs=0.01)
    np.testing.assert_allclose(detector.score_samples(rows[10:12]), scores[10:12], rtol=1e-5)
    np.testing.assert_allclose(clone(detector).fit(rows).score_samples(rows), scores, rtol=1e-5)


def test_a_detector_finds_another_class_among_digits():
    images, labels = load_digits(return_X_y=True)
    rows = (images / 16).astype("float32")
    train, test = labels[:1000], labels[1000:]
    detector = AutoencoderDetector(
        "vanilla",
        latent_dim=8,
        likelihood="bernoulli",
        epochs=60,
        batch_size=32,
        contamination=0.05,
    ).fit(rows[:1000][train != 0])
    found = detector.predict(rows[:1000][train != 0])
    assert (found == -1).mean() == pytest.approx(0.05, abs=0.01)
    scores = detector.decision_function(rows[1000:])
    np.testing.assert_array_equal(detector.predict(rows[1000:]), np.where(scores < 0, -1, 1))
    np.testing.assert_allclose(scores, detector.score_samples(rows[1000:]) - detector.offset_)
    assert roc_auc_score(test == 0, -scores) > 0.7


def test_rows_are_reshaped_to_images_for_models_that_need_them():
    rows = (load_digits().data[:100] / 16).astype("float32")
    model = AutoencoderTransformer(
        "conv_vanilla", latent_dim=2, likelihood="bernoulli", image_shape=(8, 8, 1), epochs=1
    ).fit(rows)
    assert model.inverse_transform(model.transform(rows)).shape == (100, 64)


def test_how_long_it_trains_follows_from_the_rows_unless_it_is_said(wine):
    rows = wine[0][:40]
    by_rows = AutoencoderTransformer("shallow").fit(rows)
    assert len(by_rows.loss_curve_) == training_defaults(40)[0]
    assert len(AutoencoderTransformer("shallow", epochs=3).fit(rows).loss_curve_) == 3


@pytest.mark.parametrize("rows", [np.ones((20, 3)), np.arange(20.0)[:, None], np.eye(6, 13)])
def test_poor_data_have_finite_scores(rows):
    detector = AutoencoderDetector("vanilla", latent_dim=1, epochs=2).fit(rows)
    assert np.isfinite(detector.score_samples(rows)).all()
    assert set(detector.predict(rows)) <= {-1, 1}


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (1e9 + np.random.default_rng(0).normal(size=60), "column b"),
        (2**24 + np.arange(60), "16777216 to 16777275 in column b"),
    ],
)
def test_values_that_float32_does_not_tell_apart_need_a_scaler(column, words):
    rows = pd.DataFrame({"a": np.arange(60.0), "b": column})
    detector = AutoencoderDetector("vanilla", latent_dim=1, epochs=1)
    with pytest.raises(ValueError, match=rf"Precede .* StandardScaler\(\)\. .*{words}"):
        detector.fit(rows)
    scores = make_pipeline(StandardScaler(), detector).fit(rows).score_samples(rows)
    assert len(np.unique(scores)) == 60


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (AutoencoderTransformer("gan"), "Unknown model"),
        (AutoencoderTransformer(likelihood="bernoulli"), r"values in \[0, 1\].* Received: -"),
        (AutoencoderTransformer(likelihood="poisson"), "likelihood must be one of"),
        (AutoencoderDetector(contamination=0), "contamination must be above 0"),
        (AutoencoderDetector(criterion="mse"), "criterion must be .* Received: 'mse'"),
        (AutoencoderDetector("sparse", criterion="likelihood"), "needs a VAE.* Received: 'sparse'"),
        (AutoencoderTransformer(epochs=0), "epochs must be an integer of at least 1.* Received: 0"),
        (AutoencoderTransformer(batch_size="x"), "batch_size must be .* Received: 'x'"),
        (AutoencoderTransformer(learning_rate=float("nan")), "above 0. Received: nan"),
        (AutoencoderTransformer(settings={"trainable": False}), "no setting"),
        (AutoencoderTransformer("conv_vae"), "Convolutions need images"),
        (AutoencoderTransformer(image_shape=(13, 2, 1)), r"H·W·C = 13.* Received: \(13, 2, 1\)"),
    ],
)
def test_wrong_parameters_are_refused(estimator, words, wine):
    with pytest.raises(ValueError, match=words):
        estimator.fit(wine[0])
