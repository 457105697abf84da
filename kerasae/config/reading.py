"""Strict reading, merging and validation of configurations.

Every mistake raises a `ConfigurationError` of one line.
"""

import json
import math
import re
import unicodedata
from copy import deepcopy
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import best_match

from kerasae.datasets import SOURCES
from kerasae.evaluation.detectors import DETECTORS
from kerasae.evaluation.tasks import TASKS
from kerasae.models import variant
from kerasae.types import suggestion

_MAX_VALUES = 100_000
"""Maximum number of values in a file, aliases expanded."""
_MAX_LEVELS = 20
"""Maximum nesting of a configuration."""
_INTEGER = "tag:yaml.org,2002:int"
_PLAIN_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
"""Integers without the surprises of YAML 1.1, which reads 010 as 8, 1:30 as 90, 1_0 as 10."""
_MAX_INTEGER = 2**53
"""Limit of integers: floats do not represent larger ones exactly."""


class ConfigurationError(ValueError):
    """The configuration cannot be used; the message is one line."""


def shown(value):
    """Format a value as JSON, shortened to one line of 80 characters."""
    text = json.dumps(_truncate(value), ensure_ascii=False, default=str)
    text = "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _truncate(value, depth=2):
    """Truncate a nested value to what `shown` displays."""
    if isinstance(value, dict | list) and value and not depth:
        return "..."
    if isinstance(value, dict):
        return {str(key): _truncate(part, depth - 1) for key, part in list(value.items())[:9]}
    if isinstance(value, list):
        return [_truncate(part, depth - 1) for part in value[:30]]
    if isinstance(value, int) and abs(value) > 10**100:
        return math.inf if value > 0 else -math.inf  # Python limits the digits of integers
    return value


# Reading


def schema():
    """Read the JSON schema of configurations, with a description of every key."""
    found = read(Path(__file__).with_name("config.schema.yaml"))
    known = found["properties"]["datasets"]["properties"]
    known |= {name: {"$ref": "#/$defs/dataset"} for name in SOURCES}
    return found


def read(path):
    """Read a YAML or JSON configuration file strictly.

    Raise `ConfigurationError` if it cannot be read or is not valid, has a key twice, a recursive
    alias, more than `_MAX_VALUES` values with aliases expanded, or no mapping at the top.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(
            f"{path}: expected a configuration file. Received: {error.strerror}"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path}: expected text in UTF-8. Received: byte {error.object[error.start]:#04x} at "
            f"position {error.start}"
        ) from None
    try:
        found = _read_json(text, path) if text.lstrip().startswith("{") else _read_yaml(text, path)
    except RecursionError:
        raise ConfigurationError(
            f"{path}: expected at most {_MAX_LEVELS} levels of nesting. Received: many more"
        ) from None
    if not isinstance(found, dict):
        raise ConfigurationError(
            f"{path}: expected keys and values at the top. Received: {shown(found)}"
        )
    return found


def _read_json(text, path):
    """Parse JSON, or YAML in flow style."""

    def distinct(pairs):
        keys = [key for key, _ in pairs]
        for key in keys:
            if keys.count(key) > 1:
                raise ConfigurationError(f"{path}: expected every key once. Received: {key} twice")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=distinct)
    except json.JSONDecodeError:
        return _read_yaml(text, path)
    except ConfigurationError:
        raise
    except ValueError as error:  # a number with more digits than Python parses
        raise ConfigurationError(f"{path}: not valid JSON: {error}") from None


def _read_yaml(text, path):
    """Parse YAML, checking its structure before aliases are expanded."""
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _count_values(node, path, {})
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f", line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"{path}{at}: not valid YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        raise ConfigurationError(
            f"{path}: expected printable text. Received: {error.reason} at position "
            f"{error.position}"
        ) from None
    except ConfigurationError:
        raise
    except (ValueError, OverflowError) as error:  # a date or a number that does not exist
        raise ConfigurationError(f"{path}: not valid YAML: {error}") from None


def _count_values(node, path, known):
    """Count the values below a YAML node, aliases expanded, and raise the errors of `read`."""
    line = node.start_mark.line + 1
    if known.get(node, 1) is None:
        raise ConfigurationError(f"{path}, line {line}: expected no alias within its own anchor")
    if node in known:
        return known[node]
    if node.tag == _INTEGER and not _PLAIN_INTEGER.fullmatch(node.value):
        raise ConfigurationError(
            f"{path}, line {line}: expected an integer of digits without a leading 0, or text in "
            f'quotes: "{node.value}". Received: {node.value}, which YAML reads as another number'
        )
    known[node], total, lines = None, 1, {}
    for part in node.value if isinstance(node, yaml.CollectionNode) else []:
        pair = part if isinstance(part, tuple) else (part,)
        total += sum(_count_values(each, path, known) for each in pair)
        if len(pair) == 2 and isinstance(pair[0], yaml.ScalarNode):
            key, at = pair[0], pair[0].start_mark.line + 1
            if (key.tag, key.value) in lines:
                raise ConfigurationError(
                    f"{path}, line {at}: expected every key once. Received: {key.value}, which "
                    f"is also in line {lines[key.tag, key.value]}"
                )
            lines[key.tag, key.value] = at
    if total > _MAX_VALUES:
        raise ConfigurationError(
            f"{path}, line {line}: expected at most {_MAX_VALUES:,} values, aliases expanded. "
            f"Received: {total:,} or more"
        )
    known[node] = total
    return total


def merge(over, under):
    """Merge a configuration into another, in place: its values override, mappings are merged."""
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(under.get(key), dict)
        under[key] = merge(value, under[key]) if both else deepcopy(value)
    return under


def read_merged(*paths):
    """Read and merge configuration files, later ones overriding earlier ones; see `read`."""
    found = {}
    for path in paths:
        found = merge(read(path), found)
    return found


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
        found = _read_yaml(value, "--config")
    except ConfigurationError:
        return value
    return found if found is None or isinstance(found, bool | int | float) else value


# Validation


def validated(config, schema):
    """Validate a configuration by a JSON schema; return a copy with the schema's defaults.

    The model of a variant is by default the one of its name. Names of the article's variants bring
    their settings, see `kerasae.models.variant`. Raise `ConfigurationError` also if a variant has
    the name of a baseline, or of a bound in the scores of a task. The schema's key ``expected``
    beside a rule describes the allowed values.
    """
    _check_values(config, ())
    config = deepcopy(config)
    for section in (config.get("variants"), config.get("baselines")):
        for name, settings in section.items() if isinstance(section, dict) else ():
            if isinstance(settings, dict) and isinstance(settings.setdefault("model", name), str):
                known = variant(settings["model"])
                section[name] = {**known, **settings, "model": known["model"]}
    error = best_match(_STRICT(schema).iter_errors(config))
    if error is not None:
        raise ConfigurationError(_message_of(error))
    other_rows = {name for task in TASKS.values() for name in (*task.bounds, *task.baselines)}
    built_in = {detector.variant for detector in DETECTORS.values()}
    for section, own in (("variants", set()), ("detectors", built_in)):
        if wrong := [name for name in config[section] if name in other_rows - own]:
            raise ConfigurationError(
                f"config: {section}: expected another name, as this one names other rows of the "
                f"scores. Received: {shown(wrong[0])}"
            )
    for name in config["detectors"].keys() & {*config["variants"], *config["baselines"]}:
        raise ConfigurationError(
            "config: detectors: expected another name than that of a variant or baseline. "
            f"Received: {shown(name)}"
        )
    return config


def _dotted_key(keys):
    """Join nested keys with dots."""
    return ".".join(map(str, keys)) or "the configuration"


def _check_values(value, keys):
    """Raise `ConfigurationError` for non-JSON types, numbers out of range, unprintable text."""
    expected = None
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise ConfigurationError(
                    f"config: {_dotted_key(keys)}: expected text as key, in quotes if it looks "
                    f"like a number, true or false. Received: {shown(key)}"
                )
            _check_values(key, keys)
            _check_values(part, (*keys, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            _check_values(part, (*keys, number))
    elif isinstance(value, float):
        expected = None if math.isfinite(value) else "a finite number"
    elif isinstance(value, bool) or value is None:
        pass
    elif isinstance(value, int):
        expected = None if abs(value) < _MAX_INTEGER else f"an integer below {_MAX_INTEGER:,}"
    elif isinstance(value, str):
        controls = {"Cc", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, value))
        expected = "text without control characters and line breaks" if controls else None
    else:
        expected = "text, a number, true, false, a list or a mapping"
    if len(keys) > _MAX_LEVELS:
        expected = f"at most {_MAX_LEVELS} levels of nesting"
    if expected:
        raise ConfigurationError(
            f"config: {_dotted_key(keys)}: expected {expected}. Received: {shown(value)}"
        )


def _set_defaults(validator, properties, instance, schema):
    """Set defaults, then validate."""
    for key, part in properties.items():
        if "default" in part and validator.is_type(instance, "object"):
            instance.setdefault(key, deepcopy(part["default"]))
    yield from Draft202012Validator.VALIDATORS["properties"](
        validator, properties, instance, schema
    )


# JSON schema accepts 1.0 as integer
_STRICT = validators.extend(
    Draft202012Validator,
    {"properties": _set_defaults},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)

TYPES = {
    "object": "a mapping", "array": "a list", "string": "text", "integer": "an integer",
    "number": "a number", "boolean": "true or false",
}  # fmt: skip
_BOUNDS = {
    "minimum": "at least {}", "maximum": "at most {}", "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}", "minItems": "at least {} in the list",
    "minProperties": "at least {} in the mapping", "minLength": "at least {} character",
    "maxLength": "at most {} characters", "uniqueItems": "every value once",
    "not": "another value",
}  # fmt: skip


def _message_of(error):
    """Format a validation error in one line: key, expected and received value."""
    rule, schema, received = error.validator, error.schema, error.instance
    begin, hint = f"config: {_dotted_key(error.absolute_path)}: ", ""
    if rule == "additionalProperties" or (rule == "enum" and "propertyNames" in error.schema_path):
        known = schema["enum"] if rule == "enum" else sorted(schema.get("properties", ()))
        wrong = received if rule == "enum" else next(key for key in received if key not in known)
        return (
            f"{begin}unknown key. {suggestion(wrong, known)}Expected "
            f"{'one of ' + ', '.join(known) if known else 'no key'}. "
            f"Received: {shown(wrong)}"
        )
    if rule == "required" and "path" not in error.validator_value:
        expected = f"the key {error.validator_value[0]}"
    elif rule == "required":
        expected = f"a path, or one of {', '.join(SOURCES)} as name"
        hint = suggestion(error.absolute_path[-1], SOURCES)
    elif "expected" in schema:
        expected = schema["expected"]
    elif rule == "type":
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        expected = " or ".join(TYPES[name] for name in types)
        expected += _number_hint(received, types)
    elif rule == "enum":
        expected = f"one of {', '.join(map(str, schema['enum']))}"
    else:
        expected = _BOUNDS[rule].format(error.validator_value)
    return f"{begin}expected {expected}. {hint}Received: {shown(received)}"


def _number_hint(received, types):
    """Write a hint for a number that YAML reads as text."""
    try:
        number = float(received) if isinstance(received, str) and "number" in types else None
    except ValueError:
        number = None
    if number is None:
        return ""
    return f", such as {number:.1e}: YAML reads a number with exponent but no dot as text"
