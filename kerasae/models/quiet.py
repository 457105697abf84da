"""Import Keras without what TensorFlow writes to the screen about processors and graphics cards."""

import contextlib
import importlib
import os
import sys


@contextlib.contextmanager
def _no_standard_error():
    """Discard what any code, also outside of Python, writes to the standard error."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as devnull:
        os.dup2(devnull.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def import_keras():
    """Import Keras and its backend, once, and let TensorFlow look for devices.

    ``TF_CPP_MIN_LOG_LEVEL=0`` shows the messages.
    """
    if "keras" in sys.modules or os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        return importlib.import_module("keras")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _no_standard_error():
        keras = importlib.import_module("keras")
        if keras.backend.backend() == "tensorflow":
            importlib.import_module("tensorflow").config.list_physical_devices()
    return keras
