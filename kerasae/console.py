"""Parts of the command line: errors of one line, and outputs that never destroy a file."""

import ast
import contextlib
import importlib
import math
import os
import re
import signal
import tempfile
import threading
import warnings
from pathlib import Path

import click

from kerasae import datasets

FAULTS = (ValueError, OSError, FloatingPointError, NotImplementedError, ImportError)
EXHAUSTED = "ResourceExhaustedError"
"""TensorFlow's error for want of memory, by name, as TensorFlow is not imported here."""
OWN_OPTIONS = ("input_shape", "latent_dim", "likelihood", "metadata", "preprocessing", "seed")
"""Arguments of a model that are no settings on the command line."""


class Output(click.ParamType):
    """A file to write.

    Parameters
    ----------
    *endings : str
        What its name may end with; ``-``, standard output, is one of them if allowed.
    beside : str, optional
        Ending of a second file that is written beside it, instead of its own.
    """

    name = "file"

    def __init__(self, *endings, beside=None):
        self.endings, self.beside = endings, beside

    def convert(self, value, param, ctx):
        """Check the ending, and bring the name to one form: without a slash at its end."""
        if value == "-" and value in self.endings:
            return value
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise click.UsageError(
                f"The output has to be a name in UTF-8. Received: {value!a}"
            ) from error
        given, value = value, str(Path(value))
        if Path(value).suffix not in self.endings:
            *first, last = self.endings
            wanted = f"{', '.join(first)} or {last}" if first else last
            raise click.UsageError(f"The output has to end with {wanted}. Received: {given}")
        return value

    def files(self, value):
        """Give all files that are written for a value."""
        beside = [Path(value).with_suffix(self.beside)] if self.beside else []
        return [] if value == "-" else [Path(value), *beside]


class Data(click.ParamType):
    """A known data set, or a file or folder to read."""

    name = "data"

    def files(self, value):
        """Give the files that are read for a value."""
        return [] if value in datasets.SOURCES else [Path(value)]


class Code(click.ParamType):
    """A model by its name, or by its code as file.py:Class or module:Class."""

    name = "model"

    def files(self, value):
        """Give the files that are read for a value."""
        return [Path(value.rpartition(":")[0])] if ":" in value else []


class Number(click.ParamType):
    """A finite number above 0, and at most ``high``."""

    name = "number"

    def __init__(self, high=math.inf):
        self.high = high

    def convert(self, value, param, ctx):
        """Check the number."""
        with contextlib.suppress(ValueError):
            number = float(value)
            if 0 < number <= self.high and number < math.inf:
                return number
        limit = f" and at most {self.high:g}" if self.high < math.inf else ""
        self.fail(f"expected a finite number above 0{limit}. Received: {value}", param, ctx)


FORCE = click.Option(["--force"], is_flag=True, help="Overwrite outputs that exist already.")


class Command(click.Command):
    """A command that checks its outputs before it does anything else.

    No output replaces a file without ``--force``, which every command with an output has, and
    none ever replaces an input.
    """

    def __init__(self, *args, params=None, **kwargs):
        params = list(params or [])
        if any(isinstance(param.type, Output) for param in params):
            params.append(FORCE)
        super().__init__(*args, params=params, **kwargs)

    def invoke(self, ctx):
        """Check the outputs and run the command."""
        force = ctx.params.pop("force", False)
        inputs, outputs = [], []
        for param in self.params:
            value = ctx.params.get(param.name)
            for one in value if isinstance(value, tuple) else [value]:
                if one is not None and isinstance(param.type, Output):
                    outputs += param.type.files(one)
                elif one is not None and isinstance(param.type, Data | Code):
                    inputs += param.type.files(one)
                elif one is not None and isinstance(param.type, click.Path):
                    inputs.append(Path(one))
        for path in outputs:
            check_output(path, inputs, force)
        return super().invoke(ctx)


class Group(click.Group):
    """Commands that end with one line and exit code 2 where something is wrong with the input."""

    command_class = Command

    def invoke(self, ctx):
        """Run a command; say warnings in one line, too."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.filterwarnings("always", category=UserWarning, module="kerasae")
                warnings.showwarning = lambda message, *_: click.echo(f"Note: {message}", err=True)
                return super().invoke(ctx)
        except click.UsageError as error:
            raise click.UsageError(one_line(error.format_message())) from error
        except FAULTS as error:
            raise click.UsageError(one_line(error)) from error
        except Exception as error:
            if not isinstance(error, MemoryError) and type(error).__name__ != EXHAUSTED:
                raise
            asked = re.search(r"allocat\w+ .*?\bshape ?[\[(][0-9, ]*[\])]", str(error))
            raise click.UsageError(
                "This does not fit into memory. Expected less: fewer samples at a time, or a "
                f"smaller model. Received: {asked.group() if asked else type(error).__name__}"
            ) from error


def one_line(message):
    """Bring a message to one line."""
    return " ".join(str(message).split())


def check_output(path, inputs, force):
    """Refuse an output that cannot be written, or that would replace something.

    Parameters
    ----------
    path : pathlib.Path
        The output. Missing folders are no fault: they are made when it is written.
    inputs : list of pathlib.Path
        Files and folders that the command reads.
    force : bool
        Whether other files may be replaced.

    Raises
    ------
    click.UsageError
        If the path is a folder, an input, a file that exists, or cannot be written.
    """
    try:
        exists = is_there(path)
        if path.is_dir():
            raise click.UsageError(f"The output is a folder. Expected a file. Received: {path}")
        if exists and any(is_within(path, source) for source in inputs):
            raise click.UsageError(
                f"The output is an input of this command, which is never overwritten. "
                f"Expected another name. Received: {path}"
            )
        if exists and not force:
            raise click.UsageError(
                f"The output exists already. Expected another name, or --force to overwrite it. "
                f"Received: {path}"
            )
        made = [folder for folder in path.absolute().parents if not is_there(folder)]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        finally:
            for folder in made:
                with contextlib.suppress(OSError):
                    folder.rmdir()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise click.UsageError(
            f"The output cannot be written: {reason}. Received: {path}"
        ) from error


def is_there(path):
    """Whether there is anything of this name, a broken link included."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def is_within(path, source):
    """Whether a file is an input, or lies in a folder that is one."""
    if not source.exists() or not path.exists():
        return False
    if source.is_dir():
        return path.resolve().is_relative_to(source.resolve())
    return path.samefile(source)


def settings_of(context, parameter, pairs):
    """Read ``name=value`` pairs, values as Python literals or else as text."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"expected name=value. Received: {pair}")
        if name in OWN_OPTIONS:
            raise click.BadParameter(f"not a setting; see --help for its option. Received: {pair}")
        if name in found:
            raise click.BadParameter(f"{name} comes twice. Expected it once. Received: {pair}")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last: too deep
            found[name] = value
    return found


@contextlib.contextmanager
def interruptible():
    """End the process with one line at an interrupt, within what writes nothing.

    Modules that are interrupted while they are imported may fail in any way, or ignore it.
    """

    def leave(number, frame):
        os.write(standard_error, b"Aborted!\n")
        os._exit(1)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    standard_error = os.dup(2)
    before = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        os.close(standard_error)


@interruptible()
def import_keras():
    """Import Keras and what needs it without TensorFlow's messages, which come past Python."""
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend != "tensorflow":  # Keras would only say which module of that backend is missing
        raise click.UsageError(
            f"kerasae trains on TensorFlow: set KERAS_BACKEND=tensorflow. Received: {backend}"
        )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    standard_error = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        for module in ("pandas", "keras", "kerasae.models.base", "kerasae.training.train"):
            importlib.import_module(module)
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)


def stored(context, parameter, value):
    """Refuse an option that the model's file makes unnecessary."""
    if value is not None:
        raise click.UsageError(
            "How samples are read and scaled is stored in the model's file. Expected no "
            f"--data, --labels, --scale or --likelihood. Received: {parameter.opts[0]} {value}"
        )
