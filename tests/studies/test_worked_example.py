"""The example of the page on statistics, computed again with SciPy alone."""

import csv
import re

import numpy as np
import pytest
from projects import ROOT
from scipy import stats

PAGE = (ROOT / "docs/statistics.md").read_text(encoding="utf-8")
VAES = ("vae", "beta_vae_strict", "beta_vae_loose")
OTHERS = ("shallow", "vanilla", "stacked", "stacked_pixels", "sparse", "denoising", "vq")
AUTOENCODERS = (*OTHERS, *VAES)


def scores(task, metric, **qualifiers):
    """Values by seed of every autoencoder; of VAEs by the posterior mean."""
    values = {name: {} for name in AUTOENCODERS}
    with (ROOT / "studies/bake_off/scores/article.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            code = "mean" if row["variant"] in VAES else ""
            wanted = {"dataset": "mnist", "task": task, "metric": metric, "code": code} | qualifiers
            if row["variant"] in values and wanted.items() <= row.items():
                values[row["variant"]][int(row["seed"])] = float(row["value"])
    return {name: np.array([row[seed] for seed in sorted(row)]) for name, row in values.items()}


def cells(first):
    """Cells of the row of a table that starts with a text."""
    (row,) = re.findall(rf"^\| {re.escape(first)} \|(.*)\|$", PAGE, re.MULTILINE)
    return [cell.strip() for cell in row.split("|")]


def number(text):
    return float(text.replace("−", "-"))


def test_the_interval():
    losses = scores("reconstruction", "bce")
    first = min(losses, key=lambda name: losses[name].mean())
    values = losses[first]
    assert f"The test loss of {first} on MNIST" in PAGE
    assert [*map(number, cells("loss"))] == pytest.approx(values, abs=6e-4)
    count = len(values)
    low, high = stats.t.interval(0.95, count - 1, values.mean(), stats.sem(values))
    assert number(cells("mean")[1]) == pytest.approx(values.mean(), abs=6e-4)
    assert number(cells("standard error")[1]) == pytest.approx(stats.sem(values), abs=6e-5)
    interval = map(number, cells("95 % interval")[1].split(" to "))
    assert [*interval] == pytest.approx([low, high], abs=6e-4)
    assert number(cells("half the width")[1]) == pytest.approx((high - low) / 2, abs=6e-4)
    quantiles = [stats.t(n - 1).ppf(0.975) for n in (2, 3, 5, 10)]
    assert [*map(number, cells("t"))] == pytest.approx(quantiles, abs=6e-3)


def test_the_comparisons_and_their_correction():
    losses = scores("reconstruction", "bce")
    first = min(losses, key=lambda name: losses[name].mean())
    others = [name for name in losses if name != first]
    p_values = {name: stats.ttest_rel(losses[name], losses[first]).pvalue for name in others}
    others.sort(key=p_values.get)
    largest = 0.0
    for at, name in enumerate(others):
        largest = min(max(largest, (len(others) - at) * p_values[name]), 1.0)
        (row,) = re.findall(rf"^\| {name} \| (.* ± .*) \|$", PAGE, re.MULTILINE)
        difference, p, factor, corrected, verdict = row.split(" | ")
        mean, half = map(number, difference.split(" ± "))
        low, high = stats.ttest_rel(losses[name], losses[first]).confidence_interval()
        assert (mean - half, mean + half) == pytest.approx((low, high), abs=0.011)
        assert number(p) == pytest.approx(p_values[name], rel=0.06)
        assert int(factor) == len(others) - at
        assert number(corrected) == pytest.approx(largest, rel=0.06)
        assert verdict == ("tied" if largest > 0.05 else "worse")


def test_the_verdict():
    accuracy = scores("classification", "accuracy", probe="logistic")
    differences = accuracy["sparse"] - accuracy["vanilla"]
    by_seed, interval, claimed = cells("sparse − vanilla")
    assert [*map(number, by_seed.split(","))] == pytest.approx(differences, abs=6e-5)
    mean, half = map(number, interval.split(" ± "))
    low, high = stats.ttest_1samp(differences, 0).confidence_interval()
    assert (mean - half, mean + half) == pytest.approx((low, high), abs=1.1e-4)
    bound = number(claimed.removeprefix("below "))
    assert low > bound
    p = stats.ttest_1samp(differences, bound).pvalue
    p_on_page = re.search(r"= [\d.]+, p = (\S+)\. It is at most", PAGE)[1]
    assert number(p_on_page) == pytest.approx(p, rel=0.06)
