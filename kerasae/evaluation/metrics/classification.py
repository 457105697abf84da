"""Classification: a dense layer on frozen codes, from few labels."""

from functools import lru_cache

import keras
import tensorflow as tf

from kerasae.networks.dense import Linear
from kerasae.seeds import derive


def fit_head(body, train, validation, classes, seed, epochs, batch_size, learning_rate, patience):
    """Return a model from inputs (N, ...) to logits (N, classes): a dense layer on ``body``.

    Cross-entropy and Adam, also for ``body``; None trains the layer alone, on frozen codes. With
    ``validation`` the training stops after ``patience`` epochs without a better accuracy, and keeps
    the best weights: validation labels are then used, however few training labels there are.
    """
    seed_of_layer = derive(seed, "weights/head")
    if body:
        model = _with_head(body, train[0].shape[1:], classes, learning_rate, seed_of_layer)
    else:
        model = _layer_alone(train[0].shape[1:], classes, learning_rate)
        fresh = _with_head(None, train[0].shape[1:], classes, learning_rate, seed_of_layer)
        for one in (model, fresh):
            one.optimizer.build(one.trainable_variables)
        state = ((*one.variables, *one.optimizer.variables) for one in (model, fresh))
        for variable, initial in zip(*state, strict=True):
            variable.assign(initial)
    order = tf.data.Dataset.from_tensor_slices(train).shuffle(
        len(train[0]), seed=derive(seed, "order/head"), reshuffle_each_iteration=True
    )
    stopping = {}
    if validation:
        stop = keras.callbacks.EarlyStopping(
            "val_accuracy", mode="max", patience=patience, restore_best_weights=True
        )
        watched = tf.data.Dataset.from_tensor_slices(validation).batch(1000)
        stopping = {"validation_data": watched, "callbacks": [stop]}
    model.fit(order.batch(batch_size), epochs=epochs, verbose=2, **stopping)
    return model


def _with_head(body, shape, classes, learning_rate, seed):
    """Return a compiled dense layer on top of ``body``, or alone; see `fit_head`."""
    inputs = keras.Input(shape)
    outputs = Linear(classes, seed)(body(inputs) if body else inputs)
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.Adam(learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # a few hundred small steps take less time than their compilation
    )
    return model


@lru_cache(maxsize=8)
def _layer_alone(shape, classes, learning_rate):
    """Return a dense layer that serves all codes of one size, so that its steps are traced once."""
    return _with_head(None, shape, classes, learning_rate, seed=0)


def accuracy(model, inputs, labels):
    """Return the accuracy of a model on inputs (N, ...) with labels (N,), between 0 and 1."""
    return float((model.predict(inputs, batch_size=1000, verbose=0).argmax(1) == labels).mean())
