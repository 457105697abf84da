"""The split of the training images of a run."""

import numpy as np
import pytest

from kerasae.datasets import DatasetError, split


def test_a_split_is_a_partition_of_the_asked_sizes(mnist):
    parts = split(mnist.y_train, validation=5000, seed=3, labelled=550)
    assert [len(part) for part in parts] == [55000, 5000, 550]
    assert np.array_equal(np.sort(np.concatenate(parts[:2])), np.arange(60000))
    assert len(set(parts.labelled.tolist())) == 550
    assert set(parts.labelled.tolist()) <= set(parts.train.tolist())
    every = split(mnist.y_train[:100], validation=60, seed=3, labelled=40)
    assert sorted(every.labelled) == every.train.tolist()


def test_a_split_depends_on_the_seed_alone(mnist):
    first, again, other = (split(mnist.y_train, 5000, seed, labelled=550) for seed in (3, 3, 4))
    for one, same, another in zip(first, again, other, strict=True):
        assert np.array_equal(one, same)
        assert not np.array_equal(one, another)
    assert np.array_equal(split(mnist.y_train, 5000, 3).train, first.train)
    third, fourth = (split(mnist.y_train, 0, seed, labelled=550) for seed in (3, 4))
    assert np.array_equal(third.train, fourth.train)
    assert not np.array_equal(third.labelled, fourth.labelled)


def test_a_held_out_class_is_missing_and_nothing_else_moves(mnist):
    digit = 1
    full = split(mnist.y_train, 5000, seed=3)
    parts = split(mnist.y_train, 5000, seed=3, held_out=digit, labelled=550)
    for part, of_full in zip(parts[:2], full[:2], strict=True):
        assert np.array_equal(part, of_full[mnist.y_train[of_full] != digit])
    assert len(parts.labelled) == 550
    assert set(parts.labelled.tolist()) <= set(parts.train.tolist())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"validation": 100}, "for 0 .* beside 100 .*Received: 100 images, of which 0 are left"),
        ({"validation": 60, "labelled": 41}, "for 41 .* beside 60 .*of which 40 are left"),
        ({"validation": 60, "held_out": 10}, r"\[0, 1, .*, 9\] as held-out class\. Received: 10"),
        ({"validation": -5}, "not to be negative.* Received: -5 and 0"),
    ],
)
def test_splits_that_cannot_be_are_refused(mnist, settings, message):
    with pytest.raises(DatasetError, match=message):
        split(mnist.y_train[:100], seed=3, **settings)


@pytest.mark.parametrize("seed", range(8))
def test_the_validation_part_is_not_empty_where_a_class_is_held_out(seed):
    labels, validation = np.arange(20) % 2, 1
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
