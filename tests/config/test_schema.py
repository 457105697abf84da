"""A configuration is completed, or refused in one line that names the key."""

import pytest

from kerasae.config.schema import ConfigurationError, shown, validated
from kerasae.evaluation.metric import Metric
from kerasae.evaluation.task import Task
from kerasae.evaluation.tasks import TASKS
from kerasae.models import ARTICLE


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"beta_vae_strict": {}}, {"model": "beta_vae", "beta": 2.0}),
        ({"beta_vae_loose": {"beta": 3}}, {"model": "beta_vae", "beta": 3}),
        ({"mine": {"model": "beta_vae_loose"}}, {"model": "beta_vae", "beta": 0.5}),
        ({"denoising": {"model": "mine.py:Mine", "p": "x"}}, {"model": "mine.py:Mine", "p": "x"}),
        ({"beta_vae": {}}, {"model": "beta_vae"}),
        ({"denoising": {"noise": 0.1}}, {**ARTICLE["denoising"], "noise": 0.1}),
        ({"vae": False}, False),
    ],
)
def test_names_of_the_article_bring_their_settings_and_given_ones_win(written, expected):
    config = validated({"variants": written})
    assert list(config["variants"].values()) == [expected]
    assert validated(config) == config


def test_defaults_are_set_in_a_copy():
    written = {"datasets": {"mnist": {}}, "variants": {"vae": {}, "vq": False}}
    config = validated(written)
    assert written == {"datasets": {"mnist": {}}, "variants": {"vae": {}, "vq": False}}
    config["general"]["latent_dim"] = 3
    config["variants"]["vae"]["beta"] = 1
    assert validated(written)["general"] == {"latent_dim": 20}
    assert validated({})["variants"] == ARTICLE


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ({"seeds": 1}, "seeds: expected a list. Received: 1"),
        ({"seeds": [1.0]}, "seeds.0: expected an integer. Received: 1.0"),
        ({"seeds": [1, 1]}, "seeds: expected a list with every value once. Received: [1, 1]"),
        ({"seeds": []}, "seeds: expected at least 1 in it. Received: []"),
        ({"seeds": [-1]}, "seeds.0: expected greater than or equal to 0. Received: -1"),
        ({"epochs": None}, "epochs: expected an integer or auto. Received: null"),
        ({"epochs": True}, "epochs: expected an integer or auto. Received: true"),
        ({"thorough": "yes"}, 'thorough: expected true or false. Received: "yes"'),
        ({"learning_rate": "fast"}, 'learning_rate: expected a number. Received: "fast"'),
        ({"learning_rate": 0}, "learning_rate: expected greater than 0. Received: 0"),
        ({"learning_rate": float("nan")}, "learning_rate: expected a finite number. Received: NaN"),
        ({"general": [1]}, "general: expected a mapping. Received: [1]"),
        ({"patience": 0}, "patience: expected greater than or equal to 1 or true or false."),
        ({"patience": True}, "patience: expected an integer or false. Received: true"),
        ({"least_widths": [64]}, "least_widths: expected at least 2 in it. Received: [64]"),
        ({"classification": {"curve": ["some"]}}, "classification.curve.0: expected an integer or"),
        ({"anomaly": {"latent_dim": [1, "x"]}}, "anomaly.latent_dim.1: expected an integer."),
        ({"anomaly": {"score": "bxe"}}, "anomaly.score: expected bce, signed, bce_per_ink, mse or"),
        ({"datasets": {1: {"path": "x"}}}, "datasets.1: expected a string. Received: 1"),
        ({"variants": {"Vanilla": {}}}, "variants.Vanilla: expected a name of lower-case letters,"),
        ({"variants": {"sparse": {"p": 2}}}, "variants.sparse.p: expected less than 1."),
        (
            {"datasets": {"mnits": {}}},
            "datasets.mnits: expected a path, or one of mnist, fashion_mnist, kuzushiji_mnist as "
            "name. Did you mean mnist? Received: {}",
        ),
        ({"datasets": {"mine": {"path": ""}}}, "datasets.mine.path: expected text on one line."),
        ({"datasets": {"mine": True}}, "datasets.mine: expected a mapping or false."),
        (
            {"general": {"latent_dims": 3}},
            "general.latent_dims: unknown key. Did you mean latent_dim? Expected one of lat",
        ),
        ({"varants": {}}, "varants: unknown key. Did you mean variants? Expected one of anomaly, "),
        ({"datasets": {"mnist": {"pth": "x"}}}, "datasets.mnist.pth: unknown key. Did you mean"),
        ({"baselines": {"pcas": {}}}, "baselines.pcas.model: expected pca, random_projection or"),
        ({"detectors": {"no_model": {"x": 1}}}, "detectors.no_model.x: unknown key. Expected no"),
        ({"detectors": {"mine": {}}}, "detectors.mine: expected the key estimator. Received: {}"),
        ({"detectors": {"mine": {"estimator": "svm"}}}, "detectors.mine.estimator: expected mod"),
    ],
)  # fmt: skip
def test_the_line_names_the_key_and_what_was_expected(config, line):
    with pytest.raises(ConfigurationError) as caught:
        validated(config)
    assert str(caught.value).startswith(f"config: {line}")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["no_model", "real_images", "raw_pixels", "mean_image", "pca"])
def test_variants_have_no_name_of_other_rows_in_the_scores(name):
    with pytest.raises(ConfigurationError, match=rf"variants\.{name}: expected another name"):
        validated({"variants": {name: {"model": "vae"}}})


def test_the_names_of_a_new_task_s_baselines_are_no_variants(monkeypatch):
    metrics = (Metric("loudness", "loudness", "sound pressure"),)
    task = Task("sound", "Sound", "Text.", metrics, (), baselines=("silence",), bounds=("noise",))
    config = {"variants": {"silence": {"model": "vae"}, "noise": False}}
    assert validated(config)["variants"]["noise"] is False
    monkeypatch.setitem(TASKS, "sound", task)
    with pytest.raises(ConfigurationError, match=r"variants\.silence: expected another name"):
        validated(config)


def test_detectors_have_no_name_of_a_variant():
    estimator = {"estimator": "sklearn.svm:OneClassSVM"}
    with pytest.raises(ConfigurationError, match=r"detectors\.vae: expected another name"):
        validated({"detectors": {"vae": estimator}})
    assert list(validated({"detectors": {"svm": estimator}})["detectors"]) == [
        *("svm", "no_model", "nearest_neighbours", "isolation_forest"),
    ]


def test_a_value_is_shown_in_one_short_line():
    assert shown("x" * 200) == '"' + "x" * 76 + "..."
    assert shown({1: None}) == '{"1": null}'
