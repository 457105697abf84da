"""The error that every reader of data raises, and lists of names in its messages."""

from collections.abc import Iterable


class DatasetError(ValueError):
    """A data set is missing, damaged or unsuitable; the message is one line."""

    def __init__(self, message: str) -> None:
        # Names in the data may contain line breaks
        super().__init__(" ".join(message.splitlines()))


def join_names(names: Iterable[object], most: int = 20) -> str:
    """Join names with commas, at most the first ``most``."""
    listed = list(map(str, names))
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if listed[most:] else "")
