"""Parts of the command line: one-line errors, and outputs that never destroy a file."""

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
from kerasae.models import quiet

_USER_ERRORS = (ValueError, OSError, FloatingPointError, NotImplementedError, ImportError)
_OUT_OF_MEMORY = "ResourceExhaustedError"
"""Name of TensorFlow's out-of-memory error; TensorFlow is not imported here."""
_RESERVED_SETTINGS = (
    "input_shape",
    "latent_dim",
    "likelihood",
    "metadata",
    "preprocessing",
    "seed",
)
"""Model parameters that ``--set`` does not accept."""


class OutputFile(click.ParamType):
    """A file to write, with one of the ``endings``, of which ``-`` allows standard output.

    ``beside`` is the ending of a second output with the same stem.
    """

    name = "file"

    def __init__(self, *endings, beside=None):
        self.endings, self.beside = endings, beside

    def convert(self, value, param, ctx):
        """Check the ending, and normalise the path."""
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
            allowed = f"{', '.join(first)} or {last}" if first else last
            raise click.UsageError(f"The output has to end with {allowed}. Received: {given}")
        return value

    def files(self, value):
        """List the files to write for a value."""
        beside = [Path(value).with_suffix(self.beside)] if self.beside else []
        return [] if value == "-" else [Path(value), *beside]


class DataSource(click.ParamType):
    """A known data set, or a file or folder to read."""

    name = "data"

    def files(self, value):
        """List the files to read for a value."""
        return [] if value in datasets.SOURCES else [Path(value)]


class ModelSource(click.ParamType):
    """A model by name, or by its code as file.py:Class or module:Class."""

    name = "model"

    def files(self, value):
        """List the files to read for a value."""
        return [Path(value.rpartition(":")[0])] if ":" in value else []


class PositiveNumber(click.ParamType):
    """A finite number above 0, and at most ``high``."""

    name = "number"

    def __init__(self, high=math.inf):
        self.high = high

    def convert(self, value, param, ctx):
        """Convert and check the number."""
        with contextlib.suppress(ValueError):
            number = float(value)
            if 0 < number <= self.high and number < math.inf:
                return number
        limit = f" and at most {self.high:g}" if self.high < math.inf else ""
        self.fail(f"expected a finite number above 0{limit}. Received: {value}", param, ctx)


_FORCE = click.Option(["--force"], is_flag=True, help="Overwrite existing outputs.")


class Command(click.Command):
    """A command that checks its outputs before it runs.

    Every command with outputs has ``--force``, without which no output replaces a file. No output
    ever replaces an input.
    """

    def __init__(self, *args, params=None, **kwargs):
        params = list(params or [])
        if any(isinstance(param.type, OutputFile) for param in params):
            params.append(_FORCE)
        super().__init__(*args, params=params, **kwargs)

    def invoke(self, ctx):
        """Check the outputs and run the command."""
        force = ctx.params.pop("force", False)
        inputs, outputs = [], []
        for param in self.params:
            value = ctx.params.get(param.name)
            for one in value if isinstance(value, tuple) else [value]:
                if one is not None and isinstance(param.type, OutputFile):
                    outputs += param.type.files(one)
                elif one is not None and isinstance(param.type, DataSource | ModelSource):
                    inputs += param.type.files(one)
                elif one is not None and isinstance(param.type, click.Path):
                    inputs.append(Path(one))
        for path in outputs:
            _check_output(path, inputs, force)
        return super().invoke(ctx)


class Group(click.Group):
    """Commands that end with one line and exit code 2 if the input is wrong."""

    command_class = Command

    def invoke(self, ctx):
        """Run a command; print errors and warnings in one line."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.filterwarnings("always", category=UserWarning, module="kerasae")
                warnings.showwarning = lambda message, *_: click.echo(f"Note: {message}", err=True)
                return super().invoke(ctx)
        except click.UsageError as error:
            raise click.UsageError(one_line(error.format_message())) from error
        except BrokenPipeError:
            raise  # nobody reads what is printed: click ends the process
        except _USER_ERRORS as error:
            raise click.UsageError(one_line(error)) from error
        except SystemError as error:  # C code that was interrupted, and did not pass it on
            if isinstance(error.__cause__, KeyboardInterrupt):
                raise click.Abort from error
            raise
        except Exception as error:
            if not isinstance(error, MemoryError) and type(error).__name__ != _OUT_OF_MEMORY:
                raise
            request = re.search(r"allocat\w+ .*?\bshape ?[\[(][0-9, ]*[\])]", str(error))
            raise click.UsageError(
                "Out of memory. Expected fewer samples, or a smaller model. "
                f"Received: {request.group() if request else type(error).__name__}"
            ) from error


def one_line(message):
    """Join the lines of a message."""
    return " ".join(str(message).split())


def _check_output(path, inputs, force):
    """Check that an output can be written without replacing a file.

    Missing folders are allowed, and created when it is written. ``force`` allows replacing files
    that are no inputs. Raise `click.UsageError` if the path is a folder, an input, an existing
    file, or not writable.
    """
    try:
        present = exists(path)
        if path.is_dir():
            raise click.UsageError(f"The output is a folder. Expected a file. Received: {path}")
        if present and any(_is_within(path, source) for source in inputs):
            raise click.UsageError(
                "The output is an input of this command, and inputs are never overwritten. "
                f"Expected another name. Received: {path}"
            )
        if present and not force:
            raise click.UsageError(
                "The output exists already. Expected another name, or --force to overwrite it. "
                f"Received: {path}"
            )
        missing = [folder for folder in path.absolute().parents if not exists(folder)]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        finally:
            for folder in missing:
                with contextlib.suppress(OSError):
                    folder.rmdir()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise click.UsageError(
            f"The output cannot be written: {reason}. Received: {path}"
        ) from error


def exists(path):
    """Tell whether a path exists, dead links included."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _is_within(path, source):
    """Tell whether a file is the source, or in a folder that is the source."""
    if not source.exists() or not path.exists():
        return False
    if source.is_dir():
        return path.resolve().is_relative_to(source.resolve())
    return path.samefile(source)


def parse_settings(context, parameter, pairs):
    """Parse ``name=value`` pairs; values are Python literals, else text."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"expected name=value. Received: {pair}")
        if name in _RESERVED_SETTINGS:
            raise click.BadParameter(f"not a setting; see --help for its option. Received: {pair}")
        if name in found:
            raise click.BadParameter(f"expected {name} only once. Received: {pair}")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last two: too deep
            found[name] = value
    return found


@contextlib.contextmanager
def interruptible():
    """End the process with one line at an interrupt, in code that writes no files.

    Modules interrupted during their import may fail in any way, or ignore the interrupt.
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
    """Import Keras and the modules that need it, without the messages of TensorFlow's C++ code."""
    from kerasae.config.plan import check_backend

    check_backend(os.environ)  # Keras's own error only names a missing module
    quiet.import_keras()
    for module in ("pandas", "kerasae.models.base", "kerasae.training.train"):
        importlib.import_module(module)


def refuse_stored_option(context, parameter, value):
    """Raise an error for an option whose value is stored in the model file."""
    if value is not None:
        raise click.UsageError(
            "The preprocessing of samples is stored in the model file. Expected no "
            f"--data, --labels, --scale or --likelihood. Received: {parameter.opts[0]} {value}"
        )
