"""Marginal likelihood of models with a Gaussian posterior, by importance sampling."""

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.task import Evaluation, Inputs, Numbers, Ranking, Task
from kerasae.seeds import derive

_IMPORTANCE_SAMPLES = 100
"""Samples of the posterior of each test sample."""


def measure(inputs: Inputs) -> Numbers:
    """Estimate the marginal likelihood of the test set; of VAEs only."""
    from kerasae.evaluation.metrics.likelihood import bounds, importance_weights

    model = inputs["model"]
    if model.stochastic:
        seed = derive(inputs.seed, "likelihood")
        weights = importance_weights(model, inputs["data"].x_test, seed, _IMPORTANCE_SAMPLES)
        yield {}, {ScoreKey(name): value for name, value in bounds(weights).items()}


TASK = Task(
    name="likelihood",
    title="Marginal likelihood",
    text=(
        f"Bounds of the log-likelihood of the test set from {_IMPORTANCE_SAMPLES} posterior "
        "samples of each sample, VAEs only. The prior is the standard Gaussian. With the Bernoulli "
        "likelihood, grey values are the targets, as in training."
    ),
    metrics=(
        Metric(
            "log_likelihood", "log p(x)",
            "importance-weighted bound of the log-likelihood of a test sample",
            better="higher", range="≥ ELBO", unit="nats", decimals=2,
            source="Burda et al.: Importance weighted autoencoders, ICLR 2016, equation 8",
        ),
        Metric(
            "elbo", "ELBO", "evidence lower bound of a test sample, by the same samples",
            better="higher", unit="nats", range="≤ log p(x)", decimals=2,
            source="Kingma and Welling: Auto-encoding variational Bayes, ICLR 2014",
        ),
    ),
    evaluations=(Evaluation("likelihood", measure, ("data", "model")),),
    leading=(ScoreKey("log_likelihood"), ScoreKey("elbo")),
    needs=("thorough",),
    rankings=(
        Ranking(
            "density estimation",
            (ScoreKey("log_likelihood"),),
            "importance-weighted bound of the log-likelihood of the test set; VAEs only",
        ),
    ),
)  # fmt: skip
