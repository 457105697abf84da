"""The estimators keep scikit-learn's conventions, and compute what the models compute."""

import pickle
import subprocess
import sys
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import (
    load_digits,
    load_wine,
)
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from kerasae.estimators import AutoencoderDetector, AutoencoderTransformer
from kerasae.evaluation.metrics.likelihood import importance_weights, log_likelihoods
from kerasae.evaluation.new_samples import score_table, threshold, training_quantiles
from kerasae.training.defaults import training_defaults

QUICK = {"latent_dim": 2, "epochs": 2, "batch_size": 64}


@pytest.mark.slow  # a hundred fits
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


@pytest.mark.slow
def test_more_training_brings_it_near_principal_components(wine):
    rows = wine[0]
    linear = PCA(3).fit(rows)
    best = ((linear.inverse_transform(linear.transform(rows)) - rows) ** 2).sum(axis=1).mean() / 2
    trained = AutoencoderTransformer("vanilla", latent_dim=3, epochs=300, batch_size=32).fit(rows)
    assert -trained.score(rows) < 1.1 * best


def test_the_same_number_gives_the_same_model_and_another_another(wine):
    settings = {"latent_dim": 2, "epochs": 2}
    first, again, other = (
        AutoencoderTransformer("shallow", random_state=seed, **settings)
        .fit(wine[0])
        .transform(wine[0])
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_codes_of_a_row_do_not_depend_on_the_rows_beside_it(transformer, wine):
    whole = transformer.transform(wine[0])
    np.testing.assert_array_equal(transformer.transform(wine[0][5:6]), whole[5:6])


@pytest.mark.slow
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


@pytest.mark.slow
def test_they_work_in_a_pipeline_and_a_search(wine):
    codes = AutoencoderTransformer("vanilla", epochs=30, batch_size=32)
    model = make_pipeline(StandardScaler(), codes, LogisticRegression())
    grid = {"autoencodertransformer__latent_dim": [4]}
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


@pytest.mark.parametrize(
    ("name", "likelihood", "settings"),
    [
        ("vanilla", "bernoulli", {}),
        ("vae", "gaussian", {"learn_variance": True}),
    ],
)
def test_the_command_line_gives_the_same_score_and_threshold(name, likelihood, settings, wine):
    rows = wine[0] if likelihood == "gaussian" else MinMaxScaler(clip=True).fit_transform(wine[0])
    detector = AutoencoderDetector(
        name, likelihood=likelihood, settings=settings, epochs=20, contamination=0.2
    ).fit(rows)
    model = detector.model_
    model.metadata = training_quantiles(model, rows)
    table = score_table(model, rows, range(len(rows)), contamination=0.2)
    means = model.reconstruct(rows).numpy()
    if likelihood == "gaussian":
        losses = 0.5 * ((rows - means) ** 2).sum(axis=1)
        np.testing.assert_allclose(table["mse"], 2 * losses, rtol=1e-4)
    else:
        logits = model.decoder(model.encode(rows)).numpy()
        np.testing.assert_allclose(1 / (1 + np.exp(-logits)), means, rtol=1e-5)
        losses = (np.log1p(np.exp(-logits)) + (1 - rows) * logits).sum(axis=1)
    np.testing.assert_allclose(table["score"], losses, rtol=1e-4)
    np.testing.assert_allclose(-detector.score_samples(rows), losses, rtol=1e-4)
    assert threshold(model, 0.2) == pytest.approx(-detector.offset_, rel=0.01)
    assert (table["anomalous"] == (detector.predict(rows) == -1)).mean() > 0.98


def test_the_likelihood_is_the_bound_of_the_tasks_and_depends_on_no_other_row(wine):
    rows = wine[0]
    detector = AutoencoderDetector("vae", criterion="likelihood", epochs=5, batch_size=32)
    scores = detector.fit(rows).score_samples(rows)
    bound = log_likelihoods(importance_weights(detector.model_, rows, 5, 1_000))
    assert np.corrcoef(scores, bound)[0, 1] > 0.99
    assert scores.mean() == pytest.approx(bound.mean(), abs=0.5)
    assert (detector.predict(rows) == -1).mean() == pytest.approx(0.1, abs=0.01)
    np.testing.assert_allclose(detector.score_samples(rows[10:12]), scores[10:12], rtol=1e-5)


@pytest.mark.slow
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


@pytest.mark.slow
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


LATER = {
    "variant": "vae",
    "latent_dim": 5,
    "settings": {"widths": [7]},
    "likelihood": "bernoulli",
    "image_shape": (13, 1, 1),
    "contamination": 0.4,
    "criterion": "likelihood",
    "random_state": 5,
}


def test_a_fit_that_fails_leaves_what_was_fitted(wine):
    detector = AutoencoderDetector("shallow", epochs=1).fit(wine[0])
    expected = detector.score_samples(wine[0])
    with pytest.raises(ValueError, match="no setting"):
        detector.set_params(variant="vae", settings={"sizes": 1}).fit(wine[0])
    np.testing.assert_array_equal(detector.score_samples(wine[0]), expected)


def test_parameters_that_are_set_after_the_fit_do_not_touch_what_was_fitted(wine):
    rows = wine[0]
    detector = AutoencoderDetector("shallow", epochs=1).fit(rows)
    codes = AutoencoderTransformer("shallow", epochs=1).fit(rows)

    def results(detector, codes):
        z = codes.transform(rows)
        scores = detector.score_samples(rows), detector.feature_scores(rows)
        return *scores, detector.predict(rows), z, codes.inverse_transform(z)

    before, names = results(detector, codes), codes.get_feature_names_out().tolist()
    detector.set_params(**LATER)
    codes.set_params(**{key: LATER[key] for key in LATER.keys() & codes.get_params()})
    assert codes.get_feature_names_out().tolist() == names
    for now in ((detector, codes), pickle.loads(pickle.dumps((detector, codes)))):
        for expected, result in zip(before, results(*now), strict=True):
            np.testing.assert_array_equal(result, expected)
    assert now[0].get_params() == detector.get_params()


OWN = """
import keras
from kerasae.models.vanilla import Vanilla

@keras.saving.register_keras_serializable("own_estimator")
class Own(Vanilla):
    \"\"\"A subclass.\"\"\"
"""


def test_an_own_model_survives_a_dump(wine, tmp_path):
    (tmp_path / "mine.py").write_text(OWN)
    detector = AutoencoderDetector(f"{tmp_path}/mine.py:Own", epochs=1).fit(wine[0])
    expected = detector.score_samples(wine[0])
    joblib.dump(detector.set_params(variant="pca"), tmp_path / "own.joblib")
    again = joblib.load(tmp_path / "own.joblib")
    np.testing.assert_array_equal(again.score_samples(wine[0]), expected)
    assert type(again.model_).__name__ == "Own"


@pytest.mark.parametrize("criterion", ["reconstruction", "likelihood"])
def test_a_row_whose_score_is_not_finite_is_anomalous(criterion):
    row = np.finfo("float32").max * np.ones(64)
    rows = np.random.default_rng(0).normal(size=(60, 64))
    detector = AutoencoderDetector("vae", criterion=criterion, epochs=1).fit(rows)
    assert detector.predict([row]) == [-1]
    assert detector.score_samples([row]) < detector.offset_
    assert not np.isnan(detector.score_samples([row, rows[0]])).any()
    assert np.isfinite(detector.score_samples([row, rows[0]])[1])


def test_a_reconstruction_that_is_not_finite_scores_minus_infinity(wine):
    detector = AutoencoderDetector("shallow", epochs=1).fit(wine[0])
    detector.model_.decoder.layers[0].bias.assign(np.full(13, np.nan))
    assert (detector.feature_scores(wine[0]) == np.inf).all()
    assert (detector.score_samples(wine[0]) == -np.inf).all()
    assert (detector.predict(wine[0]) == -1).all()
    table = score_table(detector.model_, wine[0], range(178))
    assert (table["score"] == np.inf).all()
    assert (table["where"] == "").all()


def test_a_column_that_makes_the_score_by_its_scale_is_named():
    table = load_wine(as_frame=True).data
    words = r"proline makes 9\d% of the score .* by a StandardScaler\(\)"
    with pytest.warns(UserWarning, match=words) as caught:
        AutoencoderDetector(epochs=5).fit(table)
    assert len(caught) == 1
    income = np.random.default_rng(0).normal([40, 50_000], [10, 15_000], size=(90, 2))
    with pytest.warns(UserWarning, match="column 1 makes"):
        AutoencoderTransformer(latent_dim=1, epochs=5).fit(income)


def test_no_column_of_scaled_rows_is_named():
    rows = load_wine().data
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        for scaler in (StandardScaler(), MinMaxScaler()):
            AutoencoderDetector(epochs=1).fit(scaler.fit_transform(rows))


def test_a_code_that_compresses_nothing_is_warned_of():
    rows = np.random.default_rng(0).normal(size=(50, 3))
    with pytest.warns(UserWarning, match=r"latent_dim \(3\) should be smaller than"):
        AutoencoderDetector(latent_dim=3, epochs=1).fit(rows)


@pytest.mark.parametrize("rows", [np.ones((20, 3)), np.eye(6, 13)])
def test_poor_data_have_finite_scores(rows):
    detector = AutoencoderDetector("vanilla", latent_dim=1, epochs=2).fit(rows)
    assert np.isfinite(detector.score_samples(rows)).all()
    assert set(detector.predict(rows)) <= {-1, 1}


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (2**24 + np.arange(60), "16777216 to 16777275 in column b"),
        (1e14 + np.arange(60) / 64, "column b"),
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
    ("column", "words"),
    [
        (2**60 + np.arange(60), "Subtract an offset.* become equal in column"),
        (np.r_[np.zeros(59), -1e19], r"at most 1e\+15\..* Received: 1e\+19 in column"),
        (np.ma.masked_less(np.arange(60), 3), "Received: 6 masked values"),
    ],
)
@pytest.mark.parametrize("kind", ["frame", "array"])
def test_values_that_no_scaler_mends_are_refused_by_column(column, words, kind):
    rows = np.ma.stack([column, column], axis=1)
    if kind == "frame" and not np.ma.is_masked(column):
        rows, words = pd.DataFrame({"a": np.linspace(0, 1, 60), "b": column}), words + " b"
    with pytest.raises(ValueError, match=words.replace("column b", "column b$")):
        AutoencoderDetector("vanilla", latent_dim=1, epochs=1).fit(rows)


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (AutoencoderTransformer("gan"), "Unknown model"),
        (AutoencoderTransformer(None), "variant must be the name of a model.* Received: None"),
        (AutoencoderTransformer("conv_vae"), "Convolutions need images"),
        (AutoencoderTransformer(latent_dim="auto"), "latent_dim must be .* Received: 'auto'"),
        (AutoencoderTransformer(likelihood="poisson"), "likelihood must be .* Received: 'poisson'"),
        (AutoencoderTransformer(likelihood="bernoulli"), r"values in \[0, 1\].* Received: -"),
        (AutoencoderTransformer(settings=["a"]), r"settings must be .* Received: \['a'\]"),
        (AutoencoderTransformer(settings={"seed": 2}), "without seed.* Received: {'seed': 2}"),
        (AutoencoderTransformer(settings={"trainable": False}), "no setting"),
        (AutoencoderTransformer(learning_rate=float("nan")), "above 0. Received: nan"),
        (AutoencoderTransformer(random_state=-1), "random_state must be .* Received: -1"),
        (AutoencoderTransformer(epochs=0), "epochs must be an integer of at least 1.* Received: 0"),
        (AutoencoderTransformer(batch_size="x"), "batch_size must be .* Received: 'x'"),
        (AutoencoderTransformer(image_shape=(13, 2, 1)), r"H·W·C = 13.* Received: \(13, 2, 1\)"),
        (AutoencoderDetector(contamination=0), "contamination must be above 0"),
        (AutoencoderDetector(contamination="auto"), "contamination must be .* Received: 'auto'"),
        (AutoencoderDetector(criterion="mse"), "criterion must be .* Received: 'mse'"),
        (AutoencoderDetector("sparse", criterion="likelihood"), "needs a VAE.* Received: 'sparse'"),
    ],
)
def test_wrong_parameters_are_refused(estimator, words, wine):
    with pytest.raises(ValueError, match=words):
        estimator.fit(wine[0])
