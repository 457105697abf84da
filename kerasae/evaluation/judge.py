"""The judge: a classifier whose features are used to compare generated with real images.

Distances between pixels say little about digits. The quality of samples is measured in the
features of a classifier instead: Salimans et al.: Improved techniques for training GANs, NeurIPS
2016, and Heusel et al.: GANs trained by a two time-scale update rule, NeurIPS 2017. They use a
network trained on ImageNet, which does not suit digits; here a small one is trained on the data
set itself.
"""

import keras
import numpy as np
import tensorflow as tf

from kerasae.datasets.splits import split
from kerasae.datasets.values import by_batches
from kerasae.models.base import Autoencoder
from kerasae.seeds import derive

# The tuner has nothing to tune here, and an iterator waits for it to wake up before it goes, which
# takes up to a minute at the end of a long training.
UNTUNED = tf.data.Options()
UNTUNED.autotune.enabled = False

FEATURES = 64
"""Width of the last hidden layer."""
LEAST_STEPS = 1000
"""Steps of a training on few images, which take more than 5 epochs."""


@keras.saving.register_keras_serializable("kerasae")
class Classifier(keras.Model):
    """Two convolutions that halve the image, a hidden layer of features, a linear layer.

    Rows of a table have a dense layer instead of the convolutions.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one image, (H, W, C), each side at least 1, or of one row, (d,).
    classes : int
        Number of classes.
    seed : int, optional
        Root seed of the initial weights.

    Attributes
    ----------
    body : keras.Model
        Images (N, H, W, C) in [0, 1] to features (N, 64), not negative.
    head : keras.layers.Layer
        Features to logits (N, classes).
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
        """Arguments of the constructor."""
        return {"input_shape": self.image_shape, "classes": self.classes, "seed": self.seed}


def shuffled_batches(images, labels, batch_size, epochs, seed):
    """All batches of all epochs; each epoch has a new order and may end with a partial batch.

    The order depends on the seed and the number of the epoch alone, not on the state of
    TensorFlow's generators.

    Returns
    -------
    tf.data.Dataset
        Pairs of images (N, H, W, C) and labels (N,), N at most ``batch_size``.
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
    return pairs.with_options(UNTUNED)


def train_classifier(images, labels, validation, seed, epochs=None, batch_size=128):
    """Train the classifier with cross-entropy, Adam and cosine decay of the learning rate to 0.

    Parameters
    ----------
    images : array of shape (n, H, W, C)
        uint8, or float in [0, 1]; the model scales them.
    labels : array of shape (n,)
        Classes, integers from 0.
    validation : tuple of array
        Images and labels whose loss and accuracy are printed after every epoch, without effect
        on the training.
    seed : int
        Root seed of the initial weights and of the order of the images. The same seed gives
        the same weights on the same machine.
    epochs, batch_size : int, optional
        Number of epochs, and images per step.

    Returns
    -------
    Classifier
        A `keras.Model` from images to logits (N, classes), with the weights of the last step.
    """
    classes = 1 + max(int(np.max(labels)), int(np.max(validation[1])))
    model = Classifier(images.shape[1:], classes, seed)
    steps = -(-len(images) // batch_size)
    epochs = epochs or max(5, -(-LEAST_STEPS // steps))
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.002, steps * epochs)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # XLA's convolutions are the slower ones on a CPU
    )
    # variables created inside the step would make TensorFlow trace it twice
    model.optimizer.build(model.trainable_variables)
    shown = tf.data.Dataset.from_tensor_slices(tuple(validation)).batch(1000)
    model.fit(
        shuffled_batches(images, labels, batch_size, epochs, derive(seed, "order/classifier")),
        steps_per_epoch=steps,
        shuffle=False,
        epochs=epochs,
        validation_data=shown.with_options(UNTUNED),
        verbose=2,
    )
    return model


def features_and_probabilities(model, images, batch_size=1000):
    """Compute the classifier's features and probabilities of images.

    Parameters
    ----------
    model : Classifier
        A trained classifier.
    images : array of shape (n, H, W, C)
        uint8, or float in [0, 1]; n at least 1.
    batch_size : int, optional
        Images in memory as float32 at a time.

    Returns
    -------
    features : numpy.ndarray of shape (n, 64)
        Outputs of the last hidden layer, float32, not negative, without a unit.
    probabilities : numpy.ndarray of shape (n, classes)
        Probabilities of the classes, float32; those of an image sum to 1.
    """
    features = by_batches(lambda part: model.body(model.scale(part)), images, batch_size)
    return features, keras.ops.softmax(model.head(features)).numpy()


def train_judge(data, seed):
    """Train the classifier of a data set, and describe its real images.

    Parameters
    ----------
    data : kerasae.datasets.Dataset
        With labels.
    seed : int
        Root seed of the run: the intervals over seeds include the variation between classifiers.

    Returns
    -------
    model : Classifier
        Trained.
    real : dict of str to array
        ``features`` of the test set, the test ``accuracy``, and ``held_out_features`` and
        ``held_out_probabilities`` of training samples that the classifier has not seen. These are
        as many as the test samples, but at most half of the training samples.
        ``shuffled_features`` and ``shuffled_probabilities``: of the same samples, the values of
        each in a random order, as a lower bound of generated samples.
    """
    part = split(data.y_train, min(len(data.x_test), len(data.x_train) // 2), seed)
    held_out = data.x_train[part.validation], data.y_train[part.validation]
    train = data.x_train[part.train], data.y_train[part.train]
    model = train_classifier(*train, held_out, seed)
    features, probabilities = features_and_probabilities(model, data.x_test)
    real = {
        "features": features,
        "accuracy": np.mean(probabilities.argmax(axis=1) == data.y_test),
    }
    rng = np.random.default_rng(derive(seed, "shuffled"))
    flat = held_out[0].reshape(len(held_out[0]), -1)
    shuffled = rng.permuted(flat, axis=1).reshape(held_out[0].shape)
    for name, shown in (("held_out", held_out[0]), ("shuffled", shuffled)):
        features, probabilities = features_and_probabilities(model, shown)
        real |= {f"{name}_features": features, f"{name}_probabilities": probabilities}
    return model, real
