"""Labels as text, and tokens for classes in file names."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from kerasae.datasets.errors import DatasetError
from kerasae.hints import StrPath

NO_CLASS, GIVEN = "none", "given"
"""In place of a held-out class: none is held out; the anomalies are a given set of samples."""
MAX_EXACT_INTEGER = 2**53
"""Largest range in which floats represent all integers."""
MAX_TOKEN_LENGTH = 64
CONTROL = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories not allowed in a line of text: controls, surrogates, line breaks."""
BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Controls that change the order in which surrounding text is displayed."""


def normalize_text(text: object, path: StrPath, what: str) -> str:
    """Strip a name and normalise it to Unicode NFC.

    Raises
    ------
    DatasetError
        If it contains a line break or another control character.
    """
    text = unicodedata.normalize("NFC", str(text)).strip()
    if any(unicodedata.category(c) in CONTROL or c in BIDIRECTIONAL for c in text):
        raise DatasetError(
            f"{path}: a {what} with a line break or another control character. Expected printable "
            f"text. Close the quotes of a table. Received: {text[:60]!a}"
        )
    return text


def tokens(classes: Sequence[str]) -> tuple[str, ...]:
    """Tokens of classes, safe as part of a file name.

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
        and len(label) <= MAX_TOKEN_LENGTH
        and lower.count(lower[number]) == 1
        and not re.fullmatch(rf"{NO_CLASS}|{GIVEN}|class_\d+", lower[number])
        else f"class_{number}"
        for number, label in enumerate(classes)
    )


def text_of(token: str, classes: Sequence[str]) -> str:
    """Label of the class with a token; `NO_CLASS` and `GIVEN` are returned unchanged."""
    return dict(zip(tokens(classes), classes, strict=True)).get(token, token)


def class_names(path: StrPath, *parts: ArrayLike | None) -> tuple[str, ...]:
    """Names of the classes in arrays of labels: sorted numbers, then sorted words.

    Parameters
    ----------
    path : path-like
        Origin of the labels, for messages.
    *parts : array or None
        Labels.

    Returns
    -------
    tuple of str
    """
    raw: dict[str, set[str]] = {}
    for part in parts:
        if part is not None:
            for label in np.unique(normalize_labels(path, part)).tolist():
                raw.setdefault(class_name(label, path), set()).add(str(label))
    names = sorted(raw, key=sort_key)
    ambiguous = [
        spellings for spellings in raw.values() if len(set(map(strip_zero_decimals, spellings))) > 1
    ]
    if ambiguous:
        raise DatasetError(
            f"{path}: labels that differ only in spaces or in the encoding of accents. Spell each "
            f"class in one way. Received: {', '.join(map(repr, sorted(ambiguous[0])))}"
        )
    if {"", NO_CLASS, GIVEN} & set(names):
        raise DatasetError(
            f"{path}: an empty or reserved label. Expected text other than "
            f"'{NO_CLASS}' and '{GIVEN}'. Received: {', '.join(map(repr, names[:20]))}"
        )
    return tuple(names)


def strip_zero_decimals(text: str) -> str:
    """Shorten 1.0 to 1; other text, such as 01 and 1.5, is returned unchanged."""
    return re.sub(r"^(-?(?:0|[1-9][0-9]*))\.0*$", r"\1", text)


def class_name(label: object, path: StrPath = "labels") -> str:
    """Name of the class with a label."""
    return strip_zero_decimals(normalize_text(label, path, "label"))


def sort_key(name: str) -> tuple[int, int, str]:
    """Sort key for class names: numbers before words."""
    number = re.fullmatch(r"-?[0-9]{1,300}", name)
    return (0, int(name), name) if number else (1, 0, name)


def encode(labels: ArrayLike | None, classes: Sequence[str]) -> np.ndarray | None:
    """Convert labels (n,) to class indices from 0."""
    if labels is None:
        return None
    known, inverse = np.unique(normalize_labels("labels", labels), return_inverse=True)
    indices = {name: index for index, name in enumerate(classes)}
    return np.array([indices[class_name(label)] for label in known.tolist()])[inverse.ravel()]


def normalize_labels(path: StrPath, labels: ArrayLike) -> np.ndarray:
    """Convert labels to a flat array of integers or text; raise `DatasetError` for others."""
    labels = np.ravel(np.asarray(labels))
    if labels.dtype.kind == "O":
        from pandas import isna  # importing pandas takes longer than all of this package

        absent = isna(labels)
        if absent.any():
            raise missing_labels(path, absent)
        labels = labels.astype(str)
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "backslashreplace")
    if labels.dtype.kind == "f":
        labels = labels.astype(np.float64)
        missing = ~np.isfinite(labels)
        if missing.any():
            raise missing_labels(path, missing)
        broken = labels[(labels != np.round(labels)) | (abs(labels) > MAX_EXACT_INTEGER)]
        if broken.size:
            raise label_error(path, broken[0])
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "biuU":
        raise label_error(path, labels.dtype)
    if labels.dtype.kind == "U":
        check_measurements(path, labels)
    return labels


def check_measurements(path: StrPath, labels: np.ndarray) -> None:
    """Raise `DatasetError` for text labels that are all numbers, some not whole: measurements."""
    try:
        values = np.unique(labels).astype(float)
    except ValueError:
        return
    broken = values[~(np.isfinite(values) & (values == np.round(values)))]
    if broken.size:
        raise label_error(path, broken[0])


def label_error(path: StrPath, received: object) -> DatasetError:
    """Error for labels that are no classes."""
    return DatasetError(
        f"{path}: expected classes as labels, whole numbers or words. Received: {received}"
    )


def missing_labels(path: StrPath, missing: np.ndarray) -> DatasetError:
    """Error for missing labels."""
    return DatasetError(
        f"{path}: expected a label for every sample. Fill in the missing ones. Rename a class such "
        f"as NA or null, which tables read as missing. Received: {np.sum(missing)} missing labels"
    )
