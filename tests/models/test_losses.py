"""Every loss term against a value from a closed form, by hand or from numpy."""

import math

import numpy as np
import pytest
import tensorflow as tf
from by_hand import SHAPE, build, cross_entropy, evaluate
from scipy.integrate import quad
from scipy.special import logit, rel_entr
from scipy.stats import norm

import kerasae
from kerasae.models.sparse import sparsity_loss
from kerasae.models.vae import kl_divergence
from kerasae.networks.kernels import cross_entropy as cross_entropy_with_gradient
from kerasae.networks.likelihoods import bernoulli_losses, gaussian_losses

PER_IMAGE = ["shallow", "vanilla", "sparse", "denoising", "vae", "beta_vae_strict", "vq"]


# Reconstruction


def reconstruction_loss(images, logits):
    return np.mean(bernoulli_losses(images, logits))


def test_reconstruction_loss_is_the_sum_over_pixels_and_the_mean_over_images():
    target = np.array([[1.0, 0.0], [1.0, 1.0]], "float32").reshape(2, 1, 2, 1)
    logits = np.full((2, 1, 2, 1), math.log(3), "float32")  # a brightness of 3/4
    first, second = -math.log(3 / 4) - math.log(1 / 4), -2 * math.log(3 / 4)
    assert float(reconstruction_loss(target, logits)) == pytest.approx((first + second) / 2)


def test_reconstruction_loss_agrees_with_numpy_on_random_logits(few):
    logits = np.random.default_rng(0).normal(0, 5, few.shape).astype("float32")
    expected = cross_entropy(few, logits)
    assert float(reconstruction_loss(few, logits)) == pytest.approx(expected, rel=1e-5)


def test_reconstruction_loss_does_not_depend_on_the_batch_size(few):
    logits = np.random.default_rng(0).normal(0, 5, few.shape).astype("float32")
    once = reconstruction_loss(few, logits)
    thrice = reconstruction_loss(np.tile(few, (3, 1, 1, 1)), np.tile(logits, (3, 1, 1, 1)))
    assert float(thrice) == pytest.approx(float(once), rel=1e-5)


def test_reconstruction_loss_of_a_certain_mistake_is_the_logit():
    loss = reconstruction_loss(np.ones((1, 1, 1, 1), "float32"), tf.fill((1, 1, 1, 1), -200.0))
    assert float(loss) == pytest.approx(200)


def test_gaussian_loss_is_the_log_density_less_its_constant(few):
    means = np.random.default_rng(0).normal(0, 5, few.shape).astype("float32")
    densities = norm.logpdf(few, means).reshape(len(few), -1) - norm.logpdf(0)
    np.testing.assert_allclose(gaussian_losses(few, means), -densities.sum(axis=1), rtol=1e-5)


def test_cross_entropy_and_its_gradients_agree_with_those_of_keras():
    logits = tf.constant([-90.0, -17.0, -1.0, -1e-6, 0.0, 0.3, 6.0, 17.0, 90.0] * 3)
    targets = tf.constant(np.repeat(np.array([0, 0.25, 1], "float32"), 9))
    values, slopes = [], []
    for function in (cross_entropy_with_gradient, tf.nn.sigmoid_cross_entropy_with_logits):
        with tf.GradientTape() as tape:
            tape.watch([targets, logits])
            values.append(function(targets, logits))
        slopes.append(tape.gradient(values[-1], [targets, logits]))
    np.testing.assert_allclose(*values, rtol=2e-6, atol=2e-7)
    np.testing.assert_allclose(*slopes, rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("name", PER_IMAGE)
def test_objective_reports_the_cross_entropy_of_its_reconstruction(name, few):
    model = build(name)
    if model.stochastic:  # then without spread: log σ at the clip of -10
        kernel, bias = model.encoder.layers[-1].get_weights()
        kernel[2:], bias[2:] = 0, -50  # (units, inputs): more inputs than units
        model.encoder.layers[-1].set_weights([kernel, bias])
    expected = cross_entropy(few, logit(model.reconstruct(few).numpy().astype("float64")))
    tolerance = 1e-4 if model.stochastic else 1e-5
    assert evaluate(model, few)["reconstruction"] == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(
    ("name", "settings", "weights"),
    [
        ("shallow", {}, {}),
        ("vanilla", {}, {}),
        ("denoising", {}, {}),
        ("sparse", {}, {"sparsity": 1}),
        ("sparse", {"beta": 300}, {"sparsity": 300}),
        ("vae", {}, {"kl": 1}),
        ("beta_vae_strict", {}, {"kl": 2}),
        ("beta_vae_loose", {}, {"kl": 0.5}),
        ("beta_vae_loose", {"beta": 300}, {"kl": 300}),
        ("vq", {}, {"vq": 1, "commitment": 1}),
        ("vq", {"beta": 300}, {"vq": 1, "commitment": 300}),
    ],
)
def test_loss_is_the_weighted_sum_of_its_terms(name, settings, weights, few):
    terms = evaluate(build(name, **settings), few, training=True)
    assert set(terms) == {"loss", "reconstruction", *weights}
    assert all(terms[term] > 0 for term in weights)
    rest = sum(weight * terms[term] for term, weight in weights.items())
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(rest, rel=1e-3, abs=1e-3)


def test_models_hand_their_own_codes_to_the_further_terms(few):
    model = build("sparse", p=0.1)
    mean = model.encode(few).numpy().mean(axis=0, dtype="float64")
    expected = (rel_entr(0.1, mean) + rel_entr(0.9, 1 - mean)).sum()
    assert evaluate(model, few)["sparsity"] == pytest.approx(expected, rel=1e-4)
    model = build("vae")
    mean, log_std = np.split(model.encoder(few, training=False).numpy(), 2, axis=1)
    expected = 0.5 * (np.exp(2 * log_std) + mean**2 - 1 - 2 * log_std).sum(axis=1).mean()
    assert evaluate(model, few)["kl"] == pytest.approx(expected, rel=1e-4)


# Sparsity


def test_sparsity_loss_is_the_divergence_of_bernoulli_variables_summed_over_elements():
    activity = np.array([[0.5, 0.9], [0.5, 0.3]])  # means 0.5, 0.6
    by_hand = 0.25 * math.log(1 / 2) + 0.75 * math.log(3 / 2)
    by_scipy = rel_entr(0.25, 0.6) + rel_entr(0.75, 0.4)
    loss = sparsity_loss(logit(activity).astype("float32"), 0.25)
    assert float(loss) == pytest.approx(by_hand + by_scipy, rel=1e-5)


def test_sparsity_loss_is_zero_where_the_batch_mean_is_p():
    logits = logit(np.array([[0.1], [0.4]])).astype("float32")
    assert float(sparsity_loss(logits, 0.25)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("value", "slope"), [(-200.0, -0.25), (200.0, 0.75)])
def test_sparsity_loss_and_its_gradient_survive_codes_that_saturate(value, slope):
    logits = tf.Variable([[value], [value]])
    with tf.GradientTape() as tape:
        loss = sparsity_loss(logits, 0.25)
    constant = 0.25 * math.log(0.25) + 0.75 * math.log(0.75)
    assert float(loss) == pytest.approx(constant + slope * value, rel=1e-5)
    np.testing.assert_allclose(tape.gradient(loss, logits), [[slope / 2], [slope / 2]], rtol=1e-5)


# Divergence of the VAEs


def kl(mean, log_std):
    return float(kl_divergence(np.array(mean, "float32"), np.array(log_std, "float32")))


def test_kl_is_zero_for_the_standard_gaussian():
    assert kl([[0, 0, 0]], [[0, 0, 0]]) == 0


def test_kl_matches_values_by_hand():
    assert kl([[1, 2]], [[0, 0]]) == pytest.approx(2.5)
    assert kl([[0]], [[math.log(2)]]) == pytest.approx(0.5 * (4 - 1) - math.log(2), rel=1e-5)
    assert kl([[1, 2], [0, 0]], [[0, 0], [0, 0]]) == pytest.approx(1.25)  # mean over images


def test_kl_matches_the_integral_that_defines_it():
    def element(x):
        return norm.pdf(x, 0.7, 0.4) * (norm.logpdf(x, 0.7, 0.4) - norm.logpdf(x))

    integral, _ = quad(element, 0.7 - 8 * 0.4, 0.7 + 8 * 0.4)
    assert kl([[0.7]], [[math.log(0.4)]]) == pytest.approx(integral, rel=1e-5)


def test_kl_is_not_the_form_that_the_article_prints():
    printed = 0.5 * (2 * 1 + 0**2 - 1 - 2 * math.log(1))  # at the standard Gaussian
    assert printed == 0.5
    assert kl([[0]], [[0]]) != pytest.approx(printed)


@pytest.mark.parametrize(("raw", "clipped"), [(50, 10), (-50, -10), (3, 3)])
def test_log_std_is_clipped_at_10(raw, clipped):
    mean, log_std = build("vae").distribution(tf.constant([[40.0, -40.0, raw, raw]]))
    np.testing.assert_array_equal(mean, [[40, -40]])
    np.testing.assert_array_equal(log_std, [[clipped, clipped]])


def test_vae_draws_codes_with_the_mean_and_spread_of_its_heads():
    model, count = build("vae"), 20000
    outputs = tf.tile([[1.0, -3.0, math.log(2), math.log(0.1)]], (count, 1))
    codes = model.bottleneck(outputs, sampled=True).numpy()
    error = np.array([2, 0.1]) / math.sqrt(count)
    assert (abs(codes.mean(axis=0) - [1, -3]) < 5 * error).all()
    np.testing.assert_allclose(codes.std(axis=0), [2, 0.1], rtol=0.03)
    assert abs(np.corrcoef(codes.T)[0, 1]) < 5 / math.sqrt(count)
    np.testing.assert_array_equal(model.bottleneck(outputs)[0], [1, -3])


# Noise


@pytest.mark.parametrize(("noise_is", "std"), [("variance", math.sqrt(0.5)), ("std", 0.5)])
def test_noise_has_the_stated_strength(noise_is, std):
    model = build("denoising", noise_is=noise_is)
    assert model.noise_std == pytest.approx(std)
    grey = tf.fill((64, *SHAPE), 0.5)
    noisy = model.corrupt(grey).numpy()
    assert noisy.min() == 0
    assert noisy.max() == 1
    share = ((noisy == 0) | (noisy == 1)).mean()
    assert share == pytest.approx(2 * norm.sf(0.5 / std), abs=0.01)  # what is clipped
    assert (model.corrupt(grey).numpy() != noisy).any()


def test_dropout_hides_the_stated_share_of_the_values_and_leaves_the_others():
    model = build("denoising", noise_is="dropout", noise=0.3)
    images = np.random.default_rng(0).uniform(0.1, 1, (400, *SHAPE)).astype("float32")
    found = model.corrupt(images).numpy()
    assert (found == 0).mean() == pytest.approx(0.3, abs=0.005)
    np.testing.assert_array_equal(found[found != 0], images[found != 0])
    whole = build("denoising", noise_is="dropout", noise=0.0)
    np.testing.assert_array_equal(whole.corrupt(images), images)


def test_noise_is_added_in_training_only(few):
    noisy, clean = build("denoising"), build("denoising", noise=0.0)
    assert evaluate(noisy, few) == evaluate(clean, few)
    noisy, clean = (evaluate(m, few, training=True)["loss"] for m in (noisy, clean))
    assert abs(noisy - clean) > 1e-3


def test_denoising_target_is_the_clean_image(few):
    model = build("denoising")
    last = model.encoder.layers[-1]
    last.set_weights([np.zeros_like(w) for w in last.get_weights()])  # blind to the input
    logits = model.decoder(np.zeros((len(few), 2)), training=True)
    expected = cross_entropy(few, logits)
    assert evaluate(model, few, training=True)["loss"] == pytest.approx(expected, rel=1e-5)


# Bad input


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("sparse", {"p": 0}, "p must lie between 0 and 1. Received: 0"),
        ("sparse", {"p": 1.5}, "p must lie between 0 and 1. Received: 1.5"),
        ("denoising", {"noise": -1}, "noise must not be negative. Received: -1"),
        ("denoising", {"noise_is": "sigma"}, "Received: 'sigma'"),
        ("denoising", {"noise_is": "dropout", "noise": 1.0}, "below 1, as it is a share"),
        ("vae", {"decoder_variance": 0.0}, "decoder_variance must be above 0. Received: 0.0"),
        ("vae", {"learn_variance": True}, "settings of the Gaussian likelihood"),
        ("iwae", {"decoder_variance": 0.5}, "settings of the Gaussian likelihood"),
        ("vanilla", {"least_widths": (64,)}, r"two whole numbers from 1. Received: \(64,\)"),
        ("beta_vae_strict", {"beta": -2}, "beta must not be negative. Received: -2"),
        ("stacked", {"target": "both"}, "Received: 'both'"),
    ],
)
def test_settings_out_of_range_are_refused(name, settings, message):
    with pytest.raises(ValueError, match=message):
        build(name, **settings)


# The variance of the Gaussian likelihood

GAUSSIAN = {"likelihood": "gaussian", "seed": 3, "widths": (16, 8)}


def gaussian_vae(name="vae", columns=6, latent_dim=2, **settings):
    return kerasae.build(name, (columns,), latent_dim, **{**GAUSSIAN, **settings})


@pytest.mark.parametrize("variance", [1.0, 0.25, 3.0])
def test_loss_of_a_vae_is_the_log_density_with_its_variance(variance):
    rng = np.random.default_rng(0)
    rows, means = rng.normal(0, 2, (2, 7, 6)).astype("float32")
    densities = norm.logpdf(rows, means, math.sqrt(variance)) - norm.logpdf(0)
    for settings in ({}, {"learn_variance": True}):
        model = gaussian_vae(decoder_variance=variance, **settings)
        assert model.gaussian_variance == pytest.approx(variance, rel=1e-4)
        np.testing.assert_allclose(model.losses_of(rows, means), -densities.sum(axis=1), rtol=1e-4)


def noisy_plane(std, count=1500):
    """Rows (n, 6) on a plane of 2 dimensions, and Gaussian noise."""
    rng = np.random.default_rng(5)
    plane = np.linalg.qr(rng.normal(size=(6, 2)))[0] * 3
    rows = rng.normal(size=(count, 2)) @ plane.T + rng.normal(0, std, (count, 6))
    return rows.astype("float32")


@pytest.mark.parametrize("name", ["vae", "beta_tc_vae"])
def test_a_learned_variance_becomes_the_mean_squared_error_of_the_training(name):
    model = gaussian_vae(name, learn_variance=True)
    model.compile(jit_compile=False)
    history = model.fit(noisy_plane(0.3), epochs=30, batch_size=64, verbose=0)
    loss, variance = history.history["reconstruction"][-1], model.gaussian_variance
    error = (loss - 3 * math.log(variance)) * variance / 3  # of a value, 6 a row
    assert variance == pytest.approx(error, rel=0.1)
    assert 0.3**2 * 4 / 6 < variance < 1


def test_a_smaller_variance_of_the_data_is_learned_as_such():
    found = []
    for std in (0.1, 1.0):
        model = gaussian_vae(learn_variance=True)
        model.compile(jit_compile=False)
        model.fit(noisy_plane(std), epochs=30, batch_size=64, verbose=0)
        found.append(model.gaussian_variance)
    assert found[0] < 0.3 < 0.6 < found[1] < 2


def test_a_learned_variance_has_a_lower_limit_where_all_errors_are_0():
    model = gaussian_vae(learn_variance=True, decoder_variance=1e-9)
    assert 0.9 * math.exp(-12) < model.gaussian_variance < 1.1 * math.exp(-12)
    rows = np.zeros((2, 6), "float32")
    assert np.isfinite(model.losses_of(rows, rows)).all()


def test_a_learned_variance_is_kept_with_the_model(tmp_path):
    model = gaussian_vae(learn_variance=True, decoder_variance=0.4)
    model.log_variance.assign(-0.02)
    model.save(tmp_path / "model.keras")
    again = kerasae.load(tmp_path / "model.keras")
    assert again.gaussian_variance == pytest.approx(math.exp(-0.6), rel=1e-3)


def test_widths_of_few_columns_have_lower_limits_that_wide_data_do_not_feel():
    def widths(columns, **settings):
        model = kerasae.build("vanilla", (columns,), 3, likelihood="gaussian", **settings)
        return [layer.units for layer in model.encoder.layers[1:]]

    assert widths(6) == [6, 6, 3]
    assert widths(6, least_widths=(64, 32)) == [64, 32, 3]
    assert widths(600) == [120, 24, 3]
    assert widths(600, least_widths=(64, 20)) == [120, 24, 3]
