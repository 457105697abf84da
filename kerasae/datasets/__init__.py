"""Data sets: MNIST, which ships with the package, its two relatives, and one's own."""

from kerasae.datasets.description import described, notes
from kerasae.datasets.idx import DatasetError
from kerasae.datasets.own import classes_of, load_own, load_samples
from kerasae.datasets.sources import CLASSES, SOURCES, load_known
from kerasae.datasets.splits import GIVEN, NO_CLASS, Dataset, Split, as_floats, split

__all__ = [
    "GIVEN",
    "NO_CLASS",
    "SOURCES",
    "Dataset",
    "DatasetError",
    "Split",
    "as_floats",
    "classes",
    "described",
    "load",
    "load_own",
    "load_samples",
    "notes",
    "split",
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
