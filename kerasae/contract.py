"""What a contestant has to do to take part, checked on a few small images, and said in words."""

import inspect
import tempfile
from pathlib import Path

import numpy as np

from kerasae import models

SHAPE, LATENT_DIM = (8, 8, 1), 4


def faults(name):
    """Find what keeps a contestant from taking part.

    Parameters
    ----------
    name : str
        See `kerasae.models.model_class`.

    Returns
    -------
    list of str
        A sentence for each fault; later ones are not looked for where an earlier one is in the
        way. Empty if it can take part.
    """
    try:
        kind = models.model_class(name)
    except ValueError as error:
        return [str(error)]
    except Exception as error:  # importing code of others can fail in any way
        return [f"its file cannot be imported: {type(error).__name__}: {error}"]
    if "loss" not in kind.terms:
        return ["`terms` has no 'loss': name the loss terms, and the one to minimise 'loss'"]
    images = np.random.default_rng(0).integers(0, 256, (40, *SHAPE), dtype=np.uint8)
    try:
        model = kind(input_shape=SHAPE, latent_dim=LATENT_DIM, likelihood="bernoulli", seed=1)
    except Exception as error:
        return [
            "it cannot be made from (input_shape, latent_dim, likelihood, seed): hand **kwargs on "
            f"to Autoencoder, and give parameters of your own defaults. {type(error).__name__}: "
            f"{error}"
        ]
    for what, step in STEPS.items():
        try:
            found = list(step(model, images))
        except Exception as error:
            found = [f"{what} failed: {type(error).__name__}: {error}"]
        if found:
            return found
    return []


def lacking_settings(model, images):
    """Find parameters that are needed to load a saved model, and not in its configuration."""
    names = set()
    for kind in type(model).__mro__:
        if kind.__module__.startswith("kerasae.models.base"):
            break
        names |= set(inspect.signature(kind.__init__).parameters)
    missing = names - {"self", "args", "kwargs"} - set(model.get_config())
    if missing:
        yield f"`get_config` lacks {', '.join(sorted(missing))}: add them to that of Autoencoder"


def wrong_terms(model, images):
    """Look for every term of `terms`, a finite scalar each."""
    terms = model.objective(model.scale(images), training=True)
    if set(terms) != set(model.terms):
        yield (
            f"`objective` has to give the terms {', '.join(model.terms)}. "
            f"Received: {', '.join(terms)}"
        )
    for term, value in terms.items():
        if np.shape(value) != () or not np.isfinite(value):
            yield f"the term {term} has to be a finite scalar. Received: {np.asarray(value)}"


def wrong_shapes(model, images):
    """Look for codes (N, latent_dim), and images as they came."""
    codes = np.asarray(model.encode(images[:7]))
    if codes.shape != (7, LATENT_DIM):
        wanted = (7, LATENT_DIM)
        yield f"codes have to be of shape (N, latent_dim) = {wanted}. Received: {codes.shape}"
        return
    decoded = np.asarray(model.decode(codes))
    if decoded.shape != (7, *SHAPE):
        yield f"decoded codes have to be of shape (7, 8, 8, 1). Received: {decoded.shape}"
    elif decoded.min() < 0 or decoded.max() > 1:
        yield "decoded images have to lie in [0, 1]: the decoder gives logits, `decode` the means"
    if not model.stochastic and (codes != np.asarray(model.encode(images[:7], sampled=True))).any():
        yield "codes change from call to call: set `stochastic = True`"


def wrong_training(model, images):
    """See whether an epoch changes the weights, and reports every term."""
    model.compile(jit_compile=False)
    before = [variable.numpy() for variable in model.trainable_variables]
    history = model.fit(images, batch_size=16, epochs=1, validation_data=images, verbose=0).history
    after = [variable.numpy() for variable in model.trainable_variables]
    if not before or all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)):
        yield "an epoch of training changes no weight"
    missing = {*model.terms, *(f"val_{term}" for term in model.terms)} - set(history)
    if missing:
        yield f"the training does not report {', '.join(sorted(missing))}: use `track` in `learn`"


def wrong_file(model, images):
    """See whether the file gives the same codes as before."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        import keras

        kind = type(model)
        again = keras.saving.load_model(path, custom_objects={kind.__name__: kind})
    if not np.array_equal(model.encode(images[:7]), again.encode(images[:7])):
        yield "a saved and loaded model gives other codes: are all weights made in the constructor?"


def wrong_samples(model, images):
    """See whether what is drawn is what the tasks ask for."""
    if model.stochastic:
        outputs = model.encoder(model.scale(images[:7]), training=False)
        known = getattr(model, "distribution", None)
        shapes = [np.shape(part) for part in known(outputs)] if known else "none"
        if shapes != [(7, LATENT_DIM)] * 2:
            yield (
                "a stochastic model needs `distribution`: the encoder's outputs to mean and log σ, "
                f"(N, latent_dim) each. Received: {shapes}"
            )
    if model.generative:
        samples = np.asarray(model.sample(5, seed=1))
        if samples.shape != (5, *SHAPE):
            yield f"`sample` has to give images (count, 8, 8, 1). Received: {samples.shape}"
        elif not np.array_equal(samples, model.sample(5, seed=1)):
            yield "`sample` gives other images for the same seed: use it in `draw`"


STEPS = {
    "its configuration": lacking_settings,
    "computing the objective": wrong_terms,
    "encoding and decoding": wrong_shapes,
    "training": wrong_training,
    "saving and loading": wrong_file,
    "sampling": wrong_samples,
}
"""What is tried, in words → how."""
