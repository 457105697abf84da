"""The command line: files in, files out, and one line where something is wrong."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from sklearn.datasets import load_digits, load_wine
from test_configuration import SCHEMA

from kerasae import REGISTRY
from kerasae.cli import main
from kerasae.models import load


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Data in files, and two models trained on them."""
    path = tmp_path_factory.mktemp("cli")
    images, labels = load_digits(return_X_y=True)
    np.savez(path / "digits.npz", x_train=images.reshape(-1, 8, 8) / 16, y_train=labels)
    np.save(path / "some.npy", images[:30].reshape(-1, 8, 8) / 16)
    table = load_wine(as_frame=True).frame
    table.to_csv(path / "wine.csv", index=False)
    table.drop(columns="target")[:9].to_csv(path / "new.csv", index=False)
    for variant, data, extra in (
        ("vae", "digits.npz", ()),
        ("vanilla", "wine.csv", ("--labels", "target", *GAUSSIAN)),
    ):
        done = run(
            *("train", variant, "--data", path / data, "--latent-dim", 3, "--epochs", 2),
            *("-o", path / f"{variant}.keras", *extra),
        )
        assert done.exit_code == 0, done.output
    return path


GAUSSIAN = ("--scale", "standard", "--likelihood", "gaussian")


def test_list_shows_every_contestant_with_what_it_is():
    said = run("list").output
    for name in REGISTRY:
        assert f"\n  {name} " in said
    assert "Variational autoencoder." in said


def test_help_shows_examples_for_every_command():
    for name in main.commands:
        said = run(name, "--help").output
        assert name == "list" or f"kerasae {name} " in said.split("\n", 3)[3], name


def test_training_writes_the_model_and_its_history(folder):
    model = load(folder / "vae.keras", "vae")
    assert (model.image_shape, model.latent_dim) == ((8, 8, 1), 3)
    assert pd.read_csv(folder / "vae.csv")["epoch"].tolist() == [1, 2]


def test_codes_are_those_of_the_model(folder):
    assert (
        run("embed", folder / "vae.keras", folder / "some.npy", "-o", folder / "c.npy").exit_code
        == 0
    )
    images = np.load(folder / "some.npy")[..., None].astype("float32")
    codes = load(folder / "vae.keras").encode(images)
    np.testing.assert_allclose(np.load(folder / "c.npy"), codes, rtol=1e-5)


def test_new_rows_are_scaled_as_the_training_was(folder):
    options = ("--data", folder / "wine.csv", "--labels", "target", *GAUSSIAN)
    done = run(
        "score", folder / "vanilla.keras", folder / "new.csv", *options, "-o", folder / "s.csv"
    )
    assert done.exit_code == 0, done.output
    scores = pd.read_csv(folder / "s.csv")
    assert list(scores) == ["mse", "signed"]
    table = pd.read_csv(folder / "wine.csv").drop(columns="target")
    from kerasae.datasets import load_own

    train = load_own(folder / "wine.csv", "target", likelihood="gaussian").x_train
    rows = ((table[:9] - train.mean(axis=0)) / train.std(axis=0)).to_numpy("float32")
    errors = (load(folder / "vanilla.keras").reconstruct(rows).numpy() - rows) ** 2
    np.testing.assert_allclose(scores["mse"], errors.sum(axis=1), rtol=1e-3)


@pytest.mark.parametrize("name", ["s.npy", "s.png"])
def test_samples_are_written(folder, name):
    assert run("sample", folder / "vae.keras", "--count", 5, "-o", folder / name).exit_code == 0
    if name == "s.npy":
        assert np.load(folder / name).shape == (5, 8, 8, 1)
    assert (folder / name).stat().st_size > 500


@pytest.mark.parametrize(
    "arguments", [("wine.csv", "--labels", "target"), ("digits.npz",), ("some.npy",)]
)
def test_a_proposed_configuration_fits_the_schema_and_the_data(folder, arguments):
    name, *rest = arguments
    done = run("init", folder / name, *rest, "-o", folder / "config.yaml")
    assert done.exit_code == 0, done.output
    config = yaml.safe_load((folder / "config.yaml").read_text())
    Draft202012Validator(SCHEMA).validate(config)
    ((own, options),) = ((key, value) for key, value in config["datasets"].items() if value)
    assert config["results"] == f"results/{own}"
    assert options["likelihood"] == ("gaussian" if name == "wine.csv" else "bernoulli")
    assert ("left_out" in config.get("anomaly", {})) == (name != "some.npy")
    assert config["validation"] == {"wine.csv": 14, "digits.npz": 143, "some.npy": 2}[name]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "gan"), "Unknown model. Expected one of shallow"),
        (("train", "vae", "--data", "gone.csv"), "gone.csv does not exist"),
        (("train", "vae", "--set", "beta"), "expected name=value. Received: beta"),
        (("train", "vae", "--set", "p=0.5", "--data", "DIGITS"), "Unrecognized keyword arguments"),
        (("train", "sparse", "--set", "p=2", "--data", "DIGITS"), "p must"),
        (("train", "vae", "-o", "model.h5"), "has to end with .keras. Received: model.h5"),
        (("train", "vae", "--epochs", "0"), "0 is not in the range x>=1"),
        (("sample", "VANILLA", "-o", "s.npy"), "cannot sample: it has no prior"),
        (("sample", "VAE", "-o", "s.txt"), "has to end with .npy or .png"),
        (("embed", "SOME", "SOME", "-o", "c.npy"), "is not a readable model file"),
        (("embed", "VAE", "NEW", "-o", "c.npy"), "Received: (9, 13)"),
        (("check", "gone.py:Mine"), "cannot take part yet"),
    ],
)  # fmt: skip
def test_wrong_use_ends_with_one_line_and_code_2(folder, monkeypatch, arguments, words):
    monkeypatch.chdir(folder)
    files = {"DIGITS": "digits.npz", "SOME": "some.npy", "VAE": "vae.keras", "NEW": "new.csv"}
    files["VANILLA"] = "vanilla.keras"
    done = run(*(files.get(part, part) for part in arguments))
    assert done.exit_code == 2
    *_, last = done.output.strip().split("\n")
    assert last.startswith("Error: ")
    assert words in done.output
    assert "Traceback" not in done.output


def test_a_process_says_one_line_where_something_is_wrong():
    command = [Path(sys.executable).with_name("kerasae"), "train", "nosuch"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: Unknown model. Expected one of shallow, ")
