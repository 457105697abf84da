"""Labels stay text for readers, and have tokens for file names."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kerasae import datasets
from kerasae.datasets import DatasetError, load_own, text_of, tokens
from kerasae.datasets.labels import class_names, one_line

often = settings(max_examples=300, deadline=None, derandomize=True)
GAUSSIAN = {"likelihood": "gaussian"}
ODD = ["größe", "a/b", "日本", "A", "a", "<script>", "..", "$x$", "a,b", '"q"', "a`b", "-1"]
IMAGES = np.random.default_rng(0).integers(0, 256, (12, 6, 5)).astype(np.uint8)


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
    data = load_own(path, labels="y", **GAUSSIAN)
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


def test_every_class_of_a_folder_keeps_its_name(tmp_path):
    names = [name.replace("/", "⁄").replace("..", "…") for name in ODD]
    for name in names:
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(2):
            Image.fromarray(IMAGES[number]).save(tmp_path / "set" / name / f"{number}.png")
    data = load_own(tmp_path / "set")
    assert set(data.classes) == set(names)
    assert data.classes == datasets.classes("own", tmp_path / "set")


def test_a_saved_data_set_keeps_its_labels(tmp_path):
    labels = np.array(ODD * 2)
    np.savez(tmp_path / "d.npz", x_train=np.repeat(IMAGES, 2, axis=0), y_train=labels)
    data = load_own(tmp_path / "d.npz")
    data.save(tmp_path / "saved.npz")
    again = datasets.Dataset.open(tmp_path / "saved.npz")
    assert set(again.classes) == set(ODD)
    for number, token in enumerate(tokens(again.classes)):
        assert again.class_index(token) == number
        assert again.class_label(token) == again.classes[number]
    assert again.class_index("none") is None
    assert [again.class_label(token) for token in ("none", "given")] == ["none", "given"]


def test_ordinary_labels_are_their_own_tokens():
    assert tokens(tuple("0123456789")) == tuple("0123456789")
    assert tokens(("maker_1", "Benign")) == ("maker_1", "Benign")
    assert tokens(("A", "a", "b")) == ("class_0", "class_1", "b")
    assert tokens(("None", "class_0", "Given", "x" * 65)) == tuple(f"class_{n}" for n in range(4))


def attempt(function, *arguments):
    """Call a function; what it gave, and what it said instead."""
    try:
        return function(*arguments), ""
    except DatasetError as error:
        return None, str(error)


names = st.lists(st.text(max_size=8) | st.sampled_from(ODD), min_size=1, max_size=9)


@often
@given(names)
def test_any_labels_survive_and_have_tokens_for_files(labels):
    classes, said = attempt(class_names, "d", np.array(labels, object))
    assert len(said.splitlines()) == (classes is None)
    found = tokens(classes or ())
    assert len({token.lower() for token in found}) == len(found)
    assert all(re.fullmatch("[A-Za-z0-9_]{1,64}", token) for token in found)
    assert not {"none", "given"} & {token.lower() for token in found}
    assert [text_of(token, classes) for token in found] == list(classes or ())
    if classes:
        written = {label.strip() for label in labels}
        assert set(classes) == {re.sub(r"^(-?(0|[1-9][0-9]*))\.0*$", r"\1", w) for w in written}


@often
@given(st.text())
def test_text_is_one_line_or_refused(text):
    found, said = attempt(one_line, text, "d", "label")
    assert len(said.splitlines()) == (found is None)
    if found is not None:
        assert len(found.splitlines()) <= 1
        assert one_line(found, "d", "label") == found
        assert found.encode().decode() == found


@pytest.mark.parametrize("label", ODD)
def test_a_description_shows_labels_as_they_are(tmp_path, label):
    np.savez(tmp_path / "d.npz", x_train=IMAGES, y_train=np.array([label, "other"] * 6))
    data = load_own(tmp_path / "d.npz")
    said = datasets.described("own", data, {"path": "a\nb"})
    assert label in said
    assert not any(line.strip() in ("b", label) for line in said.splitlines())
    assert "<script>" not in said.replace("`<script>`", "")


@pytest.mark.parametrize("label", ODD)
def test_figures_show_labels_as_they_are(label):
    from kerasae.reporting.drawing import literal, planes

    figure = planes({"vae": np.eye(2)}, np.array([0, 1]), [label, "$a$"], f"without {label}", "")
    figure.draw_without_rendering()  # a formula that cannot be read would raise
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [literal(label), literal("$a$")]
    assert literal("$a$") == r"\$a\$"
