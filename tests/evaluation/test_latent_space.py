"""Metrics of the latent space, against values by hand, closed forms and other definitions."""

import numpy as np
import pytest
from scipy import integrate, stats
from sklearn.decomposition import PCA
from sklearn.metrics import confusion_matrix

from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.metrics.latent_space import (
    active_units,
    code_metrics,
    kl_elements,
    kl_per_dimension,
    latent_metrics,
    linear_cka,
    mingling,
    neighbour_confusion,
    perplexity,
    plane_accuracy,
    similarities,
    volume,
)
from kerasae.evaluation.metrics.plane import plane
from kerasae.evaluation.metrics.probes import probe
from kerasae.evaluation.outputs import Encoded, Outputs
from kerasae.models.vae import kl_divergence


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def rotation(rng, size):
    return stats.ortho_group.rvs(size, random_state=rng)


def test_the_kl_divergence_of_each_element_is_the_integral_of_its_definition():
    means, log_stds = np.array([[0.5, -1.0], [2.0, 0.0]]), np.array([[0.3, -0.7], [0.0, -2.0]])

    def divergence(mean, log_std):
        code, prior = stats.norm(mean, np.exp(log_std)), stats.norm()
        return integrate.quad(
            lambda z: code.pdf(z) * (code.logpdf(z) - prior.logpdf(z)), *code.interval(1 - 1e-14)
        )[0]

    expected = np.vectorize(divergence)(means, log_stds).mean(axis=0)
    np.testing.assert_allclose(kl_per_dimension(means, log_stds), expected, rtol=1e-6)


def test_the_kl_divergence_is_that_of_the_training_and_never_negative(rng):
    means, log_stds = rng.normal(size=(2, 50, 4)).astype("float32")
    trained = float(kl_divergence(means, log_stds))
    assert kl_elements(means, log_stds).sum(axis=1).mean() == pytest.approx(trained, rel=1e-5)
    assert (kl_per_dimension(*1e-9 * rng.normal(size=(2, 5, 1000)).astype("float32")) >= 0).all()


def test_units_are_active_whose_mean_varies_over_the_images():
    signs = np.array([[1.0], [-1.0]])
    means = signs * [0.05, 0.15, 2.0, 0.0] + [0, 0, 0, 9]  # variances 0.0025, 0.0225, 4, 0
    assert active_units(means) == 2


def test_perplexity_is_that_of_the_shares_of_the_values_in_use():
    even, constant = np.tile(np.arange(8) / 3, 5), np.full(40, -0.7)
    assert perplexity(np.stack([even, constant], axis=1)) == pytest.approx((8 + 1) / 2)
    uneven = np.repeat([0.5, -0.25, 3.0], [5, 3, 2])[:, None].astype("float32")
    assert perplexity(uneven) == pytest.approx(np.exp(stats.entropy([0.5, 0.3, 0.2])))


def test_volume_of_independent_elements_is_the_product_of_their_deviations(rng):
    stds = np.array([0.1, 2.0, 5.0])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T  # uncorrelated, variance 1
    metrics = volume((signs * stds) @ rotation(rng, 3) + 100)
    assert metrics["log_volume"] == pytest.approx(np.log(0.1 * 2 * 5))
    assert metrics["spread"] == pytest.approx(np.sqrt(0.01 + 4 + 25))
    thin = rng.normal(size=(2000, 2)) * [1, 1e-5]
    determinant = np.linalg.slogdet(np.cov(thin, rowvar=False, bias=True))[1]
    assert volume(thin)["log_volume"] == pytest.approx(determinant / 2)


def test_flat_codes_have_no_volume_but_a_spread(rng):
    codes = rng.normal(size=(50, 3))
    doubled = np.hstack([codes, codes @ [[0.1], [0.3], [0.7]]])
    assert volume(doubled)["log_volume"] == -np.inf
    assert volume(doubled)["spread"] > 1
    assert volume(np.full((50, 3), 0.1)) == {"log_volume": -np.inf, "spread": 0}


def test_cka_does_not_see_rotation_scale_and_shift_but_stretching(rng):
    codes = rng.normal(size=(200, 5)) * [1, 2, 3, 4, 5]
    assert linear_cka(codes, -7 * codes @ rotation(rng, 5) + 3) == pytest.approx(1)
    assert linear_cka(codes, codes * [10, 1, 1, 1, 1]) < 0.9
    turns = [rotation(rng, 5) for _ in range(30)]  # rounding alone could lead beyond 1
    assert max(linear_cka(codes, codes @ turn) for turn in turns) <= 1


def test_cka_is_that_of_the_gram_matrices(rng):
    first = rng.normal(2, 1, (60, 4))
    second = np.hstack([first[:, :2] ** 2, rng.normal(size=(60, 5))])
    centre = np.eye(60) - 1 / 60
    grams = [centre @ codes @ codes.T @ centre for codes in (first, second)]
    expected = np.trace(grams[0] @ grams[1]) / np.prod([np.linalg.norm(gram) for gram in grams])
    values = similarities({"a": first, "b": second, "constant": np.full((60, 2), 0.1)})
    assert values == {"a": {"b": pytest.approx(expected)}, "b": values["b"], "constant": {}}
    assert values["b"]["a"] == values["a"]["b"]


@pytest.fixture(scope="module")
def digits(mnist):
    rows = mnist.x_train[:3000].reshape(3000, -1) / 255
    codes = PCA(20, random_state=0).fit_transform(rows) * np.logspace(-2, 2, 20)
    labels = mnist.y_train[:3000]
    return codes[:2000], labels[:2000], codes[2000:], labels[2000:]


def test_confusion_weighted_by_class_is_the_accuracy_of_the_probe(digits):
    confusion, truth = neighbour_confusion(*digits), digits[3]
    shares = np.bincount(truth) / len(truth)
    assert shares @ confusion.diagonal() == pytest.approx(probe(*digits)["neighbours"])
    assert mingling(confusion, [4, 9]) > 0.05 > mingling(confusion, [0, 1])


def test_rows_of_the_confusion_are_the_truth_and_columns_the_guesses():
    train, labels = np.array([[0.0], [10.0], [20.0]]), np.array([0, 1, 3])
    test, truth = np.array([[1.0], [9.0], [19.0], [11.0]]), np.array([0, 0, 0, 1])
    confusion = neighbour_confusion(train, labels, test, truth, neighbours=1)
    expected = confusion_matrix(truth, [0, 1, 3, 1], labels=range(4), normalize="true")
    np.testing.assert_allclose(confusion[:2], expected[:2])
    assert np.isnan(confusion[2:]).all()  # no test images


def test_classes_mingle_that_stay_in_the_group_but_are_wrong():
    confusion = [[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.0, 0.5, 0.5]]
    assert mingling(confusion, [0, 1]) == pytest.approx((0.2 + 0.3) / 2)
    assert mingling(confusion, range(3)) == pytest.approx((0.3 + 0.4 + 0.5) / 3)


def test_points_of_a_plane_are_classified_by_the_others():
    near = np.array([[0.0, 0], [0.1, 0], [0.2, 0], [9, 9], [9.1, 9], [9.2, 9]])
    assert plane_accuracy(near, np.array([0, 0, 0, 1, 1, 1]), neighbours=2) == 1
    assert plane_accuracy(near, np.array([0, 0, 1, 1, 1, 1]), neighbours=2) == pytest.approx(5 / 6)


def test_umap_is_reproducible_and_keeps_blobs_apart(rng):
    codes = np.concatenate([rng.normal(size=(30, 5)), rng.normal(20, 1, (30, 5))])
    first, second = (plane(codes, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    gap = np.linalg.norm(first[:30].mean(0) - first[30:].mean(0))
    assert gap > 2 * max(first[:30].std(), first[30:].std())


@pytest.fixture
def vae(rng):
    """Outputs whose posterior samples are noisier than the means, and the labels of both sets."""
    labels, test_labels = np.arange(300) % 3, np.arange(120) % 3
    train, test = (
        4.0 * np.eye(3)[each] + 0.1 * rng.normal(size=(len(each), 3))
        for each in (labels, test_labels)
    )
    noisy = train + 4 * rng.normal(size=train.shape), test + 4 * rng.normal(size=test.shape)
    sampled, mean = Encoded(*noisy, {}, None), Encoded(train, test, {}, None)
    return Outputs(sampled, mean, None, np.zeros((120, 3))), labels, test_labels


def test_metrics_of_a_vae_are_of_both_kinds_of_codes(vae):
    outputs, labels, test_labels = vae
    values = latent_metrics(*vae, outputs.mean.test[:, :2], seed=1)
    for code, encoded in outputs.kinds.items():
        for key, value in code_metrics(encoded, labels, test_labels, np.arange(120)).items():
            assert values[key._replace(code=code)] == pytest.approx(value)
    for key in (ScoreKey("silhouette"), ScoreKey("accuracy", probe="neighbours")):
        assert values[key._replace(code="sample")] < values[key._replace(code="mean")]
    metrics = {code: {key.metric for key in values if key.code == code} for code in outputs.kinds}
    only_means = {"trustworthiness", "plane_accuracy", "active_units", "kl"}
    assert metrics["mean"] - metrics["sample"] == only_means
