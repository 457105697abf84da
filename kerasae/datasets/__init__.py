"""Data sets: MNIST, shipped with the package, two relatives of it, and the user's own data."""

from kerasae.datasets.dataset import Dataset
from kerasae.datasets.description import described, notes
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.labels import GIVEN, NO_CLASS, text_of, tokens
from kerasae.datasets.own import Sizes, load_own, load_samples, read_classes, read_sizes
from kerasae.datasets.preprocessing import Preprocessing
from kerasae.datasets.sources import CLASSES, SIDE, SOURCES, load_known
from kerasae.datasets.splits import Split, split
from kerasae.datasets.values import as_floats

__all__ = [
    "GIVEN",
    "NO_CLASS",
    "SOURCES",
    "Dataset",
    "DatasetError",
    "Preprocessing",
    "Sizes",
    "Split",
    "as_floats",
    "classes",
    "described",
    "load",
    "load_own",
    "load_samples",
    "notes",
    "sizes",
    "split",
    "text_of",
    "tokens",
]


def load(name, path=None, **options):
    """Load a data set.

    Parameters
    ----------
    name : str
        A name in `SOURCES`, or any other name for the user's own data.
    path : path-like, optional
        Location of the data, see `load_known` and `load_own`. Required for own data.
    **options
        Further parameters of `load_known` or `load_own`.

    Returns
    -------
    Dataset
        Training set and test set.

    Raises
    ------
    DatasetError
        If the data are missing, damaged or unsuitable.
    """
    if name in SOURCES:
        return load_known(name, path, **options)
    if path is None:
        raise DatasetError(
            f"Unknown data set. Expected one of {', '.join(SOURCES)}, or a path. Received: {name}"
        )
    return load_own(path, **options)


def classes(name, path=None, labels=None):
    """Names of the classes, read without loading the samples; empty without labels."""
    return CLASSES if name in SOURCES else read_classes(path, labels)


def sizes(name, path=None, labels=None, test_share=0.2, pad=2, train=None, test=None, **others):
    """Sizes of a data set, where possible without loading it.

    Parameters
    ----------
    name, path
        See `load`.
    labels, test_share, pad
        See `load_own` and `load_known`.
    train, test : int, optional
        Maximum number of training and test samples to use.
    **others
        Further options of the data set; ignored.

    Returns
    -------
    Sizes
        Training samples, test samples, values per sample, classes.

    Raises
    ------
    DatasetError
        If the data cannot be read.
    """
    if name in SOURCES:
        found = Sizes(60_000, 10_000, (SIDE + 2 * pad) ** 2, len(CLASSES))
    else:
        found = read_sizes(path, labels, test_share)
    return found._replace(
        train=min(train or found.train, found.train), test=min(test or found.test, found.test)
    )
