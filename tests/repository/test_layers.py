"""What may import what, and what an import costs."""

import ast
import subprocess
import sys
from importlib.util import resolve_name

import pytest
from projects import ROOT

from kerasae import REGISTRY

PACKAGE = ROOT / "kerasae"
ORDER = (
    *("kerasae.types", "kerasae.storage", "kerasae.seeds", "kerasae.datasets"),
    *("kerasae.networks", "kerasae.custom", "kerasae.training"),
    *("kerasae.models", "kerasae.evaluation", "kerasae.reporting", "kerasae.engine"),
    *("kerasae.config", "kerasae.estimators", "kerasae.comparison"),
    *("kerasae.console", "kerasae.cli"),
)
"""Every room of the package, in the order of the data: none imports a later one."""
FIRST_IMPORT = {
    **dict.fromkeys(("keras", "tensorflow", "jax", "torch"), "kerasae.networks"),
    "matplotlib": "kerasae.reporting",
}
"""Package → the first room that imports it."""
FACE = {
    **{"datasets": "kerasae.datasets", "compare": "kerasae.comparison"},
    **dict.fromkeys(("build", "load"), "kerasae.models"),
}
"""What ``kerasae`` itself offers → the room that it comes from."""


def modules():
    """Yield the dotted name, the enclosing package and the tree of every module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        package = ".".join(parts[:-1])
        name = package if parts[-1] == "__init__" else ".".join(parts)
        yield name, package, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree, package):
    """Names of everything that a module imports, inside functions and by importlib too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            yield from (resolve_name(name, package) for name in names)


def room(name):
    """Room of a module, or of a name that the package itself offers; None for none."""
    parts = name.split(".")
    if parts[0] == "kerasae" and len(parts) > 1:
        return FACE.get(parts[1], ".".join(parts[:2]))
    return None


def trespasses(name, package, tree):
    """Imports of a module that look ahead, or that the package must not have at all."""
    place = ORDER.index(room(name)) if room(name) else len(ORDER)
    for target in imported(tree, package):
        library = target.split(".")[0]
        first = FIRST_IMPORT.get(library, room(target))
        if library == "snakemake" or (first in ORDER and ORDER.index(first) > place):
            yield f"{name} imports {target}"


def test_every_module_has_a_room():
    names = {name for name, _, _ in modules()}
    assert {room(name) for name in names} - {None} == set(ORDER)
    assert "kerasae.models.vae" in names


@pytest.mark.parametrize(
    ("name", "line", "target"),
    [
        ("kerasae.models.vae", "import kerasae.evaluation.scores", "kerasae.evaluation.scores"),
        ("kerasae.models.vae", "from kerasae import reporting", "kerasae.reporting"),
        ("kerasae.models.vae", "from ..evaluation import scores", "kerasae.evaluation"),
        ("kerasae.evaluation.scores", "def f():\n import matplotlib.pyplot", "matplotlib.pyplot"),
        ("kerasae.training.train", "from kerasae import build", "kerasae.build"),
        ("kerasae.networks.x", "importlib.import_module('kerasae.models')", "kerasae.models"),
        ("kerasae.datasets.known", "import keras", "keras"),
        ("kerasae.cli", "from snakemake.io import expand", "snakemake.io"),
    ],
)
def test_a_forbidden_import_would_be_found(name, line, target):
    package = name.rpartition(".")[0]
    assert f"{name} imports {target}" in set(trespasses(name, package, ast.parse(line)))
    for allowed in ("import kerasae_of_others", "import kerasae.seeds", "from . import base"):
        assert not set(trespasses(name, package, ast.parse(allowed)))


def test_imports_go_one_way():
    assert [line for module in modules() for line in trespasses(*module)] == []


def test_only_kernels_import_a_backend_in_networks_and_models():
    """Whichever is in use: imports within a function or a condition do not count."""
    backends = {}
    for name, package, tree in modules():
        if room(name) in ("kerasae.networks", "kerasae.models"):
            at_once = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
            targets = imported(ast.Module(at_once, []), package)
            libraries = {target.split(".")[0] for target in targets}
            backends[name] = libraries & {"tensorflow", "jax", "torch"}
    assert {name: libraries for name, libraries in backends.items() if libraries} == {
        f"kerasae.networks.{library}_kernels": {library}
        for library in ("tensorflow", "jax", "torch")
    }


def run(code):
    """Run code in a fresh Python that finds the package; its output."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()


def test_the_data_sets_cost_no_import_of_tensorflow():
    code = "import sys, kerasae, kerasae.datasets\nfor name in sys.modules: print(name)"
    loaded = set(run(code))
    assert "kerasae.datasets.known" in loaded
    heavy = {"keras", "tensorflow", "matplotlib", "sklearn", "umap", "snakemake"}
    assert loaded & heavy == set()


def test_keras_knows_all_models_where_it_is_imported_first():
    lines = run(
        "import keras, kerasae\n"
        "for entry in kerasae.REGISTRY.values():\n"
        "    name = entry.split(':')[1]\n"
        "    kind = keras.saving.get_registered_object(f'kerasae>{name}')\n"
        "    print(kind and f'{kind.__module__}:{kind.__name__}')\n"
    )
    assert lines == [*REGISTRY.values()]
