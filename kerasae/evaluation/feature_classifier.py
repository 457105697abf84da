"""The feature classifier: generated and real images are compared in its features.

Distances between pixels say little about digits. Salimans et al. (Improved techniques for training
GANs, NeurIPS 2016) and Heusel et al. (GANs trained by a two time-scale update rule, NeurIPS 2017)
compare samples in the features of a network trained on ImageNet. That network does not suit digits:
here a small one is trained on the data set itself.
"""

import keras
import numpy as np
import tensorflow as tf

from kerasae.datasets.splits import split
from kerasae.datasets.values import by_batches
from kerasae.models.base import Autoencoder
from kerasae.seeds import derive

# An iterator waits up to a minute for the tuner, which has nothing to tune here.
_UNTUNED = tf.data.Options()
_UNTUNED.autotune.enabled = False

FEATURES = 64
"""Width of the last hidden layer."""
_LEAST_STEPS = 1000
"""Steps of a training on few images, which take more than 5 epochs."""


@keras.saving.register_keras_serializable("kerasae")
class Classifier(keras.Model):
    """Classifier: two convolutions that halve the image (for rows a dense layer), features, logits.

    ``body`` maps images (N, H, W, C) or rows (N, d) to features (N, 64), which are not negative.
    ``head`` maps the features to logits (N, classes). ``seed`` fixes the initial weights.
    """

    def __init__(self, input_shape, classes, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.image_shape, self.classes, self.seed = tuple(input_shape), classes, seed

        def initial(layer):
            weights = derive(seed, f"weights/classifier/{layer}")
            return {"kernel_initializer": keras.initializers.GlorotUniform(weights)}

        halved = {"strides": 2, "padding": "same", "activation": "relu"}
        if len(self.image_shape) == 3:
            layers = [
                keras.layers.Conv2D(16, 5, **halved, **initial(0)),
                keras.layers.Conv2D(32, 3, **halved, **initial(1)),
                keras.layers.Flatten(),
            ]
        else:
            layers = [keras.layers.Dense(128, activation="relu", **initial(0))]
        layers.append(keras.layers.Dense(FEATURES, activation="relu", **initial(2)))
        self.body = keras.Sequential([keras.Input(self.image_shape), *layers], name="body")
        self.head = keras.layers.Dense(classes, **initial(3), name="head")
        self.head.build((None, FEATURES))
        self.built = True

    scale = Autoencoder.scale

    def call(self, images):
        """Map images (N, H, W, C), uint8 or float in [0, 1], to logits (N, classes)."""
        return self.head(self.body(self.scale(images)))

    def get_config(self):
        """Return the arguments of the constructor."""
        return {"input_shape": self.image_shape, "classes": self.classes, "seed": self.seed}


def shuffled_batches(images, labels, batch_size, epochs, seed):
    """Return a ``tf.data.Dataset`` of the batches of all epochs, each in a new order.

    The order depends on the seed and the number of the epoch alone, not on the state of
    TensorFlow's generators. The last batch of an epoch may be partial.
    """
    images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
    seed = tf.constant(seed, tf.int64)

    def epoch(number):
        order = tf.random.experimental.stateless_shuffle(
            tf.range(len(images)), seed=tf.stack([seed, number])
        )
        return tf.data.Dataset.from_tensor_slices(order).batch(batch_size)

    orders = tf.data.Dataset.range(epochs).flat_map(epoch)
    pairs = orders.map(lambda rows: (tf.gather(images, rows), tf.gather(labels, rows)))
    return pairs.with_options(_UNTUNED)


def train_classifier(images, labels, validation, seed, epochs=None, batch_size=128):
    """Return a `Classifier` trained on images (n, H, W, C), uint8 or float, and labels (n,) from 0.

    Cross-entropy, Adam and cosine decay of the learning rate to 0, weights of the last step.
    ``validation`` (images, labels) is evaluated after every epoch, without effect on the training.
    The same seed gives the same weights on the same machine.
    """
    classes = 1 + max(int(np.max(labels)), int(np.max(validation[1])))
    model = Classifier(images.shape[1:], classes, seed)
    steps = -(-len(images) // batch_size)
    epochs = epochs or max(5, -(-_LEAST_STEPS // steps))
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.002, steps * epochs)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # XLA's convolutions are the slower ones on a CPU
    )
    # Variables created inside the step would make TensorFlow trace it twice
    model.optimizer.build(model.trainable_variables)
    validation_batches = tf.data.Dataset.from_tensor_slices(tuple(validation)).batch(1000)
    model.fit(
        shuffled_batches(images, labels, batch_size, epochs, derive(seed, "order/classifier")),
        steps_per_epoch=steps,
        shuffle=False,
        epochs=epochs,
        validation_data=validation_batches.with_options(_UNTUNED),
        verbose=2,
    )
    return model


def features_and_probabilities(model, images, batch_size=1000):
    """Return a classifier's features (n, 64) and probabilities (n, classes) of images, float32.

    Images (n, H, W, C) are uint8 or float in [0, 1], n at least 1. Features are not negative.
    """
    features = by_batches(lambda batch: model.body(model.scale(batch)), images, batch_size)
    return features, keras.ops.softmax(model.head(features)).numpy()


def train_feature_classifier(data, seed):
    """Return the trained `Classifier` of a data set, and arrays that describe its real images.

    ``features`` and ``accuracy`` are of the test set. ``held_out`` has the ``features`` and
    ``probabilities`` of training samples that the classifier has not seen: as many as test
    samples, at most half of all. ``shuffled`` has the same with the values of each sample in a
    random order.
    """
    rows = split(data.y_train, min(len(data.x_test), len(data.x_train) // 2), seed)
    held_out, labels = data.x_train[rows.validation], data.y_train[rows.validation]
    model = train_classifier(
        data.x_train[rows.train], data.y_train[rows.train], (held_out, labels), seed
    )
    features, probabilities = features_and_probabilities(model, data.x_test)
    real = {
        "features": features,
        "accuracy": np.mean(probabilities.argmax(axis=1) == data.y_test),
    }
    rng = np.random.default_rng(derive(seed, "shuffled"))
    flat = held_out.reshape(len(held_out), -1)
    shuffled = rng.permuted(flat, axis=1).reshape(held_out.shape)
    for name, images in (("held_out", held_out), ("shuffled", shuffled)):
        features, probabilities = features_and_probabilities(model, images)
        real[name] = {"features": features, "probabilities": probabilities}
    return model, real
