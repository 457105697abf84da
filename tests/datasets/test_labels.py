"""Labels stay text for readers, and have tokens for file names."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasae import datasets
from kerasae.datasets import DatasetError, load_own, text_of, tokens
from kerasae.datasets.labels import class_names

ODD = ["größe", "a/b", "日本", "A", "a", "<script>", "..", "$x$", "a,b", '"q"', "a`b", "-1"]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["01", "1"], ("01", "1")),
        (["1", "1.0"], ("1",)),
        (["10", "9", "b", "a"], ("9", "10", "a", "b")),
        (["01.0", "1"], ("1", "01.0")),
        ([" a", "b ", "a", "b"], ("a", "b")),
        (["None", "NONE"], ("NONE", "None")),
    ],
)
def test_labels_of_a_table_are_text(tmp_path, labels, classes):
    path = tmp_path / "t.csv"
    path.write_text("x,y\n" + "".join(f"1,{label}\n" for label in labels * 4))
    data = load_own(path, labels="y", likelihood="gaussian")
    assert data.classes == classes == datasets.classes("own", path, "y")
    counts = np.bincount(np.concatenate([data.y_train, data.y_test]))
    assert counts.tolist() == [4 * len(labels) // len(classes)] * len(classes)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["a\nb", "c"], r"a label with a line break.* Received: 'a\\nb'"),
        (["a\x1b[0m", "c"], r"another control character. .* Received: 'a\\x1b\[0m'"),
        (["0.5", "1.5"], r"whole numbers or words. Received: 0\.5"),
        (["none", "x"], "other than 'none' and 'given'.* Received: 'none', 'x'"),
        (["given", "x"], "other than 'none' and 'given'"),
        (["", "x"], "Expected text other than"),
    ],
)
def test_labels_that_cannot_be_shown_are_refused(labels, words):
    with pytest.raises(DatasetError, match=words):
        class_names("d.npz", np.array(labels))


def test_numbers_as_numbers_and_as_text_name_the_same_classes():
    assert class_names("d", np.array([10, 9, 1])) == class_names("d", np.array(["9", "10", "1.0"]))


def test_ordinary_labels_are_their_own_tokens():
    assert tokens(tuple("0123456789")) == tuple("0123456789")
    assert tokens(("maker_1", "Benign")) == ("maker_1", "Benign")
    assert tokens(("A", "a", "b")) == ("class_0", "class_1", "b")
    assert tokens(("None", "class_0", "Given", "x" * 65)) == tuple(f"class_{n}" for n in range(4))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=8) | st.sampled_from(ODD), min_size=1, max_size=9))
def test_any_labels_survive_and_have_tokens_for_files(labels):
    classes, fault = None, ""
    try:
        classes = class_names("d", np.array(labels, object))
    except DatasetError as error:
        fault = str(error)
    assert len(fault.splitlines()) == (classes is None)
    names = tokens(classes or ())
    assert len({name.lower() for name in names}) == len(names)
    assert all(re.fullmatch("[A-Za-z0-9_]{1,64}", name) for name in names)
    assert not {"none", "given"} & {name.lower() for name in names}
    assert [text_of(name, classes) for name in names] == list(classes or ())
    assert all(len(label.splitlines()) == 1 for label in classes or ())
    if classes:
        written = {label.strip() for label in labels}
        assert set(classes) == {re.sub(r"^(-?(0|[1-9][0-9]*))\.0*$", r"\1", w) for w in written}


def test_labels_are_kept_and_described_as_they_are(tmp_path):
    rows = np.random.default_rng(0).random((len(ODD) * 4, 3))
    np.savez(tmp_path / "d.npz", x_train=rows, y_train=np.array(ODD * 4))
    data = load_own(tmp_path / "d.npz")
    data.save(tmp_path / "saved.npz")
    again = datasets.Dataset.open(tmp_path / "saved.npz")
    assert set(again.classes) == set(ODD)
    for number, token in enumerate(tokens(again.classes)):
        assert again.class_index(token) == number
        assert again.class_label(token) == again.classes[number]
    assert again.class_index("none") is None
    assert [again.class_label(token) for token in ("none", "given")] == ["none", "given"]
    text = datasets.described("own", data, {"path": "a\nb"})
    assert all(label in text for label in ODD)
    assert "\nb" not in text
    assert "<script>" not in text.replace("`<script>`", "")


def test_figures_show_labels_as_they_are():
    from kerasae.reporting.drawing import literal, planes

    for label in ("$x$", "a`b"):
        figure = planes({"vae": np.eye(2)}, np.array([0, 1]), [label, "$a$"], f"not {label}", "")
        figure.draw_without_rendering()  # a formula that cannot be read would raise
        (legend,) = figure.legends
        assert [text.get_text() for text in legend.get_texts()] == [literal(label), literal("$a$")]
