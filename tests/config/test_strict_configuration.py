"""Configuration files are read strictly, merged, and validated in one line."""

import json

import pytest
import yaml
from projects import ROOT

from kerasae.config.reading import (
    ConfigurationError,
    from_command_line,
    merge,
    read,
    read_merged,
    schema,
    shown,
    validated,
)
from kerasae.evaluation.metric import Metric
from kerasae.evaluation.task import Task
from kerasae.evaluation.tasks import TASKS

SCHEMA = schema()


def bomb(mapping):
    """YAML of a few lines that stands for 9**9 values."""
    begin, end = "{}" if mapping else "[]"
    key = "k{}: " if mapping else ""
    lines = [f"a0: &a0 {begin}{', '.join(f'{key.format(n)}1' for n in range(9))}{end}"]
    for level in range(1, 9):
        parts = ", ".join(f"{key.format(n)}*a{level - 1}" for n in range(9))
        lines.append(f"a{level}: &a{level} {begin}{parts}{end}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seeds: [1]\nepochs: 3\nseeds: [2]\n", "line 3: expected every key once. Received: seeds"),
        ("seeds: [1]\nepochs: 3\nseeds: [2]\n", "which is also in line 1"),
        ("variants:\n  vae: {beta: 1, beta: 2}\n", "line 2: expected every key once"),
        ('{"seeds": [1], "seeds": [2]}', "expected every key once. Received: seeds twice"),
        ("- vae: 1\n  vae: 2\n", "line 2: expected every key once. Received: vae"),
        (bomb(mapping=False), "expected at most 100,000 values, aliases expanded"),
        (bomb(mapping=True), "expected at most 100,000 values, aliases expanded"),
        (
            bomb(mapping=True).replace("k0: *", "<<: *"),
            "expected at most 100,000 values, aliases expanded",
        ),
        ("seeds: &s [*s]\n", "line 1: expected no alias within its own anchor"),
        ("seeds: [1\nepochs: : 2\n", "line 2: not valid YAML: "),
        ("results: *gone\n", "line 1: not valid YAML: found undefined alias"),
        ("results: !!python/object:os.system x\n", "line 1: not valid YAML: could not determine"),
        ("results: 2020-13-45\n", "not valid YAML: month must be in 1..12"),
        ("results: a\0b\n", "expected printable text"),
        ("", "expected keys and values at the top. Received: null"),
        ("# nothing\n", "expected keys and values at the top. Received: null"),
        ("- 1\n- 2\n", "expected keys and values at the top. Received: [1, 2]"),
        ("mnist", 'expected keys and values at the top. Received: "mnist"'),
        ("a: " + "[" * 1000 + "]" * 1000, "expected at most 20 levels of nesting"),
        ('{"a": ' * 5000 + "1" + "}" * 5000, "expected at most 20 levels of nesting"),
        ("seeds: [" + "1" * 5000 + "]", "not valid YAML: Exceeds the limit"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_in_one_line(tmp_path, text, words):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_what_is_no_text_file_is_refused(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(b"seeds: \xff\xfe\x00")
    for name, words in (
        ("gone.yaml", "No such file"),
        (".", "Is a directory"),
        ("binary.yaml", "expected text in UTF-8. Received: byte 0xff at position 7"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            read(tmp_path / name)


def test_what_is_valid_is_read_as_before(tmp_path):
    for path in [ROOT / "config.yaml", *(ROOT / "workflow/configs").glob("*.yaml")]:
        assert read(path) == yaml.safe_load(path.read_text())
    path = tmp_path / "some.yaml"
    path.write_text("base: &base {p: 1, q: 2}\nvariants: {one: {<<: *base, p: 3}, two: *base}\n")
    assert read(path)["variants"] == {"one": {"p": 3, "q": 2}, "two": {"p": 1, "q": 2}}
    path.write_text("{results: a, seeds: [1]}")
    assert read(path) == {"results": "a", "seeds": [1]}
    path.write_text(json.dumps({"learning_rate": 1e-05}))  # text, if read as YAML
    assert read(path) == {"learning_rate": 1e-05}
    path.write_bytes(b"\xef\xbb\xbfseeds: [1]\n")
    assert read(path) == {"seeds": [1]}


def test_files_are_laid_over_each_other(tmp_path):
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("seeds: [1, 2]\nvariants: {vae: false, sparse: {p: 0.2}}\n")
    two.write_text("seeds: [3]\nvariants: {vae: {}, sparse: {beta: 2}}\n")
    expected = {"seeds": [3], "variants": {"vae": {}, "sparse": {"p": 0.2, "beta": 2}}}
    assert read_merged(one, two) == expected


def test_the_command_line_has_the_types_of_a_file():
    text = "{off: false, rows: 10000, share: 0.5, seeds: [1, 2], path: '[x].npz', date: 2026-01-01}"
    passed = {"datasets": yaml.load(text, yaml.BaseLoader), "epochs": 3, "results": "true"}
    assert from_command_line(passed) == {
        "datasets": {"off": False, "rows": 10000, "share": 0.5, "seeds": [1, 2]}
        | {"path": "[x].npz", "date": "2026-01-01"},
        "epochs": 3,
        "results": "true",
    }
    odd = {"variants": {"a": ["", "010", "a: b", "[", "null"]}}
    assert from_command_line(odd)["variants"]["a"] == ["", "010", "a: b", "[", None]


def test_the_upper_configuration_is_not_changed():
    over = {"general": {"latent_dim": 3}}
    merge({"general": {"latent_dim": 4}}, merge(over, {}))
    assert over == {"general": {"latent_dim": 3}}


def places(schema, way=()):
    """Yield the ways to all keys of the schema that have a type, with their schemas."""
    for key, part in schema.get("properties", {}).items():
        if "$ref" not in part:
            yield (*way, key), part
            yield from places(part, (*way, key))


def with_value(way, value):
    for key in reversed(way):
        value = {key: value}
    return value


NUMBERS = [
    way
    for way, part in [
        *places(SCHEMA),
        *(
            (("variants", "mine", key), part)
            for key, part in SCHEMA["$defs"]["variant"]["properties"].items()
        ),
        *(
            (("datasets", "mine", key), part)
            for key, part in SCHEMA["$defs"]["own"]["properties"].items()
        ),
    ]
    if {"number", "integer"}
    & set(part["type"] if isinstance(part.get("type"), list) else [part.get("type")])
]


@pytest.mark.parametrize("way", NUMBERS, ids=".".join)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), True, 10**400, "1"])
def test_no_number_is_other_than_a_finite_one(way, value):
    config = {"variants": {"mine": {"model": "mine.py:Mine"}}, "datasets": {"mine": {"path": "x"}}}
    way_in_words = ".".join(way).replace(".", r"\.")
    allowed = isinstance(value, str) and way == ("anomaly", "held_out")
    if allowed:  # a class may be a word
        assert (
            validated(merge(with_value(way, value), config), SCHEMA)["anomaly"]["held_out"] == "1"
        )
        return
    with pytest.raises(ConfigurationError, match=rf"^config: {way_in_words}: expected .* Received"):
        validated(merge(with_value(way, value), config), SCHEMA)


def test_all_numbers_of_the_schema_were_tried():
    assert {("epochs",), ("learning_rate",), ("anomaly", "latent_dim")} <= set(NUMBERS)
    assert {("variants", "mine", "beta"), ("datasets", "mine", "test_share")} <= set(NUMBERS)


@pytest.mark.parametrize("value", [0, -1, -0.001])
def test_learning_rates_are_positive(value):
    for way in (("learning_rate",), ("classification", "learning_rate")):
        with pytest.raises(ConfigurationError, match=r"expected more than 0\. Received: "):
            validated(with_value(way, value), SCHEMA)


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ({"seeds": 1}, "seeds: expected a list. Received: 1"),
        ({"seeds": {}}, "seeds: expected a list. Received: {}"),
        ({"seeds": [1.0]}, "seeds.0: expected an integer. Received: 1.0"),
        ({"seeds": [1, 1]}, "seeds: expected every value once. Received: [1, 1]"),
        ({"seeds": []}, "seeds: expected at least 1 in the list. Received: []"),
        ({"epochs": None}, "epochs: expected a number of at least 1, or auto. Received: null"),
        ({"thorough": "yes"}, 'thorough: expected true or false. Received: "yes"'),
        (
            {"learning_rate": "1e-3"},
            "learning_rate: expected a number, such as 1.0e-03: YAML reads a number with exponent "
            'but no dot as text. Received: "1e-3"',
        ),
        ({"general": [1]}, "general: expected a mapping. Received: [1]"),
        ({"interpolation": {"steps": 1}}, "interpolation.steps: expected at least 2. Received: 1"),
        (
            {"classification": {"curve": ["some"]}},
            'classification.curve.0: expected numbers from 5, or all. Received: "some"',
        ),
        (
            {"datasets": {1: {"path": "x"}}},
            "datasets: expected text as key, in quotes if it looks like a number, true or "
            "false. Received: 1",
        ),
        (
            {"variants": {True: {}}},
            "variants: expected text as key, in quotes if it looks like a number, true or "
            "false. Received: true",
        ),
        (
            {"variants": {"Vanilla": {}}},
            "variants: expected a name of lower-case letters, digits and _, at most 60, a letter "
            'first. Received: "Vanilla"',
        ),
        (
            {"variants": {"vae": {"model": "mine.py:V", "a": {"b": [float("nan")]}}}},
            "variants.vae.a.b.0: expected a finite number. Received: NaN",
        ),
        (
            {"datasets": {"mnits": {}}},
            "datasets.mnits: expected a path, or one of mnist, fashion_mnist, "
            "kuzushiji_mnist as name. Did you mean mnist? Received: {}",
        ),
        ({"datasets": {"mine": {"path": ""}}}, "datasets.mine.path: expected at least 1 character"),
        ({"datasets": {"mine": True}}, "datasets.mine: expected settings or false. Received: true"),
        ({"merge": ["a\nb"]}, "merge.0: expected text without control characters"),
        (
            {"general": {"latent_dims": 3}},
            "general: unknown key. Did you mean latent_dim? Expected one of latent_dim. Received: "
            '"latent_dims"',
        ),
        (
            {"variants": {"sparse": {"bta": 3}}},
            "variants.sparse: unknown key. Did you mean beta? Expected one of model, widths, "
            'least_widths, p, beta. Received: "bta"',
        ),
        (
            {"detectors": {"no_model": {"x": 1}}},
            "detectors.no_model: unknown key. Expected no key. Received",
        ),
        ({"detectors": {"mine": {}}}, "detectors.mine: expected the key estimator. Received: {}"),
        (
            {"detectors": {"mine": {"estimator": "sklearn.svm"}}},
            'detectors.mine.estimator: expected module:Class. Received: "sklearn.svm"',
        ),
        ({"patience": 0}, "patience: expected a number of at least 1, or false. Received: 0"),
        ({"least_widths": [64]}, "least_widths: expected two numbers of at least 1. Received"),
        ({"batch_size": "big"}, "batch_size: expected a number of at least 2, or auto. Received"),
        ({"varants": {}}, "the configuration: unknown key. Did you mean variants? Expected one of"),
        (
            {"datasets": {"mnist": {"pth": "x"}}},
            "datasets.mnist: unknown key. Did you mean path? Expected one of held_out, "
            "likelihood, path, test,",
        ),
    ],
)  # fmt: skip
def test_the_line_says_what_was_expected_and_what_was_received(config, line):
    with pytest.raises(ConfigurationError) as caught:
        validated(config, SCHEMA)
    assert str(caught.value).startswith(f"config: {line}")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "name",
    [
        *("no_model", "real_images", "raw_pixels", "from_scratch", "mean_image", "entropy_floor"),
        *("nearest_neighbours", "isolation_forest"),
    ],
)
def test_variants_have_no_name_of_other_rows_in_the_scores(name):
    with pytest.raises(ConfigurationError, match=f'variants: expected another name.*"{name}"'):
        validated({"variants": {name: {"model": "vae"}}}, SCHEMA)


def test_the_names_of_a_new_tasks_baselines_are_no_variants(monkeypatch):
    metrics = (Metric("loudness", "loudness", "sound pressure"),)
    task = Task("sound", "Sound", "Text.", metrics, (), baselines=("silence",), bounds=("noise",))
    config = {"variants": {"silence": {"model": "vae"}, "noise": False}}
    assert validated(config, SCHEMA)["variants"]["noise"] is False
    monkeypatch.setitem(TASKS, "sound", task)
    with pytest.raises(ConfigurationError, match=r'variants: expected another name.*"silence"'):
        validated(config, SCHEMA)


def test_defaults_are_set_in_a_copy():
    config = {"datasets": {"mnist": {}}, "variants": {"vae": {}, "vq": False}}
    found = validated(config, SCHEMA)
    assert config == {"datasets": {"mnist": {}}, "variants": {"vae": {}, "vq": False}}
    assert found["general"] == {"latent_dim": 20}
    assert found["variants"] == {"vae": {"model": "vae"}, "vq": False}
    found["general"]["latent_dim"] = 3
    assert validated(config, SCHEMA)["general"] == {"latent_dim": 20}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([[[1]]], '[["..."]]'),
        (10**400, "Infinity"),
        ("x" * 200, '"' + "x" * 76 + "..."),
        ("a\nb\x85\u2028ü", r'"a\nb\u0085\u2028ü"'),
        ({1: None}, '{"1": null}'),
    ],
)
def test_any_value_is_shown_in_one_short_line(value, text):
    assert shown(value) == text


def test_a_number_of_thousands_of_digits_is_refused_in_json_as_in_yaml(tmp_path):
    path = tmp_path / "long.json"
    path.write_text('{"epochs": 1' + 5000 * "0" + "}")
    with pytest.raises(ConfigurationError, match=r"long\.json: not valid JSON: Exceeds the limit"):
        read(path)


@pytest.mark.parametrize("number", ["010", "1:30", "1_0", "0x1f", "0b11", "-07"])
@pytest.mark.parametrize("text", ["epochs: {}", "anomaly: {{held_out: {}}}", "seeds: [{}]"])
def test_integers_that_yaml_takes_for_other_numbers_are_refused(tmp_path, number, text):
    path = tmp_path / "c.yaml"
    path.write_text(text.format(number))
    with pytest.raises(ConfigurationError, match=rf"c\.yaml, line 1: .*Received: {number}, which"):
        read(path)
    path.write_text(text.format(f'"{number}"'))
    assert number in str(read(path))


@pytest.mark.parametrize("number", [0, 7, -7, 10])
def test_plain_integers_are_read(tmp_path, number):
    (tmp_path / "c.yaml").write_text(f"epochs: {number}")
    assert read(tmp_path / "c.yaml") == {"epochs": number}
