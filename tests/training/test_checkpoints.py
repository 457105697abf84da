"""A training that was stopped ends as one that never was, bit for bit."""

import shutil
import sys

import numpy as np
import pytest
import tensorflow as tf
from conftest import build
from test_check import GOOD

from kerasae import REGISTRY
from kerasae import build as build_any
from kerasae.storage import code
from kerasae.training import checkpoint
from kerasae.training import train as training
from kerasae.training.checkpoint import Checkpoint


@pytest.fixture(scope="module", autouse=True)
def eagerly():
    """Take each step as it comes, as to trace it takes longer than the few that there are."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def run(name, images, path, epochs=3, keep=False, **settings):
    """Train a fresh model on a few images; with ``keep`` a copy of every checkpoint stays."""
    model = build(name, **settings)
    write = Checkpoint.on_epoch_end

    def write_and_copy(self, epoch, logs=None):
        write(self, epoch, logs)
        shutil.copy(path, f"{path}.{epoch + 1}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "INTERVAL", 0)
        if keep:
            patch.setattr(Checkpoint, "on_epoch_end", write_and_copy)
        table = training.train(
            model, images[50:], images[:50], epochs, batch_size=128, verbose=0, checkpoint=path
        )
    return model, table


def same(one, other):
    (ours, rows), (theirs, other_rows) = one, other
    clock = ["seconds", "load"]
    assert rows.drop(columns=clock).equals(other_rows.drop(columns=clock))
    state = ((*model.variables, *model.optimizer.variables) for model in (ours, theirs))
    for variable, expected in zip(*state, strict=True):
        assert np.array_equal(variable, expected), variable.path


@pytest.mark.parametrize(
    ("name", "epochs", "stops"),
    [
        ("stacked", 6, (1, 2, 6)),  # within, between and after its stages
        ("pca", 1, (1,)),
        ("vae", 2, (1, 2)),
        ("vq_ema", 2, (1, 2)),
        *(pytest.param(name, 2, (1, 2), marks=pytest.mark.slow) for name in REGISTRY),
    ],
)
def test_a_stopped_training_ends_as_one_that_never_was(name, epochs, stops, images, tmp_path):
    path = tmp_path / "checkpoint.npz"
    whole = run(name, images, path, epochs, keep=True)
    for stop in stops:
        shutil.copy(f"{path}.{stop}", path)
        again = run(name, images, path, epochs)
        same(again, whole)
        assert again[1]["seconds"][:stop].equals(whole[1]["seconds"][:stop])  # not done anew


@pytest.fixture(scope="module")
def stopped(images, tmp_path_factory):
    """A checkpoint after one of two epochs."""
    path = tmp_path_factory.mktemp("stopped") / "checkpoint.npz"
    run("shallow", images, path, epochs=2, keep=True)
    return path.with_name("checkpoint.npz.1")


def restored(images, path, epochs=2, learning_rate=0.001, **settings):
    """A fresh model, and how many epochs of its training a checkpoint brings back."""
    model = build("shallow", **settings)
    how = (epochs, 128, learning_rate, False)
    mark = training.fingerprint(model, images[50:], images[:50], how)
    return model, Checkpoint(path, mark, []).restore(model)


def test_a_checkpoint_of_another_training_is_not_taken_up(images, stopped, tmp_path):
    assert restored(images, stopped)[1] == 1
    for change in ({"epochs": 3}, {"learning_rate": 0.01}, {"seed": 4}):
        assert restored(images, stopped, **change)[1] == 0
    assert restored(images[::-1], stopped)[1] == 0
    assert restored(images, tmp_path / "none.npz")[1] == 0
    # A training with patience that was stopped begins anew
    model = build("shallow")
    mark = training.fingerprint(model, images[50:], images[:50], (2, 128, 0.001, False))
    assert Checkpoint(stopped, mark, []).restore(model, unfinished=False) == 0


def test_a_damaged_checkpoint_is_not_taken_up(images, stopped, tmp_path):
    content, path = stopped.read_bytes(), tmp_path / "checkpoint.npz"
    intact, _ = restored(images, stopped)
    places = range(0, len(content), len(content) // 10)
    flipped = [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in places]
    taken = 0
    for damaged in (b"", content[:1000], content[:-1], *flipped):
        path.write_bytes(damaged)
        model, done = restored(images, path)
        if done:  # the flipped bit is one that nobody reads, such as a date
            taken += 1
            for variable, expected in zip(model.variables, intact.variables, strict=True):
                assert np.array_equal(variable, expected), variable.path
    assert taken < 3


@pytest.mark.parametrize(("name", "patience"), [("vae", False), ("stacked", 1)])
def test_a_training_that_is_over_is_not_repeated(images, tmp_path, name, patience):
    path = tmp_path / "checkpoint.npz"

    def trained():
        model = build(name)
        how = {"verbose": 0, "checkpoint": path, "patience": patience}
        return model, training.train(model, images[50:], images[:50], 6, 128, **how)

    whole, again = trained(), trained()
    assert again[1].equals(whole[1]), "the times are those of the one training"
    same(again, whole)


def mark(model):
    """The fingerprint of a training of a model."""
    few = np.zeros((2, *model.image_shape), "uint8")
    return training.fingerprint(model, few, few, (1, 2, 0.001, False))


def test_an_edit_restarts_the_trainings_that_depend_on_it(monkeypatch):
    model, digest = build("conv_vae"), code.digest
    before = mark(model)
    for matters, files in (
        (True, ("models/conv_vae.py", "models/vae.py", "models/base.py", "networks/dense.py")),
        (True, ("training/epochs.py", "datasets/dataset.py")),
        (False, ("models/vq.py", "models/__init__.py", "reporting/tables.py")),
    ):
        for file in files:
            edited = code.PACKAGE / file
            assert edited.is_file()
            monkeypatch.setattr(
                code, "digest", lambda path, new=edited: new.samefile(path) or digest(path)
            )
            assert (mark(model) != before) == matters, file


@pytest.mark.parametrize("name", ["mine.py:Lasso", "package_of_mine.mine:Lasso"])
def test_an_edit_of_a_model_of_one_s_own_restarts_its_training(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path if name.startswith("mine.py") else tmp_path / "package_of_mine"
    folder.mkdir(exist_ok=True)
    beside = "import beside" if folder == tmp_path else "from . import beside"
    (folder / "mine.py").write_text(f"{GOOD}\n\ndef later():\n    {beside}\n")
    for other in ("beside.py", "unused.py"):
        (folder / other).write_text("X = 1\n")
    monkeypatch.delitem(sys.modules, "package_of_mine.mine", raising=False)
    model = build_any(name, (3,), 2)
    for file, matters in (("mine.py", True), ("beside.py", True), ("unused.py", False)):
        before = mark(model)
        with (folder / file).open("a") as edited:
            edited.write("# edited\n")
        assert (mark(model) != before) == matters
