"""Classification: a dense layer on frozen codes, from few labels."""

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
    inputs = keras.Input(train[0].shape[1:])
    layer = Linear(classes, derive(seed, "weights/head"))
    model = keras.Model(inputs, layer(body(inputs) if body else inputs))
    model.compile(
        keras.optimizers.Adam(learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # a few hundred small steps take less time than their compilation
    )
    samples = tf.data.Dataset.from_tensor_slices(train).shuffle(
        len(train[0]), seed=derive(seed, "order/head"), reshuffle_each_iteration=True
    )
    stopping = {}
    if validation:
        stop = keras.callbacks.EarlyStopping(
            "val_accuracy", mode="max", patience=patience, restore_best_weights=True
        )
        batches = tf.data.Dataset.from_tensor_slices(validation).batch(1000)
        stopping = {"validation_data": batches, "callbacks": [stop]}
    model.fit(samples.batch(batch_size), epochs=epochs, verbose=2, **stopping)
    return model


def accuracy(model, inputs, labels):
    """Return the accuracy of a model on inputs (N, ...) with labels (N,)."""
    return float((model.predict(inputs, batch_size=1000, verbose=0).argmax(1) == labels).mean())
