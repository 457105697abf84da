"""The error that every reader of data raises."""


class DatasetError(ValueError):
    """A data set is missing, damaged or unsuitable; the message is one line."""

    def __init__(self, message: str) -> None:
        # Names in the data may contain line breaks
        super().__init__(" ".join(message.splitlines()))
