"""Time one fit of a detector, by kerasae or PyOD, and print it as JSON.

    python benchmarks/fits.py {kerasae,pyod} ROWS COLUMNS

Both have the same widths, epochs and batch size, one thread, and standardised rows; both score the
training rows for their threshold. The import is not counted. The side of PyOD needs a Python in
which it and PyTorch are installed.
"""

import json
import os
import sys
import time

import numpy as np

EPOCHS, BATCH_SIZE, LATENT_DIM = 100, 128, 4


def widths(columns):
    """Two hidden layers between the columns and the code."""
    return [max(columns // 2, 8), max(columns // 4, 6)]


def kerasae(columns):
    """Return a detector of kerasae."""
    from kerasae.estimators import AutoencoderDetector
    from kerasae.training import train  # noqa: F401  imports TensorFlow

    how = {"epochs": EPOCHS, "batch_size": BATCH_SIZE, "latent_dim": LATENT_DIM}
    return AutoencoderDetector("vanilla", settings={"widths": widths(columns)}, **how)


def pyod(columns):
    """Return a detector of PyOD."""
    import torch
    from pyod.models.auto_encoder import AutoEncoder

    torch.set_num_threads(1)
    return AutoEncoder(
        epoch_num=EPOCHS, batch_size=BATCH_SIZE, hidden_neuron_list=[*widths(columns), LATENT_DIM],
        batch_norm=True, dropout_rate=0.0, preprocessing=False, verbose=0,
    )  # fmt: skip


rows, columns = map(int, sys.argv[2:])
X = np.random.default_rng(0).normal(size=(rows, columns)).astype(np.float32)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
detector = {"kerasae": kerasae, "pyod": pyod}[sys.argv[1]](columns)
began = time.perf_counter()
detector.fit(X)
print(json.dumps({"seconds": time.perf_counter() - began}))
