"""Probes: the dense layer of the article, and classifiers that do not see the scale of codes."""

import numpy as np
import pytest
from conftest import pairwise
from sklearn.decomposition import PCA

from kerasae import build
from kerasae.evaluation.metrics.classification import accuracy, fit_head
from kerasae.evaluation.metrics.probes import PROBES, probe

OPTIONS = {"epochs": 20, "batch_size": 16, "learning_rate": 0.05, "patience": 2}


@pytest.fixture(scope="module")
def digits(mnist):
    """Codes and labels of 550 and 1,000 images of real digits: principal components."""
    rows = mnist.x_train[:1550].reshape(1550, -1) / 255
    return PCA(20, random_state=0).fit_transform(rows), mnist.y_train[:1550]


@pytest.fixture(scope="module")
def blobs():
    """Codes and labels of two classes that a line separates."""
    labels = np.repeat([0, 1], 60)
    codes = np.random.default_rng(3).normal(size=(120, 2)) + 6 * labels[:, None]
    return codes.astype("float32"), labels


def accuracies(codes, labels):
    return probe(codes[:550], labels[:550], codes[550:], labels[550:])


def test_probes_classify_digits_and_guess_without_information(digits):
    codes, labels = digits
    assert min(accuracies(codes, labels).values()) > 0.75  # guessing is 0.1
    noise = np.random.default_rng(0).normal(size=(1550, 5))
    assert max(accuracies(noise, labels).values()) < 0.16


def test_scales_of_the_elements_do_not_matter_and_constant_ones_are_harmless(digits):
    codes, labels = digits
    expected = pytest.approx(accuracies(codes, labels), abs=0.001)
    assert accuracies(codes * np.logspace(-3, 3, 20) + 7, labels) == expected
    assert accuracies(np.hstack([codes, np.full((len(codes), 2), 3.0)]), labels) == expected


def test_all_get_the_one_class_that_is_among_the_labels(digits):
    codes, labels = digits
    rows = np.flatnonzero(labels == 3)[:20]
    shares = probe(codes[rows], labels[rows], codes[550:], labels[550:])
    assert shares == dict.fromkeys(PROBES, np.mean(labels[550:] == 3))


def test_a_head_learns_what_a_line_separates_and_is_reproducible(blobs):
    codes, labels = blobs
    train, validation = (codes[::2], labels[::2]), (codes[1::2], labels[1::2])
    first, again = (fit_head(None, train, validation, 2, seed=1, **OPTIONS) for _ in range(2))
    assert accuracy(first, *validation) > 0.97
    assert all(pairwise(np.array_equal, first.get_weights(), again.get_weights()))


def test_a_head_keeps_its_best_epoch(blobs, capsys):
    """Validation labels that contradict the training labels are met best before any learning."""
    codes, labels = blobs
    model = fit_head(None, (codes, labels), (codes, 1 - labels), 2, seed=1, **OPTIONS)
    lines = [line for line in capsys.readouterr().out.splitlines() if "val_accuracy" in line]
    reached = [float(line.split("val_accuracy: ")[1].split()[0]) for line in lines]
    assert len(reached) == 1 + int(np.argmax(reached)) + 2
    assert accuracy(model, codes, 1 - labels) == pytest.approx(max(reached), abs=1e-3)


def test_a_head_without_validation_uses_all_epochs_and_no_other_labels(blobs, capsys):
    fit_head(None, blobs, None, 2, seed=1, **OPTIONS | {"epochs": 4})
    output = capsys.readouterr().out
    assert output.count("Epoch ") == 4
    assert "val_" not in output


def test_a_body_is_trained_with_the_head(mnist):
    encoder = build("vanilla", input_shape=(32, 32, 1), latent_dim=3, widths=(8, 4)).encoder
    train = (mnist.x_train[:64] / 255).astype("float32"), mnist.y_train[:64]
    before = [weight.copy() for weight in encoder.get_weights()]
    fit_head(encoder, train, None, 10, seed=1, **OPTIONS | {"epochs": 1})
    assert not any(pairwise(np.array_equal, before, encoder.get_weights()))
