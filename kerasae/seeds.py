"""One root seed, and a seed of its own for every purpose.

A shared seed would couple the data order, the initial weights and the noise. Two runs
of different models with the same root have the same split and the same data order,
so that they can be compared in pairs.
"""

import numpy as np


def derive(root: int, purpose: str) -> int:
    """Derive the seed of one purpose from the root seed.

    Parameters
    ----------
    root : int
        The seed of the run, not negative.
    purpose : str
        What the seed is for, such as ``"split"``, ``"order"`` or ``"weights/encoder/0"``.

    Returns
    -------
    int
        A seed in [0, 2**31), the same on every platform.
    """
    sequence = np.random.SeedSequence(root, spawn_key=tuple(purpose.encode()))
    return int(sequence.generate_state(1)[0] >> 1)
