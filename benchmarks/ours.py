"""Train a model and measure the time; prints JSON.

python ours.py VARIANT LATENT_DIM IMAGES.npy COUNT EPOCHS
"""

import json
import os
import resource
import sys

import keras
import numpy as np

from kerasae import models
from kerasae.training import train as training

BATCH = 256


def products(model):
    """Shapes (m, k, n) of the matrix products of one training step, averaged over its stages."""
    layers = [
        [getattr(layer, "linear", layer) for layer in network.layers if hasattr(layer, "units")]
        for network in (model.encoder, model.decoder)
    ]
    sizes = [[int(np.prod(layer.kernel.shape)) // layer.units for layer in part] for part in layers]
    shapes = [
        [(inputs, layer.units) for inputs, layer in zip(*part, strict=True)]
        for part in zip(sizes, layers, strict=True)
    ]

    def trained(chain):
        forward = [(BATCH, a, b) for a, b in chain]
        to_weights = [(a, BATCH, b) for a, b in chain]
        to_inputs = [(BATCH, b, a) for a, b in chain[1:]]
        return forward + to_weights + to_inputs

    if not hasattr(model, "pairs"):
        return [trained(shapes[0] + shapes[1])]
    pairs = list(zip(shapes[0], shapes[1][::-1], strict=True))
    frozen = [[(BATCH, *outer) for outer, _ in pairs[:stage]] for stage in range(len(pairs))]
    return [before + trained(list(pair)) for before, pair in zip(frozen, pairs, strict=True)]


variant, latent_dim, path, count, epochs = sys.argv[1:]
images = np.resize(np.load(path), (int(count), 32, 32, 1))  # repeated where there are too few
model = models.build(variant, images.shape[1:], int(latent_dim), seed=1)
record = training.Record()
model.compile(keras.optimizers.Adam(0.001))
model.fit(images, batch_size=BATCH, epochs=int(epochs), verbose=0, callbacks=[record])
model.save(f"{path}.{os.getpid()}.keras")
os.remove(f"{path}.{os.getpid()}.keras")
answer = {
    **{name: [row[name] for row in record.rows] for name in ("seconds", "load", "stage")},
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "products": products(model),
}
print(json.dumps(answer))
