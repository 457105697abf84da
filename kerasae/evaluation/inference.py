"""Run a trained model once, and store what the tasks need."""

import numpy as np

from kerasae.datasets.values import by_batches, in_batches
from kerasae.evaluation.metrics.likelihood import importance_weights, log_likelihoods
from kerasae.evaluation.metrics.reconstruction import LOSS, element_losses, image_scores
from kerasae.evaluation.outputs import SCORE_SAMPLES, SHOWN, Encoded, Outputs
from kerasae.seeds import derive


def run(model, x_train, x_test, steps, seed):
    """Return the `Outputs` of a trained model: encode, reconstruct, sample and interpolate.

    ``steps`` is the number of frames of the interpolation. Arrays are float32, except the scores
    (float64) and the indices (int16).
    """
    sampled = _encoded(model, x_train, x_test, sampled=True)
    mean = _encoded(model, x_train, x_test, sampled=False) if model.stochastic else sampled
    further = {}
    if model.stochastic:
        further["log_stds"] = by_batches(lambda batch: _log_stds(model, batch), x_test)
        noise = derive(seed, "marginal likelihood")
        weights = importance_weights(model, x_test, noise, SCORE_SAMPLES)
        further["log_likelihoods"] = log_likelihoods(weights)
    if model.discrete:
        further["indices"] = by_batches(model.indices, x_train).astype(np.int16)
    start, end = model.encoder(model.scale(x_test[:2]), training=False).numpy()
    path = np.linspace(start, end, steps, dtype=np.float32)
    codes = model.bottleneck(path, sampled=True)
    frames = model.decode(codes).numpy()
    if model.generative:
        further["samples"] = model.sample(SHOWN, seed=derive(seed, "samples")).numpy()
    worst = np.argsort(-mean.scores[LOSS[model.likelihood]], kind="stable")[:SHOWN]
    contributions = _contributions(model, x_test[worst])
    return Outputs(
        sampled,
        mean,
        frames,
        **further,
        variance=model.gaussian_variance,
        worst=worst,
        contributions=contributions,
    )


def _contributions(model, samples):
    """Return the reconstruction losses of samples (n, ...), by pixel or column, from mean codes."""
    images = model.scale(samples).numpy().astype(float)
    outputs = model.decoder(model.encode(samples), training=False).numpy().astype(float)
    return element_losses(images, outputs, model.likelihood).astype(np.float32)


def _encoded(model, x_train, x_test, sampled):
    """Return the `Encoded` training and test sets, from posterior samples or from means."""
    train = by_batches(lambda images: model.encode(images, sampled), x_train)
    codes, scores = [], []
    for images in in_batches(x_test):
        batch = model.encode(images, sampled)
        outputs = model.decoder(batch, training=False).numpy()
        scores.append(image_scores(model.scale(images).numpy(), outputs, model.likelihood))
        codes.append(batch.numpy())
        if len(codes) == 1:
            reconstructions = model.decode(batch[:SHOWN]).numpy()
    return Encoded(train, np.concatenate(codes), joined(scores), reconstructions)


def joined(batches):
    """Return the scores (N,) by name, from the scores of each batch by name."""
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def _log_stds(model, images):
    """Return log σ (N, latent_dim) of a stochastic model's posteriors."""
    return model.distribution(model.encoder(model.scale(images), training=False))[1]
