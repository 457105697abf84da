"""What a dry run can say of a model before anything is imported.

The file of a model of the user parses and has the class; `kerasae check` and the first job say the
rest. Of a model of the package, its files say the settings too.
"""

import ast
import contextlib
import difflib
import functools
import importlib.util
from pathlib import Path

from kerasae.storage.code import syntax

ROOT = Path(__file__).parents[2]
BY_THE_RUN = ("input_shape", "latent_dim", "likelihood", "metadata", "preprocessing", "seed")
"""Arguments of the constructor that a run sets, and no configuration."""


def check(variant, model, settings):
    """Check that a model's class exists, and for one of the package that it takes the settings.

    ``model`` is ``file.py:Class`` or ``module:Class``, ``variant`` its name in messages. Raise a
    ValueError of one line if the file cannot be read or parsed or has no such class, or a setting
    is unknown.
    """
    if model.startswith("kerasae."):
        check_names(variant, sorted(package_settings(model) - {*BY_THE_RUN}), settings)
        return
    check_class(model)
    for name, value in settings.items():
        if name in BY_THE_RUN or not isinstance(name, str):
            raise ValueError(f"{variant} has no setting {name!r}. Received: {name}={value!r}")


def check_names(variant, names, settings, elsewhere=None):
    """Raise a ValueError where a setting is unknown; ``elsewhere`` names variants that have it."""
    listed = f"Its settings are {', '.join(names)}" if names else "It has no settings"
    for name, value in settings.items():
        if name not in names:
            close = difflib.get_close_matches(str(name), names, n=1)
            guess = f"did you mean {close[0]}? " if close else ""
            others = (elsewhere or {}).get(name)
            having = f". {name} is a setting of {', '.join(others)}" if others else ""
            raise ValueError(
                f"{variant} has no setting {name!r}: {guess}{listed}{having}. "
                f"Received: {name}={value!r}"
            )


@functools.cache
def package_settings(model):
    """Return the parameters that a class of the package takes, from its source and its bases'."""
    module, _, class_name = model.partition(":")
    tree = _parsed(ROOT / f"{module.replace('.', '/')}.py")
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    modules = {alias.name: node.module for node in imports for alias in node.names}
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    settings, unused = set(), set()
    for node in classes[class_name].body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            settings |= {argument.arg for argument in (*node.args.args[1:], *node.args.kwonlyargs)}
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "unused":
            unused |= {*ast.literal_eval(node.value)}
    if class_name != "Autoencoder":
        for base in map(ast.unparse, classes[class_name].bases):
            settings |= package_settings(f"{modules.get(base, module)}:{base}")
    return settings - unused


def check_class(name):
    """Check that the file of a user's model parses and has the class; errors are one line."""
    path, class_name = find(name)
    classes, others = [], set()
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.ClassDef):
            classes.append(node.name)
        elif isinstance(node, ast.alias):
            others.add(node.asname or node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            others.add(node.id)
    if not others & {class_name, "*"} and class_name not in classes:
        raise ValueError(
            f"{path} has no class {class_name}. Its classes are: {', '.join(classes) or 'none'}. "
            f"Received: {class_name}"
        )


def split(name):
    """Split ``file.py:Class`` or ``module:Class`` into module and class."""
    module, _, class_name = name.rpartition(":")
    dotted = all(part.isidentifier() for part in module.split("."))
    if not class_name.isidentifier() or not (module.endswith(".py") or dotted):
        raise ValueError(
            f"Expected a model of your own as file.py:Class or module:Class. Received: {name!r}"
        )
    return module, class_name


def find(name):
    """Find the file of a model, and the name of its class, without an import."""
    module, class_name = split(name)
    if module.endswith(".py"):
        path = Path(module).absolute()
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no such file"
            raise ValueError(f"Expected file.py:Class, but this is {what}. Received: {name!r}")
        return path, class_name
    folders = [Path.cwd()]
    with contextlib.suppress(ValueError):  # a module without a specification, such as __main__
        if spec := importlib.util.find_spec(module.split(".")[0]):
            files = spec.submodule_search_locations or filter(None, [spec.origin])
            folders += [Path(file).parent for file in files]
    for folder in folders:
        stem = folder.joinpath(*module.split("."))
        for path in (stem / "__init__.py", stem.with_name(f"{stem.name}.py")):
            if path.is_file():
                return path, class_name
    raise ValueError(
        f"No module named {module!r}: name one that can be imported here, or a file as "
        f"file.py:{class_name}. Received: {name!r}"
    )


def _parsed(path):
    """Parse a Python file; errors are one line."""
    try:
        text = importlib.util.decode_source(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, SyntaxError) as error:  # a wrong byte, or an unknown encoding
        raise ValueError(
            f"{path} is not text in UTF-8: save it as such. Received: {error}"
        ) from None
    try:
        return ast.parse(text, str(path))
    except SyntaxError as error:
        raise ValueError(syntax(error, path)) from error
    except ValueError as error:
        raise ValueError(f"{path} is not Python source. Received: {error}") from error
