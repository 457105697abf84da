"""Data to train on: batches of images, from everything that Keras takes as data.

Values of an array are checked at once, of a memory map or a stream batch by batch.
"""

import itertools

import keras
import numpy as np
from numpy.typing import ArrayLike

from kerasae.datasets.values import is_positive_integer, white
from kerasae.networks.kernels import shuffled_order
from kerasae.types import Likelihood, Tensor

_ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
_ROUNDING = 1e-5
"""How far scaled values may lie beyond [0, 1]."""


def as_batches(data, batch_size, check, seed=None):
    """Make checked batches of images alone from what `keras.Model.fit` takes as ``x``.

    ``batch_size`` and ``seed`` are for arrays, which keep their own order without a seed.
    """
    if not is_positive_integer(batch_size):
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
        array = np.asarray(data)
    except (TypeError, ValueError):
        array = np.array(None)
    if not array.ndim or array.dtype == object:
        raise ValueError(
            "Expected an array (n, ...) of numbers, a tf.data.Dataset, a PyDataset, a generator or "
            "another iterable of batches; of a data frame with several types, "
            f"frame.astype('float32'). Received: {type(data).__name__}"
        )
    return array


class Check:
    """Checks batches of images, or pairs and triples with them.

    The model reconstructs its input: targets of the images' shape must be the same images, others,
    such as labels, are not used. There are no sample weights. ``shape`` is the shape of an image.
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
        arrays = batch if isinstance(batch, (list, tuple)) else (batch,)
        if len(arrays) > 3 or isinstance(arrays[0], (dict, str)):
            raise ValueError(
                "Expected batches of images, or pairs whose first part is images. Received: a "
                f"{type(batch).__name__} of {len(arrays)}, the first of type "
                f"{type(arrays[0]).__name__}"
            )
        return self(*(None if array is None else np.asarray(array) for array in arrays))


def refuse_unfit(values: ArrayLike | Tensor, likelihood: Likelihood) -> None:
    """Raise `ValueError` if values are none that a model can be trained on.

    The Bernoulli likelihood needs floats in [0, 1] or bytes, the Gaussian any finite numbers.
    """
    values = np.asarray(values)
    if values.dtype.kind not in "buif" and values.dtype.name != "bfloat16":
        raise ValueError(f"Expected numbers. Received: an array of dtype {values.dtype}")
    if not values.size or values.dtype in (bool, np.uint8):
        return
    least, most = values.min(), values.max()  # nan if one is
    if values.dtype.kind in "ui":
        if least < 0 or most > 255:
            raise ValueError(
                "Whole numbers are taken as bytes, 0 to 255. Expected uint8, or floats for other "
                f"values. Received: {values.dtype} from {least} to {most}"
            )
    elif not np.isfinite([least, most]).all():
        count = values.size - np.isfinite(values).sum()
        raise ValueError(
            f"Expected finite numbers. Received: {count} of {values.size} that are NaN or infinite"
        )
    elif likelihood == "bernoulli" and (least < -_ROUNDING or most > 1 + _ROUNDING):
        raise ValueError(
            "Expected floats in [0, 1], as the likelihood is Bernoulli: divide by the largest "
            "possible value, or build the model with likelihood='gaussian'. "
            f"Received: from {least:.4g} to {most:.4g}"
        )


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
            self.order = np.asarray(shuffled_order(len(self.images), self.seed, self.number))

    def __len__(self):
        """Count the batches."""
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, number):
        """Read a batch."""
        rows = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        if self.in_memory:
            return (np.asarray(self.images)[rows],)
        return (self.check(np.asarray(self.images[rows])),)


def divided(batches, share):
    """Divide images in memory, as ``validation_split`` of Keras; the end is the validation."""
    if not 0 < share < 1:
        raise ValueError(f"validation_split must lie between 0 and 1. Received: {share}")
    if not isinstance(batches, ArrayBatches) or not batches.in_memory:
        raise ValueError(
            "validation_split needs an array in memory: give validation_data instead. "
            f"Received: {type(batches).__name__}"
        )
    images, size = batches.images, batches.batch_size
    count = int(len(images) * (1 - share))
    if not 0 < count < len(images):
        raise ValueError(
            "validation_split leaves no images to train on, or none to validate with. "
            f"Received: {share} of {len(images)} images"
        )
    return ArrayBatches(images[:count], size, batches.seed), ArrayBatches(images[count:], size)


class EpochCounter(keras.callbacks.Callback):
    """Tells `ArrayBatches` the number of the epoch."""

    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch, logs=None):
        """Set the number."""
        self.batches.number = epoch


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
    stream = tf.data.Dataset.from_generator(batches, output_signature=spec).prefetch(1)
    if not one_pass_only and hasattr(data, "__len__"):
        stream = stream.apply(tf.data.experimental.assert_cardinality(len(data)))
    return stream


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
    checkable = 2 if len(specs) > 1 and isinstance(specs[1], tf.TensorSpec) else 1

    def checked(*tensors):
        images = tf.numpy_function(check, tensors[:checkable], tensors[0].dtype, stateful=False)
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
        arrays = (batches[number][0] for number in range(count or 0))
    else:
        count, arrays = int(batches.cardinality()), iter(batches)
    if not count or count < 0:
        raise ValueError(
            "This model is fitted to all images at once: give an array, or batches whose number "
            "is known. Received: data of unknown or infinite length"
        )
    return np.concatenate([np.asarray(array) for array in arrays])
