"""Metrics of generated images, against values by hand, naive loops, and damaged digits."""

import math

import numpy as np
import pytest
from scipy import linalg
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import pdist
from sklearn.decomposition import PCA

from kerasae.evaluation.metrics import samples
from kerasae.evaluation.metrics.samples import (
    class_metrics,
    frechet_distance,
    kernel_distance,
    pairwise_distance,
    precision_recall,
)


def normal_samples(count, mean, covariance, seed=0):
    """Points whose mean and covariance are exactly the given ones."""
    points = np.random.default_rng(seed).normal(size=(count, len(mean)))
    points -= points.mean(axis=0)
    white = points @ np.linalg.inv(np.linalg.cholesky(np.cov(points.T))).T
    return white @ np.linalg.cholesky(covariance).T + mean


def column(*values):
    return np.array(values, float)[:, None]


# Fréchet distance


def test_frechet_distance_of_covariances_that_do_not_commute_is_that_of_sqrtm():
    first = np.array([[2, 1, 0], [1, 3, 0.5], [0, 0.5, 1]])
    second = np.array([[1, -0.6, 0.2], [-0.6, 2, 0], [0.2, 0, 5]])
    real, fake = (
        normal_samples(40, [1, 0, 0], first),
        normal_samples(60, [0, 0, -2], second, seed=1),
    )
    expected = 5 + np.trace(first + second - 2 * linalg.sqrtm(first @ second).real)
    assert frechet_distance(real, fake) == pytest.approx(expected)
    assert frechet_distance(fake, real) == pytest.approx(expected)


def test_frechet_distance_is_exact_where_covariances_are_singular():
    # 3 of 60 elements vary, and all are turned: the distance is that of the 3
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(60, 60)))[0][:3]
    real, fake = rng.normal(size=(2, 200, 3)) * [1, 20, 300]
    plain = frechet_distance(real, fake)
    assert frechet_distance(real @ turn, fake @ turn) == pytest.approx(plain)
    assert 0 <= frechet_distance(real @ turn, real[::-1] @ turn) < 1e-8
    collapsed = np.full((40, 2), 2.0)
    real = normal_samples(30, [0, 0], np.diag([2, 3]))
    assert frechet_distance(real, collapsed) == pytest.approx(8 + 5)


# Kernel distance


def naive_kernel_distance(real, fake):
    def kernel(x, y):
        return (sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3

    def within(points):
        pairs = [(i, j) for i in range(len(points)) for j in range(len(points)) if i != j]
        return sum(kernel(points[i], points[j]) for i, j in pairs) / len(pairs)

    across = sum(kernel(x, y) for x in real for y in fake) / (len(real) * len(fake))
    return within(real) + within(fake) - 2 * across


@pytest.mark.parametrize("block", [7, 1000])
def test_kernel_distance_is_that_of_a_naive_loop_whatever_the_blocks(monkeypatch, block):
    monkeypatch.setattr(samples, "BLOCK", block)
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(20, 4)), rng.normal(0.5, 2, (17, 4))
    expected = naive_kernel_distance(real, fake)
    assert kernel_distance(real, fake) == pytest.approx(expected)
    assert kernel_distance(fake, real) == pytest.approx(expected)


# Precision, recall, density and coverage


def naive_precision_recall(real, fake, neighbours):
    def balls(points):
        return [
            (point, sorted(math.dist(point, other) for other in points)[neighbours])
            for point in points
        ]

    def holding(point, balls):
        return sum(math.dist(point, centre) <= radius for centre, radius in balls)

    real_balls, fake_balls = balls(real), balls(fake)
    held = [holding(point, real_balls) for point in fake]
    return {
        "precision": sum(count > 0 for count in held) / len(fake),
        "recall": sum(holding(point, fake_balls) > 0 for point in real) / len(real),
        "density": sum(held) / len(fake) / neighbours,
        "coverage": sum(any(holding(p, [ball]) for p in fake) for ball in real_balls) / len(real),
    }


def test_precision_and_recall_are_those_by_hand():
    real = column(0, 1, 10, 12, 20, 21)  # radii 1, 1, 2, 2, 1, 1
    fake = column(1.5, 9, 11, 30, 34)  # radii 7.5, 2, 2, 4, 4; in 1, 1, 2, 0, 0 real balls
    assert precision_recall(real, fake, neighbours=1) == pytest.approx(
        {"precision": 3 / 5, "recall": 4 / 6, "density": 4 / 5, "coverage": 3 / 6}
    )


def test_a_ball_includes_its_surface():
    metrics = precision_recall(column(0, 3, 10), column(-3, 100), neighbours=1)
    assert metrics["precision"] == 1 / 2
    assert metrics["coverage"] == 1 / 3
    assert precision_recall(column(-3, 100), column(0, 3, 10), 1)["recall"] == 1 / 2


@pytest.mark.parametrize(("block", "neighbours"), [(7, 1), (1000, 5)])
def test_precision_and_recall_are_those_of_a_naive_loop(monkeypatch, block, neighbours):
    monkeypatch.setattr(samples, "BLOCK", block)
    rng = np.random.default_rng(neighbours)
    real, fake = rng.normal(size=(40, 3)), rng.normal(0.8, 0.7, (25, 3))
    expected = naive_precision_recall(real.tolist(), fake.tolist(), neighbours)
    assert len({0, 1, *expected.values()}) == 6  # or some could be taken for others
    assert precision_recall(real, fake, neighbours) == pytest.approx(expected)


# Classes


def test_class_numbers_tell_apart_even_one_sided_and_undecided_images():
    even, same, undecided = np.eye(10), np.eye(10)[np.zeros(10, int)], np.full((10, 10), 0.1)
    top = pytest.approx(math.log(10))
    assert class_metrics(even) == {"confidence": 1, "class_entropy": top}
    assert class_metrics(same) == {"confidence": 1, "class_entropy": pytest.approx(0)}
    assert class_metrics(undecided) == {"confidence": pytest.approx(0.1), "class_entropy": top}


@pytest.mark.parametrize("block", [2, 1000])
def test_pairwise_distance_is_that_of_all_pairs_of_different_samples(monkeypatch, block):
    monkeypatch.setattr(samples, "BLOCK", block)
    features = np.random.default_rng(0).normal(size=(20, 5))
    assert pairwise_distance(features) == pytest.approx(pdist(features).mean())


# Errors


@pytest.mark.parametrize(
    ("function", "least"), [(frechet_distance, 2), (kernel_distance, 2), (precision_recall, 6)]
)
def test_too_few_images_are_refused(function, least):
    points = np.random.default_rng(0).normal(size=(10, 3))
    function(points, points[:least])
    message = rf"Expected at least {least} images.* Received: 10 real, {least - 1} generated"
    with pytest.raises(ValueError, match=message):
        function(points, points[: least - 1])


@pytest.mark.parametrize("function", [frechet_distance, kernel_distance, precision_recall])
def test_features_of_other_widths_and_diverged_ones_are_refused(function):
    points = np.random.default_rng(0).normal(size=(10, 3))
    with pytest.raises(ValueError, match=r"same width. Received: 3 for real images, 2 for gen"):
        function(points, points[:, :2])
    with pytest.raises(ValueError, match="NaN"):
        function(points, np.where(points > 1, np.nan, points))


# Real and damaged digits

COUNT = 600


@pytest.fixture(scope="module")
def digits(mnist):
    """Features of real digits, and of held-out digits by kind of damage."""
    # Chosen at random, as MNIST is stored by writer: neighbouring images are alike
    chosen = np.random.default_rng(0).choice(len(mnist.x_train), 2 * COUNT, replace=False)
    images, labels = mnist.x_train[chosen, :, :, 0] / 255, mnist.y_train[chosen[COUNT:]]
    held_out = images[COUNT:]
    components = PCA(20, random_state=0).fit(images.reshape(len(images), -1))
    kinds = {
        "real": images[:COUNT],
        "undamaged": held_out,
        "classes dropped": held_out[labels < 5],
        "blurred": gaussian_filter(held_out, (0, 2, 2)),
    }
    return {kind: components.transform(x.reshape(len(x), -1)) for kind, x in kinds.items()}


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_undamaged_digits_are_nearest(digits, distance):
    undamaged, *others = [distance(digits["real"], fake) for fake in list(digits.values())[1:]]
    assert abs(undamaged) < 0.3 * min(others)


def test_held_out_digits_have_the_density_and_coverage_that_theory_expects(digits):
    metrics = precision_recall(digits["real"], digits["undamaged"])
    # Naeem et al.: 1 - (n - 1)...(n - k) / (2n - 1)...(2n - k), whatever the distribution
    missed = math.prod((COUNT - i) / (2 * COUNT - i) for i in range(1, 6))
    assert metrics["coverage"] == pytest.approx(1 - missed, abs=0.02)
    assert metrics["density"] == pytest.approx(1, abs=0.1)


def test_dropped_classes_and_blur_cost_recall_but_not_precision(digits):
    whole, partial, blurred = (
        precision_recall(digits["real"], digits[kind])
        for kind in ("undamaged", "classes dropped", "blurred")
    )
    assert partial["coverage"] < 0.75 * whole["coverage"]
    assert partial["recall"] < whole["recall"] - 0.1
    assert min(partial["precision"], blurred["precision"]) > 0.9
    assert blurred["recall"] < 0.05
    assert blurred["density"] > 2  # blurred digits crowd in the middle
