"""The splits of a run, and atomic file writes."""

import signal
import subprocess
import sys

import numpy as np
import pytest
from projects import ROOT

from kerasae.datasets import DatasetError, split
from kerasae.storage.atomic import atomic_write


def test_a_split_is_a_partition_of_the_asked_sizes(mnist):
    parts = split(mnist.y_train, validation=5000, seed=3, labelled=550)
    assert [len(part) for part in parts] == [55000, 5000, 550]
    assert np.array_equal(np.sort(np.concatenate(parts[:2])), np.arange(60000))
    assert len(set(parts.labelled.tolist())) == 550
    assert set(parts.labelled.tolist()) <= set(parts.train.tolist())


def test_a_split_depends_on_the_seed_alone(mnist):
    first, again, other = (split(mnist.y_train, 5000, seed, labelled=550) for seed in (3, 3, 4))
    for one, same, another in zip(first, again, other, strict=True):
        assert np.array_equal(one, same)
        assert not np.array_equal(one, another)
    assert np.array_equal(split(mnist.y_train, 5000, 3).train, first.train)
    third, fourth = (split(mnist.y_train, 0, seed, labelled=550) for seed in (3, 4))
    assert np.array_equal(third.train, fourth.train)
    assert not np.array_equal(third.labelled, fourth.labelled)


@pytest.mark.parametrize("digit", [0, 1])
def test_a_held_out_class_is_missing_and_nothing_else_moves(mnist, digit):
    full = split(mnist.y_train, 5000, seed=3)
    parts = split(mnist.y_train, 5000, seed=3, held_out=digit, labelled=550)
    for part, of_full in zip(parts[:2], full[:2], strict=True):
        assert np.array_equal(part, of_full[mnist.y_train[of_full] != digit])
    assert len(parts.labelled) == 550
    assert set(parts.labelled.tolist()) <= set(parts.train.tolist())


def test_labels_may_be_a_list():
    labels = [0, 1] * 20
    for one, other in zip(
        split(labels, 5, seed=3, held_out=1), split(np.array(labels), 5, 3, held_out=1), strict=True
    ):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"validation": 100}, "for 0 .* beside 100 .*Received: 100 images, of which 0 are left"),
        ({"validation": 101}, "Too few training images .*Received: 100 images, of which 0"),
        ({"validation": 60, "labelled": 41}, "for 41 .* beside 60 .*of which 40 are left"),
        ({"validation": 60, "labelled": 39, "held_out": 1}, r"for 39 .*of which [23]\d are left"),
        ({"validation": 60, "held_out": 10}, r"\[0, 1, .*, 9\] as held-out class\. Received: 10"),
        ({"validation": -5}, "not to be negative.* Received: -5 and 0"),
        ({"validation": 60, "labelled": -5}, "not to be negative.* Received: 60 and -5"),
    ],
)
def test_splits_that_cannot_be_are_refused(mnist, settings, message):
    with pytest.raises(DatasetError, match=message):
        split(mnist.y_train[:100], seed=3, **settings)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("validation", [1, 2])
def test_the_validation_part_is_not_empty_where_a_class_is_held_out(validation, seed):
    labels = np.arange(20) % 2
    whole_set = split(labels, validation, seed)
    parts = split(labels, validation, seed, held_out=1)
    kept = whole_set.validation[labels[whole_set.validation] == 0]
    assert len(parts.validation) == max(1, len(kept))
    assert set(kept) <= set(parts.validation)
    both = np.sort(np.concatenate([parts.train, parts.validation]))
    assert both.tolist() == np.flatnonzero(labels == 0).tolist()


def test_splits_of_mnist_are_those_that_they_have_always_been(mnist):
    parts = split(mnist.y_train, 5000, seed=1, held_out=1, labelled=550)
    assert [int(part.sum()) for part in parts] == [1467438829, 132494527, 16459500]


def test_a_split_may_use_every_image(mnist):
    parts = split(mnist.y_train[:100], validation=60, seed=3, labelled=40)
    assert sorted(parts.labelled) == parts.train.tolist()


def test_a_file_appears_under_its_name_only_when_complete(tmp_path):
    path = tmp_path / "new" / "model.keras"
    with atomic_write(path) as temporary:
        assert temporary.suffix == ".keras"
        temporary.write_text("all of it")
        assert not path.exists()
    assert [(file.name, file.read_text()) for file in path.parent.iterdir()] == [
        ("model.keras", "all of it")
    ]


def test_an_error_while_writing_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("old")

    def fail():
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        fail()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("scores.csv", "old")]


def test_a_process_killed_while_writing_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("old")
    code = (
        "import os, signal, sys\n"
        "from kerasae.storage.atomic import atomic_write\n"
        "with atomic_write(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    assert sorted(file.read_text() for file in tmp_path.iterdir()) == ["half", "old"]
