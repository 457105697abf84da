"""The judge learns real digits reproducibly, and takes images of any scale and size."""

import keras
import numpy as np
import pytest
from conftest import pairwise
from sklearn.datasets import load_digits

from kerasae.evaluation.feature_classifier import (
    FEATURES,
    Classifier,
    features_and_probabilities,
    shuffled_batches,
    train_classifier,
)


@pytest.fixture(scope="module")
def model(mnist):
    validation = (mnist.x_train[2000:2500], mnist.y_train[2000:2500])
    return train_classifier(
        mnist.x_train[:2000], mnist.y_train[:2000], validation, seed=1, batch_size=64
    )


def test_real_digits_are_classified_after_a_short_training(model, mnist):
    _, probabilities = features_and_probabilities(model, mnist.x_test[:1000])
    assert np.mean(probabilities.argmax(1) == mnist.y_test[:1000]) > 0.85  # guessing is 0.1


def test_features_and_probabilities_are_those_of_the_model(model, mnist):
    images = mnist.x_test[:50]
    features, probabilities = features_and_probabilities(model, images)
    assert features.shape == (50, FEATURES)
    assert features.min() == 0
    assert probabilities.shape == (50, 10)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-6)
    powers = np.exp(features @ model.head.kernel.numpy() + model.head.bias.numpy())
    np.testing.assert_allclose(
        probabilities, powers / powers.sum(1, keepdims=True), rtol=1e-4, atol=1e-6
    )
    logits = model.predict(images, verbose=0)
    np.testing.assert_allclose(np.exp(logits), powers, rtol=1e-4)


def test_bytes_and_fractions_give_the_same(model, mnist):
    images = mnist.x_test[:50]
    results = features_and_probabilities(model, images)
    scaled = features_and_probabilities(model, images / 255)
    for bytes_, fraction in zip(results, scaled, strict=True):
        np.testing.assert_allclose(bytes_, fraction, rtol=1e-5, atol=1e-5)


def test_batches_do_not_matter(model, mnist):
    images = mnist.x_test[:50]
    in_parts = features_and_probabilities(model, images, 7)
    for parts, together in zip(in_parts, features_and_probabilities(model, images), strict=True):
        np.testing.assert_allclose(parts, together, rtol=1e-4, atol=1e-5)


def test_images_of_another_shape_are_refused(model, mnist):
    with pytest.raises(ValueError, match=r"Expected images of shape \(N, 32, 32, 1\)"):
        features_and_probabilities(model, mnist.x_test[:5, 2:-2, 2:-2])


def test_a_saved_classifier_comes_back_the_same_in_safe_mode(model, mnist, tmp_path):
    model.save(tmp_path / "classifier.keras")
    loaded = keras.models.load_model(tmp_path / "classifier.keras", safe_mode=True)
    saved, restored = (
        features_and_probabilities(each, mnist.x_test[:50]) for each in (model, loaded)
    )
    for one, other in zip(saved, restored, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_seed_alone_decides_the_weights(mnist):
    few = mnist.x_train[:300], mnist.y_train[:300]

    def trained(seed):
        return train_classifier(*few, few, seed, epochs=2, batch_size=64).get_weights()

    keras.utils.set_random_seed(1)
    first = trained(3)
    keras.utils.set_random_seed(2)
    assert all(pairwise(np.array_equal, trained(3), first))
    assert not any(pairwise(np.array_equal, trained(4), first))


def test_another_seed_has_other_initial_weights():
    one, same, other = (Classifier((8, 8, 1), 3, seed).get_weights()[::2] for seed in (1, 1, 2))
    assert all(pairwise(np.array_equal, same, one))
    assert not any(pairwise(np.array_equal, other, one))


def test_every_epoch_has_every_image_once_in_a_fresh_order():
    numbers = np.arange(10)
    batches = list(shuffled_batches(numbers.reshape(-1, 1, 1, 1), numbers, 4, epochs=3, seed=5))
    assert [len(labels) for _, labels in batches] == [4, 4, 2] * 3
    for images, labels in batches:
        np.testing.assert_array_equal(np.ravel(images), labels)
    orders = np.concatenate([labels for _, labels in batches]).reshape(3, 10)
    np.testing.assert_array_equal(np.sort(orders), [numbers] * 3)
    assert len({tuple(order) for order in orders}) == 3
    again = shuffled_batches(numbers, numbers, 4, epochs=3, seed=5)
    np.testing.assert_array_equal(np.concatenate([b for _, b in again]).reshape(3, 10), orders)


def test_digits_of_8_by_8_are_classified():
    digits = load_digits()
    images, labels = (digits.images[..., None] / 16).astype("float32"), digits.target
    model = train_classifier(
        images[:1300], labels[:1300], (images[1300:], labels[1300:]), seed=1, batch_size=32
    )
    features, probabilities = features_and_probabilities(model, images[1300:])
    assert features.shape == (497, FEATURES)
    assert np.mean(probabilities.argmax(1) == labels[1300:]) > 0.8


def test_images_of_width_1_are_classified():
    labels = np.arange(200) % 3
    rng = np.random.default_rng(0)
    images = rng.integers(0, 60, (200, 9, 1, 1), dtype="uint8")
    images += (90 * labels).astype("uint8").reshape(-1, 1, 1, 1)
    model = train_classifier(images, labels, (images, labels), seed=1, epochs=10, batch_size=10)
    assert np.mean(features_and_probabilities(model, images)[1].argmax(1) == labels) > 0.9


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 1), (5, 8, 2)])
def test_every_size_of_image_has_as_many_features(shape):
    images = np.random.default_rng(0).random((7, *shape))
    features, probabilities = features_and_probabilities(Classifier(shape, 4), images)
    assert features.shape == (7, FEATURES)
    assert len(np.unique(features, axis=0)) == 7
    assert probabilities.shape == (7, 4)


def test_validation_is_shown_and_its_classes_are_counted(mnist, capsys):
    images, labels = mnist.x_train[:6], np.array([0, 1, 2] * 2)
    model = train_classifier(images, labels % 2, (images, labels), seed=1, epochs=2)
    assert capsys.readouterr().out.count("val_accuracy") == 2
    assert model(images).shape == (6, 3)
