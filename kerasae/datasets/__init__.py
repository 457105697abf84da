"""Data sets: MNIST, which ships with the package, its two relatives, and one's own."""

from kerasae.datasets.dataset import Dataset
from kerasae.datasets.description import described, notes
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.labels import GIVEN, NO_CLASS, text_of, tokens
from kerasae.datasets.own import Sizes, classes_of, load_own, load_samples, sizes_of
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
        A name of `SOURCES`, or any other for data of one's own.
    path : path-like, optional
        Where the data lie: needed for data of one's own, see `load_own`; for the others see
        `load_known`.
    **options
        Further parameters of `load_own` or `load_known`.

    Returns
    -------
    Dataset
        For training and for the test.

    Raises
    ------
    DatasetError
        If the data are missing, damaged, or not what they should be.
    """
    if name in SOURCES:
        return load_known(name, path, **options)
    if path is None:
        raise DatasetError(
            f"Unknown data set. Expected one of {', '.join(SOURCES)}, or a path. Received: {name}"
        )
    return load_own(path, **options)


def classes(name, path=None, labels=None):
    """Name the classes of a data set without loading it, none if it has no labels; see `load`."""
    return CLASSES if name in SOURCES else classes_of(path, labels)


def sizes(name, path=None, labels=None, test_share=0.2, pad=2, train=None, test=None, **others):
    """Tell how large a data set is, without loading it where that is possible.

    Parameters
    ----------
    name, path
        As those of `load`.
    labels, test_share, pad
        As those of `load_own` and `load_known`.
    train, test : int, optional
        Use only so many samples.
    **others
        Further options of a data set, which do not matter here.

    Returns
    -------
    Sizes
        Training and test samples, numbers in one sample, classes.

    Raises
    ------
    DatasetError
        If the data cannot be read.
    """
    if name in SOURCES:
        found = Sizes(60_000, 10_000, (SIDE + 2 * pad) ** 2, len(CLASSES))
    else:
        found = sizes_of(path, labels, test_share)
    few = {"train": train, "test": test}
    kept = {part: min(few[part] or getattr(found, part), getattr(found, part)) for part in few}
    return found._replace(**kept)
