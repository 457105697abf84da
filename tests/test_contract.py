"""`kerasae check` says in words what a contestant of one's own lacks."""

import pytest
from click.testing import CliRunner

from kerasae.cli import main
from kerasae.contract import faults
from kerasae.models import build, load, model_class

GOOD = '''
"""Vanilla whose codes are to be small in the sum of their absolute values."""

import keras
from keras import ops

from kerasae.models.base import Autoencoder


@keras.saving.register_keras_serializable("mine")
class Lasso(Autoencoder):
    terms = ("loss", "reconstruction", "size")

    def __init__(self, *args, weight=0.1, **kwargs):
        super().__init__(*args, **kwargs)
        self.weight = weight

    def objective(self, images, training):
        codes = self.encoder(images, training=training)
        reconstruction = self.reconstruction_loss(images, self.decoder(codes, training=training))
        size = ops.mean(ops.sum(ops.abs(codes), axis=1))
        loss = reconstruction + self.weight * size
        return {"loss": loss, "reconstruction": reconstruction, "size": size}

    def get_config(self):
        return {**super().get_config(), "weight": self.weight}
'''


@pytest.fixture
def contestant(tmp_path):
    """Write a contestant with something replaced; its name."""

    def write(old="", new=""):
        assert old in GOOD
        (tmp_path / "mine.py").write_text(GOOD.replace(old, new) if old else GOOD)
        return f"{tmp_path / 'mine.py'}:Lasso"

    return write


# One of each kind; the contract of all is tested in test_contestants
@pytest.mark.parametrize("name", ["stacked", "vae", "vq_ema", "adversarial", "conv_vanilla"])
def test_shipped_contestants_can_take_part(name):
    assert faults(name) == []


def test_a_contestant_of_one_s_own_is_built_trained_saved_and_loaded(contestant, tmp_path, images):
    name = contestant()
    assert faults(name) == []
    model = build(name, (32, 32, 1), 4, widths=(16, 8), weight=2.0)
    model.compile(jit_compile=False)
    model.fit(images, epochs=1, verbose=0)
    model.save(tmp_path / "mine.keras")
    again = load(tmp_path / "mine.keras", name)
    assert type(again) is model_class(name)
    assert again.weight == 2
    assert (again.encode(images[:5]).numpy() == model.encode(images[:5]).numpy()).all()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("class Lasso(Autoencoder)", "class Lasso", "derives from Autoencoder"),
        ("class Lasso", "class Other", "derives from Autoencoder"),
        ("from keras import ops", "from keras import op", "cannot be imported: ImportError"),
        ('terms = ("loss", ', "terms = (", "no 'loss'"),
        ("weight=0.1", "weight", "parameters of your own defaults"),
        ("**kwargs):", "):", "hand **kwargs on"),
        ('"weight": self.weight}', "}", "`get_config` lacks weight"),
        (', "size": size}', "}", "the terms loss, reconstruction, size. Received: loss"),
        ("ops.mean(ops.sum(ops.abs(codes), axis=1))", "ops.sum(codes, axis=1)", "finite scalar"),
        ("ops.abs(codes)", "ops.log(codes * 0 - 1)", "finite scalar"),
        ("ops.abs(codes)", "self.absent", "computing the objective failed: AttributeError"),
        ("    def objective", "    stochastic = True\n\n    def objective", "`distribution`"),
        ("    def objective", "    generative = True\n\n    def objective", "cannot sample"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(contestant, old, new, words):
    name = contestant(old, new)
    (fault, *_) = faults(name)
    assert words in fault


def test_missing_files_and_modules_are_named(tmp_path):
    assert "No such file" in faults(f"{tmp_path}/gone.py:Lasso")[0]
    assert "No module named 'gone'" in faults("gone:Lasso")[0]
    assert "or one of your own" in faults("lasso")[0]


def test_the_command_says_what_to_write_or_ends_with_code_2(contestant):
    good = CliRunner().invoke(main, ["check", contestant()])
    assert good.exit_code == 0
    assert "lasso: {model: " in good.output
