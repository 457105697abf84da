"""Measure detectors of kerasae and PyOD on tables with known anomalies, as a CSV file.

    python benchmarks/table_detectors.py COLLECTION SETTING SPLITS OUTPUT.csv [SEED ...]

COLLECTION is a folder of .npz files with X and y; SETTING is semi_supervised or unsupervised.
SPLITS are those of workflow/configs/tables.yaml, or published: as in the code of On Diffusion
Modeling for Anomaly Detection (Livernoche et al., ICLR 2024; vicliv/DTE), which has no validation
set, trains on the first half in the order of the file, and draws 50,000 rows in a random order from
larger tables. It also draws 1,000 rows with replacement from smaller tables, which is not repeated
here, as copies of a row are then on both sides. PyOD's detectors need PyOD and PyTorch: make bench
creates such an environment, .venv-bench; elsewhere they are left out. Rows that are in the file
already are kept, so that it can be stopped and started again.
"""

import csv
import importlib.util
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from kerasae.datasets import GIVEN, load
from kerasae.evaluation.metrics.anomaly import (
    auroc,
    average_precision,
    detector_scores,
)

ROWS = {"tables": 10_000, "published": 50_000}
OURS = {
    "no_model": {},
    "nearest_neighbours": {},
    "isolation_forest": {},
    "full_covariance": {"estimator": "sklearn.mixture:GaussianMixture", "reg_covar": 0.001},
}
PYOD = {
    "pyod_autoencoder": {"estimator": "pyod.models.auto_encoder:AutoEncoder", "verbose": 0},
    # By default the divergence is clamped to 0, which is no VAE
    "pyod_vae": {"estimator": "pyod.models.vae:VAE", "capacity": 1000.0, "verbose": 0},
    "pyod_pca": {"estimator": "pyod.models.pca:PCA"},
    "pyod_iforest": {"estimator": "pyod.models.iforest:IForest"},
    "pyod_knn": {"estimator": "pyod.models.knn:KNN"},
    "pyod_knn_32": {"estimator": "pyod.models.knn:KNN", "n_neighbors": 32},
    "pyod_ecod": {"estimator": "pyod.models.ecod:ECOD"},
}
NEURAL = ("pyod_autoencoder", "pyod_vae")
COLUMNS = ("setting", "dataset", "rows", "method", "seed", "auroc", "average_precision", "seconds")
KEYS = ("setting", "dataset", "method", "seed")


def known_rows(output):
    """Read the setting, data set, method and seed of the rows in the file."""
    if not output.exists():
        return set()
    with open(output, newline="") as file:
        return {tuple(row[key] for key in KEYS) for row in csv.DictReader(file)}


def table(path, setting, splits):
    """Read a table, and how its rows are drawn."""
    how = {"setting": setting, "rows": ROWS[splits]}
    rows = load("table", path, **how)
    if splits == "published" and len(rows.anomalous) <= ROWS[splits]:
        rows = load("table", path, **how, order="file")
    return rows


def measure(data, validation, seed, name, how):
    """AUROC and average precision of a detector, NaN if it cannot take the data, and seconds."""
    began = time.perf_counter()
    _, anomalous = data.test(GIVEN)
    try:
        [(_, _, values)] = detector_scores(data, GIVEN, validation, seed, {name: how})
        found = auroc(values, anomalous), average_precision(values, anomalous)
    except ValueError as error:
        print(f"{name}, seed {seed}: {error}", file=sys.stderr)
        found = np.nan, np.nan
    return *found, round(time.perf_counter() - began, 2)


def main(collection, setting, splits, output, *seeds):
    """Measure all detectors on all files with all seeds."""
    chosen = dict(OURS)
    if importlib.util.find_spec("pyod"):
        import torch

        torch.set_num_threads(1)
        # Those without epochs serve to check the splits against published figures
        left_out = NEURAL if splits == "published" else ()
        chosen |= {name: how for name, how in PYOD.items() if name not in left_out}
    output = Path(output)
    known = known_rows(output)
    with open(output, "a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not known:
            writer.writerow(COLUMNS)
        for path in sorted(Path(collection).glob("*.npz")):
            rows = table(path, setting, splits)
            for seed in seeds or "01234":
                data = rows.for_seed(int(seed))
                validation = max(1, len(data.x_train) // 10) if splits == "tables" else 0
                for name, how in chosen.items():
                    if (setting, path.stem, name, seed) not in known:
                        found = measure(data, validation, int(seed), name, how)
                        row = [setting, path.stem, len(rows.anomalous), name, seed, *found]
                        writer.writerow(row)
                        file.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
