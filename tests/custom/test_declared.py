"""What the source of a model says of its class and settings, before anything is imported."""

import os
import subprocess
import sys

import pytest
from test_check import GOOD

from kerasae.custom import declared
from kerasae.custom.load import parameters
from kerasae.models import BASELINES, REGISTRY, model_class

MORE = """
from mine import Lasso as Parent
from mine import *

Alias = Parent
if True:
    class Nested(Parent): pass
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(GOOD)
    (tmp_path / "more.py").write_text(MORE)
    (tmp_path / "folder.py").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "name",
    ["mine:Lasso", *(f"more.py:{name}" for name in ("Nested", "Parent", "Alias", "FromStar"))],
)
def test_a_class_may_be_defined_imported_or_renamed(here, name):
    declared.check("mine", name, {"weight": 1})


def test_settings_of_the_package_s_models_are_those_of_the_imported_classes():
    for name, code in {**REGISTRY, **BASELINES}.items():
        assert declared.package_settings(code) == set(parameters(model_class(name))), name


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("kerasae.models.sparse:Sparse", {"bta": 0.5}, "lasso has no setting 'bta': did you mean "
         "beta? Its settings are beta, least_widths, p, widths. Received: bta=0.5"),
        ("mine.py:Lasso", {"seed": 3}, "lasso has no setting 'seed'"),
        ("mine.py:Laso", {}, "mine.py has no class Laso. Its classes are: Lasso. Received: Laso"),
        ("folder.py:Lasso", {}, "this is a folder. Received: 'folder.py:Lasso'"),
        ("mine.gone:Lasso", {}, "No module named 'mine.gone'"),
        ("mine.py:b:c", {}, "file.py:Class or module:Class. Received: 'mine.py:b:c'"),
    ],
)  # fmt: skip
def test_a_wrong_name_or_setting_is_said_in_one_line(here, name, settings, words):
    with pytest.raises(ValueError, match="Received: ") as error:
        declared.check("lasso", name, settings)
    assert words in str(error.value)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"import keras\n\ndef f(:", "odd one.py, line 3: invalid syntax. Received: def f(:"),
        (b"# caf\xe9", "not text in UTF-8: save it as such. Received: "),
        (b"class Lasso:\0", "null bytes"),
        (b"def Lasso(): pass", "has no class Lasso. Its classes are: none"),
    ],
)
def test_a_wrong_file_is_said_in_one_line(here, content, words):
    (here / "odd one.py").write_bytes(content)
    with pytest.raises(ValueError, match=r"odd one\.py") as error:
        declared.check("lasso", "odd one.py:Lasso", {})
    assert words in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_neither_the_file_nor_tensorflow_is_imported(here):
    (here / "mine.py").write_text("raise SystemExit('imported')\n" + GOOD)
    program = (
        "import sys; from kerasae.custom import declared; "
        "declared.check('lasso', 'mine.py:Lasso', {'weight': 1}); "
        "declared.check('sparse', 'kerasae.models.sparse:Sparse', {'beta': 1}); "
        "print([name for name in sys.modules if name.split('.')[0] in ('tensorflow', 'mine')])"
    )
    environment = {**os.environ, "PYTHONPATH": str(declared.ROOT)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.stdout == "[]\n", done.stderr
