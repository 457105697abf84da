"""Measure PyOD's detectors on tables with known anomalies, on the splits of kerasae, as a CSV file.

    python benchmarks/pyod_tables.py COLLECTION SETTING OUTPUT.csv [SEED ...]

COLLECTION is a folder of .npz files with X and y. It needs a Python in which PyOD, PyTorch and
scikit-learn are installed: make bench creates one, .venv-bench. Rows that are there already are
kept, so that it can be stopped and started again.
"""

import csv
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from kerasae.datasets import GIVEN, load
from kerasae.evaluation.measures.anomaly import (
    auroc,
    average_precision,
    detector_scores,
)

ROWS = 10_000
DETECTORS = {
    "pyod_autoencoder": {"estimator": "pyod.models.auto_encoder:AutoEncoder", "verbose": 0},
    # By default the divergence is clamped to 0, which is no VAE
    "pyod_vae": {"estimator": "pyod.models.vae:VAE", "capacity": 1000.0, "verbose": 0},
    "pyod_vae_default": {"estimator": "pyod.models.vae:VAE", "verbose": 0},
    "pyod_pca": {"estimator": "pyod.models.pca:PCA"},
    "pyod_ecod": {"estimator": "pyod.models.ecod:ECOD"},
}
COLUMNS = ("dataset", "method", "seed", "auroc", "average_precision", "seconds")


def main(collection, setting, output, *seeds):
    """Measure all detectors on all files with all seeds."""
    import torch

    torch.set_num_threads(1)
    output, known = Path(output), set()
    if output.exists():
        with open(output, newline="") as file:
            known = {(row["dataset"], row["method"], row["seed"]) for row in csv.DictReader(file)}
    with open(output, "a", newline="") as file:
        writer = csv.writer(file)
        if not known:
            writer.writerow(COLUMNS)
        for path in sorted(Path(collection).glob("*.npz")):
            rows = load("table", path, setting=setting, rows=ROWS)
            for seed in seeds or "01234":
                data = rows.at(int(seed))
                _, anomalous = data.test(GIVEN)
                validation = max(1, len(data.x_train) // 10)
                for name, how in DETECTORS.items():
                    if (path.stem, name, seed) in known:
                        continue
                    began = time.perf_counter()
                    found = detector_scores(data, GIVEN, validation, int(seed), {name: how})
                    try:
                        [(_, _, values)] = found
                        areas = auroc(values, anomalous), average_precision(values, anomalous)
                    except ValueError as error:  # a detector that cannot take this table
                        print(path.stem, name, seed, error, file=sys.stderr)
                        areas = np.nan, np.nan
                    took = round(time.perf_counter() - began, 2)
                    writer.writerow([path.stem, name, seed, *areas, took])
                    file.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
