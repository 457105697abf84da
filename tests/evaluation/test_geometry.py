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
    volume,
)
from kerasae.evaluation.metrics.probes import probe
from kerasae.evaluation.metrics.reconstruction import (
    entropy_floor,
    explained,
    mean_image_bce,
    summed_bce,
)
from kerasae.evaluation.outputs import Encoded, Outputs
from kerasae.models.vae import kl_divergence


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def rotation(rng, size):
    return stats.ortho_group.rvs(size, random_state=rng)


def test_kl_of_each_element_is_the_integral_of_its_definition():
    means, log_stds = np.array([[0.5, -1.0], [2.0, 0.0]]), np.array([[0.3, -0.7], [0.0, -2.0]])

    def divergence(mean, log_std):
        code = stats.norm(mean, np.exp(log_std))
        prior = stats.norm()
        return integrate.quad(
            lambda z: code.pdf(z) * (code.logpdf(z) - prior.logpdf(z)), *code.interval(1 - 1e-14)
        )[0]

    expected = np.vectorize(divergence)(means, log_stds).mean(axis=0)
    np.testing.assert_allclose(kl_per_dimension(means, log_stds), expected, rtol=1e-6)


def test_kl_of_the_prior_is_nothing_and_never_negative_near_it(rng):
    assert kl_per_dimension(np.zeros((3, 2)), np.zeros((3, 2))).tolist() == [0, 0]
    means, log_stds = 1e-9 * rng.normal(size=(2, 5, 1000)).astype("float32")
    assert (kl_per_dimension(means, log_stds) >= 0).all()


def test_units_are_active_whose_mean_varies_over_the_images():
    signs = np.array([[1.0], [-1.0]])
    means = signs * [0.05, 0.15, 2.0, 0.0] + [0, 0, 0, 9]  # variances 0.0025, 0.0225, 4, 0
    assert active_units(means) == 2
    assert active_units(means, least=0.001) == 3
    assert active_units(np.ones((5, 3))) == 0


def test_perplexity_counts_the_values_in_use():
    uniform, constant = np.tile(np.arange(8) / 3, 5), np.full(40, -0.7)
    assert perplexity(uniform[:, None]) == pytest.approx(8)
    assert perplexity(constant[:, None]) == pytest.approx(1)
    assert perplexity(np.stack([uniform, constant], axis=1)) == pytest.approx((8 + 1) / 2)


def test_perplexity_of_uneven_shares_is_that_of_scipy():
    codes = np.repeat([0.5, -0.25, 3.0], [5, 3, 2])[:, None].astype("float32")
    assert perplexity(codes) == pytest.approx(np.exp(stats.entropy([0.5, 0.3, 0.2])))


def test_volume_of_independent_elements_is_the_product_of_their_deviations(rng):
    stds = np.array([0.1, 2.0, 5.0])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T  # uncorrelated, variance 1
    found = volume((signs * stds) @ rotation(rng, 3) + 100)
    assert found["log_volume"] == pytest.approx(np.log(0.1 * 2 * 5))
    assert found["spread"] == pytest.approx(np.sqrt(0.01 + 4 + 25))


def test_volume_follows_the_scale(rng):
    codes = rng.normal(size=(500, 4)) @ rng.normal(size=(4, 4))
    before, after = volume(codes), volume(3 * codes)
    assert after["log_volume"] - before["log_volume"] == pytest.approx(4 * np.log(3))
    assert after["spread"] == pytest.approx(3 * before["spread"])
    determinant = np.linalg.slogdet(np.cov(codes, rowvar=False, bias=True))[1]
    assert before["log_volume"] == pytest.approx(determinant / 2)


def test_flat_codes_have_no_volume_but_a_spread(rng):
    codes = rng.normal(size=(50, 3))
    doubled = np.hstack([codes, codes @ [[0.1], [0.3], [0.7]]])
    assert volume(doubled)["log_volume"] == -np.inf
    assert volume(doubled)["spread"] > 1
    assert volume(codes[:3])["log_volume"] == -np.inf  # three points lie in a plane
    assert volume(np.full((50, 3), 0.1)) == {"log_volume": -np.inf, "spread": 0}


def test_a_thin_code_still_has_a_volume(rng):
    codes = rng.normal(size=(2000, 2)) * [1, 1e-5]
    assert volume(codes)["log_volume"] == pytest.approx(np.log(1e-5), abs=0.1)


def test_cka_does_not_see_rotation_scale_and_shift_but_stretching(rng):
    codes = rng.normal(size=(200, 5)) * [1, 2, 3, 4, 5]
    assert linear_cka(codes, -7 * codes @ rotation(rng, 5) + 3) == pytest.approx(1)
    assert linear_cka(codes, codes * [10, 1, 1, 1, 1]) < 0.9
    turns = [rotation(rng, 5) for _ in range(30)]  # rounding alone could lead beyond 1
    assert max(linear_cka(codes, codes @ turn) for turn in turns) <= 1


def test_cka_is_that_of_the_gram_matrices(rng):
    one = rng.normal(2, 1, (60, 4))
    other = np.hstack([one[:, :2] ** 2, rng.normal(size=(60, 5))])
    centre = np.eye(60) - 1 / 60
    grams = [centre @ codes @ codes.T @ centre for codes in (one, other)]
    scale = np.linalg.norm(grams[0]) * np.linalg.norm(grams[1])
    expected = np.trace(grams[0] @ grams[1]) / scale
    assert linear_cka(one, other) == pytest.approx(expected)
    assert linear_cka(other, one) == pytest.approx(expected)
    assert 0.1 < expected < 0.9


def test_the_divergence_of_arrays_is_that_of_the_training(rng):
    means, log_stds = rng.normal(size=(2, 50, 4)).astype("float32")
    trained = float(kl_divergence(means, log_stds))
    assert kl_elements(means, log_stds).sum(axis=1).mean() == pytest.approx(trained, rel=1e-5)


def test_cka_of_unrelated_codes_is_near_0_and_of_constant_ones_undefined(rng):
    one, other = rng.normal(size=(20000, 3)), rng.normal(size=(20000, 6))
    assert linear_cka(one, other) == pytest.approx(0, abs=0.001)
    assert np.isnan(linear_cka(one, np.full((20000, 2), 0.1)))


@pytest.fixture(scope="module")
def digits(mnist):
    rows = mnist.x_train[:3000].reshape(3000, -1) / 255
    codes = PCA(20, random_state=0).fit_transform(rows) * np.logspace(-2, 2, 20)
    labels = mnist.y_train[:3000]
    return codes[:2000], labels[:2000], codes[2000:], labels[2000:]


def test_confusion_weighted_by_class_is_the_accuracy_of_the_probe(digits):
    confusion, truth = neighbour_confusion(*digits), digits[3]
    np.testing.assert_allclose(confusion.sum(axis=1), 1)
    shares = np.bincount(truth) / len(truth)
    assert shares @ confusion.diagonal() == pytest.approx(probe(*digits)["neighbours"])


def test_rows_are_the_truth_and_columns_the_guesses():
    train, labels = np.array([[0.0], [10.0], [20.0]]), np.array([0, 1, 3])
    test, truth = np.array([[1.0], [9.0], [19.0], [11.0]]), np.array([0, 0, 0, 1])
    confusion = neighbour_confusion(train, labels, test, truth, neighbours=1)
    expected = confusion_matrix(truth, [0, 1, 3, 1], labels=range(4), normalize="true")
    assert expected[0].tolist() == [1 / 3, 1 / 3, 0, 1 / 3]
    np.testing.assert_allclose(confusion[:2], expected[:2])
    assert np.isnan(confusion[2:]).all()  # no test images


def test_leak_is_what_stays_in_the_group_but_is_wrong():
    confusion = [[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.0, 0.5, 0.5]]
    assert mingling(confusion, [0, 1]) == pytest.approx((0.2 + 0.3) / 2)
    assert mingling(confusion, {1, 2}) == pytest.approx((0.1 + 0.5) / 2)
    assert mingling(confusion, range(3)) == pytest.approx((0.3 + 0.4 + 0.5) / 3)
    assert mingling(confusion, [2]) == 0


def test_fours_and_nines_mingle_more_than_zeros_and_ones(digits):
    confusion = neighbour_confusion(*digits)
    assert mingling(confusion, [4, 9]) > 0.05 > mingling(confusion, [0, 1])


def test_points_of_a_plane_are_classified_by_the_others():
    near = np.array([[0.0, 0], [0.1, 0], [0.2, 0], [9, 9], [9.1, 9], [9.2, 9]])
    assert plane_accuracy(near, np.array([0, 0, 0, 1, 1, 1]), neighbours=2) == 1
    assert plane_accuracy(near, np.array([0, 0, 1, 1, 1, 1]), neighbours=2) == pytest.approx(5 / 6)
    apart = np.array([[0.0, 0], [0, 1], [5, 5], [5, 6]])  # each one's nearest is of the other class
    assert plane_accuracy(apart, np.array([0, 1, 0, 1]), neighbours=1) == 0


def of_vae(rng):
    """Outputs whose posterior samples are noisier than the means, and the labels of both sets."""
    labels, test_labels = np.arange(300) % 3, np.arange(120) % 3
    train, test = (4.0 * np.eye(3)[part] + 0.1 * rng.normal(size=(len(part), 3))
                   for part in (labels, test_labels))  # fmt: skip
    mean = Encoded(train, test, {}, None)
    noise = {name: 4 * rng.normal(size=part.shape) for name, part in
             (("train", train), ("test", test))}  # fmt: skip
    noisy = Encoded(train + noise["train"], test + noise["test"], {}, None)
    return Outputs(noisy, mean, None, np.zeros((120, 3))), labels, test_labels


def test_metrics_of_a_vae_are_of_both_kinds_of_codes(rng):
    outputs, labels, test_labels = of_vae(rng)
    plane = outputs.mean.test[:, :2]
    found = latent_metrics(outputs, labels, test_labels, plane, seed=1)
    by_code = {
        code: {one: value for one, value in found.items() if one.code == code}
        for code in ("sample", "mean")
    }
    for code, encoded in outputs.kinds.items():
        for one, value in code_metrics(encoded, labels, test_labels, np.arange(120)).items():
            assert by_code[code][one._replace(code=code)] == pytest.approx(value)
    for better in (ScoreKey("silhouette"), ScoreKey("accuracy", probe="neighbours")):
        values = [found[better._replace(code=code)] for code in ("sample", "mean")]
        assert values[0] < values[1]
    alone = {one.metric for one in set(found) if one.code == "mean"} - {
        one.metric for one in found if one.code == "sample"
    }
    assert alone == {"trustworthiness", "plane_accuracy", "active_units", "kl"}


def test_the_pairs_of_a_silhouette_are_a_random_choice_of_the_seed(rng, monkeypatch):
    outputs, labels, test_labels = of_vae(rng)
    outputs.sampled.test[:60] += 100 * rng.normal(size=(60, 3))  # the first half is worse
    monkeypatch.setattr("kerasae.evaluation.metrics.latent_space.PAIRWISE_CODES", 60)
    plane = outputs.mean.test[:, :2]
    one, again, other = (
        latent_metrics(outputs, labels, test_labels, plane, seed=seed)[
            ScoreKey("silhouette", "sample")
        ]
        for seed in (1, 1, 2)
    )
    first = code_metrics(outputs.sampled, labels, test_labels, np.arange(60))[
        ScoreKey("silhouette")
    ]
    assert one == again
    assert len({one, other, first}) == 3


def test_entropy_floor_is_ln_2_for_each_grey_pixel_and_0_for_black_and_white():
    images = np.array([0, 1, 0.5, 0.5]).reshape(2, 1, 2, 1)
    assert entropy_floor(images) == pytest.approx(2 * np.log(2) / 2)
    assert entropy_floor(np.array([0, 255], "uint8").reshape(1, 1, 2, 1)) == 0


def test_entropy_floor_is_the_cross_entropy_of_the_perfect_reconstruction(mnist):
    images = mnist.x_test[:5]
    inside = np.clip(images / 255, 1e-12, 1 - 1e-12)
    perfect = summed_bce(inside, np.log(inside / (1 - inside))).mean()
    assert entropy_floor(images) == pytest.approx(perfect, rel=1e-6)
    assert entropy_floor((images / 255).astype("float32")) == pytest.approx(perfect, rel=1e-6)


def test_entropy_floor_averages_over_all_images(mnist):
    images = mnist.x_train[:1500]
    parts = entropy_floor(images[:600]), entropy_floor(images[600:])
    assert entropy_floor(images) == pytest.approx(0.4 * parts[0] + 0.6 * parts[1])


def test_mean_image_costs_what_it_costs_image_by_image(mnist):
    train, test = mnist.x_train[:50], mnist.x_test[:7]
    # Beyond the clip: half a grey level, where no training image was lit
    mean = np.clip((train / 255).mean(axis=0), 0.5 / 255, 1 - 0.5 / 255)
    logits = np.broadcast_to(np.log(mean / (1 - mean)), test.shape)
    expected = summed_bce(test / 255, logits).mean()
    assert mean_image_bce(train, test) == pytest.approx(expected)
    as_floats = (train / 255).astype("float32"), (test / 255).astype("float32")
    assert mean_image_bce(*as_floats) == pytest.approx(expected, rel=1e-5)
    assert mean_image_bce(train, as_floats[1]) == pytest.approx(expected, rel=1e-5)


def test_a_pixel_that_was_never_lit_costs_the_log_of_half_a_grey_level():
    dark, lit = np.zeros((3, 1, 1, 1)), np.ones((2, 1, 1, 1))
    assert mean_image_bce(dark, lit) == pytest.approx(np.log(510))
    assert mean_image_bce(lit, dark) == pytest.approx(np.log(510))
    assert mean_image_bce(dark, dark) == pytest.approx(-np.log(1 - 1 / 510))


def test_digits_leave_something_to_be_explained(mnist):
    floor = entropy_floor(mnist.x_test)
    mean_image = mean_image_bce(mnist.x_train[:10000], mnist.x_test)
    assert 0 < floor < mean_image
    assert mean_image == pytest.approx(206, abs=2)  # the known plateau of MNIST's autoencoders


def test_explained_share_runs_from_the_mean_image_to_the_floor():
    assert [explained(bce, mean_image=200, floor=50) for bce in (50, 125, 200, 275)] == [
        1, 0.5, 0, -0.5
    ]  # fmt: skip
