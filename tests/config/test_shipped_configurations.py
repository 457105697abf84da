"""The definition, the registry and the shipped configurations belong together."""

import inspect
import re

import pytest
from projects import ROOT
from pydantic import BaseModel

from kerasae.config.reading import read
from kerasae.config.schema import Config, Settings, validated
from kerasae.custom.declared import BY_THE_RUN, package_settings
from kerasae.models import ARTICLE, REGISTRY, model_class

CONFIGS = ROOT / "workflow/configs"
SHIPPED = read(ROOT / "config.yaml")


def test_config_yaml_shows_every_key_with_its_default():
    def check(section, shown):
        assert shown.keys() == section.model_fields.keys()
        for name, field in section.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                check(field.annotation, shown[name])

    check(Config, SHIPPED)
    assert validated(SHIPPED) == validated({})


def test_the_variants_of_config_yaml_are_the_article_s():
    assert validated(SHIPPED)["variants"] == ARTICLE
    assert list(SHIPPED["variants"]) == list(ARTICLE)


@pytest.mark.parametrize("name", REGISTRY)
def test_every_setting_of_a_model_has_its_limits_in_the_definition(name):
    assert {*package_settings(REGISTRY[name])} - {*BY_THE_RUN} <= Settings.model_fields.keys()


@pytest.mark.parametrize("name", sorted(ARTICLE.keys() & REGISTRY.keys()))
def test_settings_of_the_article_are_the_defaults_of_the_classes(name):
    signature = inspect.signature(model_class(name).__init__).parameters
    for key, value in ARTICLE[name].items():
        assert key == "model" or signature[key].default == value


def test_the_article_s_nine_are_on_and_the_others_are_on_in_all():
    text = (ROOT / "config.yaml").read_text()
    models = {settings["model"] for settings in ARTICLE.values()}
    others = [name for name in REGISTRY if name not in models]
    assert len(ARTICLE) == 9
    assert all(re.search(rf"#.*\b{name}\b", text) for name in others)
    assert read(CONFIGS / "all.yaml")["variants"] == {name: {} for name in others}


def test_as_published_turns_all_three_contradictions_to_the_companion():
    published = read(CONFIGS / "as_published.yaml")
    assert published["variants"]["stacked"] == {"target": "pixels"}
    assert published["variants"]["denoising"] == {"noise": 0.5, "noise_is": "std"}
    assert published["anomaly"] == {"score": "signed"}


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_shipped_configuration_is_valid_and_has_its_own_folder(path):
    assert validated(read(path))["results"] == f"results/{path.stem}"
