"""Time NumPy's single-precision matrix products; prints JSON.

python sgemm.py '[[m, k, n], …]'
"""

import json
import sys
import time

import numpy as np

REPEATS, ROUNDS = 40, 5


def seconds(function):
    """Time of one call, the least of some rounds."""
    function()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(REPEATS):
            function()
        times.append((time.perf_counter() - began) / REPEATS)
    return min(times)


def product(m, k, n):
    """Time of one product (m, k) @ (k, n)."""
    rng = np.random.default_rng(0)
    left, right = (rng.random(shape, dtype=np.float32) for shape in ((m, k), (k, n)))
    out = np.empty((m, n), np.float32)
    return seconds(lambda: np.matmul(left, right, out=out))


def one_pass():
    """Time to read two arrays of a batch's size and to write one."""
    one, other, out = (np.ones((256, 1024), np.float32) for _ in range(3))
    return seconds(lambda: np.add(one, other, out=out))


shapes = [tuple(shape) for shape in json.loads(sys.argv[1])]
times = {shape: product(*shape) for shape in sorted(set(shapes))}
flop = sum(2 * m * k * n for m, k, n in shapes)
print(json.dumps({"seconds": sum(map(times.get, shapes)), "flop": flop, "pass": one_pass()}))
