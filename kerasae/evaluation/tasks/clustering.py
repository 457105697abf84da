"""Clustering: codes grouped without labels, and the groups compared with the classes.

k-means and a mixture of Gaussians with full covariances, as many clusters as classes, fitted to
the standardised codes of the training set; of VAEs to the posterior means. Clusters are matched
one to one with classes so that the accuracy is the highest (Hungarian method; Kuhn: The Hungarian
method for the assignment problem, Naval Research Logistics Quarterly 2 (1955)).
"""

import numpy as np

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.task import Evaluation, Inputs, Numbers, Ranking, Task
from kerasae.seeds import derive


def matched_accuracy(clusters, labels):
    """Return the accuracy of the best one-to-one matching of clusters (N,) with classes (N,)."""
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics.cluster import contingency_matrix

    counts = contingency_matrix(labels, clusters)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return float(counts[rows, columns].sum() / len(labels))


def agreement(clusters, labels):
    """Return metrics that compare clusters (N,) with classes (N,), by name."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    return {
        "accuracy": matched_accuracy(clusters, labels),
        "nmi": float(normalized_mutual_info_score(labels, clusters)),
        "ari": float(adjusted_rand_score(labels, clusters)),
    }


def clustered(train, test, count, seed):
    """Return the cluster (N,) of each of the ``test`` codes (N, d), by method.

    ``count`` clusters are fitted to ``train`` (n, d); ``seed`` fixes the initial centres.
    """
    from sklearn.cluster import KMeans
    from sklearn.mixture import GaussianMixture
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train = np.asarray(train, float)  # in float32 a mixture's weights may sum to more than 1
    methods = {
        "k_means": KMeans(count, n_init=10, random_state=seed),
        "gaussian_mixture": GaussianMixture(count, random_state=seed),
    }
    return {
        name: make_pipeline(StandardScaler(), method).fit(train).predict(np.asarray(test, float))
        for name, method in methods.items()
    }


def measure(inputs: Inputs) -> Numbers:
    """Cluster the codes of one model."""
    data, outputs = inputs["data"], inputs["outputs"]
    codes, seed = outputs.mean, derive(inputs.seed, "clustering")
    for method, clusters in clustered(codes.train, codes.test, len(data.classes), seed).items():
        metrics = agreement(clusters, data.y_test)
        yield (
            {},
            {ScoreKey(name, outputs.mean_code, probe=method): metrics[name] for name in metrics},
        )


TASK = Task(
    name="clustering",
    title="Clustering",
    text=(
        "As many clusters as classes, fitted without labels to the standardised codes of the "
        "training set, posterior means for VAEs, and compared with the classes of the test set. "
        "k-means, and a mixture of Gaussians with full covariances."
    ),
    metrics=(
        Metric(
            "accuracy", "accuracy",
            "accuracy of the best one-to-one matching of clusters with classes",
            better="higher", range="0 to 1",
        ),
        Metric(
            "nmi", "NMI", "normalised mutual information of clusters and classes",
            better="higher", range="0 to 1",
            source="Strehl and Ghosh: Cluster ensembles, JMLR 3 (2002)",
        ),
        Metric(
            "ari", "ARI", "adjusted Rand index of clusters and classes; about 0 for chance",
            better="higher", range="-0.5 to 1",
            source="Hubert and Arabie: Comparing partitions, J. Classification 2 (1985)",
        ),
    ),
    evaluations=(Evaluation("clustering", measure, ("data", "outputs")),),
    leading=tuple(
        ScoreKey(metric, "mean", probe=method)
        for method in ("k_means", "gaussian_mixture")
        for metric in ("accuracy", "nmi", "ari")
    ),
    needs=("labels", "thorough"),
    rankings=(
        Ranking(
            "groups without labels",
            (ScoreKey("accuracy", "mean", probe="k_means"),),
            "accuracy of k-means on the codes, clusters matched with classes",
        ),
    ),
)  # fmt: skip
