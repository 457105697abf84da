"""`kerasae check` finds what keeps a model of one's own from taking part, and says it."""

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from conftest import EVERY

from kerasae.cli import main
from kerasae.custom import check
from kerasae.models import BASELINES, REGISTRY, build, entry, load, model_class
from kerasae.training.train import train

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
'''


@pytest.fixture
def own(tmp_path):
    """Write a model with something replaced; its name."""

    def write(old="", new="", path="mine.py"):
        assert old in GOOD
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(GOOD.replace(old, new) if old else GOOD)
        return f"{tmp_path / path}:Lasso"

    return write


@pytest.fixture
def untrained(monkeypatch):
    """Leave out the training, by far the longest step, where it is not what is tested."""
    monkeypatch.delitem(check.STEPS, "training")


def faults(name):
    return check.faults(name, build, load)


@pytest.mark.slow
@EVERY
def test_shipped_models_can_take_part(name, untrained):
    assert faults(name) == []  # test_models.py trains each of them, and is stricter


def derived(path, name, body):
    """Write a subclass of a model of the package; its name."""
    module, _, parent = entry(name).rpartition(":")
    path.write_text(f"""
from unittest.mock import patch

import keras
from keras import ops

from {module} import {parent}
from kerasae.networks.likelihoods import log_normal


@keras.saving.register_keras_serializable("mine")
class Derived({parent}):
{body}
""")
    return f"{path}:Derived"


SIGN = """
    def bottleneck(self, outputs, sampled=False):
        codes = super().bottleneck(outputs, sampled)
        return codes + ops.stop_gradient(3 * ops.sign(codes) - codes)
"""
BYPASS = f"""{SIGN}
    def objective(self, images, training):
        with patch.object(self, "bottleneck", super().bottleneck):
            return super().objective(images, training)
"""
DEEP = """
    def __init__(self, *args, depth=2, **kwargs):
        super().__init__(*args, **kwargs)
        self.depth = depth

    def networks(self):
        self.widths = (self.depth,)
        return super().networks()
"""


@pytest.mark.parametrize("name", [*REGISTRY, *BASELINES])
def test_a_subclass_with_another_bottleneck_is_trained_with_it(name, tmp_path, monkeypatch):
    model, seen = build(derived(tmp_path / "mine.py", name, SIGN), (8, 8, 1), 4, seed=1), []
    model.stage = model.stages - 1
    part = model.decoder.layers[0] if name == "stacked" else model.decoder
    decode = part.call

    def call(codes, **options):
        seen.append(codes.numpy())
        return decode(codes, **options)

    monkeypatch.setattr(part, "call", call)
    images = np.random.default_rng(0).random((20, 8, 8, 1), dtype="float32")
    model.objective(images, training=False)
    (codes,) = seen
    assert codes.any()
    np.testing.assert_allclose(np.abs(codes[codes != 0]), 3, rtol=1e-5)


@pytest.mark.parametrize("name", ["vae", "vq", "stacked"])
def test_an_objective_that_bypasses_the_bottleneck_is_found(name, tmp_path, untrained):
    assert faults(derived(tmp_path / "good.py", name, SIGN)) == []
    (fault,) = faults(derived(tmp_path / "bad.py", name, BYPASS))
    assert "trains other codes than `encode` gives" in fault


def test_a_training_in_stages_is_no_fault_and_an_untrained_model_is_one():
    assert faults("stacked") == []
    assert "changes no weight" in faults("untrained")[0]


def test_networks_read_parameters_that_are_set_before_or_after_the_base_s_constructor(tmp_path):
    first, then = "        super().__init__(*args, **kwargs)\n", "        self.depth = depth\n"
    assert first + then in DEEP
    for number, body in enumerate((DEEP, DEEP.replace(first + then, then + first))):
        name = derived(tmp_path / f"deep{number}.py", "vae", body)
        model = build(name, (8, 8, 1), 4, depth=3)
        assert model.encoder.layers[1].units == 3


METHOD = "    def objective"
"""Where another method can be put in front."""
CODES = "codes = self.encoder(images, training=training)"
HEAD = f"{METHOD}(self, images, training):\n        {CODES}"
RETURNED = 'return {"loss": loss, "reconstruction": reconstruction, "size": size}'
SIZE = "ops.mean(ops.sum(ops.abs(codes), axis=1))"
DRAW = "keras.random.normal(ops.shape(mean), seed=self.noise)"
STOCHASTIC = f"""    stochastic = True

    def networks(self):
        return self.dense_networks(2 * self.latent_dim)

    def distribution(self, outputs):
        return ops.split(outputs, 2, axis=1)

    def bottleneck(self, outputs, sampled=False):
        mean, log_std = self.distribution(outputs)
        return mean + ops.exp(log_std) * {DRAW} if sampled else mean

{METHOD}"""


def networks(line):
    """Code that changes the networks."""
    return (
        "    def networks(self):\n        encoder, decoder = super().networks()\n"
        f"        {line}\n        return encoder, decoder\n\n{METHOD}"
    )


def bottleneck(line):
    """Code that overrides the bottleneck."""
    return f"    def bottleneck(self, outputs, sampled=False):\n        {line}\n\n{METHOD}"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        # At import
        ("class Lasso(Autoencoder)", "class Lasso(keras.Model)", "derives from Autoencoder"),
        ("from keras import ops", "raise OSError('no\\ndisk')", "line 5: OSError: no disk"),
        ("from keras import ops", "exit()", "mine.py, line 5: raise an error instead of ending "
         "the program. Received: exit()"),
        ('@keras.saving.register_keras_serializable("mine")', "", "Lasso is not registered"),
        ('("loss", "reconstruction", "size")', "len('12345')", "Received: terms = 5"),
        (METHOD, f"    stochastic = True\n\n{METHOD}", "needs the method `distribution`"),
        # In the constructor
        ("        self.weight = weight", "        exit(3)", "line 16: raise an error instead of"),
        (METHOD, networks("self.wieght + 1"), "line 20: AttributeError: 'Lasso' object has no "),
        (METHOD, networks("return encoder, len"), "Received: <built-in function len> as decoder"),
        ("weight=0.1", "weight", "needs the setting weight"),
        ("        self.weight = weight\n", "", "`get_config` lacks weight"),
        # In the objective
        ("        size =", "        exit(0)\n        size =", "line 21: raise an error instead of"),
        ('    terms = ("loss", "reconstruction", "size")\n', "", "terms that the class names: "
         "terms = ('loss',). Received: ('loss', 'reconstruction', 'size')"),
        (RETURNED, "pass", "Received: NoneType"),
        (SIZE, "ops.sum(codes, axis=1)", "must average over the batch: the term loss must be a "
         "scalar. Received: a tensor of shape (40,)"),
        ("ops.abs(codes)", "ops.log(codes * 0 - 1)", "the term loss has to be finite"),
        ("ops.abs(codes)", "self.absent", "line 21: AttributeError"),
        # What would go wrong silently
        (HEAD, STOCHASTIC.replace("ops.split(outputs, 2, axis=1)", "outputs[:, :4], outputs[:, :1]")
         + HEAD.removeprefix(METHOD).replace("self.encoder", "self.bottleneck(self.encoder") + ")",
         "(N, latent_dim) each. Received: shapes [(7, 4), (7, 1)]"),
        (METHOD, networks('decoder.add(keras.layers.Activation("sigmoid"))'),
         "has to give logits, which can be any numbers: leave out the activation"),
        (METHOD, bottleneck("return ops.tanh(outputs)"), "trains other codes than `encode` gives"),
        (CODES, CODES.replace("self.", "ops.tanh(self.") + ")", "trains other codes than"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(own, old, new, words, untrained):
    (fault, *_) = faults(own(old, new))
    assert words in fault
    assert "Received: " in fault or "Error: " in fault
    assert len(fault.splitlines()) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (METHOD, networks('decoder.add(keras.layers.Activation("tanh")); '
                          "decoder.add(keras.layers.Rescaling(9.0))")),
        (HEAD, bottleneck("return ops.relu(outputs)").replace(METHOD, HEAD)
         + "\n        codes += ops.stop_gradient(ops.relu(codes) - codes)"),
        (HEAD, f"""{STOCHASTIC}(self, images, training):
        mean, log_std = self.distribution(self.encoder(images, training=training))
        codes = mean + ops.exp(log_std) * {DRAW}"""),
    ],
    ids=["bounded logits", "straight through", "own draws"],
)  # fmt: skip
def test_unusual_models_can_take_part(own, old, new, untrained):
    assert faults(own(old, new)) == []


def test_a_training_that_cannot_go_on_says_why(own, few):
    name = own("        size =", "        exit(0)\n        size =")
    model = build(name, (32, 32, 1), 4, widths=(16, 8))
    with pytest.raises(ValueError, match=r"raise an error .* exit\(0\)"):
        train(model, few, few, epochs=1, verbose=0)
    with pytest.raises(ValueError, match=r"no setting 'wieght': did you mean weight\? Its"):
        build(name, (32, 32, 1), 4, wieght=2.0)


def test_files_of_one_name_in_two_folders_are_two_models(own, tmp_path):
    names = [
        own("0.1", value, path=f"{folder}/mine.py")
        for folder, value in (("a", "1.0"), ("b", "2.0"))
    ]
    for name, weight in zip(names, (1, 2), strict=True):
        model = build(name, (8, 8, 1), 4, widths=(8,))
        assert model.weight == weight
        model.save(tmp_path / f"{weight}.keras")
    for name, weight in zip(names, (1, 2), strict=True):
        again = load(tmp_path / f"{weight}.keras", name)
        assert type(again) is model_class(name)
        assert again.weight == weight


def test_missing_files_and_modules_are_named(tmp_path):
    assert "this is no such file" in faults(f"{tmp_path}/gone.py:Lasso")[0]
    assert "No module named 'gone'" in faults("gone:Lasso")[0]
    assert "or one of your own" in faults("lasso")[0]


def test_the_command_says_what_to_write(own):
    name = own(path="my model-1, new.py")
    good = CliRunner().invoke(main, ["check", name])
    assert good.exit_code == 0, good.output
    broken = own(SIZE, "self.absent", path="broken.py")
    bad = CliRunner().invoke(main, ["check", broken])
    assert bad.exit_code == 2
    assert bad.output.endswith(f"Error: {broken} cannot take part yet: mend the fault above.\n")
    written = yaml.safe_load(good.output.partition("\n\n")[2])
    assert written == {"variants": {"lasso": {"model": name}}}
