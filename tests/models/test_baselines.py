"""Baselines against NumPy and scikit-learn, and that they learn nothing by gradients."""

import numpy as np
import pytest
from conftest import SHAPE, pairwise, weights
from sklearn import decomposition
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

import kerasae
from kerasae.training.train import train


@pytest.fixture(scope="module")
def images():
    return kerasae.datasets.load("mnist").x_train[:600]


@pytest.fixture(scope="module")
def fitted(images):
    models = {name: kerasae.build(name, SHAPE, 5, seed=3) for name in kerasae.BASELINES}
    return {name: (model, train(model, images, images[:99], 7)) for name, model in models.items()}


def rows(images):
    return images.reshape(len(images), -1) / 255


def test_pca_agrees_with_a_singular_value_decomposition(images, fitted):
    model, _ = fitted["pca"]
    centred = rows(images) - rows(images).mean(axis=0)
    left, strengths, axes = np.linalg.svd(centred, full_matrices=False)
    codes = model.encode(images).numpy()
    np.testing.assert_allclose(abs(codes), abs(left * strengths)[:, :5], atol=1e-3)
    expected = rows(images).mean(axis=0) + centred @ axes[:5].T @ axes[:5]
    reconstruction = model.reconstruct(images).numpy().reshape(600, -1)
    np.testing.assert_allclose(reconstruction, expected.clip(0.5 / 255, 1 - 0.5 / 255), atol=1e-4)
    of_floats = kerasae.build("pca", SHAPE, 5)
    of_floats.solve(images.astype("float32") / 255)
    np.testing.assert_allclose(abs(of_floats.encode(images[:5])), abs(codes[:5]), atol=1e-3)


def test_pca_of_rows_of_any_numbers_agrees_with_scikit_learn():
    table = StandardScaler().fit_transform(load_wine().data).astype("float32")
    model = kerasae.build("pca", (13,), 4, likelihood="gaussian")
    train(model, table, table[:9], 1)
    linear = decomposition.PCA(4).fit(table)
    expected = linear.inverse_transform(linear.transform(table))
    np.testing.assert_allclose(model.reconstruct(table), expected, atol=1e-4)
    loss = model.evaluate(table, verbose=0, return_dict=True)["loss"]
    assert loss == pytest.approx(0.5 * ((table - expected) ** 2).sum(axis=1).mean(), rel=1e-4)


def test_random_projection_is_undone_by_least_squares(images, fitted):
    model, _ = fitted["random_projection"]
    kernel = model.encoder.layers[-1].kernel.numpy().T  # (pixels, 5)
    mean = rows(images).mean(axis=0)
    codes = model.encode(images[:9]).numpy()
    np.testing.assert_allclose(codes, (rows(images[:9]) - mean) @ kernel, atol=1e-4)
    shortest, *_ = np.linalg.lstsq(kernel.T, codes.T, rcond=None)  # of all with these codes
    expected = (mean + shortest.T).clip(0.5 / 255, 1 - 0.5 / 255)
    reconstruction = model.reconstruct(images[:9]).numpy().reshape(9, -1)
    np.testing.assert_allclose(reconstruction, expected, atol=1e-4)


def test_random_directions_are_gaussian_and_the_seed_decides_them(images):
    kernels = []
    for seed in (0, 0, 1):
        model = kerasae.build("random_projection", SHAPE, 5, seed=seed)
        model.solve(images[:10])
        kernels.append(model.encoder.layers[-1].kernel.numpy())
    assert np.array_equal(kernels[0], kernels[1])
    assert abs(np.corrcoef(kernels[0].ravel(), kernels[2].ravel())[0, 1]) < 0.05
    assert kernels[0].std() * np.sqrt(5) == pytest.approx(1, abs=0.05)


def test_one_epoch_takes_the_losses_and_changes_nothing(images, fitted):
    for model, history in fitted.values():
        assert history["epoch"].tolist() == [1]
        for term, part in (("loss", images), ("val_loss", images[:99])):
            loss = model.evaluate(part, return_dict=True, verbose=0)["loss"]
            assert history[term][0] == pytest.approx(loss, rel=1e-5)
    fresh = kerasae.build("vanilla", SHAPE, 5, seed=3)
    assert all(pairwise(np.array_equal, weights(fresh), weights(fitted["untrained"][0])))
    losses = {name: history["val_loss"][0] for name, (_, history) in fitted.items()}
    assert losses["pca"] < losses["random_projection"] < losses["untrained"]


def test_linear_baselines_survive_the_file(images, fitted, tmp_path):
    model, _ = fitted["random_projection"]
    model.save(tmp_path / "a.keras")
    loaded = kerasae.load(tmp_path / "a.keras", "random_projection")
    assert np.array_equal(loaded.reconstruct(images[:5]), model.reconstruct(images[:5]))
