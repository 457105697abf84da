"""A check that `sample_prior` samples the prior that the objective holds the posteriors to.

Samples z of a prior p fulfil Stein's identities E[∂ log p/∂z_j] = 0 and E[z_j ∂ log p/∂z_j] = -1.
The objective tells ∂ log p/∂z: for narrow Gaussian posteriors around z, a divergence that counts w
times has the derivatives -w ∂ log p/∂z in their means, and -w in their log σ.
"""

import numpy as np

from kerasae.custom.replaced import StandIn, replaced

COUNT, BATCHES = 397, 8
"""Codes of a batch, and batches."""
LOG_STD = -8.0
"""Output of the encoder for a small σ."""
LEAST_WEIGHT, TOLERANCE = 0.2, 0.1
"""Least weight of a term that counts as a divergence, and the difference of priors that counts."""


def wrong_prior(model, images):
    """Yield a sentence if samples of the prior contradict every divergence of the objective.

    Find no fault where no term is recognised as a divergence from the prior, and none smaller than
    some 10 % of the spread.
    """
    if not (model.stochastic and model.generative):
        return
    images = model.scale(np.resize(images, (COUNT, *images.shape[1:])))
    slope, faults = _slope_of_log_std(model, images), []
    for term in model.terms if slope else ():
        weights, shifts, scales = _derivatives(model, images, term, slope)  # a row for each batch
        if weights.mean() < LEAST_WEIGHT or not (shifts.any() or scales.any()):
            continue
        if _differs(shifts, weights):
            faults.append("shifted against")
        elif _differs(weights - scales, weights):
            faults.append("wider than" if (weights - scales).mean() < 0 else "narrower than")
        else:
            return
    if faults:
        yield (
            "`sample_prior` has to sample the prior of `objective`, as `sample` else decodes codes "
            "that the decoder was not trained on: let both be one distribution. "
            f"Received: samples {faults[0]} the prior of `objective`"
        )


def _differs(differences, weights):
    """Tell whether the mean of differences, a row for each batch, is beyond tolerance and noise."""
    error = differences.std(axis=0) / np.sqrt(BATCHES)
    limit = np.maximum(TOLERANCE * weights.mean(), 5 * error)
    return bool((np.abs(differences.mean(axis=0)) > limit).any())


def _slope_of_log_std(model, images):
    """Return the slope of log σ in the encoder's second half at `LOG_STD`, such as ½ for log σ².

    Return None if the first half is not the mean, or σ not small there.
    """
    from keras import ops

    from kerasae.networks.kernels import vjp

    dims = model.latent_dim
    if model.encoder(images[:1], training=False).shape[1] != 2 * dims:
        return None
    means = np.linspace(-2, 2, COUNT * dims, dtype="float32").reshape(COUNT, dims)
    outputs = ops.convert_to_tensor(np.concatenate([means, np.full_like(means, LOG_STD)], axis=1))
    log_std, pullback = vjp(lambda x: model.distribution(x)[1], outputs, model.variables)
    slopes = pullback(ops.ones_like(log_std))
    if slopes is None or not np.allclose(model.distribution(outputs)[0], means, atol=1e-4):
        return None
    slopes = np.split(np.asarray(slopes), 2, axis=1)[1]
    narrow = np.max(log_std) < -2 and np.ptp(slopes) < 1e-3 * slopes.max()
    return float(slopes.mean()) if narrow else None


def _derivatives(model, images, term, slope):
    """Average derivatives of a term where the posteriors are narrow, around samples of the prior.

    Three arrays with a row for each batch: minus the derivative in log σ, the derivatives in the
    means in standard deviations of the samples (batches, latent_dim), and these times the codes.
    """
    import keras

    from kerasae.networks.kernels import vjp

    encoder, decoder, rows = model.encoder, model.decoder, []
    for seed in range(BATCHES):
        codes = np.asarray(model.sample_prior(len(images), seed))
        heads = np.concatenate([codes, np.full_like(codes, LOG_STD)], axis=1)
        outputs = keras.ops.convert_to_tensor(heads)

        def value(outputs):
            def encoded(inputs, *args, **kwargs):
                others = inputs.shape[0] != COUNT  # such as the pseudo-inputs of a prior
                return encoder(inputs, *args, **kwargs) if others else outputs

            def decoded(*args, **kwargs):
                return keras.ops.stop_gradient(decoder(*args, **kwargs))

            stand_ins = {"encoder": StandIn(encoder, encoded), "decoder": StandIn(decoder, decoded)}
            with replaced(model, **stand_ins):
                return model.objective(images, training=False)[term]

        _, pullback = vjp(value, outputs, model.variables)
        gradient = pullback(keras.ops.ones(()))
        gradient = np.zeros(outputs.shape) if gradient is None else np.asarray(gradient)
        means, log_stds = np.split(gradient, 2, axis=1)  # (n, latent_dim) each, of an average
        weight = -log_stds.sum() / slope / model.latent_dim
        scale = (codes * means).sum() / model.latent_dim
        rows.append((weight, codes.std(axis=0) * means.sum(axis=0), scale))
    return tuple(map(np.array, zip(*rows, strict=True)))
