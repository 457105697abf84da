"""Tables of scores that were computed elsewhere are read by a closed schema."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import ROOT

from kerasae.evaluation import scores
from kerasae.evaluation.metric import ScoreKey, tidy
from kerasae.evaluation.scores import COLUMNS, ScoresError, read_elsewhere

HEADER = ",".join(COLUMNS)
GOOD = dict.fromkeys(COLUMNS, "") | {
    "dataset": "mnist",
    "variant": "vae",
    "seed": "3",
    "latent_dim": "20",
    "held_out": "none",
    "task": "reconstruction",
    "metric": "bce",
    "code": "sample",
    "value": "75.5",
}
SCORES = ROOT / "studies/bake_off/scores/article.csv"


def row(**changes):
    return ",".join('"{}"'.format(text.replace('"', '""')) for text in {**GOOD, **changes}.values())


@pytest.fixture
def table(tmp_path):
    """Write a table of some lines, or of bytes; return its path."""

    def write(*lines):
        path = tmp_path / "elsewhere.csv"
        if lines and isinstance(lines[0], bytes):
            path.write_bytes(lines[0])
        else:
            path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8", newline="")
        return path

    return write


def refusal(path):
    """The message for a table, which has to be one line that can be printed."""
    with pytest.raises(ScoresError) as error:
        read_elsewhere(path)
    message = str(error.value)
    assert message.isprintable()
    assert message.startswith(str(path))
    assert "Received: " in message
    return message


def test_a_published_table_is_read_as_it_is():
    table, plain = read_elsewhere(SCORES), scores.read(SCORES)
    assert len(table) > 3000
    pd.testing.assert_frame_equal(table, plain, check_dtype=False)
    assert np.isinf(table.loc[table["metric"] == "log_volume", "value"]).any(), "of dead units"


def test_what_a_run_writes_can_be_merged_elsewhere(table):
    run = {"dataset": "wine", "variant": "mine_", "seed": 1, "latent_dim": 2, "held_out": "maker_1"}
    none = {**run, "seed": "", "latent_dim": "", "held_out": "none"}
    similar = {
        ScoreKey("cka", "mean", reference="pca"): 1.0,
        ScoreKey("mingling", classes="4 7"): 0,
    }
    few = {ScoreKey("accuracy", "mean", probe="dense", labels=n): n / 100 for n in (50, 60)}
    written = pd.concat(
        [
            tidy(run, "latent_space", similar),
            tidy(run, "classification", few),
            tidy(none, "samples", {ScoreKey("kernel_distance", sampler="real"): -2e-5}),
        ]
    )
    path, values = table(), [1.0, 0.0, 0.5, 0.6, -2e-5]
    written.to_csv(path, index=False)
    own, other = scores.read(path), read_elsewhere(path)
    pd.testing.assert_frame_equal(own, other, check_dtype=False)
    assert scores.merged(own[:1], [other])["value"].tolist() == values
    assert scores.merged(own, [other])["value"].tolist() == values
    assert scores.merged(own, [other])["seed"].tolist()[:2] == [1, 1]
    scores.with_integers(own).to_csv(path, index=False)
    assert path.read_text().count("\nwine,mine_,1,2,maker_1,") == 4, "not 1.0, beside blanks"


def test_whole_numbers_may_come_as_pandas_writes_them_beside_empty_cells(table):
    frame = read_elsewhere(table(row(seed="3.0", latent_dim=""), "", row(variant="pca")))
    assert frame["seed"].tolist() == [3, 3]
    assert frame["latent_dim"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ("dataset", ("", "MNIST", "../mnist", "mnist\n", "a" * 101)),
        ("variant", ("x\n\n.. raw:: html\n\n   <script>", "vae|x", "`vae`_", "väe", "none\u202e")),
        ("seed", ("x", "1.5", "-1", "nan", "1e3", "٣", "12345678901")),
        ("latent_dim", ("inf", " 2", "2 ")),
        ("held_out", ("", "a\nb", "a\x00", "a\x1b[31m", "\u2028", "a" * 201)),
        ("task", ("", "reconstructions", "label_curve\n", ".*")),
        ("metric", ("", "<b>", "bce\n", "a:b", "auroc", "bce (prior)", "BCE", "a" * 300)),
        ("code", ("draw", "Sample", "sample\n", "mean,sample", "<i>", "prior")),
        ("sampler", ("<script>", "learned prior", "prior\n", "Prior", "_x", "`prior`")),
        ("probe", ("logistic|dense", "[x](y)", "3", "a" * 101)),
        ("labels", ("all", "50.5", "-50", "1e3", "nan", "50 ", "٥٠")),
        ("score", ("bce per ink", "a*b", "..")),
        ("reference", ("my_model.py:MyAE", "../pca", "pca\x00")),
        ("classes", ("<b>4</b>", "4|7", "4\n7", "`4`", "[4](x)", "4:7", "a\u202eb", "4" * 201)),
        ("value", ("", "nan", "inf", "-inf", "1e999", "1_000", "0x1p3", "１", "75,5", "75.5 nats")),
    ],
)  # fmt: skip
def test_a_value_that_no_run_writes_is_refused_with_its_place(table, column, texts):
    for text in texts:
        message = refusal(table(row(variant="pca"), row(**{column: text})))
        lines = 3 + text.count("\n")
        assert f"line {lines}, column {column}: expected " in message
        assert repr(text)[1:40] in message


@given(st.sampled_from(COLUMNS), st.text(st.characters(codec="utf-8"), max_size=30))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
def test_whatever_stands_in_a_cell_is_refused_in_one_line_or_harmless(table, column, text):
    path = table(row(**{column: text}))
    try:
        cell = str(read_elsewhere(path)[column][0])
    except ScoresError:
        refusal(path)
        return
    assert cell.isprintable()
    if column != "held_out":
        assert not set(cell) & set("<>&\"'`|:\\")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "line 1: expected the columns dataset, variant"),
        (HEADER.encode(), "no rows"),
        (b"name,age\nx,3\n", "Received: 'name, age'"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "can't decode"),
        (f"{HEADER}\nmnist,vae\n".encode(), "line 2: expected 15 columns. Received: 2"),
        (f'{HEADER}\n"mnist'.encode(), "unexpected end of data"),
        (f"{HEADER}\n{'x' * 200_000}\n".encode(), "field larger than field limit"),
        ((HEADER + "\n" + row(held_out="x\udcff")).encode(errors="surrogateescape"), "decode"),
    ],
)
def test_a_file_that_is_no_table_of_scores_is_refused(table, content, words):
    assert words in refusal(table(content))


def test_a_metric_has_to_be_one_of_its_task(table):
    message = refusal(table(row(task="anomaly")))
    assert "column metric: expected one of auroc, average_precision. Received: 'bce'" in message


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert "Received: No such file" in refusal(tmp_path / "gone.csv")
    assert "Received: Is a directory" in refusal(tmp_path)


def test_a_number_that_comes_twice_has_one_value(table):
    assert len(read_elsewhere(table(row(), row(seed="3.0"), row(seed="4")))) == 2
    message = refusal(table(row(), row(seed="4"), row(value="75.6")))
    assert "line 4, column value: expected one value for 'mnist vae 3 20 none" in message
    assert message.endswith("Received: 75.5 and 75.6")
