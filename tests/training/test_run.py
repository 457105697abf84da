"""A run that begins anew with a compiled model has the numbers of a run on its own."""

import numpy as np
import pytest
from conftest import SHAPE
from sklearn.datasets import load_breast_cancer

import kerasae
from kerasae.datasets import LabelledRows
from kerasae.models import model_class
from kerasae.training.defaults import TrainingOptions
from kerasae.training.run import Builder, train_run
from kerasae.training.train import train


@pytest.fixture
def traced(monkeypatch):
    """Count the times that the objective of a model is compiled."""
    calls = []

    def count(name):
        objective = model_class(name).objective

        def counted(self, batch, training):
            calls.append(training)
            return objective(self, batch, training)

        monkeypatch.setattr(model_class(name), "objective", counted)
        return calls

    return count


def test_trainings_on_the_rows_of_each_seed_share_the_compiled_programs(traced, tmp_path):
    cancer, benign = load_breast_cancer(return_X_y=True)
    rows, calls = LabelledRows(cancer, benign == 0), traced("vae")
    settings = {"model": "vae", "widths": (16, 8)}
    options = TrainingOptions(settings, 10, "gaussian", epochs=3, batch_size=32)
    fields = {"latent_dim": 3, "held_out": "given", "verbose": 0}
    together, losses = Builder(kerasae.build), []
    for seed in (1, 2):
        model, history = train_run(together, options, rows.for_seed(seed), seed=seed, **fields)
        losses.append(history["loss"].tolist())
        assert model.preprocessing == rows.for_seed(seed).preprocessing.to_config()
    assert calls == [True, False]
    model.save(tmp_path / "second.keras")
    alone, history = train_run(kerasae.build, options, rows.for_seed(2), seed=2, **fields)
    assert history["loss"].tolist() == losses[1] != losses[0]
    stored = kerasae.load(tmp_path / "second.keras")
    assert stored.preprocessing == alone.preprocessing
    test = rows.for_seed(2).x_test
    np.testing.assert_array_equal(stored.encode(test), alone.encode(test))


def test_a_stacked_training_of_another_seed_shares_the_compiled_programs(images, traced):
    model, calls = kerasae.build("stacked", SHAPE, 4, widths=(16, 8), seed=1), traced("stacked")
    for seed in (1, 2):
        model.reseed(seed)
        train(model, images[:90], images[90:100], epochs=3, batch_size=32, verbose=0)
    assert len(calls) == 2 * model.stages  # for the training and for the validation


def test_a_changed_setting_takes_effect_in_the_next_training(images):
    changed, fresh = (
        kerasae.build("beta_vae", SHAPE, 4, widths=(16, 8), beta=beta, seed=2)
        for beta in (1.0, 9.0)
    )
    for model in (changed, fresh):
        model.compile(jit_compile=False)
    options = {"batch_size": 50, "verbose": 0}
    changed.fit(images[:50], **options)
    changed.reseed(2)
    changed.beta = 9.0
    assert changed.fit(images[:50], **options).history == fresh.fit(images[:50], **options).history
