"""What jobs took, from the benchmark files of results: what a profile has to ask for.

python benchmarks/resources.py results/claims/mnist
"""

import sys
from pathlib import Path

import pandas as pd


def taken(results):
    """Memory in MiB and minutes of the greediest job of each rule, and how many there were."""
    rows = [
        {"rule": path.parent.name, **pd.read_csv(path, sep="\t", na_values="-").iloc[0]}
        for path in Path(results, "benchmarks").rglob("*.tsv")
    ]
    jobs = pd.DataFrame(rows).groupby("rule")
    return pd.DataFrame(
        {"jobs": jobs.size(), "MiB": jobs["max_rss"].max(), "minutes": jobs["s"].max() / 60}
    ).sort_values("MiB", ascending=False)


if __name__ == "__main__":
    print(taken(sys.argv[1]).to_string(float_format="{:.1f}".format))
