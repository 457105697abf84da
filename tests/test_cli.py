"""The command line: files in, files out, and one line where something is wrong."""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from PIL import Image
from sklearn.datasets import load_digits, load_wine
from test_configuration import SCHEMA

import kerasae
from kerasae import REGISTRY
from kerasae.cli import main
from kerasae.config.proposal import proposal
from kerasae.console import DataSource, ModelSource, OutputFile, PositiveNumber
from kerasae.datasets import Preprocessing, load_own
from kerasae.evaluation.metrics.likelihood import importance_weights, log_likelihoods
from kerasae.models import load


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def last_line(done):
    """The one line of an error; the code is 2, and there is no traceback."""
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    *_, last = done.output.strip().split("\n")
    assert last.startswith("Error: ")
    return last


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Data in files, and two models trained on them."""
    path = tmp_path_factory.mktemp("cli")
    images, labels = load_digits(return_X_y=True)
    np.savez(path / "digits.npz", x_train=images.reshape(-1, 8, 8) / 16, y_train=labels)
    np.save(path / "some.npy", images[:30].reshape(-1, 8, 8) / 16)
    table = load_wine(as_frame=True).frame
    table.to_csv(path / "wine.csv", index=False)
    table[:9].to_csv(path / "labelled.csv", index=False)
    table.drop(columns="target")[:9].to_csv(path / "new.csv", index=False)
    table.drop(columns=["target", "ash"])[:9].to_csv(path / "lacking.csv", index=False)
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


def test_list_shows_every_model_with_what_it_is():
    said = run("list").output
    for name in REGISTRY:
        assert f"\n  {name} " in said
    assert "Variational autoencoder." in said
    assert "\n  beta_vae_strict  model beta_vae, beta 2.0\n" in said


def test_help_shows_examples_for_every_command():
    for name in main.commands:
        said = run(name, "--help").output
        assert name == "list" or f"kerasae {name} " in said.split("\n", 3)[3], name


def test_a_comparison_without_a_folder_says_that_nothing_is_saved(monkeypatch, tmp_path):
    saved = []
    result = SimpleNamespace(complete=True, failures={}, save=saved.append)
    monkeypatch.setattr("kerasae.comparison.compare", lambda *_, **__: result)
    assert "not saved: -o names a folder" in run("compare", "mnist").stderr
    assert saved == []
    assert run("compare", "mnist", "-o", tmp_path / "new").stderr == ""
    assert saved == [str(tmp_path / "new")]


# Nothing is overwritten

READS = {
    *(("compare", name) for name in ("labels", "variants", "tasks")),
    *(("init", "labels"), ("train", "labels"), ("train", "settings"), ("verify", "expected")),
}
"""Options of any text, which is no file that is written."""
WRITING = [
    pytest.param(command, param, id=f"{name} {param.name}")
    for name, command in main.commands.items()
    for param in command.params
    if isinstance(param.type, OutputFile)
]
REST = {
    "train": ("shallow", "--data", "wine.csv", "--labels", "target", *GAUSSIAN, "--epochs", 1),
    "embed": ("vanilla.keras", "new.csv"),
    "score": ("vanilla.keras", "new.csv"),
    "sample": ("vae.keras",),
    "init": ("wine.csv",),
}
"""Arguments of the commands that write, without their output."""


def test_every_option_is_known_to_write_or_to_read():
    harmless = (DataSource, ModelSource, PositiveNumber, click.Path, click.IntRange, click.Choice)
    for name, command in main.commands.items():
        for param in command.params:
            known = isinstance(param.type, (OutputFile, *harmless)) or getattr(
                param, "is_flag", False
            )
            hidden = getattr(param, "hidden", False)
            assert known or hidden or (name, param.name) in READS, (name, param.name)
    assert {case.values[0].name for case in WRITING} == set(REST)


def contents(folder):
    return {
        path: hashlib.sha256(path.read_bytes()).digest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def copy(folder, tmp_path, monkeypatch):
    """The files of `folder` in a folder of one test, which is the current one."""
    for file in folder.iterdir():
        if file.name in ("wine.csv", "new.csv", "vanilla.keras", "vae.keras", "labelled.csv"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("command", "param"), WRITING)
def test_no_output_overwrites_a_file(command, param, copy):
    for ending in {*param.type.endings} - {"-"}:
        target = copy / f"there{ending}"
        for existing in param.type.files(str(target)):
            existing.write_text("precious")
            before = contents(copy)
            done = run(command.name, *REST[command.name], param.opts[0], target)
            assert "exists already" in last_line(done)
            assert contents(copy) == before
            existing.unlink()


@pytest.mark.parametrize(("command", "param"), WRITING)
def test_no_output_overwrites_an_input_even_by_force(command, param, copy):
    inputs = [name for name in REST[command.name] if Path(str(name)).is_file()]
    assert inputs
    for ending in {*param.type.endings} - {"-"}:
        for name in inputs:
            target = copy / f"alias{ending}"
            for written in param.type.files(str(target)):
                written.hardlink_to(copy / name)
                before = contents(copy)
                done = run(command.name, *REST[command.name], param.opts[0], target, "--force")
                assert "is an input of this command" in last_line(done)
                assert contents(copy) == before
                written.unlink()


def test_no_output_overwrites_a_file_of_a_folder_that_is_read(tmp_path):
    for number in range(9):
        pixels = np.full((4, 4), number * 20, np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    (tmp_path / "a.yaml").write_text("precious")
    done = run("init", tmp_path, "-o", tmp_path / "a.yaml", "--force")
    assert "is an input of this command" in last_line(done)


def test_force_overwrites_other_files(copy):
    Path("codes.npy").write_text("old")
    assert run("embed", *REST["embed"], "-o", "codes.npy", "--force").exit_code == 0
    assert np.load("codes.npy").shape == (9, 3)


@pytest.mark.parametrize(("command", "param"), WRITING)
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("folder{}", "is a folder"),
        ("new.csv/x{}", "Not a directory"),
        ("x.txt", "has to end with"),
        ("{}", "has to end with"),  # a hidden file without an ending
        ("a\udcff{}", "name in UTF-8"),
        ("x" * 300 + "{}", "File name too long"),
        ("/proc/x{}", "cannot be written"),
    ],
)
def test_outputs_are_checked_before_any_work(command, param, place, words, copy, monkeypatch):
    def work(*arguments, **options):
        raise AssertionError("work before the check")

    monkeypatch.setattr(command, "callback", work)
    ending = param.type.endings[-1]
    (copy / f"folder{ending}").mkdir()
    before = contents(copy)
    done = run(command.name, *REST[command.name], param.opts[0], place.format(ending))
    assert words in last_line(done)
    assert contents(copy) == before


@pytest.mark.parametrize("place", ["c.npy/", "c.npy/."])
def test_a_slash_behind_the_name_of_an_output_changes_no_format(copy, place):
    assert run("embed", *REST["embed"], "-o", place).exit_code == 0
    assert np.load("c.npy").shape == (9, 3)


def test_missing_folders_are_made_only_when_something_is_written(copy):
    last_line(run("embed", "vanilla.keras", "wine.csv", "-o", "a/b/codes.txt"))
    last_line(run("embed", "vae.keras", "new.csv", "-o", "a/b/codes.npy"))
    assert not Path("a").exists()
    assert run("embed", *REST["embed"], "-o", "a/b/codes.npy").exit_code == 0
    assert np.load("a/b/codes.npy").shape == (9, 3)


# Training


def test_training_writes_the_model_and_its_history(folder):
    model = load(folder / "vae.keras", "vae")
    assert (model.image_shape, model.latent_dim) == ((8, 8, 1), 3)
    assert pd.read_csv(folder / "vae.history.csv")["epoch"].tolist() == [1, 2]
    assert len(pd.read_csv(folder / "wine.csv")) == 178


def test_the_model_s_file_keeps_what_the_training_applied(folder):
    kept = Preprocessing.from_config(load(folder / "vanilla.keras").preprocessing)
    table = pd.read_csv(folder / "wine.csv").drop(columns="target")
    assert kept.columns == tuple(table)
    train = load_own(folder / "wine.csv", "target", likelihood="gaussian").x_train
    np.testing.assert_allclose(kept.offset, train.mean(axis=0), rtol=1e-4)


def test_few_samples_are_said_and_none_is_trained_and_validated_on(tmp_path):
    table = load_wine(as_frame=True).data[:6]
    table.to_csv(tmp_path / "six.csv", index=False)
    done = run(
        *("train", "shallow", "--data", tmp_path / "six.csv", *GAUSSIAN, "--epochs", 1),
        *("-o", tmp_path / "six.keras"),
    )
    assert done.exit_code == 0, done.output
    assert "Note: with 5 samples, the validation loss is measured on 1" in done.output
    assert pd.read_csv(tmp_path / "six.history.csv")["val_loss"][0] > 0


@pytest.mark.parametrize(
    ("columns", "options", "expected", "said"),
    [
        (range(13), (*GAUSSIAN,), 4, ""),
        (range(13), (*GAUSSIAN, "--latent-dim", 12), 12, ""),
        (range(13), (*GAUSSIAN, "--latent-dim", 13), 13, "Note: latent_dim (13) should be smaller"),
        (range(5), (*GAUSSIAN, "--latent-dim", 20), 20, "values per sample (5)"),
        (range(13), ("--likelihood", "gaussian"), 4, "Note: proline makes 9"),
        (range(12), ("--likelihood", "gaussian", "--scale", "minmax"), 4, ""),
    ],
)
def test_a_training_on_a_table_compresses_it_and_says_what_spoils_the_scores(
    folder, tmp_path, columns, options, expected, said
):
    table = pd.read_csv(folder / "wine.csv").iloc[:, list(columns)]
    table.to_csv(tmp_path / "table.csv", index=False)
    arguments = ("--epochs", 5, "-o", tmp_path / "model.keras", *options)
    done = run("train", "vanilla", "--data", tmp_path / "table.csv", *arguments)
    assert done.exit_code == 0, done.output
    assert load(tmp_path / "model.keras").latent_dim == expected
    notes = [line for line in done.output.splitlines() if line.startswith("Note: ")]
    assert len(notes) == bool(said)
    assert said in "".join(notes)


def test_codes_of_images_have_20_dimensions(folder, tmp_path):
    arguments = ("--epochs", 1, "-o", tmp_path / "model.keras")
    done = run("train", "shallow", "--data", folder / "digits.npz", *arguments)
    assert done.exit_code == 0, done.output
    assert "Note: " not in done.output
    assert load(tmp_path / "model.keras").latent_dim == 20


# Codes and scores


def test_codes_are_those_of_the_model(folder, tmp_path):
    done = run("embed", folder / "vae.keras", folder / "some.npy", "-o", tmp_path / "c.npy")
    assert done.exit_code == 0, done.output
    images = np.load(folder / "some.npy")[..., None].astype("float32")
    codes = load(folder / "vae.keras").encode(images)
    np.testing.assert_allclose(np.load(tmp_path / "c.npy"), codes, rtol=1e-5)


@pytest.fixture(scope="module")
def scores(folder, tmp_path_factory):
    """The table of nine samples, and what is printed."""
    output = tmp_path_factory.mktemp("scores") / "s.csv"
    done = run("score", folder / "vanilla.keras", folder / "new.csv", "-o", output)
    assert done.exit_code == 0, done.output
    return pd.read_csv(output), done.output


@pytest.fixture(scope="module")
def errors(folder):
    """Squared errors (9, 13) of the same samples, scaled by hand."""
    table = pd.read_csv(folder / "wine.csv").drop(columns="target")
    train = load_own(folder / "wine.csv", "target", likelihood="gaussian").x_train
    rows = ((table[:9] - train.mean(axis=0)) / train.std(axis=0)).to_numpy("float32")
    return (load(folder / "vanilla.keras").reconstruct(rows).numpy() - rows) ** 2


def test_new_rows_are_scaled_as_the_training_was(scores, errors):
    np.testing.assert_allclose(scores[0]["mse"], errors.sum(axis=1), rtol=1e-3)
    np.testing.assert_allclose(scores[0]["score"], scores[0]["mse"] / 2)


def test_scores_say_which_sample_and_which_column(scores, errors, folder):
    table, printed = scores
    assert list(table)[:6] == ["sample", "score", "rank", "where", "share", "anomalous"]
    assert table["sample"].tolist() == list(range(2, 11))
    assert "\nRows are numbered as in a spreadsheet: the header is row 1.\n" in printed
    assert table["rank"].tolist() == (1 + np.argsort(np.argsort(-errors.sum(axis=1)))).tolist()
    columns = pd.read_csv(folder / "new.csv").columns
    assert table["where"].tolist() == columns[errors.argmax(axis=1)].tolist()
    np.testing.assert_allclose(table["share"], errors.max(axis=1) / errors.sum(axis=1), rtol=1e-3)
    first = table.set_index("rank").loc[1]
    rank, sample, score, where, share = printed.split("\n")[1].split()
    assert (rank, sample, where) == ("1", str(first["sample"]), first["where"])
    assert float(score) == pytest.approx(first["score"], abs=1e-3)
    assert float(share) == pytest.approx(first["share"], abs=1e-3)


def test_planted_faults_are_listed_by_their_row_of_the_file(folder, tmp_path):
    table = pd.read_csv(folder / "new.csv")
    rows = table.to_csv(index=False).splitlines(keepends=True)
    faulty = table[:2].assign(proline=[9e5, 4e5]).to_csv(index=False, header=False)
    text = "".join([*rows[:4], "\n\n", faulty, *rows[4:]])
    (tmp_path / "faulty.csv").write_text(text)
    assert text.splitlines()[6:8] == faulty.splitlines()  # rows 7 and 8
    done = run("score", folder / "vanilla.keras", tmp_path / "faulty.csv", "-o", tmp_path / "s.csv")
    scores = pd.read_csv(tmp_path / "s.csv").sort_values("rank")
    assert scores["sample"].tolist()[:2] == [7, 8]
    assert [line.split()[1] for line in done.output.splitlines()[1:3]] == ["7", "8"]


def test_scores_are_split_over_the_columns_where_that_is_asked_for(errors, folder, tmp_path):
    output = tmp_path / "s.csv"
    done = run("score", folder / "vanilla.keras", folder / "new.csv", "--by-column", "-o", output)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(output)
    shares = table[[f"share of {name}" for name in pd.read_csv(folder / "new.csv").columns]]
    expected = errors / errors.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, expected, rtol=1e-2, atol=1e-4)
    np.testing.assert_allclose(shares.max(axis=1), table["share"])


def test_the_threshold_is_that_of_the_training_scores(folder, tmp_path):
    done = run(
        *("score", folder / "vanilla.keras", folder / "wine.csv", "-o", tmp_path / "s.csv"),
        *("--contamination", 0.25),
    )
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "s.csv")
    kept = load(folder / "vanilla.keras").metadata["losses"]
    limit = np.quantile(kept, 0.75)  # of quantiles at equal steps
    assert table["anomalous"].tolist() == (table["score"] > limit).tolist()
    assert 0.15 < table["anomalous"].mean() < 0.35  # most of these are training samples


def test_a_model_file_of_version_1_0_0_has_the_same_threshold(folder, tmp_path):
    model = load(folder / "vanilla.keras")
    losses = model.metadata["losses"]
    model.metadata = {"scores": [2 * loss for loss in losses]}  # squared errors
    model.save(tmp_path / "old.keras")
    tables = []
    for path in (folder / "vanilla.keras", tmp_path / "old.keras"):
        done = run("score", path, folder / "wine.csv", "-o", tmp_path / "s.csv", "--force")
        assert f"above {np.quantile(losses, 0.9):.4g}, like" in done.output
        tables.append(pd.read_csv(tmp_path / "s.csv"))
    pd.testing.assert_frame_equal(*tables)


def test_the_likelihood_of_a_vae_scores_and_has_a_threshold_of_its_own(folder, tmp_path):
    how = ("score", folder / "vae.keras", folder / "some.npy", "-o", tmp_path / "s.csv")
    done = run(*how, "--criterion", "likelihood", "--contamination", 0.25)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "s.csv")
    model, images = load(folder / "vae.keras"), np.load(folder / "some.npy")[..., None]
    bound = log_likelihoods(importance_weights(model, images.astype("float32"), 1, 500))
    np.testing.assert_array_equal(table["score"], table["likelihood"])
    np.testing.assert_allclose(table["score"], -bound, atol=1)
    assert table["rank"].tolist() == (1 + np.argsort(np.argsort(-table["score"]))).tolist()
    limit = np.quantile(model.metadata["likelihoods"], 0.75)
    assert table["anomalous"].tolist() == (table["score"] > limit).tolist()
    assert 0 < table["anomalous"].mean() < 1
    assert run(*how[:-1], tmp_path / "t.csv").exit_code == 0
    again = pd.read_csv(tmp_path / "t.csv")
    np.testing.assert_allclose(again["score"], again["bce"])
    np.testing.assert_allclose(again["likelihood"], table["likelihood"])


def test_the_likelihood_of_other_models_is_refused(folder, tmp_path):
    done = run(
        *("score", folder / "vanilla.keras", folder / "new.csv", "-o", tmp_path / "s.csv"),
        *("--criterion", "likelihood"),
    )
    assert last_line(done) == "Error: The likelihood needs a VAE. Received: Vanilla"
    assert not (tmp_path / "s.csv").exists()


def test_scores_of_images_name_files_and_regions(folder, tmp_path):
    digits = np.load(folder / "some.npy")
    (tmp_path / "new").mkdir()
    for number in range(3):
        pixels = (digits[number] * 255).astype(np.uint8)
        if number == 1:
            pixels[6:, :2] = 255  # a corner that is never lit
        np.save(tmp_path / f"{number}.npy", pixels)
        Image.fromarray(pixels).save(tmp_path / "new" / f"d{number}.png")
    model = kerasae.build("shallow", (8, 8, 1), 2)
    model.encoder.layers[-1].bias.assign([0, 0])
    for layer in (model.encoder.layers[-1], model.decoder.layers[0]):
        layer.kernel.assign(np.zeros(layer.kernel.shape))
    model.decoder.layers[0].bias.assign(np.full(64, -3.0))  # paints nearly nothing
    model.save(tmp_path / "m.keras")
    done = run("score", tmp_path / "m.keras", tmp_path / "new", "-o", tmp_path / "s.csv")
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "s.csv").set_index("sample")
    assert list(table.index) == ["d0.png", "d1.png", "d2.png"]
    assert table["where"]["d1.png"] == "rows 6-7, columns 0-1"
    assert "anomalous" not in table
    assert "no threshold" in done.output


SMALL = ["alcohol", "ash", "hue"]


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """Files of untrained models: of a table with three columns, and of images of bytes."""
    path = tmp_path_factory.mktemp("untrained")
    rows = load_wine(as_frame=True).data[SMALL].to_numpy("float32")
    how = Preprocessing.fit(rows, "gaussian", "standard", columns=tuple(SMALL), labels="class")
    images = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 1), dtype=np.uint8)
    for name, kept in (("table", how), ("images", Preprocessing.fit(images))):
        kerasae.build(
            "shallow", kept.shape, 2, likelihood=kept.likelihood, preprocessing=kept.to_config(),
        ).save(path / f"{name}.keras")  # fmt: skip
    np.save(path / "images.npy", images)
    return path


def codes_of(model, samples):
    with tempfile.TemporaryDirectory() as folder:
        done = run("embed", model, samples, "-o", Path(folder, "c.npy"))
        assert done.exit_code == 0, done.output
        return np.load(Path(folder, "c.npy"))


few = settings(max_examples=10, deadline=None, derandomize=True)


@few
@given(
    st.permutations([*SMALL, "class"]),
    st.sampled_from(["float64", "float32"]),
    st.sampled_from([".csv", ".parquet"]),
    st.booleans(),
)
def test_columns_are_found_by_their_names(untrained, order, kind, ending, labelled):
    table = load_wine(as_frame=True).data[SMALL][:7].astype("float32")
    expected = reference(untrained, table)
    table = table.astype(kind).assign(**{"class": "red"})[order]
    table = table if labelled else table.drop(columns="class")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"new{ending}")
        table.to_csv(path, index=False) if ending == ".csv" else table.to_parquet(path)
        np.testing.assert_allclose(codes_of(untrained / "table.keras", path), expected, rtol=1e-3)


def reference(untrained, table):
    model = load(untrained / "table.keras")
    train = load_wine(as_frame=True).data[SMALL]
    rows = (table - train.mean()) / train.std(ddof=0)
    return model.encode(rows.to_numpy("float32")).numpy()


@few
@given(
    st.sampled_from(["uint8", "int16", "int64", "float32", "float64"]),
    st.booleans(),
    st.sampled_from([1, 255]),
)
def test_bytes_are_bytes_in_any_type(untrained, kind, flat, over):
    images = np.load(untrained / "images.npy")
    expected = load(untrained / "images.keras").encode(images).numpy()
    given = images[..., 0] if flat else images
    given = (given / over).astype("float32") if over > 1 else given.astype(kind)
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder, "new.npy"), given)
        found = codes_of(untrained / "images.keras", Path(folder, "new.npy"))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("likelihood", "array", "words"),
    [
        ("bernoulli", np.full((3, 4, 4), 2.0), "values in [0, 1]"),
        ("bernoulli", np.full((3, 4, 4), -0.5), "Received: -0.5 to -0.5"),
        ("bernoulli", np.full((3, 4, 4), 7, np.int64), "Received: 7 to 7"),
        ("gaussian", np.zeros((3, 5, 4)), "Received: (5, 4, 1)"),
        ("gaussian", np.full((3, 4, 4), np.nan), "nan.npy"),
    ],
)
def test_samples_that_do_not_fit_a_model_trained_in_python(likelihood, array, words, tmp_path):
    kerasae.build("shallow", (4, 4, 1), 2, likelihood=likelihood).save(tmp_path / "m.keras")
    np.save(tmp_path / "nan.npy", array)
    done = run("score", tmp_path / "m.keras", tmp_path / "nan.npy", "-o", tmp_path / "s.csv")
    assert words in last_line(done)


@pytest.mark.parametrize("name", ["s.npy", "s.png"])
def test_samples_are_written(folder, tmp_path, name):
    done = run("sample", folder / "vae.keras", "--count", 5, "-o", tmp_path / name)
    assert done.exit_code == 0
    if name == "s.npy":
        assert np.load(tmp_path / name).shape == (5, 8, 8, 1)
    assert (tmp_path / name).stat().st_size > 500


OWN = """
from kerasae.models.vae import VAE


class Mine(VAE):
    pass
"""


def test_a_model_of_one_s_own_is_used_with_its_code(copy):
    Path("mine.py").write_text(OWN)
    done = run("train", "mine.py:Mine", *REST["train"][1:], "--latent-dim", 2, "-o", "mine.keras")
    assert done.exit_code == 0, done.output
    for command, inputs, output in (
        ("embed", ["new.csv"], "c.npy"),
        ("score", ["new.csv"], "s.csv"),
        ("sample", [], "x.npy"),
    ):
        arguments = (command, "mine.keras", *inputs, "-o", output)
        assert "needs the class Mine of mine.py" in last_line(run(*arguments))
        assert not Path(output).exists()
        done = run(*arguments, "--code", "mine.py:Mine")
        assert done.exit_code == 0, done.output
        assert Path(output).exists()
    Path("mine.py").write_text(OWN + "# changed")
    done = run("embed", "mine.keras", "new.csv", "--code", "mine.py:Mine", "-o", "d.npy")
    assert "Note: mine.py:Mine is not the code that mine.keras was trained with" in done.output


# Proposed configurations


@pytest.mark.parametrize(
    "arguments", [("wine.csv", "--labels", "target"), ("digits.npz",), ("some.npy",)]
)
def test_a_proposed_configuration_fits_the_schema_and_the_data(folder, tmp_path, arguments):
    name, *rest = arguments
    done = run("init", folder / name, *rest, "-o", tmp_path / "config.yaml")
    assert done.exit_code == 0, done.output
    config = yaml.safe_load((tmp_path / "config.yaml").read_text())
    Draft202012Validator(SCHEMA).validate(config)
    ((own, options),) = ((key, value) for key, value in config["datasets"].items() if value)
    assert config["results"] == f"results/{own}"
    assert options["likelihood"] == ("gaussian" if name == "wine.csv" else "bernoulli")
    assert ("held_out" in config.get("anomaly", {})) == (name != "some.npy")
    assert config["validation"] == {"wine.csv": 14, "digits.npz": 143, "some.npy": 2}[name]
    trainings = 45 if name == "some.npy" else 90
    assert f"{trainings} trainings" in done.output


@few
@given(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)
    .filter(lambda name: len(name.encode()) < 200),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip),
)  # fmt: skip
def test_any_name_of_file_and_column_is_valid_yaml(name, label):
    label = f"{label}'\""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.csv")
        rows = {"a": np.arange(9.0), "b": np.arange(9.0) ** 2, label: list("xyxyxyxyx")}
        pd.DataFrame(rows).to_csv(path, index=False)
        text, _ = proposal(path, label)
    config = yaml.safe_load(text)
    Draft202012Validator(SCHEMA).validate(config)
    (options,) = filter(None, config["datasets"].values())
    assert options["path"] == str(path)
    assert options["labels"] == label


@pytest.mark.parametrize(
    ("names", "held_out", "hint"),
    [
        ((0, 1), "1", "# If 1 marks anomalies: kerasae init --setting semi_supervised\n"),
        ((False, True), "True", "# If True marks anomalies: kerasae init --setting"),
        (("a", "b"), "a", None),
        ((1, 2), "1", None),
    ],
)
def test_labels_that_may_mark_anomalies_have_these_held_out(names, held_out, hint, tmp_path):
    rows = np.random.default_rng(0).normal(size=(40, 3))
    table = pd.DataFrame(rows, columns=list("abc")).assign(kind=[names[0]] * 30 + [names[1]] * 10)
    table.to_csv(tmp_path / "d.csv", index=False)
    text, _ = proposal(tmp_path / "d.csv", "kind")
    assert yaml.safe_load(text)["anomaly"]["held_out"] == held_out
    assert (hint in text) if hint else ("marks anomalies" not in text)


@pytest.mark.parametrize(
    ("name", "key"), [("no", "own_no"), ("true", "own_true"), ("mnist", "own_mnist"), ("1", "own_")]
)
def test_names_that_mean_something_else_are_changed(name, key, tmp_path):
    np.save(tmp_path / f"{name}.npy", np.random.default_rng(0).random((9, 2)))
    text, _ = proposal(tmp_path / f"{name}.npy")
    assert key in yaml.safe_load(text)["datasets"]


@pytest.mark.parametrize(("rows", "columns"), [(6, 13), (4, 1), (30, 1), (5, 2)])
def test_defaults_shrink_to_small_data(rows, columns, tmp_path):
    np.save(tmp_path / "d.npy", 9 * np.random.default_rng(0).random((rows, columns)))
    config = yaml.safe_load(proposal(tmp_path / "d.npy")[0])
    train = len(load_own(tmp_path / "d.npy", likelihood="gaussian").x_train)
    assert config["general"]["latent_dim"] <= columns
    assert 1 <= config["validation"] < train


def test_the_next_step_needs_a_workflow(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = run("init", folder / "some.npy", "-o", "a.yaml").output
    assert "there is no Snakefile in this folder" in said
    Path("Snakefile").touch()
    said = run("init", folder / "some.npy", "-o", "b.yaml").output
    assert said.endswith("\nNext: snakemake --cores all --configfile b.yaml\n")
    assert "First:" not in said


@pytest.mark.parametrize("snakefile", [True, False])
def test_the_next_step_says_how_to_install_snakemake(folder, tmp_path, monkeypatch, snakefile):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "snakemake", None)  # as if it were not installed
    if snakefile:
        Path("Snakefile").touch()
    *_, first, second = run("init", folder / "some.npy", "-o", "a.yaml").output.splitlines()
    assert first.startswith("First: pip install 'kerasae[workflow]'  # Snakemake")
    assert second.startswith("Next: ")


# Wrong use

WINE = ("--data", "wine.csv", "--labels", "target")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "gan"), "Unknown model. Expected one of shallow"),
        (("train", "vae", "--data", "gone.csv"), "gone.csv does not exist"),
        (("train", "vae", "--set", "beta"), "expected name=value. Received: beta"),
        (("train", "vae", "--set", "beta=1", "--set", "beta=2"), "expected beta only once"),
        (("train", "vae", "--set", "widths=" + 300 * "[", *WINE, *GAUSSIAN), "Received: '[[["),
        (("train", "vae", "--set", "seed=3"), "not a setting; see --help for its option"),
        (("train", "vae", "--set", "p=0.5", *WINE, *GAUSSIAN), "has no setting"),
        (("train", "vae", "--set", "trainable=False", *WINE, *GAUSSIAN), "trainable=False"),
        (("train", "vae", "--set", "name=x", *WINE, *GAUSSIAN), "Received: name='x'"),
        (("train", "sparse", "--set", "p=2", *WINE, *GAUSSIAN), "p must"),
        (("train", "sparse", "--set", "beta=x", *WINE, *GAUSSIAN), "Received: 'x'"),
        (("train", "vae", "--set", "widths=[0]", *WINE, *GAUSSIAN), "Received: [0]"),
        (("train", "vae", "-o", "model.h5"), "has to end with .keras. Received: model.h5"),
        (("train", "vae", "--epochs", "0"), "0 is not in the range x>=1"),
        *(
            (("train", "vae", "--learning-rate", rate), f"Received: {rate}")
            for rate in ("nan", "inf", "-1", "0", "x")
        ),
        (("train", "vae", "--scale", "minmax"), "Expected neither --labels nor --scale"),
        (("train", "vae", "--labels", "x"), "Expected neither --labels nor --scale"),
        (("train", "vae", "--data", "same.npy"), "all samples are the same"),
        (("init", "same.npy"), "all samples are the same"),
        (("sample", "vanilla.keras", "-o", "s.npy"), "cannot sample: it has no prior"),
        (
            ("sample", "vae.keras", "-o", "s.npy", "--count", 10**13),
            "Out of memory. Expected fewer samples",
        ),
        (("sample", "vae.keras", "-o", "s.txt"), "has to end with .npy or .png"),
        (("embed", "some.npy", "some.npy", "-o", "c.npy"), "is not a readable model file"),
        (("embed", "vae.keras", "new.csv", "-o", "c.npy"), "Received: (13,)"),
        (("embed", "vanilla.keras", "lacking.csv", "-o", "c.npy"), "ash"),
        (("score", "vanilla.keras", "new.csv", "-o", "s.npy"), "has to end with .csv"),
        (
            ("score", "vanilla.keras", "new.csv", "-o", "s.csv", "--contamination", "nan"),
            "above 0 and at most 0.5. Received: nan",
        ),
        *(
            ((command, "vanilla.keras", "new.csv", "-o", "s.csv", option, value), "is stored in")
            for command in ("embed", "score")
            for option, value in (
                ("--data", "wine.csv"),
                ("--labels", "target"),
                ("--scale", "standard"),
                ("--likelihood", "gaussian"),
            )
        ),
        (("check", "gone.py:Mine"), "cannot take part yet"),
        (("paint",), "No such command"),
    ],
)  # fmt: skip
def test_wrong_use_ends_with_one_line_and_code_2(folder, monkeypatch, arguments, words):
    monkeypatch.chdir(folder)
    np.save("same.npy", np.full((9, 4), 0.5))
    before = contents(folder)
    assert words in last_line(run(*arguments))
    assert contents(folder) == before


def test_the_page_to_explore_is_opened_in_a_browser(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda uri: opened.append(uri) or len(opened) == 1)
    assert "Expected a folder with explorer.html" in last_line(run("explore", tmp_path))
    page = tmp_path / "explorer.html"
    page.write_text("<p>")
    assert run("explore", tmp_path).output == f"{page}\n"
    assert opened == [page.as_uri()]
    assert "no browser was found" in run("explore", tmp_path).output


def test_a_process_refuses_another_backend_of_keras_in_one_line(folder, tmp_path):
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("kerasae"), "embed", folder / "vae.keras"),
            *(folder / "some.npy", "-o", tmp_path / "c.npy"),
        ],
        capture_output=True, text=True, check=False, env=os.environ | {"KERAS_BACKEND": "numpy"},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert "the command line need KERAS_BACKEND=tensorflow. Received: numpy" in line


def test_an_interrupt_ends_with_one_line(folder, tmp_path):
    process = subprocess.Popen(
        [
            *(Path(sys.executable).with_name("kerasae"), "train", "shallow", *GAUSSIAN),
            *("--data", folder / "new.csv", "--epochs", "1000000", "-o", tmp_path / "m.keras"),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell has its background jobs ignore interrupts, and what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    process.stdout.readline()  # the first epoch
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 1
    *_, line = said.splitlines()
    assert line == "Aborted!"
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("cause", "said"), [(KeyboardInterrupt(), "Aborted!"), (None, "")])
def test_an_interrupt_within_compiled_code_ends_with_one_line(monkeypatch, cause, said):
    def callback():
        raise SystemError("returned a result with an exception set") from cause

    monkeypatch.setattr(main.commands["list"], "callback", callback)
    done = run("list")
    assert done.exit_code == 1
    assert done.output.strip() == said
    assert isinstance(done.exception, SystemExit if cause else SystemError)
