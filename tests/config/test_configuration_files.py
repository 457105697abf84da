"""Configuration files are read as YAML 1.2 or JSON, and merged."""

import json

import pytest
import yaml

from kerasae.config.reading import from_command_line, merge, read, read_merged
from kerasae.config.schema import ConfigurationError


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seeds: [1]\nepochs: 3\nseeds: [2]\n", 'line 3: not valid YAML: found duplicate key "see'),
        ('{"seeds": [1], "seeds": [2]}', 'not valid YAML: found duplicate key "seeds"'),
        ("seeds: [1\nepochs: : 2\n", "line 2: not valid YAML: "),
        ("results: *gone\n", "line 1: not valid YAML: found undefined alias"),
        ("results: !!python/object:os.system x\n", "line 1: not valid YAML: could not determine"),
        ("", "expected keys and values at the top. Received: null"),
        ("- 1\n- 2\n", "expected keys and values at the top. Received: [1, 2]"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path, text, words):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(b"seeds: \xff\xfe\x00")
    for name, words in (("gone.yaml", "No such file"), ("binary.yaml", "can't decode byte 0xff")):
        with pytest.raises(ConfigurationError, match=words):
            read(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate: 1e-3", {"rate": 0.001}),
        ("time: 1:30", {"time": "1:30"}),
        ("label: yes", {"label": "yes"}),
        ("base: &b {p: 1}\nmine: {<<: *b, q: 2}", {"base": {"p": 1}, "mine": {"p": 1, "q": 2}}),
        (json.dumps({"learning_rate": 1e-05}), {"learning_rate": 1e-05}),
        ("\ufeffseeds: [1]", {"seeds": [1]}),
    ],
)
def test_values_are_those_of_yaml_1_2(tmp_path, text, expected):
    (tmp_path / "some.yaml").write_text(text, encoding="utf-8")
    assert read(tmp_path / "some.yaml") == expected


def test_later_files_override_earlier_ones(tmp_path):
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("seeds: [1, 2]\nvariants: {vae: false, sparse: {p: 0.2}}\n")
    two.write_text("seeds: [3]\nvariants: {vae: {}, sparse: {beta: 2}}\n")
    expected = {"seeds": [3], "variants": {"vae": {}, "sparse": {"p": 0.2, "beta": 2}}}
    assert read_merged(one, two) == expected
    over = {"general": {"latent_dim": 3}}
    merge({"general": {"latent_dim": 4}}, merge(over, {}))
    assert over == {"general": {"latent_dim": 3}}


def test_the_command_line_has_the_types_of_a_file():
    text = "{off: false, rows: 10000, share: 0.5, seeds: [1, 2], path: '[x].npz', date: 2026-01-01}"
    passed = {"datasets": yaml.load(text, yaml.BaseLoader), "epochs": 3, "results": "true"}
    assert from_command_line(passed) == {
        "datasets": {"off": False, "rows": 10000, "share": 0.5, "seeds": [1, 2]}
        | {"path": "[x].npz", "date": "2026-01-01"},
        "epochs": 3,
        "results": "true",
    }
    odd = {"variants": {"a": ["", "a: b", "[", "null"]}}
    assert from_command_line(odd)["variants"]["a"] == ["", "a: b", "[", None]
