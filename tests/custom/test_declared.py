"""What the source of a model says of its class and settings, before anything is imported."""

import inspect
import os
import subprocess
import sys

import pytest
from snakemake.exceptions import WorkflowError
from test_bad_input import folder, plan  # noqa: F401, the fixture too
from test_contract import GOOD

from kerasae.custom import declared
from kerasae.models import BASELINES, REGISTRY, model_class

MORE = """
from mine import Lasso as Parent
from mine import *


class Renamed(Parent):
    pass


Alias = Renamed
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
    "name",
    ["mine.py:Lasso", "mine:Lasso", "more.py:Renamed", "more.py:Nested", "more.py:Parent",
     "more.py:Alias", "more.py:FromStar"],
)  # fmt: skip
def test_a_class_may_be_defined_imported_or_renamed(here, name):
    declared.check("mine", name, {"weight": 1})


@pytest.mark.parametrize("name", [*REGISTRY, *BASELINES])
def test_settings_of_the_package_s_models_are_those_of_the_imported_classes(name):
    from kerasae.models.base import Autoencoder

    kind, entry = model_class(name), {**REGISTRY, **BASELINES}[name]
    expected = set()
    for parent in kind.__mro__:
        if issubclass(parent, Autoencoder):
            expected |= set(inspect.signature(parent.__init__).parameters)
    assert set(declared.package_settings(entry)) == expected - {"self", "args", "kwargs"}


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("kerasae.models.sparse:Sparse", {"bta": 0.5}, "lasso has no setting 'bta': did you mean "
         "beta? Its settings are beta, least_widths, p, widths. Received: bta=0.5"),
        ("mine.py:Lasso", {"seed": 3}, "lasso has no setting 'seed'"),
        ("mine.py:Lasso", {1: None}, "lasso has no setting 1"),
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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"import keras\n\ndef f(:", "odd one.py, line 3: invalid syntax. Received: def f(:"),
        (b"class Lasso:\n  a = 1\n   b = 2\n", "line 3: unexpected indent. Received: b = 2"),
        (b"# caf\xe9", "not text in UTF-8: save it as such. Received: "),
        (b"\n\n# caf\xe9", "codec can't decode byte 0xe9"),
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


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": "kerasae.models.sparse:Sparse", "bta": 0.5}, "did you mean beta"),
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
