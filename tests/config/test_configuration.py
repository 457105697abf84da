"""Schema, registry and the shipped configurations belong together."""

import inspect
import re

import pytest
import yaml
from projects import ROOT

from kerasae.config import reading
from kerasae.config.reading import validated
from kerasae.custom.declared import BY_THE_RUN
from kerasae.custom.load import parameters
from kerasae.models import ARTICLE, REGISTRY, model_class

WORKFLOW = ROOT / "workflow"
SCHEMA = reading.schema()
CONFIG = yaml.safe_load((WORKFLOW.parent / "config.yaml").read_text())
VARIANT = SCHEMA["$defs"]["variant"]


def test_schema_registry_and_config_name_the_same_models():
    ruled = [rule["if"]["properties"]["model"] for rule in VARIANT["allOf"]]
    names = [name for model in ruled for name in model.get("enum", [model.get("const")])]
    assert sorted(names) == sorted(REGISTRY)


def test_config_yaml_and_the_schema_s_default_are_the_article_s_variants():
    assert SCHEMA["properties"]["variants"]["default"] == ARTICLE
    assert validated(CONFIG, SCHEMA)["variants"] == ARTICLE
    assert list(CONFIG["variants"]) == list(ARTICLE)
    assert {settings["model"] for settings in ARTICLE.values()} <= set(REGISTRY)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"beta_vae_strict": {}}, {"model": "beta_vae", "beta": 2.0}),
        ({"beta_vae_loose": {"beta": 3}}, {"model": "beta_vae", "beta": 3}),
        ({"mine": {"model": "beta_vae_loose"}}, {"model": "beta_vae", "beta": 0.5}),
        ({"denoising": {"model": "mine.py:Mine"}}, {"model": "mine.py:Mine"}),
        ({"beta_vae": {}}, {"model": "beta_vae"}),
        ({"denoising": {"noise": 0.1}}, {**ARTICLE["denoising"], "noise": 0.1}),
        ({"vae": False}, False),
    ],
)
def test_names_of_the_article_bring_their_settings_and_given_ones_win(written, expected):
    config = validated({"variants": written}, SCHEMA)
    assert list(config["variants"].values()) == [expected]
    assert validated(config, SCHEMA) == config


@pytest.mark.parametrize("name", REGISTRY)
def test_schema_allows_just_the_settings_that_a_model_takes(name):
    taken = set(parameters(model_class(name))) - {*BY_THE_RUN}
    (allowed,) = (
        rule["then"]["propertyNames"]["enum"]
        for rule in VARIANT["allOf"]
        if name in (model := rule["if"]["properties"]["model"]).get("enum", [model.get("const")])
    )
    assert set(allowed) == taken | {"model"}


def test_every_rule_of_the_schema_has_words_for_what_it_expects():
    pending, wordless = [SCHEMA], []
    while pending:
        node = pending.pop()
        pending += node.values() if isinstance(node, dict) else node
        if (
            isinstance(node, dict)
            and isinstance(node.get("pattern"), str)
            and "expected" not in node
        ):
            wordless.append(node)
        pending = [part for part in pending if isinstance(part, (dict, list))]
    assert wordless == []


def test_every_key_is_described_has_a_default_and_stands_in_config():
    def check(properties, config):
        for key, schema in properties.items():
            if "$ref" in schema:
                continue
            assert schema["description"], key
            assert "default" in schema, key
            assert key in config, key
            if schema.get("additionalProperties") is False and key != "datasets":
                check(schema["properties"], config[key])

    check(SCHEMA["properties"], CONFIG)


def test_an_empty_configuration_is_config_yaml():
    assert validated({}, SCHEMA) == validated(CONFIG, SCHEMA)


@pytest.mark.parametrize("name", sorted(ARTICLE.keys() & REGISTRY.keys()))
def test_settings_of_the_article_are_those_which_the_classes_default_to(name):
    signature = inspect.signature(model_class(name).__init__).parameters
    for key, value in ARTICLE[name].items():
        assert key == "model" or signature[key].default == value


def test_the_article_s_nine_are_on_and_the_others_are_on_in_all():
    assert set(ARTICLE) == {
        *("shallow", "vanilla", "stacked", "sparse", "denoising"),
        *("vae", "beta_vae_strict", "beta_vae_loose", "vq"),
    }
    text = (WORKFLOW.parent / "config.yaml").read_text()
    models = {settings["model"] for settings in ARTICLE.values()}
    others = [name for name in REGISTRY if name not in models]
    assert all(re.search(rf"#.*\b{name}\b", text) for name in others)
    every = yaml.safe_load((WORKFLOW / "configs" / "all.yaml").read_text())
    assert every["variants"] == {name: {} for name in others}


def test_as_published_turns_all_three_contradictions_to_the_companion():
    published = yaml.safe_load((WORKFLOW / "configs" / "as_published.yaml").read_text())
    assert published["variants"]["stacked"] == {"target": "pixels"}
    assert published["variants"]["denoising"] == {"noise": 0.5, "noise_is": "std"}
    assert published["anomaly"] == {"score": "signed"}


@pytest.mark.parametrize(
    "path", sorted((WORKFLOW / "configs").glob("*.yaml")), ids=lambda p: p.stem
)
def test_each_shipped_configuration_writes_to_a_folder_of_its_own(path):
    assert yaml.safe_load(path.read_text())["results"] == f"results/{path.stem}"
