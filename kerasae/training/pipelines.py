"""Batches of images from TensorFlow's data sets and from Python's iterables, on TensorFlow."""

import itertools

import tensorflow as tf

from kerasae.training.sources import as_parts, refuse_weights


def pipeline(data, check):
    """Make a data set of batches of images, checked as they come.

    Parameters
    ----------
    data : tf.data.Dataset or iterable
        Batches of images, or of pairs whose first part is images.
    check : kerasae.training.sources.Check
        Checks every batch.

    Returns
    -------
    tf.data.Dataset
        Batches of images.
    """
    if isinstance(data, tf.data.Dataset):
        return checked_dataset(data, check)
    return dataset_of(data, check)


def checked_dataset(data, check):
    """Make a dataset of the images of a dataset, checked as they come."""
    specs = data.element_spec if isinstance(data.element_spec, tuple) else (data.element_spec,)
    first = specs[0]
    ranks = (None, len(check.expected) + 1)  # None is unknown
    if not isinstance(first, tf.TensorSpec) or first.shape.rank not in ranks:
        raise ValueError(
            f"Expected batches of images of shape (N, {', '.join(map(str, check.expected))}); "
            "`dataset.batch(256)` makes batches. Received: elements of "
            f"{getattr(first, 'shape', type(first).__name__)}"
        )
    refuse_weights(specs[2] if len(specs) > 2 else None)
    known = 2 if len(specs) > 1 and isinstance(specs[1], tf.TensorSpec) else 1

    def checked(*parts):
        def look(*arrays):
            check(*arrays)
            return arrays[0]

        images = tf.numpy_function(look, parts[:known], parts[0].dtype, stateful=False)
        images.set_shape((None, *check.expected))
        return images

    return data.map(checked).prefetch(1)


def dataset_of(data, check):
    """Make a dataset of batches that Python gives: a generator, a PyTorch DataLoader, an iterable.

    Parameters
    ----------
    data : iterable
        Of batches of images, or of pairs whose first part is images.
    check : Check
        Checks every batch.

    Returns
    -------
    tf.data.Dataset
        Of batches of images. That of a generator goes on where the epoch before it ended.
    """
    once = iter(data)
    try:
        first = next(once)
    except StopIteration:
        raise ValueError(
            f"Expected batches of images. Received: {type(data).__name__} without any"
        ) from None
    image = as_parts(first)[0]
    check(*as_parts(first))
    one_pass_only = once is data
    rest = itertools.chain([first], once)

    def batches():
        for batch in rest if one_pass_only else data:
            parts = as_parts(batch)
            check(*parts)
            yield parts[0]

    spec = tf.TensorSpec((None, *check.expected), image.dtype)
    found = tf.data.Dataset.from_generator(batches, output_signature=spec).prefetch(1)
    if not one_pass_only and hasattr(data, "__len__"):
        found = found.apply(tf.data.experimental.assert_cardinality(len(data)))
    return found
