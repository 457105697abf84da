"""Describe a data set in words, with what may distort its results."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kerasae.datasets.dataset import Dataset
from kerasae.datasets.images import list_images, names_within
from kerasae.datasets.labelled_rows import LabelledRows, sizes_of
from kerasae.types import StrPath


def described(name: str, data: Dataset | LabelledRows, options: Mapping[str, Any]) -> str:
    """Describe a data set in Markdown; ``options`` are those of `kerasae.datasets.load`."""
    if isinstance(data, LabelledRows):
        return _described_rows(name, data, options)
    kind = _kind_of(data.x_train)
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
        lines.append(f"- classes: {', '.join(f'{_as_code(label)} ({n:,})' for label, n in pairs)}")
    if data.anomalies is not None:
        lines.append(f"- {len(data.anomalies):,} known anomalies")
    lines += [f"- {key}: {_as_code(value)}" for key, value in options.items()]
    sentences = notes(data)
    if data.preprocessing is not None and data.preprocessing.colours:  # read from a folder
        sentences += unread_notes(options.get("path"), options.get("anomalies"))
    return "\n".join([*lines, *(f"- {sentence}" for sentence in sentences)]) + "\n"


def _described_rows(name: str, data: LabelledRows, options: Mapping[str, Any]) -> str:
    """Describe samples with known anomalies, see `described`."""
    train, test = sizes_of(data.anomalous, data.setting, data.rows)
    lines = [
        f"# {name}",
        "",
        f"- {len(data.samples):,} {_kind_of(data.samples)}, "
        f"{np.count_nonzero(data.anomalous):,} of them anomalies",
        f"- each seed draws {train:,} to train on and {test:,} to test on",
        *(f"- {key}: {_as_code(value)}" for key, value in options.items()),
    ]
    if data.form.get("colours"):
        lines += [f"- {note}" for note in unread_notes(options.get("path"))]
    if data.setting == "semi_supervised":  # else the test set is the training set
        lines += [f"- {note} (seed 0)" for note in notes(data.for_seed(0).with_anomalies())]
    return "\n".join(lines) + "\n"


def _kind_of(samples: np.ndarray) -> str:
    """Return the kind and shape of samples in words."""
    shape = "×".join(map(str, samples.shape[1:]))
    return f"images of {shape}" if samples.ndim > 2 else f"rows of {shape} numbers"


def _as_code(value: object) -> str:
    """Format a value for Markdown, as code if it contains markup characters."""
    text = " ".join(str(value).split())
    if re.fullmatch(r"[\w ./-]*", text) and "__" not in text:
        return text
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{ticks} {text} {ticks}" if "`" in text else f"{ticks}{text}{ticks}"


def notes(data: Dataset) -> list[str]:
    """List the peculiarities of a data set, one sentence for each.

    Fewer than two classes, constant columns, duplicate samples, test samples in the training set.
    """
    sentences = []
    if not data.classes:
        sentences.append("There are no labels: tasks that need them are skipped.")
    elif len(data.classes) == 1:
        sentences.append(
            f"There is one class, {_as_code(data.classes[0])}: tasks that need several are skipped."
        )
    rows = data.x_train.reshape(len(data.x_train), -1)
    constant = np.count_nonzero(np.ptp(rows, axis=0) == 0)
    if constant and data.x_train.ndim == 2:
        sentences.append(f"{constant} of {rows.shape[1]} columns are constant in the training set.")
    seen = {hash(row.tobytes()) for row in rows}  # the bytes themselves would double the memory
    if len(seen) < len(rows):
        sentences.append(f"{len(rows) - len(seen)} training samples are duplicates.")
    test_rows = data.x_test.reshape(len(data.x_test), -1)
    leaked = sum(hash(row.tobytes()) in seen for row in test_rows)
    if leaked:
        sentences.append(
            f"{leaked} of {len(test_rows)} test samples are also in the training set: test scores "
            "favour models that memorise."
        )
    return sentences


def unread_notes(*paths: StrPath | None) -> list[str]:
    """Name the files in folders of images that are not read: one sentence for each folder."""
    folders = [Path(path) for path in paths if path is not None and Path(path).is_dir()]
    unread = {folder: list_images(folder).unread for folder in folders}
    return [
        f"Files in {_as_code(folder)} that are not read as images: "
        f"{_as_code(names_within(folder, files))}."
        for folder, files in unread.items()
        if files
    ]
