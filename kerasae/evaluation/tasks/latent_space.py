"""Latent space: structure of the codes."""

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.outputs import PAIRWISE_CODES
from kerasae.evaluation.task import Evaluation, Gathered, Inputs, Numbers, Ranking, Task


def measure(inputs: Inputs) -> Numbers:
    """Compute the metrics of one model's codes."""
    from kerasae.evaluation.metrics.latent_space import latent_metrics

    data, outputs = inputs["data"], inputs["outputs"]
    yield {}, latent_metrics(outputs, data.y_train, data.y_test, inputs["plane"], inputs.seed)


def similarity(inputs: Inputs) -> Numbers:
    """Compare the codes of all variants of one seed in pairs."""
    from kerasae.evaluation.metrics.latent_space import similarities

    outputs_of = {run["variant"]: outputs for run, outputs in inputs.each("outputs")}
    codes = {variant: outputs.mean.test for variant, outputs in outputs_of.items()}
    for variant, values in similarities(codes).items():
        run = {"variant": variant, "latent_dim": codes[variant].shape[1]}
        code = outputs_of[variant].mean_code
        yield run, {ScoreKey("cka", code, reference=other): values[other] for other in values}


TASK = Task(
    name="latent_space",
    title="Latent space",
    text=(
        "Metrics of the test codes. Planes, similarities, active units and the KL divergence are "
        "those of the posterior means of VAEs; the others have both kinds of codes. Silhouette and "
        f"trustworthiness are of {PAIRWISE_CODES} random test samples at most. Classes are "
        "numbered from 0. The perplexity is for vq only."
    ),
    metrics=(
        Metric(
            "accuracy", "accuracy of nearest neighbours",
            "share of the test codes whose 5 nearest training codes vote for their class",
            better="higher", range="0 to 1",
        ),
        Metric(
            "silhouette", "silhouette", "silhouette of the classes in the code space",
            better="higher", range="-1 to 1",
            source="Rousseeuw: Silhouettes, J. Comput. Appl. Math. 20 (1987)",
        ),
        Metric(
            "trustworthiness", "trustworthiness of the UMAP plane",
            "share of the neighbours in the UMAP plane that are neighbours in the code space",
            better="higher", range="0 to 1",
            source="Venna and Kaski: Neighborhood preservation, ICANN 2001",
        ),
        Metric(
            "plane_accuracy", "accuracy in the UMAP plane",
            "share of the test samples whose 5 nearest others in the plane vote for their class",
            better="higher", range="0 to 1",
        ),
        Metric(
            "active_units", "active units",
            "elements of the posterior mean with a variance above 0.01",
            range="0 to latent_dim", decimals=1,
            source="Burda et al.: Importance weighted autoencoders, ICLR 2016",
        ),
        Metric(
            "kl", "KL divergence",
            "divergence of the posterior from the prior, mean over the test set",
            range="≥ 0", unit="nats",
        ),
        Metric(
            "perplexity", "perplexity of the codebook",
            "perplexity of the categories in use, mean over the elements",
            range="1 to categories",
        ),
        Metric(
            "log_volume", "log volume",
            "half the log-determinant of the covariance of the codes; depends on their scale",
            range="any; -inf for codes in a subspace",
        ),
        Metric("spread", "spread", "root mean squared distance from the mean code", range="≥ 0"),
        Metric(
            "recall", "recall",
            "share of the samples of a class that the nearest neighbours classify correctly",
            better="higher", range="0 to 1",
        ),
        Metric(
            "mingling", "mingling",
            "share of the samples of a group of classes classified as another class of the group",
            range="0 to 1",
        ),
        Metric(
            "cka", "linear CKA", "similarity of the codes to those of another variant",
            range="0 to 1",
            source="Kornblith et al.: Similarity of neural network representations, ICML 2019",
        ),
    ),
    evaluations=(
        Evaluation("latent_space", measure, ("data", "outputs", "plane")),
        Evaluation(
            "similarity", similarity, (Gathered("outputs", seeds="same", models="all"),),
            per="seed",
        ),
    ),
    leading=tuple(
        map(
            ScoreKey,
            (
                *("plane_accuracy", "accuracy", "silhouette", "trustworthiness"),
                *("active_units", "kl", "perplexity"),
            ),
        )
    ),
    needs=("labels", "thorough"),
    rankings=(
        Ranking(
            "visualisation",
            (ScoreKey("plane_accuracy"),),
            "share of the test samples whose nearest others in the UMAP plane are of their class",
        ),
    ),
)  # fmt: skip
