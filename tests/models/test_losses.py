"""Loss terms against values by hand, from closed forms or from NumPy; see also the VAEs and VQs."""

import math

import numpy as np
import pytest
import tensorflow as tf
from by_hand import SHAPE, build, cross_entropy, evaluate
from scipy.special import expit, logit, rel_entr
from scipy.stats import norm

import kerasae
from kerasae.models.sparse import sparsity_loss
from kerasae.models.wae_mmd import SCALES, discrepancy

PER_IMAGE = ["shallow", "vanilla", "sparse", "denoising", "vae", "beta_vae_strict", "vq"]
PER_IMAGE += ["contractive", "wae_mmd", "rae", "adversarial"]


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
        ("vanilla", {}, {}),
        ("sparse", {}, {"sparsity": 1}),
        ("sparse", {"beta": 300}, {"sparsity": 300}),
        ("vae", {}, {"kl": 1}),
        ("beta_vae_strict", {}, {"kl": 2}),
        ("beta_vae_loose", {}, {"kl": 0.5}),
        ("beta_tc_vae", {"beta": 7.0}, {"information": 1, "correlation": 7, "distance": 1}),
        ("vq", {"beta": 300}, {"vq": 1, "commitment": 300}),
        ("wae_mmd", {"weight": 300}, {"mmd": 300}),
        ("rae", {"beta": 3.0, "decay": 0.5}, {"size": 3, "decay": 0.5}),
        ("contractive", {"weight": 2.0}, {"contraction": 2}),
    ],
)
def test_loss_is_the_weighted_sum_of_its_terms(name, settings, weights, few):
    terms = evaluate(build(name, **settings), few)
    assert set(terms) == {"loss", "reconstruction", *weights}
    assert all(abs(terms[term]) > 0 for term in weights)
    rest = sum(weight * terms[term] for term, weight in weights.items())
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(rest, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("sparse", {"p": 0}, "p must lie between 0 and 1. Received: 0"),
        ("denoising", {"noise": -1}, "noise must not be negative. Received: -1"),
        ("denoising", {"noise_is": "sigma"}, "Received: 'sigma'"),
        ("denoising", {"noise_is": "dropout", "noise": 1.0}, "below 1, as it is a share"),
        ("vae", {"decoder_variance": 0.0}, "decoder_variance must be above 0. Received: 0.0"),
        ("iwae", {"learn_variance": True}, "settings of the Gaussian likelihood"),
        ("vanilla", {"least_widths": (64,)}, r"two whole numbers from 1. Received: \(64,\)"),
        ("beta_vae_strict", {"beta": -2}, "beta must not be negative. Received: -2"),
        ("beta_tc_vae", {"beta": -1}, "beta must not be negative"),
        ("stacked", {"target": "both"}, "Received: 'both'"),
        ("contractive", {"weight": -1}, "weight must not be negative"),
        ("wae_mmd", {"weight": -1}, "weight must not be negative"),
        ("adversarial", {"weight": -1}, "weight must not be negative"),
        ("rae", {"beta": -1}, "beta and decay must not be negative"),
        ("iwae", {"draws": 0}, "draws must be at least 1"),
        ("vq_ema", {"width": 3}, r"must divide latent_dim, which is 2\. Received: 3"),
    ],
)
def test_settings_out_of_range_are_refused(name, settings, message):
    with pytest.raises(ValueError, match=message):
        build(name, **settings)


# Sparse


def test_sparsity_loss_is_the_divergence_of_bernoulli_variables_summed_over_elements(few):
    activity = np.array([[0.5, 0.9], [0.5, 0.3]])  # means 0.5, 0.6
    by_hand = 0.25 * math.log(1 / 2) + 0.75 * math.log(3 / 2)
    by_scipy = rel_entr(0.25, 0.6) + rel_entr(0.75, 0.4)
    loss = sparsity_loss(logit(activity).astype("float32"), 0.25)
    assert float(loss) == pytest.approx(by_hand + by_scipy, rel=1e-5)
    at_p = sparsity_loss(logit(np.array([[0.1], [0.4]])).astype("float32"), 0.25)
    assert float(at_p) == pytest.approx(0, abs=1e-6)
    model = build("sparse", p=0.1)
    mean = model.encode(few).numpy().mean(axis=0, dtype="float64")
    expected = (rel_entr(0.1, mean) + rel_entr(0.9, 1 - mean)).sum()
    assert evaluate(model, few)["sparsity"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("value", "slope"), [(-200.0, -0.25), (200.0, 0.75)])
def test_sparsity_loss_and_its_gradient_survive_codes_that_saturate(value, slope):
    logits = tf.Variable([[value], [value]])
    with tf.GradientTape() as tape:
        loss = sparsity_loss(logits, 0.25)
    constant = 0.25 * math.log(0.25) + 0.75 * math.log(0.75)
    assert float(loss) == pytest.approx(constant + slope * value, rel=1e-5)
    np.testing.assert_allclose(tape.gradient(loss, logits), [[slope / 2], [slope / 2]], rtol=1e-5)


# Denoising


@pytest.mark.parametrize(("noise_is", "std"), [("variance", math.sqrt(0.5)), ("std", 0.5)])
def test_noise_has_the_stated_strength(noise_is, std):
    model = build("denoising", noise_is=noise_is)
    assert model.noise_std == pytest.approx(std)
    grey = tf.fill((64, *SHAPE), 0.5)
    noisy = model.corrupt(grey).numpy()
    assert (noisy.min(), noisy.max()) == (0, 1)
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


def test_noise_is_added_in_training_only_and_the_target_is_the_clean_image(few):
    noisy, clean = build("denoising"), build("denoising", noise=0.0)
    assert evaluate(noisy, few) == evaluate(clean, few)
    first, second = (evaluate(m, few, training=True)["loss"] for m in (noisy, clean))
    assert abs(first - second) > 1e-3
    last = noisy.encoder.layers[-1]
    last.set_weights([np.zeros_like(w) for w in last.get_weights()])  # blind to the input
    expected = cross_entropy(few, noisy.decoder(np.zeros((len(few), 2)), training=True))
    assert evaluate(noisy, few, training=True)["loss"] == pytest.approx(expected, rel=1e-5)


# Contractive


def test_contraction_of_a_linear_encoder_is_the_squared_norm_of_its_matrix(few, monkeypatch):
    model = build("contractive")
    kernel = np.random.default_rng(0).normal(0, 0.1, (1024, 2)).astype("float32")
    kernel[:, 1] -= kernel[:, 0] * (kernel[:, 0] @ kernel[:, 1]) / (kernel[:, 0] @ kernel[:, 0])
    monkeypatch.setattr(
        model, "encoder", lambda x, training: tf.matmul(tf.reshape(x, (-1, 1024)), kernel)
    )
    # With orthogonal columns ‖Kv‖² is the same for all v in {-1, 1}²
    contraction = evaluate(model, few)["contraction"]
    assert contraction == pytest.approx((kernel**2).sum(), rel=1e-4)


def test_contraction_is_in_the_mean_the_squared_norm_of_the_jacobian(few):
    model, images, step = build("contractive"), few[:2], 1e-2
    with tf.GradientTape(persistent=True) as tape:
        x = tf.constant(images)
        tape.watch(x)
        codes = model.encoder(x, training=False)
    jacobian = tape.batch_jacobian(codes, x, experimental_use_pfor=False).numpy()
    for row, column in [(12, 12), (20, 16)]:  # against finite differences
        moved = images.copy()
        moved[:, row, column] += step
        slope = (model.encoder(moved, training=False).numpy() - codes.numpy()) / step
        np.testing.assert_allclose(jacobian[:, :, row, column, 0], slope, atol=0.02)
    draws = [evaluate(model, images)["contraction"] for _ in range(60)]
    assert np.std(draws) > 0
    total = (jacobian**2).sum(axis=(1, 2, 3, 4)).mean()
    assert np.mean(draws) == pytest.approx(total, rel=0.15)


def test_contractive_codes_have_variance_one_in_training(few):
    codes = build("contractive").encoder(few, training=True).numpy()
    np.testing.assert_allclose(codes.std(axis=0), 1, rtol=1e-2)


# WAE


def test_discrepancy_of_two_pairs_by_hand_and_of_a_single_code():
    codes, others = np.array([[0.0], [1.0]], "float32"), np.array([[0.0], [2.0]], "float32")

    def k(distance):
        return sum(2 * s / (2 * s + distance**2) for s in SCALES)

    by_hand = k(1) + k(2) - 2 * (k(0) + k(2) + k(1) + k(1)) / 4
    assert float(discrepancy(codes, others)) == pytest.approx(by_hand, rel=1e-5)
    assert float(discrepancy(codes[:1], others[1:])) == 0


def test_discrepancy_is_zero_in_the_mean_for_one_distribution_and_grows_with_the_distance():
    rng = np.random.default_rng(0)

    def mean(shift):
        pairs = rng.normal([[[[shift]], [[0]]]] * 40, 1, (40, 2, 64, 3)).astype("float32")
        return np.mean([discrepancy(*pair) for pair in pairs])

    none, little, much = mean(0), mean(0.5), mean(2)
    assert abs(none) < 0.05
    assert none + 0.1 < little < much


# RAE


def test_rae_takes_the_sizes_of_codes_and_last_weights(few):
    model = build("rae")
    terms = evaluate(model, few)
    codes, kernel = model.encode(few).numpy(), model.decoder.layers[-2].get_weights()[0]
    assert terms["size"] == pytest.approx(0.5 * (codes**2).sum(axis=1).mean(), rel=1e-5)
    assert terms["decay"] == pytest.approx((kernel**2).sum(), rel=1e-5)


# Adversarial


def test_the_losses_of_the_game_are_cross_entropies_of_the_discriminator(few, monkeypatch):
    model = build("adversarial", weight=5.0)
    prior = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")
    monkeypatch.setattr("kerasae.models.adversarial.gaussian", lambda *_: tf.constant(prior))
    terms = evaluate(model, few)
    ours, theirs = (
        expit(model.discriminator(z).numpy().astype("float64")) for z in (model.encode(few), prior)
    )
    assert terms["generator"] == pytest.approx(-np.log(ours).mean(), rel=1e-5)
    by_hand = -np.log(theirs).mean() - np.log(1 - ours).mean()
    assert terms["discriminator"] == pytest.approx(by_hand, rel=1e-5)
    rest = terms["loss"] - terms["reconstruction"]
    assert rest == pytest.approx(5 * terms["generator"], rel=1e-3)


def test_each_player_is_moved_by_its_own_loss(few):
    model, alone = build("adversarial", weight=0.0), build("vanilla")
    before = [v.numpy() for v in model.discriminator.trainable_variables]
    for each in (model, alone):
        each.compile(jit_compile=False)
        each.train_batch(few)
    for ours, theirs in zip(model.encoder.weights, alone.encoder.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    after = [v.numpy() for v in model.discriminator.trainable_variables]
    assert not any(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


# Convolutions


@pytest.mark.parametrize("shape", [(32, 32, 1), (9, 14, 3)])
def test_convolutions_take_images_of_any_shape(shape):
    images = np.random.default_rng(0).random((5, *shape)).astype("float32")
    model = kerasae.build("conv_vae", shape, 3, widths=(4, 8))
    assert model.reconstruct(images).shape == (5, *shape)
    assert evaluate(model, images)["reconstruction"] > 0
