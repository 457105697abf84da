"""What the source of a model says of its class and settings, before anything is imported."""

import inspect
import os
import subprocess
import sys

import pytest
from snakemake.exceptions import WorkflowError
from test_bad_input import folder, plan  # noqa: F401, the fixture too
from test_contract import GOOD

from kerasae.models import BASELINES, REGISTRY, declared, model_class

MORE = """
from abc import ABC

import keras
import kerasae.models.beta_vae as beta
from kerasae.models import vae
from mine import Lasso as Parent
from mine import *


class Renamed(Parent):
    pass


class Fixed(Parent):
    def __init__(self, *args, depth, **kwargs):
        super().__init__(*args, weight=1.0, **kwargs)


class Both(ABC, vae.VAE):
    def __init__(self, input_shape, latent_dim, *, likelihood, seed):
        super().__init__(input_shape, latent_dim, likelihood=likelihood, seed=seed)


class Beta(beta.BetaVAE):
    pass


class Popped(Parent):
    def __init__(self, *args, **kwargs):
        self.depth = kwargs.pop("depth", 1)
        super().__init__(*args, **kwargs)


class Foreign(keras.Model):
    pass


Alias = Fixed
if True:

    class Nested(Parent):
        pass
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(GOOD)
    (tmp_path / "more.py").write_text(MORE)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("mine.py:Lasso", {"weight", "widths", "least_widths"}),
        ("mine:Lasso", {"weight", "widths", "least_widths"}),
        ("more.py:Renamed", {"weight", "widths", "least_widths"}),
        ("more.py:Nested", {"weight", "widths", "least_widths"}),
        ("more.py:Parent", {"weight", "widths", "least_widths"}),
        ("more.py:Fixed", {"depth", "widths", "least_widths"}),
        ("more.py:Beta", {"beta", "widths", "least_widths", "decoder_variance", "learn_variance"}),
        ("kerasae.models.sparse:Sparse", {"p", "beta", "widths", "least_widths"}),
    ],
)
def test_settings_are_those_of_the_constructor_and_of_its_bases(here, name, settings):
    assert declared.check_class(name).keys() - set(declared.BY_THE_RUN) == settings


@pytest.mark.parametrize(
    "name", ["Both", "Popped", "Foreign", "Alias", "FromStar"], ids=lambda name: f"more.py:{name}"
)
def test_what_cannot_be_followed_is_accepted(here, name):
    declared.check("mine", f"more.py:{name}", {"anything": 1})


@pytest.mark.parametrize("name", [*REGISTRY, *BASELINES])
def test_settings_of_the_package_s_models_are_those_of_the_imported_classes(name):
    from kerasae.models.base import Autoencoder

    kind, entry = model_class(name), {**REGISTRY, **BASELINES}[name]
    expected = set()
    for parent in kind.__mro__:
        if issubclass(parent, Autoencoder):
            expected |= set(inspect.signature(parent.__init__).parameters)
    assert set(declared.check_class(entry)) == expected - {"self", "args", "kwargs"}


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("mine.py:Lasso", {"wieght": 0.5}, "lasso has no setting 'wieght': did you mean weight? "
         "Its settings are least_widths, weight, widths. Received: wieght=0.5"),
        ("mine.py:Lasso", {"seed": 3}, "lasso has no setting 'seed'"),
        ("mine.py:Lasso", {1: None}, "lasso has no setting 1"),
        ("more.py:Fixed", {"depth": 1, "weight": 2},
         "Its settings are depth, least_widths, widths"),
        ("more.py:Fixed", {"widths": [8]}, "lasso needs the setting depth"),
        ("mine.py:Laso", {}, "mine.py has no class Laso. Its classes are: Lasso. Received: Laso"),
        ("gone.py:Lasso", {}, "no such file. Received: 'gone.py:Lasso'"),
        ("folder.py:Lasso", {}, "this is a folder. Received: 'folder.py:Lasso'"),
        ("gone:Lasso", {}, "No module named 'gone'"),
        ("mine.gone:Lasso", {}, "No module named 'mine.gone'"),
        ("mine.py:", {}, "file.py:Class or module:Class. Received: 'mine.py:'"),
        (":Lasso", {}, "file.py:Class or module:Class. Received: ':Lasso'"),
        ("mine.py:b:c", {}, "file.py:Class or module:Class. Received: 'mine.py:b:c'"),
    ],
)  # fmt: skip
def test_a_wrong_name_or_setting_is_said_in_one_line(here, name, settings, words):
    (here / "folder.py").mkdir()
    with pytest.raises(ValueError, match="Received: ") as error:
        declared.check("lasso", name, settings)
    assert words in str(error.value)
    assert len(str(error.value).splitlines()) == 1


BASE = "from kerasae.models.base import Autoencoder\nclass Lasso(Autoencoder):\n    "


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"import keras\n\ndef f(:", "odd one.py, line 3: invalid syntax. Received: def f(:"),
        (b"class Lasso:\n  a = 1\n   b = 2\n", "line 3: unexpected indent. Received: b = 2"),
        (b"# caf\xe9", "not text in UTF-8: save it as such. Received: "),
        (b"\n\n# caf\xe9", "codec can't decode byte 0xe9"),
        (b"class Lasso:\0", "null bytes"),
        (b"class Lasso: pass", "derives from Autoencoder. Received: class Lasso()"),
        (b"def Lasso(): pass", "has no class Lasso. Its classes are: none"),
        (BASE.encode() + b"terms = 5", "line 3: `terms` has to be a tuple of names"),
        (BASE.encode() + b"terms: tuple[str, ...] = ('losses',)", "line 3: `terms` has to be"),
        (BASE.encode() + b"terms = ('loss', 3)", "Received: terms = ('loss', 3)"),
        (BASE.encode() + b"terms = ('losses',)", "the one to minimise being 'loss'"),
        (BASE.encode() + b"terms = 'loss'", "`terms` has to be a tuple of names"),
        (BASE.encode() + b"def __init__(self, shape): pass", "has to take input_shape, latent_dim"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_said_in_one_line(here, content, words):
    (here / "odd one.py").write_bytes(content)
    with pytest.raises(ValueError, match=r"odd one\.py") as error:
        declared.check("lasso", "odd one.py:Lasso", {})
    assert words in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_files_that_import_each_other_are_accepted(here):
    for name, other in (("one", "two"), ("two", "one")):
        (here / f"{name}.py").write_text(f"from {other} import Lasso\nclass Mine(Lasso): pass\n")
    declared.check("mine", "one.py:Mine", {"anything": 1})


def test_files_of_one_name_in_two_folders_are_two(here):
    for number in (1, 2):
        (here / f"{number}").mkdir()
        text = GOOD.replace("weight", f"weight{number}")
        (here / f"{number}" / "mine.py").write_text(text)
        assert f"weight{number}" in declared.check_class(f"{number}/mine.py:Lasso")


def test_neither_the_file_nor_tensorflow_is_imported(here):
    (here / "mine.py").write_text("raise SystemExit('imported')\n" + GOOD)
    program = (
        "import sys; from kerasae.models import declared; "
        "declared.check('lasso', 'mine.py:Lasso', {'weight': 1}); "
        "print([name for name in sys.modules if name.split('.')[0] in ('tensorflow', 'mine')])"
    )
    environment = {**os.environ, "PYTHONPATH": str(declared.PACKAGE.parent)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": "mine.py:Lasso", "wieght": 0.5}, "did you mean weight"),
        ({"model": "mine.py:Laso"}, "Its classes are: Lasso"),
        ({"model": "syntax.py:Lasso"}, "syntax.py, line 1: "),
        ({"model": "mine.py:"}, "Received: 'mine.py:'"),
    ],
)
def test_a_dry_run_says_it_in_one_line(folder, settings, words):  # noqa: F811
    (folder / "mine.py").write_text(GOOD)
    (folder / "syntax.py").write_text("class Lasso(:")
    with pytest.raises(WorkflowError, match=r"^config: variants\.lasso: .*Received: ") as error:
        plan(folder, {"variants": {"lasso": settings}})
    assert words in str(error.value)


def test_a_dry_run_names_a_file_beside_it_that_is_no_python(folder):  # noqa: F811
    (folder / "mine.py").write_text(f"import helper\n{GOOD}")
    (folder / "helper.py").write_text("class Helper(:")
    with pytest.raises(WorkflowError, match=r"helper\.py, line 1: invalid syntax. Received: class"):
        plan(folder, {"variants": {"lasso": {"model": "mine.py:Lasso"}}})
