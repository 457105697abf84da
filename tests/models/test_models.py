"""The contract that every model keeps: codes and images, how it is trained, and its seeds."""

import inspect
import time
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import EVERY, SHAPE, build, pairwise, weights
from keras import ops

import kerasae
from kerasae.models import model_class
from kerasae.models.vanilla import Vanilla
from kerasae.training import train as training
from kerasae.training.epochs import for_each_batch, shuffled_epoch

STOCHASTIC = ["vae", "beta_vae", "beta_tc_vae", "iwae", "conv_vae"]
DISCRETE = ["vq", "vq_ema"]
GENERATIVE = [*STOCHASTIC, *DISCRETE, "wae_mmd", "adversarial"]
# Of the others 24: six layers, four of them with normalisation
WEIGHTS = {
    "shallow": 4, "vq": 25, "vq_ema": 26, "contractive": 26, "adversarial": 30,
    "conv_vanilla": 29, "conv_vae": 29,
}  # fmt: skip


@EVERY
def test_codes_and_reconstructions_have_their_shapes_and_ranges(name, images, trained):
    model = trained(name).model
    codes, reconstruction = model.encode(images[:7]), model.reconstruct(images[:7])
    assert codes.shape == (7, 4)
    assert np.ptp(codes, axis=0).max() > 0 or name in DISCRETE  # which may quantise all alike
    assert reconstruction.shape == (7, *SHAPE)
    assert 0 <= np.min(reconstruction) < np.max(reconstruction) <= 1
    np.testing.assert_array_equal(model.decode(codes), reconstruction)
    np.testing.assert_array_equal(model(images[:7]), reconstruction)
    np.testing.assert_array_equal(model.encode(images[:7].astype("float32") / 255), codes)
    first, second = (model.encode(images[:7], sampled=True).numpy() for _ in range(2))
    assert (first != second).any() == model.stochastic == (name in STOCHASTIC)
    assert model.discrete == (name in DISCRETE) == hasattr(model, "indices")
    if model.discrete:
        indices = model.indices(images[:7])
        assert 0 <= np.min(indices) <= np.max(indices) < model.categories
        np.testing.assert_array_equal(model.look_up(indices), codes)
    if name == "shallow":
        assert np.min(codes) >= 0
    if name == "sparse":
        assert 0 < np.min(codes) < np.max(codes) < 1


@EVERY
def test_samples_are_images_that_the_seed_decides(name, trained):
    model = trained(name).model
    assert model.generative == (name in GENERATIVE)
    if not model.generative:
        with pytest.raises(NotImplementedError, match="cannot sample"):
            model.sample(1)
        return
    first, again, other = (model.sample(16, seed=s).numpy() for s in (1, 1, 2))
    assert first.shape == (16, *SHAPE)
    assert 0 <= first.min() < first.max() <= 1
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert (first[0] != first[1]).any()
    codes = model.sample_prior(2000, seed=1).numpy()
    deviation = {
        "vq": lambda: np.std(model.codebook, axis=1),
        "vq_ema": lambda: np.tile(np.std(model.codebook, axis=0), 2),
    }.get(name, lambda: 1)()
    np.testing.assert_allclose(codes.std(axis=0) / deviation, 1, atol=0.1)


@EVERY
def test_training_changes_all_weights_and_reports_every_term(name, trained):
    run = trained(name)
    terms = {*run.model.terms, *(["perplexity"] if name in DISCRETE else [])}
    assert set(run.history) == {*terms, *(f"val_{term}" for term in terms)}
    assert all(np.shape(v) == (3,) and np.isfinite(v).all() for v in run.history.values())
    first, *_, last = run.history["reconstruction"]
    assert last < first or name == "stacked"  # whose stages have losses of their own
    assert len(run.before) == WEIGHTS.get(name, 24)
    assert not any(pairwise(np.array_equal, run.before, weights(run.model)))


@EVERY
def test_a_saved_model_comes_back_the_same(name, images, trained, tmp_path):
    model, path = trained(name).model, tmp_path / "model.keras"
    model.save(path)
    loaded = kerasae.load(path, name)
    assert type(loaded) is type(model)
    assert repr(loaded).replace("[16, 8]", "(16, 8)") == repr(model)
    assert all(pairwise(np.array_equal, weights(loaded), weights(model)))
    np.testing.assert_array_equal(loaded.reconstruct(images[:9]), model.reconstruct(images[:9]))


@EVERY
def test_another_seed_gives_other_initial_weights(name):
    first, other = (build(name, seed=s).trainable_variables for s in (0, 1))
    alike = pairwise(np.array_equal, first, other)
    # what is 0 or 1 at first: normalisation, and the bias of the convolutions' last layer
    constant = [bool(np.isin(variable, (0, 1)).all()) for variable in first]
    assert alike == constant
    assert sum(constant) <= (11 if name.startswith("conv") else 8)


@pytest.mark.parametrize("name", ["stacked", "vae", "vq_ema"])
def test_a_model_begun_anew_with_another_seed_trains_as_one_that_was_built_with_it(
    name, images, trained
):
    used = build(name, seed=5)
    how = {"batch_size": 128, "epochs": 3, "validation_data": images[:100], "verbose": 0}
    used.fit(images, **how)
    used.reseed(0)
    histories = used.fit(images, **how).history, trained(name).history
    assert used.get_config() == trained(name).model.get_config()
    for term in histories[0]:
        np.testing.assert_array_equal(*(history[term] for history in histories))
    pairwise(np.testing.assert_array_equal, weights(used), weights(trained(name).model))


def test_what_build_needs_is_said_with_an_example():
    with pytest.raises(TypeError) as error:
        kerasae.build("vae", latent_dim=20)
    assert str(error.value) == (
        "build needs input_shape, for example kerasae.build('vae', input_shape=(32, 32, 1), "
        "latent_dim=20), for a table of 13 columns input_shape=(13,)"
    )
    with pytest.raises(ValueError, match="Received: gan"):
        kerasae.build("gan", SHAPE, 4)


# Epochs


@pytest.mark.parametrize("name", ["vanilla", "sparse", "vq"])
def test_epoch_metrics_are_the_means_of_the_batches_weighted_by_size(name, images):
    model, expected = build(name), {}
    for batch in (images[:128], images[128:256], images[256:]):
        for term, value in model.objective(model.scale(batch), training=False).items():
            expected[term] = expected.get(term, 0) + float(value) * len(batch) / 300
    found = model.evaluate(images, batch_size=128, verbose=0, return_dict=True)
    assert {term: found[term] for term in model.terms} == pytest.approx(expected, rel=1e-5)
    if name != "sparse":  # whose divergence is of the batch as a whole
        at_once = build(name).evaluate(images, batch_size=300, verbose=0, return_dict=True)
        assert found == pytest.approx(at_once, rel=1e-5)


def test_fit_takes_the_arguments_of_keras_in_their_order():
    ours, theirs = (
        list(inspect.signature(kind.fit).parameters) for kind in (model_class("vae"), keras.Model)
    )
    assert ours == theirs


def test_every_epoch_is_a_permutation_of_its_own(images):
    def orders(seed, first):
        epochs = (shuffled_epoch(images, 128, seed, number) for number in (first, first + 1))
        return [np.concatenate([np.ravel(epoch.full), epoch.rest]) for epoch in epochs]

    first, second = orders(seed=5, first=0)
    for order in (first, second):
        np.testing.assert_array_equal(np.sort(order), np.arange(300))
    assert (first != second).any()
    assert (first != np.arange(300)).any()
    np.testing.assert_array_equal(orders(seed=5, first=1)[0], second)
    assert (orders(seed=6, first=0)[0] != first).any()


def test_an_epoch_hands_out_every_image_once(images):
    seen = []

    def look(batch):
        tf.py_function(lambda array: seen.append(array.numpy()), [batch], [])

    for_each_batch(look, shuffled_epoch(images, 128, seed=5, number=0))
    assert [len(batch) for batch in seen] == [128, 128, 44]
    rows = np.unique(np.concatenate(seen).reshape(300, -1), axis=0)
    assert len(rows) == 300
    np.testing.assert_array_equal(rows, np.unique(images.reshape(300, -1), axis=0))


def test_no_weight_moves_before_a_term_has_read_it(images):
    class Late(Vanilla):
        terms = ("loss", "held")

        def objective(self, images, training):
            codes = self.encoder(images, training=training)
            loss = self.reconstruction_loss(images, self.decoder(codes, training=training))
            late = tf.py_function(lambda: time.sleep(0.5), [], [])
            with tf.control_dependencies([late]):
                held = ops.sum(ops.abs(ops.stop_gradient(self.decoder.layers[-2].bias)))
            # The encoder's gradient has the weight in it, the weight's own gradient has not
            return {"loss": loss + held * ops.mean(codes), "held": held}

    model = Late(SHAPE, 4, widths=(16, 8))
    model.compile(jit_compile=False)
    bias = model.decoder.layers[-2].bias
    first = np.abs(bias).sum()
    held = model.fit(images, batch_size=300, epochs=1, verbose=0).history["held"]
    assert held == pytest.approx([first], rel=1e-6)
    assert np.abs(bias).sum() != pytest.approx(first, rel=1e-4)


def test_a_compiled_program_learns_what_plain_tensorflow_learns(images, trained, monkeypatch):
    monkeypatch.setattr(training, "WORTH_COMPILING", 0)
    model, run = build("vanilla"), trained("vanilla")
    table = training.train(model, images, images[:100], epochs=3, batch_size=128)
    assert model.jit_compile
    assert table["epoch"].tolist() == [1, 2, 3]
    assert (table["seconds"] > 0).all()
    assert (table["stage"] == 1).all()
    for term, values in run.history.items():
        np.testing.assert_allclose(table[term], values, rtol=1e-4)
    moved, apart = (
        np.concatenate(pairwise(lambda a, b: np.ravel(abs(a - b)), plain, other))
        for plain, other in ((weights(run.model), run.before), (weights(run.model), weights(model)))
    )
    assert apart.mean() < 0.03 * moved.mean()  # 0.01, from rounding alone


def test_training_stops_where_a_loss_is_no_number(images, monkeypatch):
    monkeypatch.setattr(training, "WORTH_COMPILING", 1e9)
    with pytest.raises(
        FloatingPointError, match=r"Shallow: .* epoch 1: loss = nan, recons.* = nan"
    ):
        training.train(build("shallow"), images, images[:10], epochs=2, learning_rate=1e38)
    stop = training.StopOnNonFinite()
    stop.set_model(SimpleNamespace())
    with pytest.raises(FloatingPointError, match="epoch 2: val_loss = inf"):
        stop.on_epoch_end(1, {"loss": 1.0, "val_loss": np.inf})
