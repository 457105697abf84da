"""Whole epochs as single elements of a data set.

`Autoencoder.fit` hands its train step an epoch at a time, (images, batches, rest), and the
step loops over the batches inside one compiled XLA program. The images stay in memory as
they came, uint8 in general; a batch is gathered and scaled only where it is used. Every
image comes once an epoch, and the last partial batch is a batch like the others.
"""

import tensorflow as tf

# The tuner has nothing to tune here, and an iterator waits for it to wake up before it goes,
# which takes up to a minute at the end of a long training.
UNTUNED = tf.data.Options()
UNTUNED.autotune.enabled = False


def shuffled_epochs(images, batch_size, seed, first_epoch=0):
    """Endless epochs over ``images``, each in a fresh order.

    The order is a function of the seed and the number of the epoch alone: training that is
    continued at an epoch sees the same batches as training that was never stopped.

    Parameters
    ----------
    images : array of shape (n, H, W, C)
        The training images.
    batch_size : int
        Images per batch.
    seed : int
        Seed of the data order.
    first_epoch : int
        Number of the first epoch.

    Returns
    -------
    tf.data.Dataset
        An element an epoch, see `batches`.
    """
    images = tf.convert_to_tensor(images)

    def epoch(number):
        order = tf.random.experimental.stateless_shuffle(
            tf.range(len(images)), seed=tf.stack([tf.constant(seed, tf.int64), number])
        )
        return batches(images, order, batch_size)

    return tf.data.Dataset.counter(first_epoch).map(epoch).with_options(UNTUNED)


def one_pass(images, batch_size):
    """One epoch over ``images`` in their own order, as a `tf.data.Dataset`."""
    images = tf.convert_to_tensor(images)
    epoch = batches(images, tf.range(len(images)), batch_size)
    return tf.data.Dataset.from_tensors(epoch).with_options(UNTUNED)


def batches(images, order, batch_size):
    """Cut an order into batches.

    Returns
    -------
    tuple of tf.Tensor
        The images (n, H, W, C), the indices of the full batches (k, batch_size), and
        those of the partial batch at the end, (n mod batch_size,).
    """
    full = len(images) // batch_size * batch_size
    return images, tf.reshape(order[:full], (-1, batch_size)), order[full:]


def for_each_batch(step, epoch):
    """Call ``step`` on the batches of an epoch, in a loop that XLA can compile.

    The step is traced once, for batches of any size; XLA knows each size when it compiles.

    Parameters
    ----------
    step : callable
        Takes a batch of images (N, H, W, C), returns nothing.
    epoch : tuple of tf.Tensor or tf.Tensor
        An element of `shuffled_epochs` or `one_pass`, or one batch of images.
    """
    if not isinstance(epoch, tuple):
        step(epoch)
        return
    images, full, rest = epoch
    if full.shape[0] is None or rest.shape[0] is None:
        raise ValueError("The step was compiled for another data set: compile the model again.")

    of_any_size = tf.TensorSpec((None, *images.shape[1:]), images.dtype)
    step = tf.function(step, [of_any_size], autograph=False)
    flat = tf.reshape(images, (images.shape[0], -1))  # rows are gathered and scaled fastest

    def batch(indices):
        return tf.reshape(tf.gather(flat, indices), (-1, *images.shape[1:]))

    def body(number):
        step(batch(full[number]))
        return (number + 1,)

    if full.shape[0]:
        tf.while_loop(lambda number: number < full.shape[0], body, (tf.constant(0),))
    if rest.shape[0]:
        step(batch(rest))
