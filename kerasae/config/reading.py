"""Reading and merging of configuration files."""

from copy import deepcopy
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from kerasae.config.schema import ConfigurationError, shown


def read(path):
    """Read a configuration, YAML 1.2 or JSON; errors are a `ConfigurationError` of one line."""
    try:
        content = _parsed(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from None
    except (YAMLError, ValueError) as error:
        place, problem = "", str(error).partition("\n")[0]
        if isinstance(error, MarkedYAMLError):
            mark = error.problem_mark or error.context_mark
            place, problem = f", line {mark.line + 1}" if mark else "", error.problem
        raise ConfigurationError(
            f"{path}{place}: not valid YAML: {' '.join(problem.split())}"
        ) from None
    if not isinstance(content, dict):
        raise ConfigurationError(
            f"{path}: expected keys and values at the top. Received: {shown(content)}"
        )
    return content


def _parsed(text):
    """Parse YAML; a key twice is an error."""
    return YAML(typ="safe", pure=True).load(text)


def merge(over, under):
    """Merge a configuration into another, in place: its values override, mappings are merged."""
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(under.get(key), dict)
        under[key] = merge(value, under[key]) if both else deepcopy(value)
    return under


def read_merged(*paths):
    """Read and merge configuration files, later ones overriding earlier ones; see `read`."""
    config = {}
    for path in paths:
        config = merge(read(path), config)
    return config


def from_command_line(config):
    """Read the values of Snakemake's ``--config``, which passes all values within others as text.

    These texts become the numbers, true, false and null that a file with the same text has.
    """
    return {
        key: value if isinstance(value, str) else _typed(value) for key, value in config.items()
    }


def _typed(value):
    """Read the texts within a value as `from_command_line`."""
    if isinstance(value, dict):
        return {key: _typed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_typed(part) for part in value]
    if not isinstance(value, str) or not value:
        return value
    try:
        scalar = _parsed(value)
    except (YAMLError, ValueError):
        return value
    return scalar if isinstance(scalar, bool | int | float | None) else value
