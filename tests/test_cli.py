"""The command line: files in, files out, and one line where something is wrong."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from PIL import Image
from sklearn.datasets import load_digits, load_wine

import kerasae
from kerasae.cli import main
from kerasae.config.proposal import proposal
from kerasae.datasets import Preprocessing, load_own
from kerasae.evaluation.metrics.likelihood import importance_weights, log_likelihoods
from kerasae.models import load

KERASAE = Path(sys.executable).with_name("kerasae")
GAUSSIAN = ("--scale", "standard", "--likelihood", "gaussian")


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def done(*arguments):
    """The output of a command that succeeds."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def error_of(*arguments):
    """The one line of an error; the code is 2, and there is no traceback."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    *_, line = result.output.strip().split("\n")
    assert line.startswith("Error: ")
    return line


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Data in files, and two models trained on them."""
    path = tmp_path_factory.mktemp("cli")
    images, labels = load_digits(return_X_y=True)
    np.savez(path / "digits.npz", x_train=images.reshape(-1, 8, 8) / 16, y_train=labels)
    np.save(path / "some.npy", images[:30].reshape(-1, 8, 8) / 16)
    np.save(path / "same.npy", np.full((9, 4), 0.5))
    table = load_wine(as_frame=True).frame
    table.to_csv(path / "wine.csv", index=False)
    table.drop(columns="target")[:9].to_csv(path / "new.csv", index=False)
    table.drop(columns=["target", "ash"])[:9].to_csv(path / "lacking.csv", index=False)
    epochs = ("--latent-dim", 3, "--epochs", 2)
    done("train", "vae", "--data", path / "digits.npz", *epochs, "-o", path / "vae.keras")
    wine = ("--data", path / "wine.csv", "--labels", "target", *GAUSSIAN)
    printed = done("train", "vanilla", *wine, *epochs, "-o", path / "vanilla.keras")
    assert "Note: " not in printed
    return path


@pytest.fixture
def copy(folder, tmp_path, monkeypatch):
    """The files of `folder` in a folder of one test, which is the current one."""
    for name in ("wine.csv", "new.csv", "vanilla.keras", "vae.keras"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "mine.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_list_shows_every_model_with_what_it_is():
    printed = done("list")
    for name in kerasae.REGISTRY:
        assert f"\n  {name} " in printed
    assert "Variational autoencoder." in printed
    assert "\n  beta_vae_strict  model beta_vae, beta 2.0\n" in printed


def test_help_shows_an_example_for_every_command():
    for name in main.commands:
        printed = done(name, "--help")
        assert name == "list" or f"kerasae {name} " in printed.split("\n", 3)[3], name


def test_a_comparison_is_saved_only_to_a_folder_without_results(monkeypatch, tmp_path):
    saved = []
    result = SimpleNamespace(complete=True, failures={}, save=saved.append)
    monkeypatch.setattr("kerasae.comparison.compare", lambda *_, **__: result)
    assert "not saved: -o names a folder" in run("compare", "mnist").stderr
    assert saved == []
    done("compare", "mnist", "-o", tmp_path / "new")
    assert saved == [tmp_path / "new"]
    (tmp_path / "config.yaml").write_text("epochs: 3")
    mine = ("--configfile", tmp_path / "config.yaml", "-o", tmp_path)
    assert "none are overwritten" in error_of("compare", "mnist", *mine)
    file = tmp_path / "config.yaml"
    assert "is a file" in error_of("compare", "mnist", "-o", file)
    assert "not a writable folder" in error_of("compare", "mnist", "-o", file / "new")
    assert len(saved) == 1


def test_a_comparison_that_cannot_be_saved_is_printed(monkeypatch, tmp_path):
    def save(folder):
        raise OSError("No space left on device")

    class Result(SimpleNamespace):
        def __str__(self):
            return "the ranking"

    result = Result(complete=True, failures={}, save=save)
    monkeypatch.setattr("kerasae.comparison.compare", lambda *_, **__: result)
    printed = run("compare", "mnist", "-o", tmp_path / "new").output
    assert printed == "the ranking\nError: No space left on device\n"


# Nothing is overwritten

OWN = """
from kerasae.models.vae import VAE


class Mine(VAE):
    pass
"""
WRITING = {
    "train": ("mine.py:Mine", "--data", "wine.csv", "--labels", "target", *GAUSSIAN),
    "embed": ("vanilla.keras", "new.csv", "--code", "mine.py:Mine"),
    "score": ("vanilla.keras", "new.csv"),
    "sample": ("vae.keras",),
    "init": ("wine.csv", "--anomalies", "new.csv"),
}
"""Arguments of the commands that write a file, without their output."""
ENDINGS = {"train": ".keras", "embed": ".npy", "score": ".csv", "sample": ".png", "init": ".yaml"}


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_command_that_writes_a_file_is_tested():
    writing = {
        name
        for name, command in main.commands.items()
        if {"output", "results"} & {param.name for param in command.params}
    }
    assert writing == {*WRITING, "compare", "explore", "verify"}  # the last two only read


@pytest.mark.parametrize("command", WRITING)
def test_no_output_overwrites_a_file_and_no_force_an_input(command, copy):
    target = copy / f"target{ENDINGS[command]}"
    written = [target, target.with_suffix(".history.csv")] if command == "train" else [target]
    paths = [name.partition(":")[0] for name in WRITING[command]]
    for path in written:
        path.write_text("precious")
        before = contents(copy)
        assert "exists already" in error_of(command, *WRITING[command], "-o", target)
        assert contents(copy) == before
        path.unlink()
        for name in filter(os.path.isfile, paths):
            path.hardlink_to(name)
            error = error_of(command, *WRITING[command], "-o", target, "--force")
            assert "is an input of this command" in error
            path.unlink()
            assert contents(copy).items() < before.items()


def test_no_output_overwrites_a_file_of_a_folder_that_is_read(tmp_path):
    for number in range(9):
        pixels = np.full((4, 4), number * 20, np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    (tmp_path / "a.yaml").write_text("precious")
    error = error_of("init", tmp_path, "-o", tmp_path / "a.yaml", "--force")
    assert "is an input of this command" in error


def test_force_overwrites_other_files_and_missing_folders_are_made(copy):
    Path("codes.npy").write_text("old")
    for output in ("codes.npy", "a/b/codes.npy/"):
        done("embed", "vanilla.keras", "new.csv", "-o", output, "--force")
        assert np.load(output.rstrip("/")).shape == (9, 3)


@pytest.mark.parametrize("command", WRITING)
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("folder{}", "is a directory"),
        ("new.csv/x{}", "new.csv is not a writable folder"),
        ("x.txt", "must end with ."),
        ("{}", "must end with ."),  # a hidden file without an ending
    ],
)
def test_outputs_are_checked_before_any_work(command, place, words, copy):
    Path(f"folder{ENDINGS[command]}").mkdir()
    before = contents(copy)
    place = place.format(ENDINGS[command])
    assert words in error_of(command, *WRITING[command], "-o", place)
    assert contents(copy) == before


# Training


def test_training_writes_the_model_its_history_and_what_it_applied(folder):
    model = load(folder / "vae.keras", "vae")
    assert (model.image_shape, model.latent_dim) == ((8, 8, 1), 3)
    assert pd.read_csv(folder / "vae.history.csv")["epoch"].tolist() == [1, 2]
    preprocessing = Preprocessing.from_config(load(folder / "vanilla.keras").preprocessing)
    assert preprocessing.columns == tuple(pd.read_csv(folder / "new.csv"))
    train = load_own(folder / "wine.csv", "target", likelihood="gaussian").x_train
    np.testing.assert_allclose(preprocessing.offset, train.mean(axis=0), rtol=1e-4)


@pytest.mark.parametrize(
    ("rows", "options", "latent_dim", "note"),
    [
        (178, (*GAUSSIAN, "--latent-dim", 13), 13, "latent_dim (13) should be smaller"),
        (178, ("--likelihood", "gaussian"), 4, "proline makes 9"),
        (6, GAUSSIAN, 4, "with 5 samples, the validation loss is measured on 1"),
    ],
)
def test_training_on_a_table_compresses_it_and_notes_what_spoils_it(
    tmp_path, rows, options, latent_dim, note
):
    load_wine(as_frame=True).data[:rows].to_csv(tmp_path / "table.csv", index=False)
    arguments = ("--data", tmp_path / "table.csv", "--epochs", 2, "-o", tmp_path / "m.keras")
    printed = done("train", "vanilla", *arguments, *options)
    assert load(tmp_path / "m.keras").latent_dim == latent_dim
    notes = [line for line in printed.splitlines() if line.startswith("Note: ")]
    assert len(notes) == 1
    assert note in notes[0]
    assert pd.read_csv(tmp_path / "m.history.csv")["val_loss"][0] > 0


# Codes and scores


def test_codes_are_those_of_the_model(folder, tmp_path):
    done("embed", folder / "vae.keras", folder / "some.npy", "-o", tmp_path / "c.npy")
    images = np.load(folder / "some.npy")[..., None].astype("float32")
    codes = load(folder / "vae.keras").encode(images)
    np.testing.assert_allclose(np.load(tmp_path / "c.npy"), codes, rtol=1e-5)


def test_columns_are_found_by_their_names(folder, tmp_path):
    table = pd.read_csv(folder / "new.csv")
    other = table[table.columns[::-1]].assign(target="red")
    other.to_parquet(tmp_path / "other.parquet")
    for samples, output in ((folder / "new.csv", "a.csv"), (tmp_path / "other.parquet", "b.csv")):
        done("embed", folder / "vanilla.keras", samples, "-o", tmp_path / output)
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "b.csv").read_text()


@pytest.fixture(scope="module")
def scores(folder, tmp_path_factory):
    """The table of nine samples, and what is printed."""
    output = tmp_path_factory.mktemp("scores") / "s.csv"
    options = ("--by-column", "-o", output)
    printed = done("score", folder / "vanilla.keras", folder / "new.csv", *options)
    return pd.read_csv(output), printed


@pytest.fixture(scope="module")
def errors(folder):
    """Squared errors (9, 13) of the same samples, scaled by hand."""
    table = pd.read_csv(folder / "new.csv")
    train = load_own(folder / "wine.csv", "target", likelihood="gaussian").x_train
    rows = ((table - train.mean(axis=0)) / train.std(axis=0)).to_numpy("float32")
    return (load(folder / "vanilla.keras").reconstruct(rows).numpy() - rows) ** 2


def test_new_rows_are_scaled_as_the_training_was(scores, errors):
    np.testing.assert_allclose(scores[0]["mse"], errors.sum(axis=1), rtol=1e-3)
    np.testing.assert_allclose(scores[0]["score"], scores[0]["mse"] / 2)


def test_scores_name_the_sample_and_the_column(scores, errors, folder):
    table, printed = scores
    assert list(table)[:6] == ["sample", "score", "rank", "where", "share", "anomalous"]
    assert table["sample"].tolist() == list(range(2, 11))
    assert "\nRows are numbered as in a spreadsheet: the header is row 1.\n" in printed
    assert table["rank"].tolist() == (1 + np.argsort(np.argsort(-errors.sum(axis=1)))).tolist()
    columns = pd.read_csv(folder / "new.csv").columns
    assert table["where"].tolist() == columns[errors.argmax(axis=1)].tolist()
    expected = errors / errors.sum(axis=1, keepdims=True)
    shares = table[[f"share of {name}" for name in columns]]
    np.testing.assert_allclose(shares, expected, rtol=1e-2, atol=1e-4)
    np.testing.assert_allclose(shares.max(axis=1), table["share"])
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
    model, output = folder / "vanilla.keras", tmp_path / "s.csv"
    printed = done("score", model, tmp_path / "faulty.csv", "-o", output)
    assert pd.read_csv(output).sort_values("rank")["sample"].tolist()[:2] == [7, 8]
    assert [line.split()[1] for line in printed.splitlines()[1:3]] == ["7", "8"]


def test_the_threshold_is_that_of_the_training_scores_also_of_version_1_0_0(folder, tmp_path):
    model = load(folder / "vanilla.keras")
    losses = model.metadata["losses"]
    model.metadata = {"scores": [2 * loss for loss in losses]}  # squared errors
    model.save(tmp_path / "old.keras")
    limit = np.quantile(losses, 0.75)  # of quantiles at equal steps
    for path in (folder / "vanilla.keras", tmp_path / "old.keras"):
        options = ("-o", tmp_path / "s.csv", "--contamination", 0.25, "--force")
        assert f"above {limit:.4g}, like" in done("score", path, folder / "wine.csv", *options)
        table = pd.read_csv(tmp_path / "s.csv")
        assert table["anomalous"].tolist() == (table["score"] > limit).tolist()
        assert 0.15 < table["anomalous"].mean() < 0.35  # most of these are training samples


def test_the_likelihood_of_a_vae_scores_and_has_a_threshold_of_its_own(folder, tmp_path):
    options = ("--criterion", "likelihood", "--contamination", 0.25, "-o", tmp_path / "s.csv")
    done("score", folder / "vae.keras", folder / "some.npy", *options)
    table = pd.read_csv(tmp_path / "s.csv")
    model, images = load(folder / "vae.keras"), np.load(folder / "some.npy")[..., None]
    bound = log_likelihoods(importance_weights(model, images.astype("float32"), 1, 500))
    np.testing.assert_array_equal(table["score"], table["likelihood"])
    np.testing.assert_allclose(table["score"], -bound, atol=1)
    limit = np.quantile(model.metadata["likelihoods"], 0.75)
    assert table["anomalous"].tolist() == (table["score"] > limit).tolist()
    assert 0 < table["anomalous"].mean() < 1


def test_scores_of_images_name_files_and_regions(folder, tmp_path):
    digits = (np.load(folder / "some.npy")[:3] * 255).astype(np.uint8)
    digits[1, 6:, :2] = 255  # a corner that is never lit
    (tmp_path / "new").mkdir()
    for number, pixels in enumerate(digits):
        Image.fromarray(pixels).save(tmp_path / "new" / f"d{number}.png")
    model = kerasae.build("shallow", (8, 8, 1), 2)
    model.decoder.layers[0].kernel.assign(np.zeros((2, 64)))
    model.decoder.layers[0].bias.assign(np.full(64, -3.0))  # paints nearly nothing
    model.save(tmp_path / "m.keras")
    printed = done("score", tmp_path / "m.keras", tmp_path / "new", "-o", tmp_path / "s.csv")
    table = pd.read_csv(tmp_path / "s.csv").set_index("sample")
    assert list(table.index) == ["d0.png", "d1.png", "d2.png"]
    assert table["where"]["d1.png"] == "rows 6-7, columns 0-1"
    assert "anomalous" not in table
    assert "no threshold" in printed


@pytest.mark.parametrize(
    ("likelihood", "array", "words"),
    [
        ("bernoulli", np.full((3, 4, 4), 2.0), "values in [0, 1]"),
        ("gaussian", np.zeros((3, 5, 4)), "Received: (5, 4, 1)"),
        ("gaussian", np.full((3, 4, 4), np.nan), "nan.npy"),
    ],
)
def test_samples_that_do_not_fit_a_model_are_refused(likelihood, array, words, tmp_path):
    kerasae.build("shallow", (4, 4, 1), 2, likelihood=likelihood).save(tmp_path / "m.keras")
    np.save(tmp_path / "nan.npy", array)
    files = (tmp_path / "m.keras", tmp_path / "nan.npy")
    assert words in error_of("score", *files, "-o", tmp_path / "s.csv")


@pytest.mark.parametrize("name", ["s.npy", "s.png"])
def test_samples_are_written(folder, tmp_path, name):
    done("sample", folder / "vae.keras", "--count", 5, "-o", tmp_path / name)
    if name == "s.npy":
        assert np.load(tmp_path / name).shape == (5, 8, 8, 1)
    assert (tmp_path / name).stat().st_size > 500


def test_a_model_of_one_s_own_is_used_with_its_code(copy):
    done("train", *WRITING["train"], "--epochs", 1, "--latent-dim", 2, "-o", "own.keras")
    arguments = ("embed", "own.keras", "new.csv", "-o", "c.npy")
    assert "needs the class Mine of mine.py" in error_of(*arguments)
    done(*arguments, "--code", "mine.py:Mine")
    assert np.load("c.npy").shape == (9, 2)
    Path("mine.py").write_text(OWN + "# changed")
    printed = done(*arguments, "--code", "mine.py:Mine", "--force")
    assert "Note: mine.py:Mine is not the code that own.keras was trained with" in printed


# Proposed configurations


@pytest.mark.parametrize(
    ("name", "options", "validation"),
    [("wine.csv", ("--labels", "target"), 14), ("digits.npz", (), 143), ("some.npy", (), 2)],
)
def test_a_proposed_configuration_fits_the_data(folder, tmp_path, name, options, validation):
    printed = done("init", folder / name, *options, "-o", tmp_path / "config.yaml")
    config = yaml.safe_load((tmp_path / "config.yaml").read_text())
    ((key, section),) = ((key, value) for key, value in config["datasets"].items() if value)
    assert config["results"] == f"results/{key}"
    assert section["likelihood"] == ("gaussian" if name == "wine.csv" else "bernoulli")
    assert ("held_out" in config.get("anomaly", {})) == (name != "some.npy")
    assert config["validation"] == validation
    assert f"{45 if name == 'some.npy' else 90} trainings" in printed


@pytest.mark.parametrize("name", ["no", "mnist", "1", "a'b\": {x}", "名"])
def test_any_name_of_a_file_and_a_column_is_valid_yaml(name, tmp_path):
    path, label = tmp_path / f"{name}.csv", f"{name}'\""
    rows = {"a": np.arange(9.0), "b": np.arange(9.0) ** 2, label: list("xyxyxyxyx")}
    pd.DataFrame(rows).to_csv(path, index=False)
    ((key, section),) = (
        (key, value)
        for key, value in yaml.safe_load(proposal(path, label)[0])["datasets"].items()
        if value
    )
    assert (section["path"], section["labels"]) == (str(path), label)
    assert key.isidentifier()
    assert key != "mnist"


@pytest.mark.parametrize(
    ("names", "held_out", "hint"),
    [
        ((0, 1), "1", "# If 1 marks anomalies: kerasae init --setting semi_supervised\n"),
        ((False, True), "True", "# If True marks anomalies: kerasae init --setting"),
        (("a", "b"), "a", None),
    ],
)
def test_labels_that_may_mark_anomalies_have_these_held_out(names, held_out, hint, tmp_path):
    rows = np.random.default_rng(0).normal(size=(40, 3))
    table = pd.DataFrame(rows, columns=list("abc")).assign(kind=[names[0]] * 30 + [names[1]] * 10)
    table.to_csv(tmp_path / "d.csv", index=False)
    text, _ = proposal(tmp_path / "d.csv", "kind")
    assert yaml.safe_load(text)["anomaly"]["held_out"] == held_out
    assert (hint in text) if hint else ("marks anomalies" not in text)


def test_the_next_step_needs_a_workflow_and_snakemake(copy, folder, monkeypatch):
    printed = done("init", folder / "some.npy", "-o", "a.yaml")
    assert "there is no Snakefile in this folder" in printed
    Path("Snakefile").touch()
    printed = done("init", folder / "some.npy", "-o", "b.yaml")
    assert printed.endswith("\nNext: snakemake --cores all --configfile b.yaml\n")
    assert "First:" not in printed
    monkeypatch.setitem(sys.modules, "snakemake", None)  # as if it were not installed
    *_, first, second = done("init", folder / "some.npy", "-o", "c.yaml").splitlines()
    assert first.startswith("First: pip install 'kerasae[workflow]'  # Snakemake")
    assert second.startswith("Next: ")


# Wrong use

WINE = ("--data", "wine.csv", "--labels", "target", *GAUSSIAN)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("train gan", "Unknown model. Expected one of shallow"),
        ("train vae --data gone.csv", "gone.csv does not exist"),
        ("train vae --set beta", "expected name=value. Received: beta"),
        ("train vae --set beta=1 --set beta=2", "expected beta only once"),
        ("train vae --set widths=" + 300 * "[", "Received: '[[["),
        ("train vae --set seed=3", "not a setting; see --help for its option"),
        ("train vae --set p=0.5", "has no setting"),
        ("train sparse --set p=2", "p must"),
        ("train vae --set widths=[0]", "Received: [0]"),
        ("train vae --epochs 0", "0 is not in the range x>=1"),
        ("train vae --learning-rate nan", "Received: nan"),
        ("train vae --learning-rate 0", "0.0 is not in the range x>0"),
        ("train vae --data mnist --scale minmax", "Expected neither --labels nor --scale"),
        ("train vae --data same.npy", "all samples are the same"),
        ("sample vanilla.keras -o s.npy", "cannot sample: it has no prior"),
        (f"sample vae.keras -o s.npy --count {10**13}", "Out of memory. Use fewer samples"),
        ("embed some.npy some.npy -o c.npy", "is not a readable model file"),
        ("embed vae.keras new.csv -o c.npy", "Received: (13,)"),
        ("embed vanilla.keras lacking.csv -o c.npy", "ash"),
        ("score vanilla.keras new.csv -o s.csv --contamination nan", "Received: nan"),
        ("score vanilla.keras new.csv -o s.csv --contamination 0.6", "range 0<x<=0.5"),
        ("score vanilla.keras new.csv -o s.csv --criterion likelihood", "needs a VAE. Received"),
        ("check gone.py:Mine", "cannot take part yet"),
        ("compare gone.csv", "gone.csv does not exist"),
        ("compare wine.csv --labels kind", "Received: kind"),
        ("compare wine.csv --variant vea --labels target", "Unknown model. Did you mean"),
        ("explore .", "Expected a folder with explorer.html"),
        ("paint", "No such command"),
    ],
)
def test_wrong_use_ends_with_one_line_and_code_2(folder, monkeypatch, command, words):
    monkeypatch.chdir(folder)
    before = contents(folder)
    arguments = command.split()
    if arguments[0] == "train" and "--data" not in arguments:
        arguments += WINE
    assert words in error_of(*arguments)
    assert contents(folder) == before


def test_the_page_to_explore_is_opened_in_a_browser(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda uri: opened.append(uri) or len(opened) == 1)
    page = tmp_path / "explorer.html"
    page.write_text("<p>")
    assert done("explore", tmp_path) == f"{page}\n"
    assert opened == [page.as_uri()]
    assert "no browser was found" in done("explore", tmp_path)


def test_a_process_refuses_another_backend_of_keras_in_one_line(folder, tmp_path):
    arguments = ("embed", folder / "vae.keras", folder / "some.npy", "-o", tmp_path / "c.npy")
    environment = os.environ | {"KERAS_BACKEND": "numpy"}
    result = subprocess.run([KERASAE, *arguments], capture_output=True, text=True, env=environment)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "Error: The workflow and the command line need KERAS_BACKEND=tensorflow. Received: numpy\n"
    )


def test_an_interrupt_ends_with_one_line(folder, tmp_path):
    arguments = ("--data", folder / "new.csv", "--epochs", "1000000", "-o", tmp_path / "m.keras")
    process = subprocess.Popen(
        [KERASAE, "train", "shallow", *GAUSSIAN, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell has its background jobs ignore interrupts, and what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    process.stdout.readline()  # the first epoch
    while process.returncode is None:  # a library may lose an interrupt: a user presses again
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            _, printed = process.communicate(timeout=60)
    assert process.returncode == 1
    assert printed.splitlines()[-1] == "Aborted!"
    assert "Traceback" not in printed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("cause", "printed"), [(KeyboardInterrupt(), "Aborted!"), (None, "")])
def test_an_interrupt_within_compiled_code_ends_with_one_line(monkeypatch, cause, printed):
    def callback():
        raise SystemError("returned a result with an exception set") from cause

    monkeypatch.setattr(main.commands["list"], "callback", callback)
    result = run("list")
    assert (result.exit_code, result.output.strip()) == (1, printed)
    assert isinstance(result.exception, SystemExit if cause else SystemError)
