"""What collapsed in truth is named as collapsed, and what is healthy is not."""

import keras
import numpy as np
import pytest

from kerasae import build
from kerasae.tables import remark
from kerasae.tasks.geometry import entropy_floor, explained, mean_image_bce
from kerasae.tasks.reconstruction import summed_bce


@pytest.mark.parametrize(
    ("name", "settings", "start", "word"),
    [
        ("vae", {}, 0, ""),
        ("beta_vae_strict", {"beta": 100}, 0, "collapsed"),
        ("vq", {}, 0, ""),
        ("vq", {}, 100, "collapsed"),  # codebooks far from all codes: one category takes all
    ],
)
def test_collapsed_models_are_told_from_healthy_ones(mnist, name, settings, start, word):
    x_train, x_test = mnist.x_train[:3000], mnist.x_test[:500]
    model = build(name, (32, 32, 1), 4, widths=(64, 16), seed=1, **settings)
    if start:
        model.codebook.assign(model.codebook + start)
    model.compile(keras.optimizers.Adam(0.003), jit_compile=False)
    model.fit(x_train, batch_size=100, epochs=20, verbose=0)
    logits = model.decoder(model.encode(x_test, sampled=True), training=False).numpy()
    bce = np.mean(summed_bce(x_test / 255, logits))
    share = explained(bce, mean_image_bce(x_train, x_test), entropy_floor(x_test))
    assert remark(share).startswith(word)
    assert bool(remark(share)) == bool(word)
