"""What a backend makes of models that TensorFlow began to train; a program and its parts.

`test_backends.py` imports this on TensorFlow, and runs it on each other backend.
"""

import contextlib
import os
import sys
import time
from pathlib import Path

if os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
    sys.modules["tensorflow"] = None  # as if it was not installed

import keras
import numpy as np

import kerasae

SHAPE, LATENT_DIM, EPOCHS = (32, 32, 1), 4, 8
CASES = {
    **{name: {"model": name, "widths": (16, 8)} for name in kerasae.REGISTRY},
    **{name: {"model": name} for name in ("shallow", *kerasae.BASELINES)},
    **{name: {"model": name, "widths": (16, 8), "categories": 16} for name in ("vq", "vq_ema")},
    **{name: {"model": name, "widths": (4, 4)} for name in ("conv_vanilla", "conv_vae")},
    "stacked": {"model": "stacked", "widths": (4, 4, 4)},  # stages with variables of one shape
    "gaussian": {"model": "vanilla", "widths": (16, 8), "likelihood": "gaussian"},
}
"""Name → model and settings. Few categories and channels, so that rounding decides for no other
category, and on no side of a rectifier's kink."""
VALIDATED = ("vanilla", "stacked", "vae", "vq", "pca")
"""Cases with validation, evaluation and prediction, each of which JAX compiles."""
FEW = 16
"""Images whose results are compared; all are trained on."""


def build(name, seed=0):
    settings = dict(CASES[name])
    return kerasae.build(settings.pop("model"), SHAPE, LATENT_DIM, seed=seed, **settings)


@contextlib.contextmanager
def same_noise():
    """Replace the noise, whose numbers are a backend's own, by the same numbers at every call."""

    def gaussian(shape, *_):
        noise = np.random.default_rng(0).normal(size=tuple(shape))
        return keras.ops.convert_to_tensor(noise, "float32")

    modules = [
        module
        for name, module in sys.modules.items()
        if name.startswith("kerasae.models.") and hasattr(module, "gaussian")
    ]
    kept = [module.gaussian for module in modules]
    for module in modules:
        module.gaussian = gaussian
    try:
        yield
    finally:
        for module, function in zip(modules, kept, strict=True):
            module.gaussian = function


@contextlib.contextmanager
def unchanged(model):
    """Bring all variables of a model back after the context."""
    before = [variable.numpy() for variable in model.variables]
    try:
        yield
    finally:
        for variable, value in zip(model.variables, before, strict=True):
            variable.assign(value)


def arrays(**results):
    return {name: keras.ops.convert_to_numpy(value) for name, value in results.items()}


def measured(model, images):
    """Codes, reconstructions and loss terms as in inference."""
    with same_noise(), unchanged(model):
        codes = model.encode(images)
        terms = model.loss_terms(model.scale(images), training=False)
        terms = {f"evaluated/{name}": value for name, value in terms.items()}
        return arrays(codes=codes, decoded=model.decode(codes), **terms)


def stepped(model, images):
    """Take a step on all images, in each stage.

    Results are the loss terms of the last one, the gradient, by which gradient descent moves a
    weight, and weights that no gradient moves.
    """
    rate = 1.0 if model.stages == 1 else 1e-2  # as later stages begin with what earlier ones moved
    with same_noise(), unchanged(model):
        model.compile(keras.optimizers.SGD(rate), jit_compile=False)
        before = [variable.numpy() for variable in model.trainable_variables]
        if model.stages > 1:
            how = {"batch_size": len(images), "epochs": model.stages, "verbose": 0}
            history = model.fit(images, **how).history
            terms = {name: values[-1] for name, values in history.items()}
        elif keras.backend.backend() == "tensorflow":
            model.train_batch(images)  # the step of `fit`, which would be traced for an epoch
            terms = model.get_metrics_result()
        else:
            terms = model.train_on_batch(images, return_dict=True)  # as `fit`, in this order
        pairs = zip(before, model.trainable_variables, strict=True)
        slopes = [(value - variable.numpy()) / rate for value, variable in pairs]
        return arrays(
            **{f"trained/{name}": value for name, value in terms.items()},
            **{f"gradient/{i:02}": slope for i, slope in enumerate(slopes)},
            **{f"moved/{i:02}": v.value for i, v in enumerate(model.non_trainable_weights)},
        )


def used(model, images, folder, name):
    """Results of what else one does with a model."""
    found = arrays(
        reconstructed=model.reconstruct(images),
        sampled=model.encode(images, sampled=True),
        resampled=model.encode(images, sampled=True),
    )
    if name in VALIDATED:
        found |= arrays(predicted=model.predict(images, verbose=0))
    if model.generative:
        found |= arrays(samples=model.sample(5, seed=1), again=model.sample(5, seed=1))
    if model.discrete:
        found |= arrays(looked_up=model.look_up(model.indices(images)))
    model.save(folder / f"{name}.{keras.backend.backend()}.keras")
    return found


def appeared(path, seconds=300):
    """Wait for a file that TensorFlow writes meanwhile."""
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.05)
    return path


def main(folder):
    """Write what this backend makes of each model in a folder."""
    images = np.load(folder / "images.npy")
    for name in CASES:
        model = kerasae.load(appeared(folder / f"{name}.keras"))
        few = images[:FEW]
        found = measured(model, few) | used(model, few, folder, name)
        optimizer = model.optimizer
        found |= stepped(model, few)
        model.compile(optimizer)
        first = 0 if not model.by_gradients else 1
        shown = images if name in VALIDATED else None
        how = {"epochs": EPOCHS + 1, "initial_epoch": first, "validation_data": shown}
        history = model.fit(images, batch_size=16, verbose=0, **how).history
        found |= {f"history/{term}": values for term, values in history.items()}
        if shown is not None:
            evaluated = model.evaluate(images, batch_size=16, verbose=0, return_dict=True)
            found |= {f"evaluate/{term}": value for term, value in evaluated.items()}
        np.savez(folder / f"{name}.{keras.backend.backend()}.npz", **found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
