"""`kerasae check` finds samples of another prior than that of the objective, and no others."""

import numpy as np
import pytest
from test_check import derived

from kerasae.custom.prior import wrong_prior
from kerasae.models import build

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1), dtype=np.uint8)


def faults(name):
    model = build(name, IMAGES.shape[1:], 4, seed=1)
    return list(wrong_prior(model, IMAGES))


def rated(elements):
    """Code of an objective with a divergence, its elements by the code z, mean m and log σ s."""
    return f"""
    def objective(self, images, training):
        outputs = self.encoder(images, training=training)
        z, (m, s) = self.bottleneck(outputs, sampled=True), self.distribution(outputs)
        reconstruction = self.reconstruction_loss(images, self.decoder(z, training=training))
        kl = ops.mean(ops.sum({elements}, axis=1))
        return {{"loss": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}}
"""


def sampled(factor, shift):
    """Code that samples a Gaussian."""
    return f"""
    def sample_prior(self, count, seed):
        return {shift} + {factor} * super().sample_prior(count, seed)
"""


WIDE = "((ops.exp(2 * s) + m**2) / 4 - 1) / 2 - s"  # against N(0, 4)
SHIFTED = "(ops.exp(2 * s) + (m - 1)**2 - 1) / 2 - s"  # against N(1, 1)
STUDENT = "log_normal(z, m, s) + 2 * ops.log(1 + z**2 / 3)"
LOG_VARIANCE = """
    def distribution(self, outputs):
        mean, log_variance = super().distribution(outputs)
        return mean, log_variance / 2
"""
CAPACITY = """
    def objective(self, images, training):
        terms = super().objective(images, training)
        return {**terms, "loss": terms["reconstruction"] + 10 * ops.abs(terms["kl"] - 5.0)}
"""
MIXTURE = f"""
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.pseudo_inputs = self.add_weight(shape=(9, *self.image_shape), initializer="uniform")

    def components(self):
        return self.distribution(self.encoder(self.pseudo_inputs, training=False))

    def log_prior(self, z):
        means, log_stds = self.components()
        logs = ops.sum(log_normal(z[:, None], means[None], log_stds[None]), axis=2)
        return ops.logsumexp(logs, axis=1, keepdims=True) - ops.log(9.0)
{rated("log_normal(z, m, s) - self.log_prior(z) / self.latent_dim")}
    def sample_prior(self, count, seed):
        seed = keras.random.SeedGenerator(seed)
        means, log_stds = self.components()
        which = keras.random.randint((count,), 0, 9, seed=seed)
        noise = keras.random.normal((count, self.latent_dim), seed=seed)
        return ops.take(means, which, axis=0) + noise * ops.exp(ops.take(log_stds, which, axis=0))
"""


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("vae", rated(WIDE), "narrower than"),
        ("vae", rated(f"4 * ({WIDE})"), "narrower than"),
        ("vae", rated(SHIFTED), "shifted against"),
        ("vae", rated(STUDENT), "narrower than"),
        ("vae", LOG_VARIANCE + sampled(1.5, 0), "wider than"),
        ("beta_tc_vae", sampled(1, 1), "shifted against"),
        ("iwae", sampled(2, 0), "wider than"),
    ],
)
def test_samples_of_another_prior_than_that_of_the_objective_are_found(name, body, words, tmp_path):
    (fault,) = faults(derived(tmp_path / "mine.py", name, body))
    assert "`sample_prior` has to sample the prior of `objective`" in fault
    assert fault.endswith(f"Received: samples {words} the prior of `objective`")


@pytest.mark.parametrize(
    "body",
    [
        rated(WIDE) + sampled(2, 0),
        rated(SHIFTED) + sampled(1, 1),
        LOG_VARIANCE,
        CAPACITY,
        MIXTURE,
    ],
)
def test_samples_of_the_prior_of_the_objective_are_right(body, tmp_path):
    assert faults(derived(tmp_path / "mine.py", "vae", body)) == []
