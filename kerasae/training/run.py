"""One run: build a model for a data set, and train it."""

import keras
import tensorflow as tf

from kerasae.datasets.splits import split
from kerasae.training.train import train


class Builder:
    """Builds models, and begins anew with the last one where only the run's seed and data differ.

    A model that is seeded anew keeps its compiled programs. Its preprocessing is a record for new
    data and no part of them; where each seed draws its own training set, it differs. ``build`` is
    `kerasae.models.build`, and a parameter, as a training depends on the code of its own model
    only, not on the registry of all models.
    """

    def __init__(self, build):
        self.build, self.key, self.model = build, None, None

    def __call__(self, name, /, *, seed, preprocessing, **settings):
        """Build a model, see `kerasae.models.build`."""
        key = name, settings
        if self.key == key and ":" not in name:  # an own model may depend on them in other ways
            self.model.reseed(seed)
            self.model.preprocessing = preprocessing
        else:
            self.model = None
            keras.utils.clear_session()  # layers get the same names, whichever was built before
            self.model = self.build(name, seed=seed, preprocessing=preprocessing, **settings)
            self.key = key
        return self.model


def train_run(
    build,
    options,
    data,
    *,
    latent_dim,
    held_out,
    seed,
    checkpoint=None,
    alone=False,
    verbose=2,
):
    """Build and train the model of one run; return it and its history, see `train`.

    ``build`` is a `Builder` or `kerasae.models.build`, ``options`` a
    `kerasae.training.defaults.TrainingOptions`. ``held_out`` is the token of a class to leave out
    of the training set, or ``none`` or ``given``; the validation samples are held out of it, too.
    If ``data`` is the only reference to the data set, its memory is freed before the training.
    """
    images, preprocessing = data.x_train, data.preprocessing.to_config()
    indices = split(data.y_train, options.validation, seed, data.class_index(held_out))
    del data
    # Tensors, as TensorFlow copies arrays; a copy takes a twentieth of the job's memory
    rows, validation = (tf.constant(images[i]) for i in (indices.train, indices.validation))
    del images
    settings = dict(options.model)
    model = build(
        settings.pop("model"),
        input_shape=rows.shape[1:],
        latent_dim=latent_dim,
        seed=seed,
        likelihood=options.likelihood,
        preprocessing=preprocessing,
        **settings,
    )
    history = train(
        model,
        rows,
        validation,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        patience=options.patience,
        checkpoint=checkpoint,
        alone=alone,
        verbose=verbose,
    )
    return model, history
