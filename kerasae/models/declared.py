"""Class and settings of a model, read from its source without importing it.

A dry run and the command line ask here before TensorFlow is imported. Base classes are followed
through the file, the files beside it and `kerasae`; where one cannot be followed, any setting is
accepted.
"""

import ast
import difflib
import importlib.util
from pathlib import Path

from kerasae.storage.code import syntax

PACKAGE = Path(__file__).parents[1]
BASE = PACKAGE / "models" / "base.py", "Autoencoder"
BY_THE_RUN = ("input_shape", "latent_dim", "likelihood", "metadata", "preprocessing", "seed")
"""Arguments of the constructor that a run sets, and no configuration."""


class NotFollowed(Exception):
    """The source does not determine the answer."""


def check(variant, model, settings):
    """Check that a model's class exists and takes the settings.

    Parameters
    ----------
    variant : str
        Name of the variant, for the messages.
    model : str
        ``file.py:Class`` or ``module:Class``.
    settings : dict
        Name → value, without what the run sets.

    Raises
    ------
    ValueError
        In one line: what `check_class` raises, or a setting is unknown or missing.
    """
    taken = check_class(model)
    if taken is None:
        return
    own = sorted(taken.keys() - set(BY_THE_RUN))
    check_names(variant, own, [name for name in own if taken[name]], settings)


def check_names(variant, known, needed, settings, elsewhere=None):
    """Raise where a setting is not among the known ones, or a needed one is missing.

    ``elsewhere`` gives other variants that have a setting.
    """
    listed = f"Its settings are {', '.join(known)}" if known else "It has no settings"
    for name, value in settings.items():
        if name not in known:
            close = difflib.get_close_matches(str(name), known, n=1)
            guess = f"did you mean {close[0]}? " if close else ""
            others = (elsewhere or {}).get(name)
            having = f". {name} is a setting of {', '.join(others)}" if others else ""
            raise ValueError(
                f"{variant} has no setting {name!r}: {guess}{listed}{having}. "
                f"Received: {name}={value!r}"
            )
    missing = [name for name in needed if name not in settings]
    if missing:
        given = ", ".join(map(str, settings)) or "none"
        raise ValueError(f"{variant} needs the setting {missing[0]}. {listed}. Received: {given}")


def check_class(model):
    """Check that a class is there, derives from `Autoencoder` and takes what the run sets.

    Parameters
    ----------
    model : str
        ``file.py:Class`` or ``module:Class``.

    Returns
    -------
    dict of str to bool or None
        Parameters of its constructor, and whether each has to be given; None where the source
        does not tell.

    Raises
    ------
    ValueError
        In one line, if ``model`` is no such pair, the file cannot be read or parsed, or the class
        is not there or is no model.
    """
    path, class_name, roots = entry(model)
    try:
        owner, node = find(path, class_name, roots)
        wrong_class(model, owner, node, roots)
        taken = parameters(owner, node, roots)
    except (NotFollowed, RecursionError):
        return None
    lacking = [name for name in BY_THE_RUN if name not in taken]
    if lacking:
        raise ValueError(
            f"{model}: __init__ has to take {', '.join(lacking)}: hand **kwargs on to "
            f"Autoencoder. Received: __init__ with {', '.join(taken) or 'no parameters'}"
        )
    return taken


def split(name):
    """Split ``file.py:Class`` or ``module:Class`` into module and class."""
    module, _, class_name = name.rpartition(":")
    dotted = all(part.isidentifier() for part in module.split("."))
    if not class_name.isidentifier() or not (module.endswith(".py") or dotted):
        raise ValueError(
            f"Expected a model of your own as file.py:Class or module:Class. Received: {name!r}"
        )
    return module, class_name


def entry(name):
    """Find the file of a model, the name of its class, and the folders to import from."""
    module, class_name = split(name)
    if module.endswith(".py"):
        path = Path(module).absolute()
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no such file"
            raise ValueError(f"Expected file.py:Class, but this is {found}. Received: {name!r}")
        return path, class_name, (path.parent,)
    roots = (Path.cwd(),)
    path = source(module, roots)
    if path is None:
        try:
            found = importlib.util.find_spec(module.split(".")[0])  # imports nothing
        except ValueError:  # a module without a specification, such as __main__
            found = None
        if found is not None:
            files = found.submodule_search_locations or filter(None, [found.origin])
            roots += tuple(Path(file).parent for file in files)
        path = source(module, roots)
    if path is None:
        raise ValueError(
            f"No module named {module!r}: name one that can be imported here, or a file as "
            f"file.py:{class_name}. Received: {name!r}"
        )
    return path, class_name, roots


def source(module, roots):
    """Give the file of a dotted module below one of the folders, or None."""
    for root in (PACKAGE.parent,) if module.split(".")[0] == PACKAGE.name else roots:
        stem = root.joinpath(*module.split("."))
        for path in (stem / "__init__.py", stem.parent / f"{stem.name}.py"):
            if path.is_file():
                return path
    return None


def parsed(path):
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


def at_top(tree):
    """Yield the statements of a module that are in no function and no class."""
    pending = list(tree.body)
    for node in pending:
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            parts = (ast.stmt, ast.ExceptHandler, ast.match_case)
            pending += [part for part in ast.iter_child_nodes(node) if isinstance(part, parts)]


def bindings(path, roots):
    """Resolve the names at the top of a file.

    Returns
    -------
    dict of str to (ast.AST or tuple)
        The statement, or for an import the dotted name and the folders to find it in. The name
        ``*`` is there where names can come from elsewhere.
    """
    found = {}
    for node in at_top(parsed(path)):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found["*" if node.name == "__getattr__" else node.name] = node
        elif isinstance(node, ast.ImportFrom):
            folders = (path.parents[node.level - 1],) if node.level else roots
            for alias in node.names:
                dotted = ".".join(filter(None, (node.module, alias.name)))
                found[alias.asname or alias.name] = dotted, folders
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                found[name] = (alias.name if alias.asname else name), roots
        else:
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    found[part.id] = node
                elif isinstance(part, ast.Name) and part.id in ("globals", "exec", "setattr"):
                    found["*"] = node
    return found


def find(path, name, roots, depth=0):
    """Find a class, by its name in a file; give the file that defines it, and its node."""
    known = bindings(path, roots)
    found = known.get(name)
    if isinstance(found, ast.ClassDef):
        return path, found
    if isinstance(found, tuple):
        return imported(*found, depth)
    if found is not None and not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
        raise NotFollowed
    if found is None and "*" in known:
        raise NotFollowed
    classes = [key for key, node in known.items() if isinstance(node, ast.ClassDef)]
    raise ValueError(
        f"{path} has no class {name}. Its classes are: {', '.join(classes) or 'none'}. "
        f"Received: {name}"
    )


def imported(dotted, roots, depth):
    """Find a class by its dotted name."""
    module, _, name = dotted.rpartition(".")
    path = source(module, roots) if module else None
    if path is None or depth > 20:  # of a library, or of one file that imports the other
        raise NotFollowed
    return find(path, name, roots, depth + 1)


def bases(path, node, roots):
    """Find the base classes of a class."""
    known = bindings(path, roots)
    for base in node.bases:
        head, *rest = ast.unparse(base).split(".")
        found = known.get(head)
        if isinstance(found, tuple):
            yield imported(".".join((found[0], *rest)), found[1], 0)
        elif isinstance(found, ast.ClassDef) and not rest and found is not node:
            yield path, found
        elif head != "object":
            raise NotFollowed


def ancestry(path, node, roots):
    """Give the (file, name) of a class and of all classes that it derives from."""
    found = {(path, node.name)}
    if found != {BASE}:
        found = found.union(*(ancestry(*base, roots) for base in bases(path, node, roots)))
    return found


def wrong_class(model, path, node, roots):
    """Raise where a class is no model, or names its loss terms in another way than models do."""
    if BASE not in ancestry(path, node, roots):
        received = f"class {node.name}({', '.join(map(ast.unparse, node.bases))})"
        raise ValueError(
            f"{model}: expected a class that derives from Autoencoder. Received: {received}"
        )
    for part in node.body:
        is_assigned = isinstance(part, ast.Assign) and "terms" in map(ast.unparse, part.targets)
        is_annotated = isinstance(part, ast.AnnAssign) and ast.unparse(part.target) == "terms"
        if is_assigned or (is_annotated and part.value):
            try:
                wrong = wrong_terms(ast.literal_eval(part.value))
            except ValueError:  # computed
                continue
            if wrong:
                raise ValueError(f"{path}, line {part.lineno}: {wrong}")


def wrong_terms(terms):
    """Say what is wrong with the names of the loss terms, or give None."""
    names = list(terms) if isinstance(terms, (tuple, list)) else []
    if not all(isinstance(name, str) for name in names) or "loss" not in names:
        return (
            "`terms` has to be a tuple of names, the one to minimise being 'loss': "
            f'terms = ("loss", "reconstruction"). Received: terms = {terms!r}'
        )
    return None


def parameters(path, node, roots):
    """Give the parameters of a class's constructor, and whether each has to be given."""
    decorators = list(map(ast.unparse, node.decorator_list))
    if node.keywords or not all("register_keras_serializable" in text for text in decorators):
        raise NotFollowed
    own, handed = {}, set()
    inits = [
        part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"
    ]
    if inits:
        init = inits[-1]
        if init.decorator_list:
            raise NotFollowed
        own = arguments(init.args)
        if init.args.kwarg is None or (path, node.name) == BASE:
            return own
        handed = handed_on(init)
    theirs = {}
    for base in bases(path, node, roots):
        theirs |= parameters(*base, roots)
    return {**{name: theirs[name] for name in theirs if name not in handed}, **own}


def arguments(named):
    """Give the arguments of a method but ``self``, and whether each has to be given."""
    places = [*named.posonlyargs, *named.args]
    defaults = [*[None] * (len(places) - len(named.defaults)), *named.defaults]
    pairs = [*zip(places, defaults, strict=True)][1:]
    pairs += zip(named.kwonlyargs, named.kw_defaults, strict=True)
    return {argument.arg: default is None for argument, default in pairs}


def handed_on(init):
    """Names that a constructor hands on itself, where it hands on **kwargs, and does no more."""
    calls = [node for node in ast.walk(init) if isinstance(node, ast.Call)]
    keywords = [keyword for call in calls for keyword in call.keywords]
    whole = [word.value for word in keywords if word.arg is None]
    for node in ast.walk(init):
        if isinstance(node, ast.Name) and node.id == init.args.kwarg.arg and node not in whole:
            raise NotFollowed  # such as kwargs.pop("depth")
    return {
        keyword.arg
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
        for keyword in call.keywords
    }
