"""Data to train on: batches of images, from everything that Keras takes as data.

Values of an array are checked at once, of a memory map or a stream batch by batch.
"""

import itertools
from numbers import Integral

import keras
import numpy as np

from kerasae.datasets.values import refuse_unfit, white

_ON_TENSORFLOW = keras.backend.backend() == "tensorflow"


def as_batches(data, batch_size, check, seed=None):
    """Make batches of images alone from what `keras.Model.fit` takes as ``x``.

    ``batch_size`` and ``seed`` are for arrays, which keep their own order without a seed. ``check``
    checks arrays, and every batch of a stream. Raise ValueError if ``data`` are no data, or values
    of an array are unfit.
    """
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise ValueError(f"batch_size must be a whole number from 1. Received: {batch_size!r}")
    if isinstance(data, keras.utils.PyDataset):
        return _CheckedBatches(data, check)
    is_array = hasattr(data, "__array__") or isinstance(data, (list, tuple, str, dict))
    if hasattr(data, "__next__") or (hasattr(data, "__iter__") and not is_array):
        return _stream(data, check)
    if isinstance(data, np.memmap):
        check.shape(data)
        return ArrayBatches(data, batch_size, seed, check)
    images = as_array(data)
    check(images)
    return ArrayBatches(images, batch_size, seed)


def as_array(data):
    """Turn tensors of any library, data frames and lists of numbers into an array or tensor."""
    if isinstance(data, np.ndarray) or (_ON_TENSORFLOW and keras.ops.is_tensor(data)):
        return data
    try:
        found = np.asarray(data)
    except (TypeError, ValueError):
        found = np.array(None)
    if not found.ndim or found.dtype == object:
        raise ValueError(
            "Expected an array (n, ...) of numbers, a tf.data.Dataset, a PyDataset, a generator or "
            "another iterable of batches; of a data frame with several types, "
            f"frame.astype('float32'). Received: {type(data).__name__}"
        )
    return found


class Check:
    """Checks batches of images, or pairs and triples with them.

    The model reconstructs its input: a second part of the images' shape must be the same images,
    others, such as labels, are not used. There are no sample weights. For ``likelihood`` see
    `kerasae.datasets.values.refuse_unfit`; ``shape`` is that of one image.
    """

    def __init__(self, shape, likelihood):
        self.expected, self.likelihood = tuple(shape), likelihood
        self.failure = None  # the last error, as TensorFlow wraps those of its pipelines
        self.first = None

    def shape(self, images):
        """Raise an error if images are of another shape, or there are none."""
        if tuple(images.shape[1:]) != self.expected:
            raise ValueError(
                f"Expected images of shape (N, {', '.join(map(str, self.expected))}). "
                f"Received: {tuple(images.shape)}"
            )
        if not images.shape[0]:
            raise ValueError("Expected at least one image. Received: none")

    def kind(self, images):
        """Raise an error if some batches are whole numbers, which stand for bytes, and some not."""
        whole = white(images) == 255
        if self.first is None:
            self.first = whole, images.dtype
        if whole != self.first[0]:
            raise ValueError(
                "Expected whole numbers in all batches, to be divided by 255, or floats in all. "
                f"Received: {self.first[1]} and {images.dtype}"
            )

    def __call__(self, images, targets=None, weights=None):
        """Return the images, or raise a ValueError that names what is wrong."""
        try:
            self.shape(images)
            self.kind(images)
            refuse_unfit(images, self.likelihood)
            refuse_targets(images, targets)
            refuse_weights(weights)
        except ValueError as error:
            self.failure = error
            raise
        return images

    def images_of(self, batch):
        """Check a batch of a stream, and return its images."""
        parts = batch if isinstance(batch, (list, tuple)) else (batch,)
        if len(parts) > 3 or isinstance(parts[0], (dict, str)):
            raise ValueError(
                "Expected batches of images, or pairs whose first part is images. Received: a "
                f"{type(batch).__name__} of {len(parts)}, the first of type "
                f"{type(parts[0]).__name__}"
            )
        return self(*(None if part is None else np.asarray(part) for part in parts))


def refuse_targets(images, targets):
    """Raise an error if targets are images other than the input, or not one for each image."""
    if targets is None or targets is images:
        return
    shape, expected = np.shape(targets), np.shape(images)
    if shape[:1] != expected[:1]:
        raise ValueError(
            "Expected y, which is not needed, to be x or a label for each image. Received: "
            f"{f'an array of shape {shape}' if shape else repr(targets)}"
        )
    if shape == expected and not np.array_equal(np.asarray(targets), np.asarray(images)):
        raise ValueError(
            "A model reconstructs its input: leave out y. The denoising model adds noise itself. "
            "Received: y that differs from x"
        )


def refuse_weights(weights):
    """Raise an error if there are weights of samples or classes."""
    if weights is not None:
        raise ValueError(
            "Weights of samples or classes are not supported. Repeat a sample to give it more "
            "weight."
        )


class ArrayBatches(keras.utils.PyDataset):
    """Batches of images (n, H, W, C) in memory, or in a memory map, which is read as it is used.

    The last batch may be smaller. With ``seed`` the order is a fresh one each epoch, else that of
    the array. ``check`` checks the batches of a memory map.
    """

    def __init__(self, images, batch_size, seed=None, check=None):
        super().__init__()
        self.images, self.batch_size, self.check = images, batch_size, check
        self.seed = seed
        self.number = 0  # of the epoch, set from outside: Keras may begin one only to look at data
        self.order = np.arange(len(images))

    @property
    def in_memory(self):
        """Whether the images are in memory, and checked."""
        return self.check is None

    def on_epoch_begin(self):
        """Draw the order of the epoch."""
        if self.seed is not None:
            self.order = _shuffled(len(self.images), self.seed, self.number)

    def __len__(self):
        """Count the batches."""
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, number):
        """Read a batch."""
        rows = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        if self.in_memory:
            return (np.asarray(self.images)[rows],)
        return (self.check(np.asarray(self.images[rows])),)

    def divided(self, share):
        """Make two of it; the second, for the validation, has the share at the end."""
        count = int(len(self.images) * (1 - share))
        if not 0 < count < len(self.images):
            raise ValueError(
                "Expected images for both parts of validation_split. "
                f"Received: {share} of {len(self.images)} images"
            )
        return (
            ArrayBatches(self.images[:count], self.batch_size, self.seed),
            ArrayBatches(self.images[count:], self.batch_size),
        )


class EpochCounter(keras.callbacks.Callback):
    """Tells `ArrayBatches` the number of the epoch."""

    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch, logs=None):
        """Set the number."""
        self.batches.number = epoch


def _shuffled(count, seed, number):
    """Shuffle ``count`` indices for one epoch: a function of the seed and the epoch alone."""
    if _ON_TENSORFLOW:  # the order of images in memory
        from kerasae.training.epochs import shuffled_order

        return shuffled_order(count, seed, number).numpy()
    return np.random.default_rng([seed, number]).permutation(count)


class _CheckedBatches(keras.utils.PyDataset):
    """Images of a PyDataset, checked."""

    def __init__(self, data, check):
        super().__init__(data.workers, data.use_multiprocessing, data.max_queue_size)
        self.data, self.check = data, check
        self.on_epoch_begin, self.on_epoch_end = data.on_epoch_begin, data.on_epoch_end

    @property
    def num_batches(self):
        """Number of batches, None for endless data."""
        return self.data.num_batches

    def __getitem__(self, number):
        """Give the images of a batch."""
        return (self.check.images_of(self.data[number]),)


def _stream(data, check):
    """Make a checked dataset of a tf.data.Dataset or of an iterable of batches, on TensorFlow."""
    if not _ON_TENSORFLOW:
        raise ValueError(
            f"On {keras.backend.backend()}, batches come from an array, a memory map or a "
            f"keras.utils.PyDataset. Received: {type(data).__name__}"
        )
    import tensorflow as tf

    if isinstance(data, tf.data.Dataset):
        return _checked_dataset(data, check)
    once = iter(data)
    first = next(once, None)
    if first is None:
        raise ValueError(f"Expected batches of images. Received: {type(data).__name__} without any")
    dtype = check.images_of(first).dtype
    one_pass_only = once is data
    rest = itertools.chain([first], once)

    def batches():
        return map(check.images_of, rest if one_pass_only else data)

    spec = tf.TensorSpec((None, *check.expected), dtype)
    found = tf.data.Dataset.from_generator(batches, output_signature=spec).prefetch(1)
    if not one_pass_only and hasattr(data, "__len__"):
        found = found.apply(tf.data.experimental.assert_cardinality(len(data)))
    return found


def _checked_dataset(data, check):
    """Make a dataset of the images of a dataset, checked as they come."""
    import tensorflow as tf

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
        images = tf.numpy_function(check, parts[:known], parts[0].dtype, stateful=False)
        images.set_shape((None, *check.expected))
        return images

    return data.map(checked).prefetch(1)


def load_all(batches):
    """Bring all images of batches into memory, (n, H, W, C) in their order.

    Raise ValueError if the number of batches is unknown or infinite.
    """
    if isinstance(batches, ArrayBatches):
        return np.asarray(batches.images)
    if isinstance(batches, _CheckedBatches):
        count = batches.num_batches
        parts = (batches[number][0] for number in range(count or 0))
    else:
        count, parts = int(batches.cardinality()), iter(batches)
    if not count or count < 0:
        raise ValueError(
            "This model is fitted to all images at once: give an array, or batches whose number "
            "is known. Received: data of unknown or infinite length"
        )
    return np.concatenate([np.asarray(part) for part in parts])
