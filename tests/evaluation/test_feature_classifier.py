"""The feature classifier learns real digits reproducibly, from images of any scale and size."""

import keras
import numpy as np
import pytest
from conftest import pairwise

from kerasae.evaluation.feature_classifier import (
    FEATURES,
    Classifier,
    features_and_probabilities,
    shuffled_batches,
    train_classifier,
)


@pytest.fixture(scope="module")
def model(mnist):
    train, validation = slice(1500), slice(1500, 1600)
    labels = mnist.y_train
    return train_classifier(
        mnist.x_train[train], labels[train], (mnist.x_train[validation], labels[validation]),
        seed=1, epochs=10, batch_size=64,
    )  # fmt: skip


def test_real_digits_are_classified_after_a_short_training(model, mnist):
    _, probabilities = features_and_probabilities(model, mnist.x_test[:1000])
    assert np.mean(probabilities.argmax(1) == mnist.y_test[:1000]) > 0.8  # guessing is 0.1


def test_features_and_probabilities_are_those_of_the_model(model, mnist):
    images = mnist.x_test[:50]
    features, probabilities = features_and_probabilities(model, images)
    assert features.shape == (50, FEATURES)
    assert features.min() == 0
    powers = np.exp(model.predict(images, verbose=0))
    expected = np.exp(features @ model.head.kernel.numpy() + model.head.bias.numpy())
    np.testing.assert_allclose(powers, expected, rtol=1e-4)
    shares = powers / powers.sum(1, keepdims=True)
    np.testing.assert_allclose(probabilities, shares, rtol=1e-4, atol=1e-6)


def test_neither_the_scale_of_the_pixels_nor_the_batches_matter(model, mnist):
    images = mnist.x_test[:50]
    expected = features_and_probabilities(model, images)
    for same in (
        features_and_probabilities(model, images / 255),
        features_and_probabilities(model, images, 7),
    ):
        for first, second in zip(expected, same, strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-5)


def test_images_of_another_shape_are_refused(model, mnist):
    with pytest.raises(ValueError, match=r"Expected images of shape \(N, 32, 32, 1\)"):
        features_and_probabilities(model, mnist.x_test[:5, 2:-2, 2:-2])


def test_a_saved_classifier_comes_back_the_same_in_safe_mode(model, mnist, tmp_path):
    model.save(tmp_path / "classifier.keras")
    loaded = keras.models.load_model(tmp_path / "classifier.keras", safe_mode=True)
    saved, restored = (features_and_probabilities(m, mnist.x_test[:50]) for m in (model, loaded))
    assert all(pairwise(np.array_equal, saved, restored))


def test_the_seed_alone_decides_the_weights(mnist):
    few = mnist.x_train[:128], mnist.y_train[:128]

    def trained(seed):
        return train_classifier(*few, few, seed, epochs=2, batch_size=64).get_weights()

    keras.utils.set_random_seed(1)
    first = trained(3)
    keras.utils.set_random_seed(2)
    assert all(pairwise(np.array_equal, trained(3), first))
    first, other = (Classifier((8, 8, 1), 3, seed).get_weights()[::2] for seed in (1, 2))
    assert not any(pairwise(np.array_equal, first, other))


def test_every_epoch_has_every_image_once_in_a_fresh_order():
    numbers = np.arange(10)
    batches = list(shuffled_batches(numbers.reshape(-1, 1, 1, 1), numbers, 4, epochs=3, seed=5))
    assert [len(labels) for _, labels in batches] == [4, 4, 2] * 3
    for images, labels in batches:
        np.testing.assert_array_equal(np.ravel(images), labels)
    orders = np.concatenate([labels for _, labels in batches]).reshape(3, 10)
    np.testing.assert_array_equal(np.sort(orders), [numbers] * 3)
    assert len({tuple(order) for order in orders}) == 3


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 1), (5, 8, 2), (5,)])
def test_every_size_of_image_has_as_many_features(shape):
    images = np.random.default_rng(0).random((7, *shape))
    features, probabilities = features_and_probabilities(Classifier(shape, 4), images)
    assert features.shape == (7, FEATURES)
    assert len(np.unique(features, axis=0)) == 7
    assert probabilities.shape == (7, 4)
