"""Metrics of generated images, from the features and probabilities of a classifier.

They depend on the classifier and on the number of images: compare only metrics of the same
classifier, the same real images and the same number of generated images. Held-out real images show
the values to aim at.
"""

import numpy as np
from scipy.stats import entropy
from sklearn.metrics.pairwise import euclidean_distances, polynomial_kernel
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import check_array, gen_batches

BLOCK = 1000
"""Rows of a matrix (n, m) in memory at a time: 80 MB for 10,000 columns."""


def frechet_distance(real, fake):
    """Return the squared Fréchet distance of two Gaussians with the moments of the features.

    ‖μ - ν‖² + tr(Σ + T - 2(ΣT)^½). Features have the shapes (n, d) and (m, d). Small n and m, at
    least 2, bias the distance upwards. Heusel et al. use the features of Inception.
    """
    real, fake = _checked(real, fake, 2)
    shift = real.mean(axis=0) - fake.mean(axis=0)
    first, second = _root(real), _root(fake)
    # With Σ = AᵀA and T = BᵀB the eigenvalues of ΣT are the squared singular values of ABᵀ.
    # They are real and exact even for singular Σ and T, where sqrtm(ΣT) may be complex or fail.
    overlap = np.linalg.norm(first @ second.T, "nuc")
    distance = shift @ shift + np.sum(first**2) + np.sum(second**2) - 2 * overlap
    return float(max(distance, 0))  # rounding may give a small negative value


def kernel_distance(real, fake):
    """Return the squared maximum mean discrepancy of features (n, d), (m, d); n and m at least 2.

    The kernel is (x·y / d + 1)³. The estimate is unbiased for any n and m: it scatters around 0
    where both sets come from one distribution. Bińkowski et al. average over random subsets; here
    all features are used at once.
    """
    real, fake = _checked(real, fake, 2)
    across = _kernel_sum(real, fake) / (len(real) * len(fake))
    return float(_kernel_within(real) + _kernel_within(fake) - 2 * across)


def precision_recall(real, fake, neighbours=5):
    """Return precision, recall, density and coverage, from balls that reach to the k-th neighbour.

    Features have the shapes (n, d) and (m, d); n and m are greater than k, the ``neighbours``. A
    ball includes its surface; a point is not its own neighbour. The density rises above 1 if fake
    images crowd in the middle, as blurred ones do. The coverage of as many held-out real images is
    about 1 - 2⁻ᵏ, whatever their distribution. Kynkäänniemi et al. use k = 3.
    """
    real, fake = _checked(real, fake, neighbours + 1)
    real_radii, fake_radii = _radii(real, neighbours), _radii(fake, neighbours)
    balls = np.zeros(len(fake), int)  # real balls around each fake image
    covered, recalled = np.zeros((2, len(real)), bool)
    for rows in gen_batches(len(real), BLOCK):
        distances = euclidean_distances(real[rows], fake)
        inside = distances <= real_radii[rows, None]
        balls += inside.sum(axis=0)
        covered[rows] = inside.any(axis=1)
        recalled[rows] = (distances <= fake_radii).any(axis=1)
    return {
        "precision": float(np.mean(balls > 0)),
        "recall": float(recalled.mean()),
        "density": float(balls.mean() / neighbours),
        "coverage": float(covered.mean()),
    }


def pairwise_distance(features):
    """Return the mean Euclidean distance of two different rows of features (n, d), n at least 2."""
    features = check_array(features, dtype=np.float64, ensure_min_samples=2)
    total = sum(
        euclidean_distances(features[rows], features).sum()
        for rows in gen_batches(len(features), BLOCK)
    )
    return float(total / (len(features) * (len(features) - 1)))


def class_metrics(probabilities):
    """Return the confidence and the class entropy of a classifier's probabilities (n, classes)."""
    probabilities = np.asarray(probabilities, np.float64)
    return {
        "confidence": float(probabilities.max(axis=1).mean()),
        "class_entropy": float(entropy(probabilities.mean(axis=0))),
    }


def sample_metrics(real, fake, probabilities):
    """Return all metrics of generated images by name.

    ``real`` (n, d) and ``fake`` (m, d) are features, more than 5 of each; ``probabilities``
    (m, classes) are those of the generated images.
    """
    return {
        "frechet_distance": frechet_distance(real, fake),
        "kernel_distance": kernel_distance(real, fake),
        "pairwise_distance": pairwise_distance(fake),
        **precision_recall(real, fake),
        **class_metrics(probabilities),
    }


def _checked(real, fake, least):
    """Return both as finite float64 matrices of equal width, at least ``least`` rows, or raise."""
    # float64, as the distances are differences of much larger sums
    real, fake = (check_array(x, dtype=np.float64, ensure_min_samples=0) for x in (real, fake))
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            "Expected features of the same width. "
            f"Received: {real.shape[1]} for real images, {fake.shape[1]} for generated images"
        )
    if min(len(real), len(fake)) < least:
        raise ValueError(
            f"Expected at least {least} images of each kind. "
            f"Received: {len(real)} real, {len(fake)} generated"
        )
    return real, fake


def _root(features):
    """Return R with RᵀR = the covariance of the features."""
    centred = features - features.mean(axis=0)
    return np.linalg.qr(centred / np.sqrt(len(features) - 1), mode="r")


def _kernel_sum(first, second):
    """Return the sum of the kernel over all pairs; 1 / d is the default of scikit-learn."""
    return sum(
        polynomial_kernel(first[rows], second, degree=3, coef0=1).sum()
        for rows in gen_batches(len(first), BLOCK)
    )


def _kernel_within(features):
    """Return the mean kernel over pairs of different points, for an unbiased estimate."""
    itself = np.sum((np.mean(features**2, axis=1) + 1) ** 3)
    return (_kernel_sum(features, features) - itself) / (len(features) * (len(features) - 1))


def _radii(features, neighbours):
    """Return the distance of each point to its k-th neighbour, itself excluded."""
    # Brute force, as trees do not help in dozens of dimensions
    search = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(features)
    return search.kneighbors()[0][:, -1]
