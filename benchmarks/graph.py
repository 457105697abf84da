"""What Snakemake itself takes to plan a sweep: time and memory of a dry run, by its runs.

    python benchmarks/graph.py [100 1000 10000]

Prints a table, and writes it, with a plot, into ``results/bench/``.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib
import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from projects import copied

PER_SEED = 24  # nine variants and three baselines, on all classes and without one
OUT = Path("results/bench")


def planned(folder, runs):
    """Seconds and peak memory of a dry run of so many runs."""
    seeds = list(range(1, 1 + max(1, round(runs / PER_SEED))))
    (folder / "sweep.yaml").write_text(yaml.safe_dump({"seeds": seeds}))
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "-n",
        "--quiet",
        "rules",
        "--configfile",
        "sweep.yaml",
    ]
    begun = time.monotonic()
    with open(folder / "said.txt", "w+") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
        said.seek(0)
        words = said.read()
    if status:
        sys.exit(f"The dry run failed:\n{words[-2000:]}")
    total = next(line.split()[1] for line in words.splitlines() if line.startswith("total "))
    return {
        "runs": PER_SEED * len(seeds),
        "jobs": int(total),
        "seconds": seconds,
        "processor seconds": usage.ru_utime + usage.ru_stime,
        "MiB": usage.ru_maxrss / 1024,
    }


def plot(table):
    """Draw both against the number of runs."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(8, 3.5), layout="constrained")
    for ax, column, goal in zip(axes, ("seconds", "MiB"), (180, 2048), strict=True):
        ax.loglog(table["runs"], table[column], "o-", color="#0072B2", label="measured")
        ax.axhline(goal, color="#D55E00", linestyle="--", label="at most, for 10,000 runs")
        ax.set(xlabel="runs", ylabel=column, title=f"A dry run: {column}")
        ax.yaxis.set_minor_formatter("")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.savefig(OUT / "graph.png", dpi=150)


def main():
    runs = [int(text) for text in sys.argv[1:]] or [100, 1_000, 10_000]
    with tempfile.TemporaryDirectory() as folder:
        folder = copied(Path(folder))
        rows = []
        for number in runs:
            rows.append(planned(folder, number))
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    OUT.mkdir(parents=True, exist_ok=True)
    table.to_csv(OUT / "graph.csv", index=False)
    plot(table)
    print(table.to_string(index=False, float_format="{:,.1f}".format))


if __name__ == "__main__":
    main()
