"""How fast the bake-off trains, as ratios within one run.

    python benchmarks/run.py --torch PYTHON_WITH_TORCH [training fits loading scale graph]

Prints tables and writes them, with a plot, into ``results/bench/``. Every ratio compares what ran
one after the other, and is the median over some rounds.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd

from kerasae import datasets
from kerasae.evaluation.metrics.training_time import time_metrics

HERE = Path(__file__).parent
OUT = Path("results/bench")
CORES = len(os.sched_getaffinity(0))
VARIANTS = ("shallow", "vanilla", "stacked", "sparse", "denoising", "vae", "vq")
DEEP_LATENT, COUNT, EPOCHS = 20, 25_600, 6
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
SIZES = ((700, 12), (2_500, 64), (50_000, 10))  # rows and columns of tables
PASSES = 3  # to scale the images; to compute the loss; to compute its gradient


def start(python, script, *arguments, threads=1):
    """Start one of the scripts beside this one."""
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **(ONE_THREAD if threads == 1 else {}),
    }
    command = [python, str(HERE / script), *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process):
    """Wait for a script, and read what it printed last."""
    out, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(process.args)} failed:\n{errors[-2000:]}")
    return json.loads(out.strip().splitlines()[-1])


def per_epoch(answer):
    """Seconds of an epoch, the mean over the stages of the median without the first."""
    frame = pd.DataFrame({"seconds": answer["seconds"], "stage": answer["stage"]})
    return frame[frame["stage"].duplicated()].groupby("stage")["seconds"].median().mean()


def training(images, torch, rounds):
    """Each model against NumPy's matrix products and against PyTorch, one thread each."""
    rows = []
    for number in range(rounds):
        for variant in VARIANTS:
            began = time.perf_counter()
            ours = finish(
                start(sys.executable, "ours.py", variant, DEEP_LATENT, images, COUNT, EPOCHS)
            )
            wall = time.perf_counter() - began
            stages = ours["products"]
            gemm = [finish(start(sys.executable, "sgemm.py", json.dumps(part))) for part in stages]
            plain = finish(
                start(torch, "pytorch.py", variant, DEEP_LATENT, images, COUNT, EPOCHS, "memory")
            )
            steps = COUNT // 256
            limit = steps * np.mean([part["seconds"] for part in gemm])
            history = pd.DataFrame({key: ours[key] for key in ("seconds", "stage", "load")})
            rows.append(
                {
                    "variant": variant,
                    "round": number,
                    "seconds": per_epoch(ours),
                    "sgemm_seconds": limit,
                    "sgemm_gflops": steps * np.mean([part["flop"] for part in gemm]) / limit / 1e9,
                    "pass_seconds": steps * PASSES * np.mean([part["pass"] for part in gemm]),
                    "torch_seconds": per_epoch(plain),
                    "compilation_seconds": time_metrics(history)["compilation"],
                    "overhead_seconds": wall - EPOCHS * per_epoch(ours),
                    "megabytes": ours["megabytes"],
                }
            )
            print(f"  round {number + 1}: {variant}", file=sys.stderr, flush=True)
    table = pd.DataFrame(rows)
    table["of_sgemm"] = table["sgemm_seconds"] / table["seconds"]
    table["of_sgemm_and_passes"] = (table["sgemm_seconds"] + table["pass_seconds"]) / table[
        "seconds"
    ]
    table["times_torch"] = table["torch_seconds"] / table["seconds"]
    table.to_csv(OUT / "training.csv", index=False)
    plot(table)
    return table.drop(columns="round").groupby("variant", sort=False).median()


def fits(images, torch, rounds):
    """One fit of a detector beside PyOD's of the same widths, epochs and batch, on one thread."""
    rows = []
    for number in range(rounds):
        for size in SIZES:
            row = {"rows": size[0], "columns": size[1], "round": number}
            for side, python in (("kerasae", sys.executable), ("pyod", torch)):
                row[side] = finish(start(python, "fits.py", side, *size))["seconds"]
            rows.append(row)
            print(f"  round {number + 1}: {size[0]} rows", file=sys.stderr, flush=True)
    table = pd.DataFrame(rows)
    table["times_pyod"] = table["pyod"] / table["kerasae"]
    table.to_csv(OUT / "fits.csv", index=False)
    return table.drop(columns="round").groupby(["rows", "columns"], sort=False).median()


def loading(images, torch, rounds):
    """All cores each: trainings side by side, and DataLoaders that load sample by sample.

    ``loader`` takes rows of a tensor, ``pictures`` goes by way of a padded picture.
    """
    rows = []
    for _ in range(rounds):
        side_by_side = [
            start(sys.executable, "ours.py", "vanilla", DEEP_LATENT, images, COUNT, EPOCHS)
            for _ in range(CORES)
        ]
        ours = np.mean([COUNT / per_epoch(finish(process)) for process in side_by_side]) * CORES
        row = {"images_per_second": ours}
        for way in ("loader", "pictures"):
            arguments = ("pytorch.py", "vanilla", DEEP_LATENT, images, COUNT, 3, way)
            row[way] = COUNT / per_epoch(finish(start(torch, *arguments, threads=CORES)))
            row[f"times_{way}"] = ours / row[way]
        rows.append(row)
    table = pd.DataFrame(rows)
    table.to_csv(OUT / "loading.csv", index=False)
    return table.median().to_frame().T


def scale(images, torch, rounds):
    """Time and memory from 10,000 to 1,000,000 images."""
    rows = []
    for count in (10_000, 100_000, 1_000_000):
        answer = finish(start(sys.executable, "ours.py", "vanilla", DEEP_LATENT, images, count, 3))
        seconds = per_epoch(answer)
        rows.append(
            {
                "images": count,
                "seconds": seconds,
                "microseconds_per_image": 1e6 * seconds / count,
                "megabytes": answer["megabytes"],
                "megabytes_of_images": count * 1024 / 2**20,
            }
        )
    table = pd.DataFrame(rows)
    table.to_csv(OUT / "scale.csv", index=False)
    return table.set_index("images")


def graph(images, torch, rounds):
    """The tour with one core and with all."""
    rows = []
    for cores in (1, CORES):
        command = ["snakemake", "--cores", str(cores), "--forceall", "--quiet", "all"]
        command += ["--configfile", "workflow/configs/tour.yaml"]
        command += ["--config", f"results={OUT}/cores{cores}"]
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        rows.append({"cores": cores, "seconds": time.perf_counter() - began})
    table = pd.DataFrame(rows)
    table["times_one_core"] = table["seconds"].iloc[0] / table["seconds"]
    table.to_csv(OUT / "graph.csv", index=False)
    return table.set_index("cores")


def plot(table):
    """Draw both ratios of every model, a dot a round."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained", sharey=True)
    panels = (
        ("of_sgemm", 0.7, "share of NumPy's matrix-product rate"),
        ("times_torch", 1.3, "times the throughput of PyTorch"),
    )
    places = table["variant"].map(VARIANTS.index)
    for ax, (column, goal, label) in zip(axes, panels, strict=True):
        ax.plot(table[column], places, "o", color="#0072B2", alpha=0.7)
        ax.axvline(goal, color="#D55E00", linestyle="--", label=f"goal: {goal}")
        ax.set(xlabel=label, xlim=(0, None))
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1))
    axes[0].set_yticks(range(len(VARIANTS)), VARIANTS)
    axes[0].invert_yaxis()
    figure.suptitle("Training throughput on one thread, a dot a round (right is better)")
    figure.savefig(OUT / "training.png", dpi=150)


PARTS = {"training": training, "fits": fits, "loading": loading, "scale": scale, "graph": graph}


def main():
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="by default all")
    parser.add_argument("--torch", required=True, help="a Python that has PyTorch")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    images = OUT / "images.npy"
    np.save(images, datasets.load("mnist").x_train)
    for name in arguments.parts or PARTS:
        part = PARTS[name]
        print(f"{name}: {part.__doc__.splitlines()[0]}", flush=True)
        print(
            part(images, arguments.torch, arguments.rounds).round(3).to_string(), "\n", flush=True
        )
    images.unlink()


main()
