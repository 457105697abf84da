"""Parts of the command line: errors in one line, and outputs that never destroy a file."""

import ast
import contextlib
import functools
import importlib
import math
import os
import signal
import threading
import warnings
from pathlib import Path

import click

from kerasae import datasets
from kerasae.custom.declared import BY_THE_RUN
from kerasae.models import quiet

_USER_ERRORS = (ValueError, OSError, FloatingPointError, NotImplementedError, ImportError)
_OUT_OF_MEMORY = ("MemoryError", "ResourceExhaustedError")
"""Names of the errors of Python and of TensorFlow, which is not imported here."""


class Group(click.Group):
    """Commands that end with one line and exit code 2 if the input is wrong."""

    def invoke(self, ctx):
        """Run a command; print errors and warnings in one line."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.filterwarnings("always", category=UserWarning, module="kerasae")
                warnings.showwarning = lambda message, *_: click.echo(f"Note: {message}", err=True)
                return super().invoke(ctx)
        except click.UsageError as error:
            raise click.UsageError(_one_line(error.format_message())) from error
        except BrokenPipeError:
            raise  # nobody reads what is printed: click ends the process
        except _USER_ERRORS as error:
            raise click.UsageError(_one_line(error)) from error
        except Exception as error:
            if type(error).__name__ in _OUT_OF_MEMORY:
                raise click.UsageError(
                    "Out of memory. Use fewer samples, or a smaller model."
                ) from error
            # C code that was interrupted, and did not pass it on
            if isinstance(error, SystemError) and isinstance(error.__cause__, KeyboardInterrupt):
                raise click.Abort from error
            raise


def _one_line(message):
    """Join the lines of a message."""
    return " ".join(str(message).split())


def writes(*endings, beside=None, **settings):
    """Give a command --output and --force, and check the output before the command runs.

    Without --force no output replaces a file, and no output ever replaces an input. The output has
    one of the ``endings``; ``-`` among them is standard output. ``beside`` is the ending of a
    second output with the same stem. ``settings`` are those of the option.
    """

    def decorate(function):
        @functools.wraps(function)
        def command(output, force, **arguments):
            if str(output) != "-":
                if output.suffix not in endings:
                    raise click.UsageError(
                        f"The output must end with {' or '.join({*endings} - {'-'})}. "
                        f"Received: {output}"
                    )
                for path in [output, *([output.with_suffix(beside)] if beside else [])]:
                    _check_output(path, _inputs(**arguments), force)
            return function(output=output, **arguments)

        kind = click.Path(dir_okay=False, allow_dash="-" in endings, path_type=Path)
        force = click.option("--force", is_flag=True, help="Overwrite existing outputs.")
        return click.option("-o", "--output", type=kind, **settings)(force(command))

    return decorate


def _inputs(source=None, anomalies=None, model=None, samples=None, variant="", code="", **_):
    """List the files and folders that the arguments of a command name."""
    own_code = [name.rpartition(":")[0] for name in (variant, code) if name and ":" in name]
    names = [*own_code, source, anomalies, model, samples]
    return [Path(name) for name in names if name and name not in datasets.SOURCES]


def _check_output(path, inputs, force):
    """Raise `click.UsageError` if a file cannot be written, or replaces another one."""
    if os.path.lexists(path):
        if any(_is_within(path, source) for source in inputs):
            raise click.UsageError(
                "The output is an input of this command, and inputs are never overwritten. "
                f"Choose another name. Received: {path}"
            )
        if not force:
            raise click.UsageError(
                "The output exists already. Choose another name, or add --force to overwrite it. "
                f"Received: {path}"
            )
    check_folder(path.parent)


def _is_within(path, source):
    """Tell whether a file is the source, or in a folder that is the source."""
    if source.is_dir():
        return path.resolve().is_relative_to(source.resolve())
    return source.exists() and path.exists() and path.samefile(source)


def check_folder(folder):
    """Raise `click.UsageError` if files cannot be written to a folder, which may be missing."""
    existing = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
        raise click.UsageError(
            f"The output cannot be written, as {existing} is not a writable folder. "
            f"Received: {folder}"
        )


def parse_settings(context, parameter, pairs):
    """Parse ``name=value`` pairs; values are Python literals, else text."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"expected name=value. Received: {pair}")
        if name in BY_THE_RUN:
            raise click.BadParameter(f"not a setting; see --help for its option. Received: {pair}")
        if name in settings:
            raise click.BadParameter(f"expected {name} only once. Received: {pair}")
        try:
            settings[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last two: too deep
            settings[name] = value
    return settings


def refuse_nan(context, parameter, value):
    """Raise an error for nan, which `click.FloatRange` accepts."""
    if math.isnan(value):
        raise click.BadParameter(f"expected a number. Received: {value}")
    return value


@contextlib.contextmanager
def interruptible():
    """Let Ctrl-C end the process at once, in code that writes no files.

    Modules that are interrupted during their import may lose the exception, or print it.
    """
    usual = signal.getsignal(signal.SIGINT)
    if (
        usual is not signal.default_int_handler
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


@interruptible()
def import_keras():
    """Import Keras and the modules that need it, without the messages of TensorFlow's C++ code."""
    from kerasae.config.plan import check_backend

    check_backend(os.environ)  # Keras's own error only names a missing module
    quiet.import_keras()
    for module in ("pandas", "kerasae.models.base", "kerasae.training.train"):
        importlib.import_module(module)
