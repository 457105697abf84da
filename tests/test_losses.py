"""Every loss term against a value from a closed form, by hand or from numpy."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy.integrate import quad
from scipy.special import log_expit, logit, rel_entr
from scipy.stats import entropy, norm

import kerasae
from kerasae.models.operations import cross_entropy as cross_entropy_with_gradient
from kerasae.models.operations import reconstruction_loss
from kerasae.models.sparse import sparsity_loss
from kerasae.models.vae import kl_divergence
from kerasae.models.vq import Perplexity, least

SHAPE = (32, 32, 1)
PER_IMAGE = ["shallow", "vanilla", "sparse", "denoising", "vae", "beta_vae_strict", "vq"]


@pytest.fixture(scope="module")
def images():
    return kerasae.datasets.load("mnist").x_train[:24].astype("float32") / 255


def build(name, **settings):
    small = {} if name == "shallow" else {"widths": (16, 8)}
    return kerasae.build(name, SHAPE, 2, **small, **settings)


def cross_entropy(images, logits):
    x, logits = (np.reshape(a, (len(images), -1)).astype("float64") for a in (images, logits))
    return -(x * log_expit(logits) + (1 - x) * log_expit(-logits)).sum(axis=1).mean()


def evaluate(model, images, training=False):
    return {name: float(term) for name, term in model.objective(images, training).items()}


# Reconstruction


def test_reconstruction_loss_is_the_sum_over_pixels_and_the_mean_over_images():
    target = np.array([[1.0, 0.0], [1.0, 1.0]], "float32").reshape(2, 1, 2, 1)
    logits = np.full((2, 1, 2, 1), math.log(3), "float32")  # a brightness of 3/4
    first, second = -math.log(3 / 4) - math.log(1 / 4), -2 * math.log(3 / 4)
    assert float(reconstruction_loss(target, logits)) == pytest.approx((first + second) / 2)


def test_reconstruction_loss_agrees_with_numpy_on_random_logits(images):
    logits = np.random.default_rng(0).normal(0, 5, images.shape).astype("float32")
    expected = cross_entropy(images, logits)
    assert float(reconstruction_loss(images, logits)) == pytest.approx(expected, rel=1e-5)


def test_reconstruction_loss_does_not_depend_on_the_batch_size(images):
    logits = np.random.default_rng(0).normal(0, 5, images.shape).astype("float32")
    once = reconstruction_loss(images, logits)
    thrice = reconstruction_loss(np.tile(images, (3, 1, 1, 1)), np.tile(logits, (3, 1, 1, 1)))
    assert float(thrice) == pytest.approx(float(once), rel=1e-5)


def test_reconstruction_loss_of_a_certain_mistake_is_the_logit():
    loss = reconstruction_loss(np.ones((1, 1, 1, 1), "float32"), tf.fill((1, 1, 1, 1), -200.0))
    assert float(loss) == pytest.approx(200)


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
def test_objective_reports_the_cross_entropy_of_its_reconstruction(name, images):
    model = build(name)
    if model.stochastic:  # then without spread: log σ at the clip of -10
        kernel, bias = model.encoder.layers[-1].get_weights()
        kernel[2:], bias[2:] = 0, -50  # (units, inputs): more inputs than units
        model.encoder.layers[-1].set_weights([kernel, bias])
    expected = cross_entropy(images, logit(model.reconstruct(images).numpy().astype("float64")))
    tolerance = 1e-4 if model.stochastic else 1e-5
    assert evaluate(model, images)["reconstruction"] == pytest.approx(expected, rel=tolerance)


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
def test_loss_is_the_weighted_sum_of_its_terms(name, settings, weights, images):
    terms = evaluate(build(name, **settings), images, training=True)
    assert set(terms) == {"loss", "reconstruction", *weights}
    assert all(terms[term] > 0 for term in weights)
    rest = sum(weight * terms[term] for term, weight in weights.items())
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(rest, rel=1e-3, abs=1e-3)


def test_models_hand_their_own_codes_to_the_further_terms(images):
    model = build("sparse", p=0.1)
    mean = model.encode(images).numpy().mean(axis=0, dtype="float64")
    expected = (rel_entr(0.1, mean) + rel_entr(0.9, 1 - mean)).sum()
    assert evaluate(model, images)["sparsity"] == pytest.approx(expected, rel=1e-4)
    model = build("vae")
    mean, log_std = np.split(model.encoder(images, training=False).numpy(), 2, axis=1)
    expected = 0.5 * (np.exp(2 * log_std) + mean**2 - 1 - 2 * log_std).sum(axis=1).mean()
    assert evaluate(model, images)["kl"] == pytest.approx(expected, rel=1e-4)


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


# Vector quantisation


@pytest.fixture
def quantiser(monkeypatch):
    model = build("vq", categories=3, beta=0.5)
    model.codebook.assign([[-1, 0, 2], [0, 1, 1]])
    outputs = tf.Variable([[-0.5, 1.0], [5.0, -2.0]])
    monkeypatch.setattr(model, "encoder", lambda images, training: tf.identity(outputs))
    return model, outputs


def test_nearest_takes_the_first_category_where_two_tie(quantiser):
    model, outputs = quantiser
    np.testing.assert_array_equal(model.nearest(outputs), [[0, 1], [2, 0]])
    np.testing.assert_array_equal(model.bottleneck(outputs), [[-1, 1], [2, 0]])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 512])
def test_least_is_the_minimum_of_the_last_axis_of_any_size(size):
    values = np.random.default_rng(size).normal(size=(4, 3, size)).astype("float32")
    np.testing.assert_array_equal(least(tf.constant(values)), values.min(axis=2, keepdims=True))


def test_vq_and_commitment_loss_match_values_by_hand(quantiser, images):
    terms = evaluate(quantiser[0], images[:2])
    squared = (0.5**2 + 0) + (3**2 + 2**2)
    assert terms["vq"] == terms["commitment"] == squared / 2
    expected = terms["reconstruction"] + 1.5 * squared / 2
    assert terms["loss"] == pytest.approx(expected, rel=1e-6)


def test_vq_terms_move_only_their_own_side(quantiser, images):
    model, outputs = quantiser
    with tf.GradientTape(persistent=True) as tape:
        terms = model.objective(images[:2], training=False)
    sides = [outputs, model.codebook.value]
    to_outputs, to_codebook = tape.gradient(terms["vq"], sides)
    assert to_outputs is None
    # 2 (ẑ - z) / N for the categories in use
    expected = [[-0.5, 0, -3], [2, 0, 0]]
    np.testing.assert_allclose(tf.convert_to_tensor(to_codebook), expected)
    to_outputs, to_codebook = tape.gradient(terms["commitment"], sides)
    assert to_codebook is None
    np.testing.assert_allclose(to_outputs, [[0.5, 0], [3, -2]])


def test_reconstruction_gradient_passes_straight_through_the_quantiser(quantiser, images):
    model, outputs = quantiser
    codes = tf.Variable([[-1.0, 1.0], [2.0, 0.0]])
    with tf.GradientTape(persistent=True) as tape:
        through = model.objective(images[:2], training=False)["reconstruction"]
        direct = reconstruction_loss(images[:2], model.decoder(codes, training=False))
    assert float(through) == pytest.approx(float(direct), rel=1e-6)
    expected = tape.gradient(direct, codes).numpy()
    assert (expected != 0).all()
    np.testing.assert_allclose(tape.gradient(through, outputs), expected, rtol=1e-4)
    assert tape.gradient(through, model.codebook.value) is None


def test_perplexity_is_that_of_the_epoch_not_the_mean_of_the_batches():
    metric = Perplexity(2, 4)  # averaged over two codebooks
    metric.update_state(np.array([[0, 2]] * 8))
    assert float(metric.result()) == pytest.approx(1)
    metric.update_state(np.array([[1, 2]] * 8))
    assert float(metric.result()) == pytest.approx((2 + 1) / 2)
    metric.reset_state()
    metric.update_state(np.array([[0, 0], [0, 1], [1, 2], [3, 3]]))
    expected = (math.exp(entropy([2, 1, 1])) + 4) / 2
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


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


def test_noise_is_added_in_training_only(images):
    noisy, clean = build("denoising"), build("denoising", noise=0.0)
    assert evaluate(noisy, images) == evaluate(clean, images)
    noisy, clean = (evaluate(m, images, training=True)["loss"] for m in (noisy, clean))
    assert abs(noisy - clean) > 1e-3


def test_denoising_target_is_the_clean_image(images):
    model = build("denoising")
    last = model.encoder.layers[-1]
    last.set_weights([np.zeros_like(w) for w in last.get_weights()])  # blind to the input
    logits = model.decoder(np.zeros((len(images), 2)), training=True)
    expected = cross_entropy(images, logits)
    assert evaluate(model, images, training=True)["loss"] == pytest.approx(expected, rel=1e-5)


# Stacked


def matrix(linear):
    """Kernel of a linear layer, (inputs, units)."""
    kernel = linear.kernel.numpy()
    return kernel.T if linear.turned else kernel


def forward(layer, inputs, training):
    if not hasattr(layer, "norm"):
        return inputs @ matrix(layer) + layer.bias.numpy()
    linear, norm_ = inputs @ matrix(layer.linear), layer.norm
    mean, variance = norm_.moving_mean.numpy(), norm_.moving_variance.numpy()
    if training:
        mean, variance = linear.mean(axis=0), linear.var(axis=0)
    scaled = (linear - mean) / np.sqrt(variance + 1e-5)
    return np.maximum(scaled * norm_.gamma.numpy() + norm_.beta.numpy(), 0)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("target", ["codes", "pixels"])
@pytest.mark.parametrize("stage", [0, 1, 2])
def test_stacked_objective_is_that_of_the_pair_in_training(stage, target, training, images):
    model, rng = build("stacked", target=target), np.random.default_rng(0)
    for layer in (*model.encoder.layers, *model.decoder.layers):
        layer.set_weights([rng.uniform(0.2, 0.4, w.shape) for w in layer.get_weights()])
    model.stage = stage
    encoders, decoders = model.encoder.layers[1:], model.decoder.layers[2::-1]
    inputs = images.reshape(len(images), -1).astype("float64")
    for layer in encoders[:stage]:
        inputs = forward(layer, inputs, training=False)
    outputs = forward(encoders[stage], inputs, training)
    outputs = forward(decoders[stage], outputs, training)
    if target == "codes" and stage:
        expected = ((inputs - outputs) ** 2).sum(axis=1).mean()
    else:
        for layer in decoders[:stage][::-1]:
            outputs = forward(layer, outputs, training=False)
        expected = cross_entropy(images, outputs)
    assert evaluate(model, images, training)["loss"] == pytest.approx(expected, rel=1e-3)


# Bad input


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("sparse", {"p": 0}, "p must lie between 0 and 1. Received: 0"),
        ("sparse", {"p": 1.5}, "p must lie between 0 and 1. Received: 1.5"),
        ("denoising", {"noise": -1}, "noise must not be negative. Received: -1"),
        ("denoising", {"noise_is": "sigma"}, "Received: 'sigma'"),
        ("beta_vae_strict", {"beta": -2}, "beta must not be negative. Received: -2"),
        ("stacked", {"target": "both"}, "Received: 'both'"),
    ],
)
def test_settings_out_of_range_are_refused(name, settings, message):
    with pytest.raises(ValueError, match=message):
        build(name, **settings)
