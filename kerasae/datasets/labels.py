"""Labels as text, and tokens for classes in file names."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from kerasae.datasets.errors import DatasetError
from kerasae.types import StrPath

NO_CLASS, GIVEN = "none", "given"
"""In place of a held-out class: none is held out; the anomalies are a given set of samples."""
_MAX_EXACT_INTEGER = 2**53
"""Largest range in which floats represent all integers."""
_MAX_TOKEN_LENGTH = 64
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters not allowed in a line of text: controls, line breaks, surrogates."""


def one_line(text: object, path: StrPath, what: str) -> str:
    """Strip a name; raise `DatasetError` if it has a line break or another control character."""
    text = str(text).strip()
    if _CONTROL.search(text):
        raise DatasetError(
            f"{path}: a {what} with a line break or another control character. Expected printable "
            "text. In a table separate fields by commas, and close quotes. "
            f"Received: {text[:60]!a}"
        )
    return text


def tokens(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the tokens of classes, safe as part of a file name.

    Parameters
    ----------
    classes : sequence of str
        Labels, all different.

    Returns
    -------
    tuple of str
        For each class its label, if that has at most 64 characters, all of them ASCII letters,
        digits or ``_``, differs from other labels in more than case, and is not reserved; else
        ``class_<index>``.
    """
    lower = [label.lower() for label in classes]
    return tuple(
        label
        if re.fullmatch(r"[A-Za-z0-9_]+", label)
        and len(label) <= _MAX_TOKEN_LENGTH
        and lower.count(lower[number]) == 1
        and not re.fullmatch(rf"{NO_CLASS}|{GIVEN}|class_\d+", lower[number])
        else f"class_{number}"
        for number, label in enumerate(classes)
    )


def text_of(token: str, classes: Sequence[str]) -> str:
    """Return the label of the class with a token; `NO_CLASS` and `GIVEN` are returned unchanged."""
    return dict(zip(tokens(classes), classes, strict=True)).get(token, token)


def class_names(path: StrPath, *arrays: ArrayLike | None) -> tuple[str, ...]:
    """Return the names of the classes in arrays of labels: sorted numbers, then sorted words.

    ``path`` is the origin of the labels, for messages; an array may be None.
    """
    names = {name for labels in arrays if labels is not None for name in distinct(labels, path)[0]}
    if {"", NO_CLASS, GIVEN} & names:
        raise DatasetError(
            f"{path}: an empty or reserved label. Expected text other than '{NO_CLASS}' and "
            f"'{GIVEN}'. Received: {', '.join(map(repr, sorted(names)[:20]))}"
        )
    return tuple(sorted(names, key=_sort_key))


def encode(labels: ArrayLike | None, classes: Sequence[str]) -> np.ndarray | None:
    """Convert labels (n,) to class indices from 0."""
    if labels is None:
        return None
    names, inverse = distinct(labels, "labels")
    indices = {name: index for index, name in enumerate(classes)}
    return np.array([indices[name] for name in names])[inverse]


def distinct(labels: ArrayLike, path: StrPath) -> tuple[list[str], np.ndarray]:
    """Return the different labels' names, and the position (n,) of each label's name."""
    labels, inverse = np.unique(_normalized(labels, path), return_inverse=True)
    # Tables and arrays of floats write 1.0 for 1; others, such as 01 and 1.5, are left as they are
    names = [
        re.sub(r"^(-?(?:0|[1-9][0-9]*))\.0*$", r"\1", one_line(label, path, "label"))
        for label in labels.tolist()
    ]
    return names, inverse.ravel()


def _sort_key(name: str) -> tuple[int, int, str]:
    """Return the sort key of a class name: numbers before words."""
    number = re.fullmatch(r"-?[0-9]{1,300}", name)
    return (0, int(name), name) if number else (1, 0, name)


def _normalized(labels: ArrayLike, path: StrPath) -> np.ndarray:
    """Convert labels to a flat array of integers or text; raise `DatasetError` for others."""
    labels = np.ravel(np.asarray(labels))
    if labels.dtype.kind in "Of":
        from pandas import isna  # importing pandas takes longer than all of this package

        missing = np.count_nonzero(isna(labels))
        if missing:
            raise DatasetError(
                f"{path}: expected a label for every sample. Fill in the missing ones. Rename a "
                f"class such as NA or null, which tables read as missing. Received: {missing} "
                "missing labels"
            )
    if labels.dtype.kind == "O":
        labels = labels.astype(str)
    elif labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "backslashreplace")
    elif labels.dtype.kind not in "biufU":
        raise label_error(path, labels.dtype)
    if labels.dtype.kind == "f":
        _check_whole(labels, _MAX_EXACT_INTEGER, path)
        return labels.astype(np.int64)
    if labels.dtype.kind == "U":
        try:
            numbers = np.unique(labels).astype(np.float64)
        except ValueError:  # words
            return labels
        _check_whole(numbers, np.finfo(np.float64).max, path)
    return labels


def _check_whole(numbers: np.ndarray, most: float, path: StrPath) -> None:
    """Raise `DatasetError` for numbers with a fraction, which are measurements, not classes."""
    broken = numbers[(numbers != np.round(numbers)) | ~(np.abs(numbers) <= most)]
    if broken.size:
        raise label_error(path, broken[0])


def label_error(path: StrPath, received: object) -> DatasetError:
    """Make the error for labels that are no classes."""
    return DatasetError(
        f"{path}: expected classes as labels, whole numbers or words. Received: {received}"
    )
