"""Models whose codes carry no information are named, healthy ones are not."""

import keras
import numpy as np
import pytest

from kerasae import build
from kerasae.evaluation.metrics.reconstruction import (
    entropy_floor,
    explained,
    mean_image_bce,
    summed_bce,
)
from kerasae.reporting.tables import remark


@pytest.mark.parametrize(
    ("name", "settings", "collapsed"),
    [
        ("vae", {}, False),
        ("beta_vae_strict", {"beta": 100}, True),  # the posterior becomes the prior
        ("vq", {}, False),
        ("vq", {"categories": 1}, True),  # one category takes all
    ],
)
def test_collapsed_models_are_distinguished_from_healthy_ones(mnist, name, settings, collapsed):
    x_train, x_test = mnist.x_train[:3000], mnist.x_test[:500]
    model = build(name, (32, 32, 1), 4, widths=(64, 16), seed=1, **settings)
    model.compile(keras.optimizers.Adam(0.003), jit_compile=False)
    model.fit(x_train, batch_size=100, epochs=20, verbose=0)
    variances = np.var(model.encode(x_test, sampled=False), axis=0)
    assert variances.max() < 0.01 if collapsed else variances.max() > 0.1
    logits = model.decoder(model.encode(x_test, sampled=True), training=False).numpy()
    bce = np.mean(summed_bce(x_test / 255, logits))
    share = explained(bce, mean_image_bce(x_train, x_test), entropy_floor(x_test))
    # As the mean image or worse: by how much, the last digits of the training decide
    assert bool(remark(share)) == collapsed
