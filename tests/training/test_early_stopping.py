"""Trainings that stop when the validation loss no longer falls."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

import kerasae
from kerasae.training.checkpoint import Checkpoint
from kerasae.training.train import train


def rows():
    """Standardised rows (n, 30): 60 to train on, few enough to overfit, and 200 for validation."""
    scaled = StandardScaler().fit_transform(load_breast_cancer().data).astype("float32")
    return scaled[:60], scaled[60:260]


def trained(name, epochs=60, **how):
    model = kerasae.build(name, (30,), 5, likelihood="gaussian", seed=1, widths=(64, 32))
    history = train(
        model, *rows(), epochs=epochs, batch_size=16, learning_rate=0.01, verbose=0, **how
    )
    return model, history


def test_the_training_stops_after_the_epochs_of_its_patience_and_keeps_the_best_weights():
    model, history = trained("vanilla", patience=4)
    losses = history["val_loss"].to_numpy()
    assert len(losses) < 60
    assert losses.argmin() == len(losses) - 1 - 4
    _, validation = rows()
    residual = model.reconstruct(validation).numpy() - validation
    assert (residual**2).sum(axis=1).mean() / 2 == pytest.approx(losses.min(), rel=1e-4)


def test_every_stage_of_a_stacked_training_stops_by_itself():
    _, history = trained("stacked", epochs=120, patience=3)
    stages = history.groupby("stage")["val_loss"]
    assert len(stages) == 3
    assert len(history) < 120
    stopped = [len(losses) < 40 for _, losses in stages]
    assert any(stopped)
    for (_, losses), early in zip(stages, stopped, strict=True):
        if early:
            assert np.argmin(losses.to_numpy()) == len(losses) - 1 - 3


def test_a_training_that_stops_early_writes_one_checkpoint_at_its_end(tmp_path, monkeypatch):
    written, write = [], Checkpoint.write

    def note(self, model):
        written.append(self.finished)
        write(self, model)

    monkeypatch.setattr(Checkpoint, "write", note)
    trained("vanilla", epochs=3, patience=2, checkpoint=tmp_path / "state.npz")
    assert written == [True]
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]
