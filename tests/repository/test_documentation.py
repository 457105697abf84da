"""The pages are built without a warning, their examples run, and their commands exist."""

import re
import shlex
import tomllib
from pathlib import Path

import click
import keras
import numpy as np
import pytest
from projects import ROOT
from sklearn.datasets import load_wine
from snakemake.cli import get_argument_parser

import kerasae
from kerasae import REGISTRY
from kerasae.cli import main
from kerasae.custom.check import faults
from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.outputs import Encoded, Outputs
from kerasae.evaluation.task import Inputs

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "config/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FOLDERS = ("workflow/", "tests/", "benchmarks/", "docs/")  # a path below them has to be there
PLUGINS = ("--slurm-", "--xla_")  # not of Snakemake itself
OTHERS = {"cd", "conda", "export", "git", "pytest", "python", "source"}  # left to who reads


def examples(page):
    """Python blocks of a page."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)


def test_the_task_of_the_page_measures_what_it_says():
    (source,) = examples("new-task.md")
    names = {}
    exec(compile(source, "new-task.md", "exec"), names)
    codes = np.array([[0.0, 1.0], [0.001, -2.0]])
    encoded = Encoded(codes, codes, {}, None)
    outputs = Outputs(encoded, encoded, None)
    ((_, numbers),) = names["measure"](Inputs({}, {}, {"outputs": lambda: outputs}))
    assert numbers == {ScoreKey("zeros"): 0.5}
    assert {measure.metric for measure in numbers} == {m.name for m in names["TASK"].metrics}


def test_the_model_of_the_page_can_take_part(tmp_path):
    (source,) = examples("own-model.md")
    (tmp_path / "lasso.py").write_text(source)
    assert faults(f"{tmp_path / 'lasso.py'}:Lasso", kerasae.build, kerasae.load) == []


@pytest.mark.slow
def test_the_estimators_of_the_page_work(monkeypatch, capsys):
    (source,) = examples("estimators.md")
    # A sixth of the default epochs; the table of the page shows that they suffice
    monkeypatch.setattr("kerasae.estimators.training_defaults", lambda rows: (50, 32))
    exec(compile(source, "estimators.md", "exec"), {})
    accuracy, auroc, labels = capsys.readouterr().out.split("\n", 2)
    assert 0.5 < float(accuracy) <= 1
    assert 0.8 < float(auroc) <= 1
    assert set(re.findall(r"-?1", labels)) <= {"-1", "1"}


@pytest.mark.slow
def test_the_models_of_the_page_are_trained(monkeypatch, tmp_path, few):
    arrays, pictures, _ = examples("keras.md")  # the last one is for JAX
    monkeypatch.chdir(tmp_path)
    exec(compile(arrays, "keras.md", "exec"), {})
    Path("pictures").mkdir()
    for number, image in enumerate(few):
        keras.utils.save_img(f"pictures/{number}.png", image)
    exec(compile(pictures, "keras.md", "exec"), {"kerasae": kerasae})


def test_the_preprocessing_of_the_page_works():
    (source,) = examples("own-data.md")
    exec(compile(source, "own-data.md", "exec"), {})


def test_the_example_of_the_readme_runs(monkeypatch, tmp_path, capsys):
    (source,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    data = load_wine(as_frame=True).frame.rename(columns={"target": "class"})
    data.to_csv("mine.csv", index=False)
    options = (
        'variants=["shallow"], baselines=["pca"], tasks=["reconstruction"], seeds=1, '
        'config={"epochs": 1}, n_jobs=1'
    )
    short = source.replace('"class")', f'"class", {options})')
    assert short != source
    exec(compile(short, "README.md", "exec"), {})
    assert "shallow" in capsys.readouterr().out


def test_the_protocol_names_the_source_of_every_model():
    text = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
    assert [name for name in REGISTRY if not re.search(rf"^\| [^|]*\b{name}\b", text, re.M)] == []


def blocks(text):
    """Blocks of a page: language, title (the name of a file, or nothing) and content of each."""
    fence = r'^```(\w*)(?: title="([^"\n]*)")?\n(.*?)^```'
    return re.findall(fence, text, re.DOTALL | re.MULTILINE)


def commands(text):
    """Commands of a page: lines of its blocks without a language, and those within sentences."""
    shell = [block for language, _, block in blocks(text) if language in ("", "bash", "console")]
    lines = "".join(shell).replace("\\\n", " ").splitlines()
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    lines += re.findall(r"`((?:make|kerasae|snakemake|python|pip) [^`]*)`", prose)
    # A comment names what comes next
    lines += re.findall(r"# then ((?:kerasae|snakemake|make) .*)", "\n".join(lines))
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def wrong(words):
    """Name what does not exist of a command, or nothing."""
    program, *rest = words
    lost = [word for word in rest if word.startswith(FOLDERS) and not (ROOT / word).exists()]
    if lost:
        return f"no file {lost}"
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return [word for word in rest if "=" not in word and word not in targets]
    if program == "kerasae":
        return wrong_for_kerasae(rest)
    if program == "snakemake":
        try:
            _, unknown = get_argument_parser().parse_known_args(rest)
        except SystemExit:
            return f"Snakemake does not take {rest}"
        return [word for word in unknown if not word.startswith(PLUGINS)]
    if program == "pip":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extras = re.findall(r"\.\[(\w+)\]", " ".join(rest))
        return [name for name in extras if name not in project["optional-dependencies"]]
    return "" if program in OTHERS else f"unknown program {program}"


def wrong_for_kerasae(words):
    """Parse a command of the package without running it, in a folder that has all that it names."""
    name, *rest = words
    if name not in main.commands:
        return f"no command {name}"
    if not rest:
        return ""  # its name in a sentence
    for word in rest:
        path = Path(word)
        if path.suffix:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        elif not word.startswith("-"):
            path.mkdir(parents=True, exist_ok=True)
    try:
        main.commands[name].make_context(name, rest)
    except click.UsageError as error:
        return error.format_message()
    return ""


def test_every_command_and_file_that_a_page_names_exists(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    faults = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        faults += [(page.name, *words) for words in commands(text) if wrong(words)]
        files = re.findall(r"`((?:studies|tests|workflow)/[\w./-]+\.\w+)`", text)
        faults += [(page.name, file) for file in files if not (ROOT / file).exists()]
    assert faults == []


def test_commands_are_found_in_blocks_and_sentences_and_behind_then():
    text = "```\nmake env  # a\nkerasae list \\\n  -h # then make lint\n```\nRun `make test`.\n"
    assert sorted(commands(f"{text}```python\nmake\n```\n")) == [
        *(["kerasae", "list", "-h"], ["make", "env"], ["make", "lint"], ["make", "test"])
    ]


@pytest.mark.parametrize(
    "command",
    [
        *("make test nothing", "nothing", "kerasae nothing", "kerasae list -x"),
        *("kerasae train vae --epoch", "kerasae embed a.keras b.npy", "snakemake --nothing"),
        *("snakemake --cores 2 --configfile docs/nothing.yaml", "python tests/nothing.py"),
        *("pip install '.[nothing]'", "snakemake --printshell=no"),
    ],
)
def test_a_command_that_does_not_exist_would_be_found(command, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert wrong(shlex.split(command))
