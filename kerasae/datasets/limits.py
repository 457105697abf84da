"""Limits of what is read: regular files, and no more than fits into memory."""

from pathlib import Path

from kerasae.datasets.errors import DatasetError

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def available_memory():
    """Available memory in bytes, or None if the system does not report it."""
    found = []
    try:
        lines = dict(line.split(":", 1) for line in MEMINFO.read_text().splitlines())
        found.append(1024 * int(lines["MemAvailable"].split()[0]))
    except (OSError, KeyError, ValueError):
        pass
    try:
        limit, used = (int((CGROUP / f"memory.{key}").read_text()) for key in ("max", "current"))
        found.append(max(0, limit - used))
    except (OSError, ValueError):  # no limit is the word max
        pass
    return min(found, default=None)


def check_memory(path, needed, what):
    """Raise `DatasetError` if data need more than half of the available memory.

    Parameters
    ----------
    path : path-like
        Origin of the data, for the message.
    needed : int
        Bytes of the arrays when read; the other half of the memory is for copies.
    what : str
        Description of the data, such as their shape.
    """
    available = available_memory()
    if available is not None and needed > available / 2:
        raise DatasetError(
            f"{path}: too large. Expected at most {available / 2e9:.2g} GB, half of the available "
            f"memory. Received: {needed / 1e9:.2g} GB ({what})"
        )


def check_regular(path):
    """Raise `DatasetError` for pipes, sockets and devices, which can block, and for dead links."""
    if path.is_symlink() and not path.exists():
        raise DatasetError(
            f"{path} is a link to a missing file. Remove the link, or restore the file. "
            f"Received: {path.readlink()}"
        )
    if path.exists() and not path.is_file() and not path.is_dir():
        raise DatasetError(
            f"{path} is no regular file. Expected a file or a folder. "
            "Received: a pipe, a socket or a device"
        )
