"""Labels and names as text, and the tokens that stand for classes in the names of files."""

import re
import unicodedata

import numpy as np

from kerasae.datasets.errors import DatasetError

NO_CLASS, GIVEN = "none", "given"
"""Instead of the class that a run leaves out: it leaves out none, and, where anomalies were
given, is to find these."""
MOST = 2**53
"""Up to which floats can tell whole numbers apart."""
LONGEST_TOKEN = 64
CONTROL = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories without a place in a line of text: controls, surrogates, line ends."""
BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Controls that change the order in which the text around them is shown."""


def plain_text(text, path, what):
    """Bring a name to one form: without spaces around it, its accents composed (NFC).

    Raises
    ------
    DatasetError
        If it holds the end of a line or another control character.
    """
    text = unicodedata.normalize("NFC", str(text)).strip()
    if any(unicodedata.category(c) in CONTROL or c in BIDIRECTIONAL for c in text):
        raise DatasetError(
            f"{path}: a {what} with the end of a line or another control character. Expected "
            f"printable text. Received: {text!a}"
        )
    return text


def tokens(classes):
    """Name classes so that the names can be part of a file's name.

    Parameters
    ----------
    classes : sequence of str
        Labels, all different.

    Returns
    -------
    tuple of str
        For each label the label itself, where it consists of ASCII letters, digits and ``_``, at
        most 64, differs from all others in more than capitals, and is no reserved word; else
        ``class_<number>`` by its place in ``classes``.
    """
    lower = [label.lower() for label in classes]
    return tuple(
        label
        if re.fullmatch(r"[A-Za-z0-9_]+", label)
        and len(label) <= LONGEST_TOKEN
        and lower.count(lower[number]) == 1
        and not re.fullmatch(rf"{NO_CLASS}|{GIVEN}|class_\d+", lower[number])
        else f"class_{number}"
        for number, label in enumerate(classes)
    )


def text_of(token, classes):
    """Give the label that a token stands for; `NO_CLASS` and `GIVEN` stand for themselves."""
    return dict(zip(tokens(classes), classes, strict=True)).get(token, token)


def class_names(path, *parts):
    """Name the classes of some arrays of labels: numbers in their order, then words.

    Parameters
    ----------
    path : path-like
        Where the labels are from, for the messages.
    *parts : array
        Labels; None where there are none.

    Returns
    -------
    tuple of str
    """
    raw = {}
    for part in parts:
        if part is not None:
            for label in np.unique(plain_labels(path, part)).tolist():
                raw.setdefault(class_name(label, path), set()).add(str(label))
    names = sorted(raw, key=place)
    unlike = [spellings for spellings in raw.values() if len(set(map(whole_number, spellings))) > 1]
    if unlike:
        raise DatasetError(
            f"{path}: labels that differ in spaces or in the encoding of accents alone. Write each "
            f"class in one way. Received: {', '.join(map(repr, sorted(unlike[0])))}"
        )
    if {"", NO_CLASS, GIVEN} & set(names):
        raise DatasetError(
            f"{path}: a label that is no name of a class. Expected some text, and neither "
            f"'{NO_CLASS}' nor '{GIVEN}'. Received: {', '.join(map(repr, names[:20]))}"
        )
    return tuple(names)


def whole_number(text):
    """Write 1.0 as 1; other text, such as 01 and 1.5, stays as it is."""
    return re.sub(r"^(-?(?:0|[1-9][0-9]*))\.0*$", r"\1", text)


def class_name(label, path="labels"):
    """Give the text of a label."""
    return whole_number(plain_text(label, path, "label"))


def place(name):
    """Key to sort names of classes: numbers before words."""
    number = re.fullmatch(r"-?[0-9]{1,300}", name)
    return (0, int(name), name) if number else (1, 0, name)


def encode(labels, classes):
    """Turn labels (n,) into the numbers of their classes, from 0."""
    if labels is None:
        return None
    known, places = np.unique(plain_labels("labels", labels), return_inverse=True)
    numbers = {name: number for number, name in enumerate(classes)}
    return np.array([numbers[class_name(label)] for label in known.tolist()])[places.ravel()]


def plain_labels(path, labels):
    """Bring labels to a flat array of whole numbers or text, or say why they are no classes."""
    labels = np.ravel(np.asarray(labels))
    if labels.dtype.kind == "O":
        missing = [label is None or label != label for label in labels]
        if any(missing):
            raise DatasetError(f"{path}: {sum(missing)} labels are missing. Fill them in")
        labels = labels.astype(str)
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "backslashreplace")
    if labels.dtype.kind == "f":
        labels = labels.astype(np.float64)
        if not np.isfinite(labels).all():
            missing = int((~np.isfinite(labels)).sum())
            raise DatasetError(f"{path}: {missing} labels are missing. Fill them in")
        broken = labels[(labels != np.round(labels)) | (abs(labels) > MOST)]
        if broken.size:
            raise no_classes(path, broken[0])
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "biuU":
        raise no_classes(path, labels.dtype)
    if labels.dtype.kind == "U":
        check_measurements(path, labels)
    return labels


def check_measurements(path, labels):
    """Refuse labels in words that are numbers, and not whole: no classes, but a measurement."""
    try:
        values = np.unique(labels).astype(float)
    except ValueError:
        return
    broken = values[~(np.isfinite(values) & (values == np.round(values)))]
    if broken.size:
        raise no_classes(path, broken[0])


def no_classes(path, received):
    """Say what labels have to be."""
    return DatasetError(
        f"{path}: labels have to be classes, whole numbers or words. Received: {received}"
    )
