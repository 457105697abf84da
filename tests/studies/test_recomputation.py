"""Ten verdicts, computed again from the published scores with pandas and SciPy alone."""

import itertools

import numpy as np
import pandas as pd
import pytest
from projects import ROOT
from scipy import stats

VAES = ["vae", "beta_vae_strict", "beta_vae_loose"]
ALL = ["shallow", "vanilla", "stacked", "sparse", "denoising", *VAES, "vq"]
PATH = ROOT / "studies/bake_off/scores/article.csv"
SCORES = pd.read_csv(PATH, low_memory=False).query("dataset == 'mnist'")


def values(metric, variant, held_out="none", **where):
    """Values by seed; a blank code is that of a deterministic model."""
    rows = SCORES.query("metric == @metric and variant == @variant and held_out == @held_out")
    for column, wanted in where.items():
        rows = rows[(rows[column] == wanted) | (rows[column].isna() & (column == "code"))]
    return rows.set_index("seed")["value"]


def verdict(differences, bounds):
    """Verdict of differences by seed, each with a bound that they should lie above."""
    gains = [d.dropna() - bound for d, bound in zip(differences, bounds, strict=True)]
    p = np.array([stats.ttest_1samp(gain, 0).pvalue for gain in gains])
    above = np.array([gain.mean() > 0 for gain in gains])

    def holm(p):
        order = np.argsort(p)
        adjusted = np.empty(len(p))
        adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
        return adjusted

    if (above & (p <= 0.05)).all():
        return "supported"
    holds = (holm(np.where(above, p, 1)) <= 0.05).any()
    opposite = (holm(np.where(above, 1, p)) <= 0.05).any()
    names = {(True, True): "mixed", (False, True): "refuted"}
    return names.get((holds, opposite), "undecided")


def bce(name, code="sample"):
    return values("bce", name, task="reconstruction", code=code)


def fid(sampler):
    return values("frechet_distance", "vq", sampler=sampler)


def probe(name, kind, code="sample"):
    return values("accuracy", name, task="classification", probe=kind, code=code)


def auroc(name, score):
    return values("auroc", name, held_out="1", latent_dim=2, score=score, code="sample")


def pairs(order, measure):
    return [measure(one) - measure(other) for one, other in itertools.pairwise(order)]


def first_and_second(score):
    rest = [name for name in ALL if name not in ("shallow", "stacked")]
    first, second = auroc("shallow", score), auroc("stacked", score)
    others = [auroc(name, score) for name in rest]
    differences = [first - second, *(first - x for x in others), *(second - x for x in others)]
    return differences, [0, *[0.05] * len(rest), *[0] * len(rest)]


def denoising_first(kind):
    rest = [name for name in ALL if name not in ("denoising", "vanilla", "vq")]
    ahead = [("denoising", "vanilla"), ("denoising", "vq")]
    ahead += [(one, other) for one in ("vanilla", "vq") for other in rest]
    return [probe(one, kind) - probe(other, kind) for one, other in ahead]


def comparisons():
    """Claim or part → differences, and the bounds that they should lie above."""
    yield "R1", [bce("shallow") - bce(n) for n in ALL[1:]], [0.1 * bce(n).mean() for n in ALL[1:]]
    yield "R3", pairs(["beta_vae_strict", "vae", "beta_vae_loose", "vanilla"], bce), [0] * 3
    yield "R4", [bce(name) - bce(name, "mean") for name in VAES], [0] * 3
    yield "R5", [bce(name) - bce("vanilla") for name in ("stacked", "stacked_pixels")], [0] * 2
    coverage = [values("coverage", "vq", sampler=name) for name in ("learned_prior", "prior")]
    yield "S3", [fid("prior") - fid("learned_prior"), coverage[0] - coverage[1]], [0] * 2
    cka = {name: values("cka", "vq", reference=name) for name in ("vanilla", *VAES)}
    yield "L4", [cka["vanilla"] - cka[name] for name in VAES], [0] * 3
    yield "C1 (article's probe)", denoising_first("dense"), [0] * 14
    yield "C1 (logistic)", denoising_first("logistic"), [0] * 14
    logistic = probe("vanilla", "logistic") - probe("sparse", "logistic")
    yield "C3 (logistic)", [logistic], [0.05]
    yield "A1 (loss)", *first_and_second("bce")
    yield "A1 (signed)", *first_and_second("signed")


def test_verdicts_are_those_of_an_independent_recomputation(context):
    again = {name: verdict(differences, bounds) for name, differences, bounds in comparisons()}
    assert len(again) >= 10
    verdicts = context.data["mnist"].verdicts
    assert again == {name: verdicts[name].decision.word for name in again}


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([[1, 1.1, 0.9]], "supported"),
        ([[-1, -1.1, -0.9]], "refuted"),
        ([[1, -1.1, 0.9]], "undecided"),
        ([[1, 1.1, 0.9], [-1, -1.1, -0.9]], "mixed"),
    ],
)
def test_the_recomputation_can_come_out_every_way(differences, expected):
    assert verdict([pd.Series(d) for d in differences], [0] * len(differences)) == expected
