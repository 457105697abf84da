"""Checks on a few small images that a model of the user fulfils the contract of all models."""

import contextlib
import re
import tempfile
import traceback
from pathlib import Path

import numpy as np

from kerasae.custom.declared import find
from kerasae.custom.prior import wrong_prior
from kerasae.custom.replaced import StandIn, replaced

SHAPE, LATENT_DIM = (8, 8, 1), 4
FAR = 1e6
"""Offset of codes that shows whether they reach the decoder: far beyond noise and scaling."""


def faults(name, build, load):
    """Find faults that keep a model from taking part; return a sentence for each, or none.

    Only the first step that finds any reports faults. ``build`` and ``load`` are
    `kerasae.models.build` and `kerasae.models.load`: parameters, as models depend on this room.
    """
    images = np.random.default_rng(0).integers(0, 256, (40, *SHAPE), dtype=np.uint8)
    step = "building it"
    try:
        model = build(name, SHAPE, LATENT_DIM, likelihood="bernoulli", seed=1)
        for step, find_faults in STEPS.items():  # noqa: B007, the error names it
            loader = [lambda path: load(path, name)] if find_faults is _wrong_file else []
            if sentences := list(find_faults(model, images, *loader)):
                return sentences
    except (Exception, SystemExit) as error:  # code of others can fail in any way
        return [_described(error, name, step)]
    return []


def _described(error, name, step):
    """Describe an error in one line, with the last line of the model's file that it passed."""
    while isinstance(error.__cause__, SystemExit):
        error = error.__cause__
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).split("Arguments received by")[0]
    text = " ".join(text.split())
    if isinstance(error, SystemExit):
        code = "" if error.code is None else error.code
        text = f"raise an error instead of ending the program. Received: exit({code})"
    elif not isinstance(error, ValueError):
        text = f"{type(error).__name__}: {text}"
    place = "" if isinstance(error, ValueError) else step
    with contextlib.suppress(ValueError):  # no model of the user, or no such file
        path, _ = find(name)
        for frame in traceback.extract_tb(error.__traceback__):
            if Path(frame.filename) == path:
                place = f"{path}, line {frame.lineno}"
    return f"{place}: {text}" if place else text


def _wrong_registration(model, images):
    """See whether Keras finds the class of a saved model by its name."""
    import keras

    kind = type(model)
    if keras.saving.get_registered_name(kind) == kind.__name__:
        yield (
            f"{kind.__name__} is not registered, so that a saved model cannot be loaded: write "
            '@keras.saving.register_keras_serializable("mine") in the line above the class. '
            f"Received: class {kind.__name__} without it"
        )


def _wrong_networks(model, images):
    """See whether `networks` gave an encoder and a decoder of Keras."""
    import keras

    for name in ("encoder", "decoder"):
        if not isinstance(network := getattr(model, name), keras.Layer):
            yield f"`networks` has to return two Keras models. Received: {network!r} as {name}"


def _wrong_terms(model, images):
    """Look for every term of `terms`, a finite scalar each."""
    for term, value in model.loss_terms(model.scale(images), training=True).items():
        if not np.isfinite(value):
            yield f"the term {term} has to be finite. Received: {float(value)}"


def _wrong_shapes(model, images):
    """Check the shapes of codes, means and deviations (N, latent_dim), and of decoded images."""
    codes = np.asarray(model.encode(images[:7]))
    if codes.shape != (7, LATENT_DIM):
        wanted = (7, LATENT_DIM)
        yield f"codes have to be of shape (N, latent_dim) = {wanted}. Received: {codes.shape}"
        return
    if model.stochastic:
        outputs = model.encoder(model.scale(images[:7]), training=False)
        shapes = [np.asarray(array).shape for array in model.distribution(outputs)]
        if shapes != [(7, LATENT_DIM)] * 2:
            yield (
                "`distribution` has to give mean and log σ, (N, latent_dim) each. "
                f"Received: shapes {shapes}"
            )
    decoded = np.asarray(model.decode(codes))
    if decoded.shape != (7, *SHAPE):
        yield f"decoded codes have to be of shape (7, 8, 8, 1). Received: {decoded.shape}"
    elif decoded.min() < 0 or decoded.max() > 1:
        yield (
            "decoded images have to lie in [0, 1]: the decoder gives logits, `decode` the means. "
            f"Received: {decoded.min():.3g} to {decoded.max():.3g}"
        )
    if not model.stochastic and (codes != np.asarray(model.encode(images[:7], sampled=True))).any():
        yield (
            "codes change from call to call: set `stochastic = True`. Received: stochastic = False"
        )


@contextlib.contextmanager
def _far_from_zero(model):
    """Add standard Gaussian noise to all trained weights within the context.

    A property that holds before and after depends on the form of the network alone.
    """
    before, generator = model.get_weights(), np.random.default_rng(0)
    try:
        for variable in model.trainable_variables:
            noise = generator.normal(size=variable.shape).astype("float32")
            variable.assign(variable.numpy() + noise)
        yield
    finally:
        model.set_weights(before)


def _wrong_logits(model, images):
    """See whether the decoder reaches beyond [0, 1] on both sides, as logits do."""
    codes = np.random.default_rng(1).normal(0, 10, (64, LATENT_DIM)).astype("float32")
    with _far_from_zero(model):
        outputs = np.asarray(model.decoder(codes, training=False))
    outputs = outputs[np.isfinite(outputs)]
    if outputs.size and not outputs.min() < 0 < 1 < outputs.max():
        yield (
            "the decoder has to give logits, which can be any numbers: leave out the activation "
            "at its end, as the loss and `decode` apply the sigmoid. Received: outputs from "
            f"{outputs.min():.3g} to {outputs.max():.3g} for any weights and codes"
        )


def _wrong_codes(model, images):
    """See whether the objective decodes the codes of `encode`, or samples around them."""
    images = model.scale(images)
    with _far_from_zero(model):
        outputs = model.encoder(images, training=False)
        codes = np.asarray(model.bottleneck(outputs))
        spread = 1e-5 * np.abs(outputs).max() + 1e-3 * np.abs(codes)  # of rounding
        if model.stochastic:
            with np.errstate(over="ignore"):  # far from zero σ may be infinite, and so the draw
                spread = spread + 8 * np.exp(np.asarray(model.distribution(outputs)[1]))
        given, _ = _decoded_codes(model, images)
    for decoded in given:
        if decoded.shape == codes.shape and not (np.abs(decoded - codes) > spread).any():
            return
    given, asked = _decoded_codes(model, images, FAR)
    owner = next(kind for kind in type(model).__mro__ if "bottleneck" in vars(kind))
    own = owner.__module__ != "kerasae.models.base"
    reached = any(np.median(np.abs(z)) > FAR / 100 for z in given)
    if not (reached if given else asked or not own):
        yield (
            "`objective` trains other codes than `encode` gives: with training=False, let both "
            "be self.bottleneck(self.encoder(images, training=training)). Received: an "
            "`objective` that decodes other codes"
        )


def _decoded_codes(model, images, moved=0.0):
    """Compute the objective, the codes of the bottleneck moved.

    Return a list of the decoder's inputs, and whether the bottleneck was called.
    """
    given, asked = [], []
    decoder, squeeze = model.decoder, model.bottleneck

    def seen(codes, *args, **kwargs):
        given.append(np.asarray(codes))
        return decoder(codes, *args, **kwargs)

    def shifted(*args, **kwargs):
        asked.append(True)
        return squeeze(*args, **kwargs) + moved

    stage, model.stage = model.stage, model.stages - 1  # the one that trains the codes
    try:
        with replaced(model, decoder=StandIn(decoder, seen), bottleneck=shifted):
            model.objective(images, training=False)
    finally:
        model.stage = stage
    return given, bool(asked)


def _wrong_training(model, images):
    """See whether an epoch changes the weights, and reports every term."""
    model.compile(jit_compile=False)
    before = [variable.numpy() for variable in model.trainable_variables]
    history = model.fit(images, batch_size=16, epochs=1, validation_data=images, verbose=0).history
    after = [variable.numpy() for variable in model.trainable_variables]
    if not before or all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)):
        yield f"an epoch of training changes no weight. Received: {len(before)} trainable weights"
    missing = {*model.terms, *(f"val_{term}" for term in model.terms)} - set(history)
    if missing:
        yield (
            f"training does not report {', '.join(sorted(missing))}: use `track` in `train_batch`. "
            f"Received: {', '.join(history)}"
        )


def _wrong_file(model, images, load):
    """See whether a saved model is loaded as the tasks load it, and gives the same codes."""
    type(model).from_config(model.get_config())  # here, as it says in which line it fails
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        again = load(path)
    codes = model.encode(images[:7])
    if not np.array_equal(codes, again.encode(images[:7])):
        yield (
            "a saved and loaded model gives other codes: make all weights in the constructor or in "
            "`networks`. Received: codes that differ"
        )
    elif not np.array_equal(model.decode(codes), again.decode(codes)):
        yield (
            "a saved and loaded model decodes to other images: make all weights in the "
            "constructor or in `networks`. Received: images that differ"
        )


def _wrong_samples(model, images):
    """See whether samples have the shape that the tasks need, and depend on the seed alone."""
    if model.generative:
        samples = np.asarray(model.sample(5, seed=1))
        if samples.shape != (5, *SHAPE):
            yield f"`sample` has to give images (count, 8, 8, 1). Received: {samples.shape}"
        elif not np.array_equal(samples, model.sample(5, seed=1)):
            yield (
                "`sample` gives other images for the same seed: use it in `sample_prior`. "
                "Received: images that differ"
            )


STEPS = {
    "its registration": _wrong_registration,
    "its networks": _wrong_networks,
    "computing the objective": _wrong_terms,
    "encoding and decoding": _wrong_shapes,
    "decoding far codes": _wrong_logits,
    "comparing objective and encoder": _wrong_codes,
    "training": _wrong_training,
    "saving and loading": _wrong_file,
    "sampling": _wrong_samples,
    "comparing objective and prior": wrong_prior,
}
"""Name of a step → its function, in order."""
