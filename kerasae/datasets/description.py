"""What a data set is and what is peculiar about it, in words."""

import re

import numpy as np


def described(name, data, options):
    """Describe a data set for its users.

    Parameters
    ----------
    name : str
        Of the data set.
    data : Dataset
        As loaded.
    options : mapping
        How it was loaded, see `kerasae.datasets.load`.

    Returns
    -------
    str
        Markdown.
    """
    shape = "×".join(map(str, data.x_train.shape[1:]))
    kind = f"images of {shape}" if data.x_train.ndim > 2 else f"rows of {shape} numbers"
    low, high = (f"{limit(data.x_train):g}" for limit in (np.min, np.max))
    lines = [
        f"# {name}",
        "",
        f"- {len(data.x_train):,} {kind} to train on, {len(data.x_test):,} to test on, "
        f"{data.x_train.dtype}, from {low} to {high}",
    ]
    if data.classes:
        counts = np.bincount(data.y_train, minlength=len(data.classes))
        pairs = zip(data.classes, counts, strict=True)
        lines.append(f"- classes: {', '.join(f'{as_code(label)} ({n:,})' for label, n in pairs)}")
    if data.anomalies is not None:
        lines.append(f"- {len(data.anomalies):,} anomalies given")
    lines += [f"- {key}: {as_code(value)}" for key, value in options.items()]
    return "\n".join([*lines, *(f"- {note}" for note in notes(data))]) + "\n"


def as_code(value):
    """Write a value into Markdown: as code where it could be taken for markup."""
    text = " ".join(str(value).split())
    if re.fullmatch(r"[\w ./-]*", text) and "__" not in text:
        return text
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{ticks} {text} {ticks}" if "`" in text else f"{ticks}{text}{ticks}"


def notes(data):
    """Say what is peculiar about a data set.

    Parameters
    ----------
    data : Dataset
        As loaded.

    Returns
    -------
    list of str
        A sentence each: too few classes, constant columns, samples that come twice.
    """
    found = []
    if not data.classes:
        found.append("There are no labels: what needs them is left out.")
    elif len(data.classes) == 1:
        found.append(
            f"There is one class, {as_code(data.classes[0])}: what needs several is left out."
        )
    rows = data.x_train.reshape(len(data.x_train), -1)
    constant = np.count_nonzero(np.ptp(rows, axis=0) == 0)
    if constant and data.x_train.ndim == 2:
        found.append(f"{constant} of {rows.shape[1]} columns are constant in the training part.")
    seen = {hash(row.tobytes()) for row in rows}  # their bytes would be the data once more
    if len(seen) < len(rows):
        found.append(f"{len(rows) - len(seen)} training samples repeat others.")
    tests = data.x_test.reshape(len(data.x_test), -1)
    again = sum(hash(row.tobytes()) in seen for row in tests)
    if again:
        found.append(
            f"{again} of {len(tests)} test samples are among the training samples too: what is "
            "measured on them flatters those that remember."
        )
    return found
