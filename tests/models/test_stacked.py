"""The stacked one: each stage against NumPy, and its course of training."""

import keras
import numpy as np
import pytest
from by_hand import build, cross_entropy, evaluate
from conftest import build as compiled
from conftest import pairwise

from kerasae.training.data import Check, as_batches


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
@pytest.mark.parametrize(
    ("stage", "target"), [(0, "codes"), (1, "codes"), (2, "codes"), (1, "pixels"), (2, "pixels")]
)
def test_the_objective_is_the_loss_of_the_pair_in_training(stage, target, training, few):
    model, rng = build("stacked", target=target), np.random.default_rng(0)
    for layer in (*model.encoder.layers, *model.decoder.layers):
        layer.set_weights([rng.uniform(0.2, 0.4, w.shape) for w in layer.get_weights()])
    model.stage = stage
    encoders, decoders = model.encoder.layers[1:], model.decoder.layers[2::-1]
    inputs = few.reshape(len(few), -1).astype("float64")
    for layer in encoders[:stage]:
        inputs = forward(layer, inputs, training=False)
    outputs = forward(encoders[stage], inputs, training)
    outputs = forward(decoders[stage], outputs, training)
    if target == "codes" and stage:
        expected = ((inputs - outputs) ** 2).sum(axis=1).mean()
    else:
        for layer in decoders[:stage][::-1]:
            outputs = forward(layer, outputs, training=False)
        expected = cross_entropy(few, outputs)
    assert evaluate(model, few, training)["loss"] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("stage", [0, 2])
def test_a_stage_changes_its_own_pair_of_layers_and_no_other(stage, images):
    model = compiled("stacked")
    pairs = list(zip(model.encoder.layers[1:], model.decoder.layers[2::-1], strict=True))
    layers = [layer for pair in pairs for layer in pair]
    before = [layer.get_weights() for layer in layers]
    model.start(stage, model.optimizer)
    check = Check(model.image_shape, model.likelihood)
    model.train_in_memory(as_batches(images, 150, check), None, 1, 0, 0, None)
    for number, (layer, old) in enumerate(zip(layers, before, strict=True)):
        same = pairwise(np.array_equal, old, layer.get_weights())
        assert same == [number // 2 != stage] * len(old)  # moving statistics included


def test_stages_share_the_epochs_and_their_history_is_one(images):
    model, stages = compiled("stacked"), []
    note = keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: stages.append(model.stage))
    history = model.fit(images, batch_size=150, epochs=5, verbose=0, callbacks=[note])
    assert stages == [0, 0, 1, 2, 2]
    assert history is model.history
    assert history.epoch == [0, 1, 2, 3, 4]
    assert np.shape(history.history["loss"]) == (5,)


def test_a_stage_that_fails_leaves_all_layers_trainable(images):
    model = compiled("stacked")
    every = len(model.trainable_variables)

    def fail(*_):
        assert len(model.trainable_variables) < every
        raise RuntimeError(f"no more in stage {model.stage}")

    callback = keras.callbacks.LambdaCallback(on_epoch_begin=fail)
    with pytest.raises(RuntimeError, match="in stage 1"):
        model.fit(images, epochs=3, initial_epoch=1, verbose=0, callbacks=[callback])
    assert len(model.trainable_variables) == every


def test_layers_that_are_frozen_stay_so(few):
    model = compiled("stacked")
    first = model.encoder.layers[1]
    first.trainable = False
    model.compile(run_eagerly=True)
    before, others = first.get_weights(), model.encoder.layers[2].get_weights()
    model.fit(few, epochs=3, verbose=0)
    pairwise(np.testing.assert_array_equal, before, first.get_weights())
    assert not all(pairwise(np.array_equal, others, model.encoder.layers[2].get_weights()))
    assert not first.trainable


def test_every_stage_has_the_learning_rate_of_the_optimizer(few):
    model = compiled("stacked")
    model.compile(run_eagerly=True)
    model.fit(few, epochs=3, verbose=0)
    model.optimizer.learning_rate = 0.0
    before = [variable.numpy() for variable in model.trainable_variables]
    model.fit(few, epochs=3, verbose=0)
    after = [variable.numpy() for variable in model.trainable_variables]
    pairwise(np.testing.assert_array_equal, before, after)
    with pytest.raises(ValueError, match="trains in 3 stages: use fit"):
        model.train_on_batch(few)
