"""Data sets: MNIST, shipped with the package, two relatives of it, and the user's own data."""

from typing import Any, overload

import numpy as np

from kerasae.datasets.dataset import Dataset
from kerasae.datasets.description import described, notes
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.files import Sizes, read_classes, read_sizes
from kerasae.datasets.known import SOURCES, load_known
from kerasae.datasets.labelled_rows import (
    SETTINGS,
    LabelledRows,
    load_labelled_rows,
    read_anomalous,
    sizes_of,
)
from kerasae.datasets.labels import GIVEN, NO_CLASS, text_of, tokens
from kerasae.datasets.own_data import load_own, load_samples
from kerasae.datasets.preprocessing import Preprocessing
from kerasae.datasets.splits import Split, split
from kerasae.datasets.values import as_floats
from kerasae.types import Setting, StrPath

__all__ = [
    "GIVEN",
    "NO_CLASS",
    "SETTINGS",
    "SOURCES",
    "Dataset",
    "DatasetError",
    "LabelledRows",
    "Preprocessing",
    "Sizes",
    "Split",
    "as_floats",
    "classes",
    "described",
    "load",
    "load_known",
    "load_own",
    "load_samples",
    "notes",
    "open_stored",
    "sizes",
    "split",
    "text_of",
    "tokens",
]


@overload
def load(
    name: str, path: StrPath | None = None, *, setting: Setting, **options: Any
) -> LabelledRows: ...


@overload
def load(name: str, path: StrPath | None = None, **options: Any) -> Dataset: ...


def load(name: str, path: StrPath | None = None, **options: Any) -> Dataset | LabelledRows:
    """Load a data set.

    Parameters
    ----------
    name : str
        A name in `SOURCES`, or any other name for the user's own data.
    path : path-like, optional
        Location of the data, see `load_known` and `load_own`. Required for own data.
    **options
        Further parameters of `load_known` or `load_own`; with ``setting`` of `load_labelled_rows`.

    Returns
    -------
    Dataset or LabelledRows
        Training set and test set; with ``setting`` samples from which each seed draws these.

    Raises
    ------
    DatasetError
        If the data are missing, damaged or unsuitable.
    """
    if name in SOURCES:
        return load_known(name, path, **options)
    read = load_labelled_rows if "setting" in options else load_own
    return read(_required_path(path, name), **options)


def _required_path(path: StrPath | None, name: str) -> StrPath:
    """Return the path of the user's own data; raise `DatasetError` if there is none."""
    if path is None:
        raise DatasetError(
            f"Unknown data set. Expected one of {', '.join(SOURCES)}, or a path. Received: {name}"
        )
    return path


def open_stored(path: StrPath) -> Dataset | LabelledRows:
    """Read a `Dataset` or `LabelledRows` from the file that its ``save`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        kind = LabelledRows if "anomalous" in file else Dataset
    return kind.open(path)


def classes(
    name: str,
    path: StrPath | None = None,
    labels: str | None = None,
    setting: Setting | None = None,
) -> tuple[str, ...]:
    """Return the names of the classes, without loading the samples; empty without labels."""
    if setting:
        return ()
    if name in SOURCES:
        return SOURCES[name].classes
    return read_classes(_required_path(path, name), labels)


def sizes(
    name: str,
    path: StrPath | None = None,
    labels: str | None = None,
    test_share: float = 0.2,
    pad: int = 2,
    train: int | None = None,
    test: int | None = None,
    setting: Setting | None = None,
    rows: int | None = None,
    **others: object,
) -> Sizes:
    """Return the sizes of a data set, if possible without loading it; ``others`` are ignored.

    ``train`` and ``test`` are the maximum of training and test samples to use; see `load` for
    ``name`` and ``path``, `load_known`, `load_own` and `LabelledRows` for the other parameters.
    """
    if name in SOURCES:
        source = SOURCES[name]
        size = Sizes(source.train, source.test, (source.side + 2 * pad) ** 2, len(source.classes))
    else:
        path = _required_path(path, name)
        size = read_sizes(path, labels, test_share, classes=0 if setting else None)
    if setting:
        drawn = sizes_of(read_anomalous(_required_path(path, name), labels), setting, rows)
        return size._replace(train=drawn[0], test=drawn[1])
    return size._replace(
        train=min(train or size.train, size.train), test=min(test or size.test, size.test)
    )
