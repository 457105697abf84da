"""Files that are there whole or not at all."""

import contextlib
import os
import uuid
from pathlib import Path


@contextlib.contextmanager
def whole(path):
    """Give a temporary path to write to, which becomes ``path`` when all went well.

    A process that is killed while it writes, or a machine that goes down, leaves what stood at
    ``path`` before.

    Parameters
    ----------
    path : path-like
        Where the file shall be. Its folder is made if it is missing.

    Yields
    ------
    pathlib.Path
        A path in the same folder with the same ending.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}{path.suffix}")
    try:
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())  # or the new name could outlive a crash, and the content not
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
