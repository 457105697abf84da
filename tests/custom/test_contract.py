"""`kerasae check` finds what keeps a model of one's own from taking part, and says it."""

import multiprocessing

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

    def get_config(self):
        return {**super().get_config(), "weight": self.weight}
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


@EVERY
def test_shipped_models_can_take_part(name, untrained):
    assert faults(name) == []  # test_models.py trains each of them, and is stricter


@pytest.mark.parametrize("name", ["stacked", "adversarial"])
def test_a_training_in_stages_and_one_of_two_players_are_no_faults(name):
    assert faults(name) == []


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

    def get_config(self):
        return {**super().get_config(), "depth": self.depth}
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


@EVERY
def test_an_objective_that_bypasses_the_bottleneck_is_found(name, tmp_path, untrained):
    assert faults(derived(tmp_path / "good.py", name, SIGN)) == []
    (fault,) = faults(derived(tmp_path / "bad.py", name, BYPASS))
    assert "trains other codes than `encode` gives" in fault


def test_networks_read_parameters_that_are_set_before_or_after_the_base_s_constructor(tmp_path):
    first, then = "        super().__init__(*args, **kwargs)\n", "        self.depth = depth\n"
    assert first + then in DEEP
    for number, body in enumerate((DEEP, DEEP.replace(first + then, then + first))):
        name = derived(tmp_path / f"deep{number}.py", "adversarial", body)
        assert faults(name) == []
        model = build(name, (8, 8, 1), 4, depth=3)
        assert model.encoder.layers[1].units == 3


def test_a_model_of_one_s_own_is_built_trained_saved_and_loaded(own, tmp_path, images):
    name = own()
    assert faults(name) == []
    model = build(name, (32, 32, 1), 4, widths=(16, 8), weight=2.0)
    model.compile(jit_compile=False)
    model.fit(images, epochs=1, verbose=0)
    model.save(tmp_path / "mine.keras")
    again = load(tmp_path / "mine.keras", name)
    assert type(again) is model_class(name)
    assert again.weight == 2
    assert (again.encode(images[:5]).numpy() == model.encode(images[:5]).numpy()).all()


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
        ("class Lasso(Autoencoder)", "class Lasso", "derives from Autoencoder"),
        ("class Lasso", "class Other", "has no class Lasso. Its classes are: Other"),
        ("import keras\n", "import keras as k\n", "line 10: NameError: name 'keras'"),
        ("from keras import ops", "from keras import op", "line 5: ImportError"),
        ("from keras import ops", "raise OSError('no\\ndisk')", "line 5: OSError: no disk"),
        ("from keras import ops", "exit()", "mine.py, line 5: raise an error instead of ending "
         "the program. Received: exit()"),
        ("from keras import ops", "import sys; sys.exit(0)", "Received: exit(0)"),
        ('@keras.saving.register_keras_serializable("mine")', "", "Lasso is not registered"),
        ('terms = ("loss", ', "terms = (", "`terms` has to be a tuple of names"),
        ('("loss", "reconstruction", "size")', "len('12345')", "Received: terms = 5"),
        (METHOD, f"    stochastic = True\n\n{METHOD}", "needs the method `distribution`"),
        (METHOD, f"    generative = True\n\n{METHOD}", "needs the method `sample_prior`"),
        (METHOD, f"    discrete = True\n\n{METHOD}", "needs the method `indices`"),
        # In the constructor
        ("        self.weight = weight", "        exit(3)", "line 16: raise an error instead of"),
        (METHOD, networks("exit(0)"), "line 20: raise an error instead of ending"),
        (METHOD, networks("self.wieght + 1"), "line 20: AttributeError: 'Lasso' object has no "),
        (METHOD, networks("return encoder"), "building it: TypeError"),
        (METHOD, networks("return encoder, len"), "Received: <built-in function len> as decoder"),
        ("weight=0.1", "weight", "needs the setting weight"),
        ("self, *args, weight=0.1, **kwargs", "self, shape", "needs the setting shape"),
        ("weight=0.1, **kwargs):", "weight=0.1):", "building it: TypeError: "),
        ('"weight": self.weight}', "}", "`get_config` lacks weight"),
        ("def get_config", "def got_config", "`get_config` lacks weight"),
        # In the objective
        ("        size =", "        exit(0)\n        size =", "line 21: raise an error instead of"),
        (', "size": size}', "}", "the terms loss, reconstruction, size. Received: loss"),
        ('    terms = ("loss", "reconstruction", "size")\n', "", "returns terms that the class "
         "does not name: set terms = ('loss', 'reconstruction', 'size') in the class. Received: "),
        ('"size": size}', '"length": size}', "set terms = ('loss', 'reconstruction', 'length') in"),
        (RETURNED, "return loss", "return a dict with the terms"),
        (RETURNED, "pass", "Received: NoneType"),
        (SIZE, "ops.sum(codes, axis=1)", "average over the batch: the term loss has to be a "
         "scalar. Received: a tensor of shape (40,)"),
        ("ops.abs(codes)", "ops.log(codes * 0 - 1)", "the term loss has to be finite"),
        ("ops.abs(codes)", "self.absent", "line 21: AttributeError"),
        # What would go wrong silently
        (HEAD, STOCHASTIC.replace("ops.split(outputs, 2, axis=1)", "outputs[:, :4], outputs[:, :1]")
         + HEAD.removeprefix(METHOD).replace("self.encoder", "self.bottleneck(self.encoder") + ")",
         "(N, latent_dim) each. Received: shapes [(7, 4), (7, 1)]"),
        (METHOD, networks('decoder.add(keras.layers.Activation("sigmoid"))'),
         "has to give logits, which can be any numbers: leave out the activation"),
        (METHOD, networks("decoder.add(keras.layers.ReLU())"), "Received: outputs from 0 to"),
        (METHOD, bottleneck("return ops.tanh(outputs)"), "trains other codes than `encode` gives"),
        (METHOD, bottleneck("return ops.relu(outputs)"), "trains other codes than `encode` gives"),
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
        (METHOD, networks("decoder.layers[-2].set_weights([0 * w for w in "
                          "decoder.layers[-2].get_weights()])")),
        (METHOD, networks('decoder.add(keras.layers.Activation("tanh")); '
                          "decoder.add(keras.layers.Rescaling(9.0))")),
        (CODES, f"""mean = self.bottleneck(self.encoder(images, training=training))
        codes = mean + {DRAW}"""),
        (HEAD, bottleneck("return ops.relu(outputs)").replace(METHOD, HEAD)
         + "\n        codes += ops.stop_gradient(ops.relu(codes) - codes)"),
        (HEAD, f"""{STOCHASTIC}(self, images, training):
        mean, log_std = self.distribution(self.encoder(images, training=training))
        codes = mean + ops.exp(log_std) * {DRAW}"""),
    ],
    ids=["last layer zero", "bounded logits", "noisy codes", "straight through", "own draws"],
)  # fmt: skip
def test_unusual_models_can_take_part(own, old, new, untrained):
    assert faults(own(old, new)) == []


def rated(elements):
    """Code of an objective with a divergence, its elements by the code z, mean m and log σ s."""
    return f"""
    def objective(self, images, training):
        outputs = self.encoder(images, training=training)
        z, (m, s) = self.bottleneck(outputs, sampled=True), self.distribution(outputs)
        reconstruction = self.reconstruction_loss(images, self.decoder(z, training=training))
        kl = ops.mean(ops.sum({elements}, axis=1))
        return {{"loss": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}}
"""


def sampled(factor, shift):
    """Code that samples a Gaussian."""
    return f"""
    def sample_prior(self, count, seed):
        return {shift} + {factor} * super().sample_prior(count, seed)
"""


WIDE = "((ops.exp(2 * s) + m**2) / 4 - 1) / 2 - s"  # against N(0, 4)
SHIFTED = "(ops.exp(2 * s) + (m - 1)**2 - 1) / 2 - s"  # against N(1, 1)
STUDENT = "log_normal(z, m, s) + 2 * ops.log(1 + z**2 / 3)"
LOG_VARIANCE = """
    def distribution(self, outputs):
        mean, log_variance = super().distribution(outputs)
        return mean, log_variance / 2
"""
CAPACITY = """
    def objective(self, images, training):
        terms = super().objective(images, training)
        return {**terms, "loss": terms["reconstruction"] + 10 * ops.abs(terms["kl"] - 5.0)}
"""
MIXTURE = f"""
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.pseudo_inputs = self.add_weight(shape=(9, *self.image_shape), initializer="uniform")

    def components(self):
        return self.distribution(self.encoder(self.pseudo_inputs, training=False))

    def log_prior(self, z):
        means, log_stds = self.components()
        logs = ops.sum(log_normal(z[:, None], means[None], log_stds[None]), axis=2)
        return ops.logsumexp(logs, axis=1, keepdims=True) - ops.log(9.0)
{rated("log_normal(z, m, s) - self.log_prior(z) / self.latent_dim")}
    def sample_prior(self, count, seed):
        seed = keras.random.SeedGenerator(seed)
        means, log_stds = self.components()
        which = keras.random.randint((count,), 0, 9, seed=seed)
        noise = keras.random.normal((count, self.latent_dim), seed=seed)
        return ops.take(means, which, axis=0) + noise * ops.exp(ops.take(log_stds, which, axis=0))
"""


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("vae", rated(WIDE), "narrower than"),
        ("vae", rated(f"4 * ({WIDE})"), "narrower than"),
        ("vae", rated(SHIFTED), "shifted against"),
        ("vae", rated(STUDENT), "narrower than"),
        ("vae", LOG_VARIANCE + sampled(1.5, 0), "wider than"),
        ("beta_tc_vae", sampled(1, 1), "shifted against"),
        ("iwae", sampled(2, 0), "wider than"),
    ],
)
def test_samples_of_another_prior_than_that_of_the_objective_are_found(
    name, body, words, tmp_path, untrained
):
    (fault,) = faults(derived(tmp_path / "mine.py", name, body))
    assert "`sample_prior` has to sample the prior of `objective`" in fault
    assert fault.endswith(f"Received: samples {words} the prior of `objective`")


@pytest.mark.parametrize(
    "body",
    [
        rated(WIDE) + sampled(2, 0),
        rated(SHIFTED) + sampled(1, 1),
        LOG_VARIANCE,
        CAPACITY,
        MIXTURE,
    ],
)
def test_samples_of_the_prior_of_the_objective_are_right(body, tmp_path, untrained):
    assert faults(derived(tmp_path / "mine.py", "vae", body)) == []


def test_a_bottleneck_alone_changes_what_a_subclass_of_vanilla_trains(own, few):
    name = own()
    path = name.partition(":")[0]
    with open(path, "a") as file:
        file.write(
            "\nfrom kerasae.models.vanilla import Vanilla\n"
            '@keras.saving.register_keras_serializable("mine")\nclass Sign(Vanilla):\n'
            "    def bottleneck(self, outputs, sampled=False):\n        return ops.sign(outputs)\n"
        )
    model = build(f"{path}:Sign", (32, 32, 1), 4, widths=(16, 8))
    outputs = model.decoder(np.sign(model.encoder(few, training=False)), training=False)
    expected = float(model.reconstruction_loss(few, outputs))
    assert float(model.objective(few, training=False)["loss"]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("        size =", "        exit(0)\n        size =", r"raise an error .* exit\(0\)"),
        (SIZE, "ops.sum(codes, axis=1)", "average over the batch: the term loss"),
        (RETURNED, "return loss", "Lasso.objective has to return a dict with the terms loss,"),
    ],
)
def test_a_training_that_cannot_go_on_says_why(own, few, old, new, words):
    model = build(own(old, new), (32, 32, 1), 4, widths=(16, 8))
    with pytest.raises(ValueError, match=words):
        train(model, few, few, epochs=1, verbose=0)


def test_a_wrong_setting_is_named_when_a_model_is_built(own):
    with pytest.raises(ValueError, match=r"no setting 'wieght': did you mean weight\? Its"):
        build(own(), (32, 32, 1), 4, wieght=2.0)
    with pytest.raises(ValueError, match=r"sparse has no setting 'q'.*Received: q=1"):
        build("sparse", (32, 32, 1), 4, q=1)


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
    bad = CliRunner().invoke(main, ["check", own(SIZE, "self.absent", path="my model-1, new.py")])
    assert bad.output.endswith(f"Error: {name} cannot take part yet: mend the fault above.\n")
    written = yaml.safe_load(good.output.partition("\n\n")[2])
    assert written == {"variants": {"lasso": {"model": name}}}


def test_a_model_that_ends_the_process_is_found_and_what_it_prints_is_shown(own, capfd):
    code = "import os\ntry:\n    input()\nexcept EOFError:\n    print('no input', flush=True)\n"
    name = own("import keras\n", f"{code}os._exit(0)\n")  # before the seconds that Keras takes
    bad = CliRunner().invoke(main, ["check", name])
    assert bad.exit_code == 2
    assert "building it ended the process: raise an error instead. Received: exit" in bad.output
    assert "no input\n" in capfd.readouterr().out


def test_what_the_source_says_needs_no_process(own, monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_context", None)
    (fault,) = check.faults_apart(own("class Lasso", "class Other"), build, load, timeout=1)
    assert "has no class Lasso" in fault


def test_a_model_that_hangs_is_stopped(own):
    (fault,) = check.faults_apart(own("import keras\n", "while True: pass\n"), build, load, 2)
    assert "takes too long. Expected: at most 2 s (--timeout)" in fault
    assert multiprocessing.active_children() == []
