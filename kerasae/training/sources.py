"""Data to train on: arrays in memory, whole epochs at a time, and streams, batch by batch.

Everything that Keras takes as data becomes one of the two. Values are checked where they enter.
"""

from numbers import Integral

import keras
import numpy as np

from kerasae.datasets.values import refuse_unfit, white

ON_TENSORFLOW = keras.backend.backend() == "tensorflow"


def source(data, batch_size, check, seed=None):
    """Make a source of images from what `keras.Model.fit` takes as ``x``.

    Parameters
    ----------
    data : array, tf.data.Dataset, keras.utils.PyDataset, generator or iterable of batches
        Images, or pairs and triples whose first part is images; see `Check`.
    batch_size : int
        Images per batch of an array.
    check : Check
        Checks arrays, and every batch of a stream.
    seed : int, optional
        Seed of the order of an array; its own order without.

    Returns
    -------
    InMemory, Mapped, Batches or tf.data.Dataset
        Images alone. All but `InMemory` are data for `keras.Model.fit`.

    Raises
    ------
    ValueError
        If it is no data, or values of an array are unfit.
    """
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise ValueError(f"batch_size must be a whole number from 1. Received: {batch_size!r}")
    if isinstance(data, keras.utils.PyDataset):
        return Batches(data, check)
    if hasattr(data, "__next__") or (hasattr(data, "__iter__") and not is_array(data)):
        if ON_TENSORFLOW:
            from kerasae.training.pipelines import pipeline

            return pipeline(data, check)
        raise ValueError(
            f"On {keras.backend.backend()}, batches come from an array, a memory map or a "
            f"keras.utils.PyDataset. Received: {type(data).__name__}"
        )
    if isinstance(data, np.memmap):
        check.shape(data)
        return Mapped(data, batch_size, check, seed)
    images = as_array(data)
    check(images)
    return InMemory(images, batch_size, check, seed)


def is_array(data):
    """Whether data are an array, a tensor, a data frame, or lists of numbers."""
    return hasattr(data, "__array__") or isinstance(data, (list, tuple, str, dict))


def as_array(data):
    """Turn tensors of any library, data frames and lists of numbers into an array or tensor."""
    if isinstance(data, np.ndarray) or (ON_TENSORFLOW and keras.ops.is_tensor(data)):
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
    others, such as labels, are not used. There are no sample weights.

    Parameters
    ----------
    shape : tuple of int
        Shape of one image.
    likelihood : str
        See `kerasae.datasets.values.refuse_unfit`.

    Attributes
    ----------
    failure : ValueError or None
        The last error, as TensorFlow wraps those of its pipelines.
    """

    def __init__(self, shape, likelihood):
        self.expected, self.likelihood, self.failure = tuple(shape), likelihood, None
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
        """Raise a ValueError that names what is wrong."""
        try:
            self.shape(images)
            self.kind(images)
            refuse_unfit(images, self.likelihood)
            refuse_targets(images, targets)
            refuse_weights(weights)
        except ValueError as error:
            self.failure = error
            raise


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
    """Raise an error if there are sample weights."""
    if weights is not None:
        raise ValueError(
            "There are no sample weights: to weigh a sample more, repeat it in the data. "
            "Received: sample weights"
        )


class InMemory:
    """Images of an array, of which an epoch is one call of a compiled program.

    Parameters
    ----------
    images : array or tensor of shape (n, H, W, C)
        In their order.
    batch_size, check, seed
        See `source`.
    """

    def __init__(self, images, batch_size, check, seed=None):
        self.images, self.how = images, (batch_size, check, seed)

    def epoch(self, number):
        """Put the images into the order of a `kerasae.training.epochs.Epoch`, on TensorFlow."""
        from kerasae.training.epochs import one_pass, shuffled_epoch

        batch_size, _, seed = self.how
        self.images = keras.ops.convert_to_tensor(self.images)  # once for all epochs
        if seed is None:
            return one_pass(self.images, batch_size)
        return shuffled_epoch(self.images, batch_size, seed, number)

    def divided(self, share):
        """Make two of it; the second, for the validation, has the share at the end."""
        count = int(len(self.images) * (1 - share))
        if not 0 < count < len(self.images):
            raise ValueError(
                "Expected images for both parts of validation_split. "
                f"Received: {share} of {len(self.images)} images"
            )
        batch_size, check, *_ = self.how
        return (
            InMemory(self.images[:count], *self.how),
            InMemory(self.images[count:], batch_size, check),
        )

    def stream(self):
        """Give the same batches one by one."""
        return Mapped(np.asarray(self.images), *self.how)


class Mapped(keras.utils.PyDataset):
    """Batches of an array that is read as it is used, in the order of `InMemory`.

    Parameters
    ----------
    images : array of shape (n, H, W, C)
        In memory, or a memory map.
    batch_size, check, seed
        See `source`.

    Attributes
    ----------
    number : int
        Number of the epoch, set from outside: Keras may begin one only to look at the data.
    """

    def __init__(self, images, batch_size, check, seed=None):
        super().__init__()
        self.images, self.batch_size, self.check = images, batch_size, check
        self.seed, self.number = seed, 0
        self.order = np.arange(len(images))

    def on_epoch_begin(self):
        """Draw the order of the epoch."""
        if self.seed is not None:
            self.order = shuffled(len(self.images), self.seed, self.number)

    def __len__(self):
        """Count the batches."""
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, number):
        """Read a batch, in the order of the file."""
        rows = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        images = np.asarray(self.images[rows])
        self.check(images)
        return (images,)


class Numbered(keras.callbacks.Callback):
    """Tells a `Mapped` the number of the epoch."""

    def __init__(self, images):
        super().__init__()
        self.images = images

    def on_epoch_begin(self, epoch, logs=None):
        """Set the number."""
        self.images.number = epoch


def shuffled(count, seed, number):
    """Shuffle ``count`` indices for one epoch: a function of the seed and the epoch alone."""
    if ON_TENSORFLOW:  # the order of images in memory
        from kerasae.training.epochs import shuffled_order

        return shuffled_order(count, seed, number).numpy()
    return np.random.default_rng([seed, number]).permutation(count)


class Batches(keras.utils.PyDataset):
    """Images of a PyDataset, checked."""

    def __init__(self, data, check):
        super().__init__(
            workers=data.workers,
            use_multiprocessing=data.use_multiprocessing,
            max_queue_size=data.max_queue_size,
        )
        self.data, self.check = data, check

    @property
    def num_batches(self):
        """Number of batches, None for endless data."""
        return self.data.num_batches

    def on_epoch_begin(self):
        """Begin an epoch."""
        self.data.on_epoch_begin()

    def on_epoch_end(self):
        """End an epoch."""
        self.data.on_epoch_end()

    def __getitem__(self, number):
        """Give the images of a batch."""
        parts = as_parts(self.data[number])
        self.check(*parts)
        return (parts[0],)


def as_parts(batch):
    """Give the images of a batch, and what comes with them, as arrays."""
    parts = batch if isinstance(batch, (list, tuple)) else (batch,)
    if len(parts) > 3 or isinstance(parts[0], (dict, str)):
        raise ValueError(
            "Expected batches of images, or pairs whose first part is images. Received: "
            f"a {type(batch).__name__} of {len(parts)}, the first of type {type(parts[0]).__name__}"
        )
    return [None if part is None else np.asarray(part) for part in parts]


def everything(images):
    """Bring all images of a source into memory.

    Parameters
    ----------
    images : InMemory, Mapped, Batches or tf.data.Dataset
        See `source`.

    Returns
    -------
    array of shape (n, H, W, C)
        The images, in their order.

    Raises
    ------
    ValueError
        If the number of batches is unknown or infinite.
    """
    if isinstance(images, (InMemory, Mapped)):
        return np.asarray(images.images)
    if isinstance(images, Batches):
        count = images.num_batches
        batches = (images[number][0] for number in range(count or 0))
    else:
        count, batches = int(images.cardinality()), iter(images)
    if not count or count < 0:
        raise ValueError(
            "This model is fitted to all images at once: give an array, or batches whose number "
            "is known. Received: data of unknown or infinite length"
        )
    return np.concatenate([np.asarray(batch) for batch in batches])
