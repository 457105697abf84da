"""The judge of the article's claims, on scores whose truth is known."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kerasae.evaluation import scores as table_of_scores
from kerasae.evaluation.metrics import Measure
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.claims import COLUMNS, decide, judge
from kerasae.reporting.claims.article import ALL, CLAIMS, Claim
from kerasae.reporting.claims.comparisons import (
    Outcome,
    above,
    at_least,
    at_most,
    below,
    between,
    tie,
)
from kerasae.reporting.claims.measures import (
    Agreement,
    Arranged,
    Mean,
    NotMeasured,
    RankCorrelation,
    ShareOfErrors,
)
from kerasae.reporting.statistics import half_width
from kerasae.reporting.tables import to_markdown

CLAIMS_OF_THE_PROJECT = (
    *("R1", "R2", "R3", "R4", "R5", "R6", "T1", "S1", "S2", "S3", "I1", "I2"),
    *("L1", "L2", "L3", "L4", "C1", "C2", "C3", "C4", "C5", "A1", "A2", "A3"),
)
IN_ANOTHER_WAY = ("R5 (pixels)", "C1 (logistic)", "A1 (signed)")
BY_ID = {claim.id: claim for claim in CLAIMS}
VAES = ("vae", "beta_vae_strict", "beta_vae_loose")
SEEDS = 5
TASK_OF = {
    **dict.fromkeys(("bce", "mse"), "reconstruction"),
    **dict.fromkeys(("recall", "mingling"), "latent_space"),
    "auroc": "anomaly",
}
DOCS = Path(__file__).parents[1] / "docs"


def frame(rows):
    """Tidy scores of rows (dataset, variant, seed, latent_dim, held_out, task, Measure, value)."""
    columns = table_of_scores.COLUMNS
    return pd.DataFrame(
        [
            (*run, *("" if x is None else x for x in measure), value)
            for *run, measure, value in rows
        ],
        columns=columns,
    )


def scores_of(metric="bce", seeds=SEEDS, noise=0.0, run=("none", 20), **means):
    """Scores of some variants; a mean can differ from seed to seed."""
    rng = np.random.default_rng(7)
    luck = rng.normal(0, 10, seeds)  # shared by the variants: without pairing all is noise
    held_out, latent_dim = run
    return frame(
        ("mnist", name, seed, latent_dim, held_out, TASK_OF[metric], Measure(metric), value)
        for name, mean in means.items()
        for seed, value in enumerate(luck + mean + noise * rng.normal(size=seeds))
    )


def of(variant, metric="bce", **where):
    metrics = (metric,) if isinstance(metric, str) else metric
    return Mean(TASK_OF[metrics[0]], tuple(map(Measure, metrics)), variant, **where)


def judged(scores, *comparisons, **settings):
    """The row of a claim that makes some comparisons."""
    claim = Claim("X", "a claim", "a measure", comparisons, **settings)
    return judge(scores, [claim]).iloc[0]


def verdict(scores, *comparisons, **settings):
    return judged(scores, *comparisons, **settings)["verdict"]


def test_the_sign_decides_where_the_seeds_agree():
    scores = scores_of(a=60, b=64, noise=0.1)
    assert verdict(scores, below(of("a"), of("b"))) == "supported"
    assert verdict(scores, above(of("a"), of("b"))) == "refuted"
    assert verdict(scores, below(of("b"), of("a"))) == "refuted"
    assert verdict(scores, above(of("b"), of("a"))) == "supported"


@pytest.mark.parametrize("compare", [above, below])
def test_a_difference_within_the_noise_is_undecided(compare):
    row = judged(scores_of(a=60, b=60.5, noise=3), compare(of("a"), of("b")))
    assert row["verdict"] == "undecided"
    assert row["why"] == "the seeds leave the comparison undecided"


def test_the_verdict_is_that_of_the_interval():
    rng = np.random.default_rng(0)
    for differences in rng.normal(1, 1, (100, 4)):
        mean, half = differences.mean(), half_width(differences)
        expected = "supported" if mean - half > 0 else "refuted" if mean + half < 0 else "undecided"
        assert decide([Outcome(differences, 0, np.inf)])[0] == expected
        inside, outside = abs(mean) + half < 1.5, abs(mean) - half > 1.5
        expected = "supported" if inside else "refuted" if outside else "undecided"
        assert decide([Outcome(differences, -1.5, 1.5)])[0] == expected


def test_noise_alone_seldom_refutes_or_supports():
    draws = np.random.default_rng(0).normal(size=(150, 4, 5))
    verdicts = [decide([Outcome(x, 0, np.inf) for x in claim])[0] for claim in draws]
    assert np.mean([verdict == "refuted" for verdict in verdicts]) < 0.05
    assert "supported" not in verdicts


def test_the_text_gives_the_paired_interval():
    scores = scores_of(a=60, b=[61, 62, 63, 64, 65])
    row = judged(scores, below(of("a"), of("b")))
    # sd 1.5811, n 5, t(0.975, 4) = 2.7764: half of the width is 1.963
    assert row["measured"] == "a - b: -3.0 ± 2.0"
    assert (row["verdict"], row["why"]) == ("supported", "")


def test_differences_that_do_not_vary_are_certain_unless_they_are_zero():
    scores = scores_of(a=60, b=60, c=61)
    scores["value"] = scores["value"].round()
    assert verdict(scores, above(of("c"), of("a"))) == "supported"
    assert verdict(scores, above(of("a"), of("b"))) == "undecided"
    assert verdict(scores, tie(of("a"), of("b"), 0.01)) == "supported"


@pytest.mark.parametrize(
    ("other", "noise", "expected"),
    [
        (100.5, 0.1, "supported"),
        (99.5, 0.1, "supported"),
        (103.5, 0.1, "refuted"),
        (96.5, 0.1, "refuted"),
        (102, 1, "undecided"),
        (98, 1, "undecided"),
        (100, 4, "undecided"),
    ],
)
def test_a_tie_lies_within_its_margin(other, noise, expected):
    scores = scores_of(a=100, b=other, noise=noise)
    scores["value"] += 100 - scores.query("variant == 'a'")["value"].mean()
    comparison = tie(of("b"), of("a"), 0.02)
    assert verdict(scores, comparison) == expected
    assert "(claimed: -2 to 2)" in judged(scores, comparison)["measured"]


def test_a_margin_can_be_a_share_of_a_third_one():
    scores = scores_of(a=100, b=101, third=1000, noise=0.01)
    assert verdict(scores, tie(of("a"), of("b"), 0.005)) == "refuted"
    assert verdict(scores, tie(of("a"), of("b"), 0.005, of=of("third"))) == "supported"


def test_bounds_other_than_zero():
    scores = scores_of(a=95, b=100, noise=0.01)
    scores["value"] += 100 - scores.query("variant == 'b'")["value"].mean()
    a, b = of("a"), of("b")
    for right, wrong in [
        (between(a, b, 0.9, 1.0), between(a, b, 0.97, 1.0)),
        (between(a, b, 0.9, 0.97), between(a, b, 0.9, 0.94)),
        (at_least(a, b, 6), at_least(a, b, 4)),
        (at_least(b, a, 1), at_most(b, a, 0.04)),
        (at_most(b, a, 0.06), at_most(b, a, 0.01)),
        (below(a, b, 4), below(a, b, 6)),
        (below(a, 96), below(a, 94)),
        (above(a, 94), above(a, 96)),
    ]:
        scores_of_one = scores if right.is_absolute is False else still(scores)
        assert verdict(scores_of_one, right) == "supported", right
        assert verdict(scores_of_one, wrong) == "refuted", wrong
    assert judged(scores, at_least(a, b, 6))["measured"].endswith("(claimed: above -6)")
    assert judged(scores, below(a, b, 4))["measured"].endswith("(claimed: below -4)")
    # 95 to 95.04: sd 0.0158, n 5, t(0.975, 4) = 2.7764
    scores = still(scores_of(a=0)).assign(value=lambda table: 95 + 0.01 * table["seed"])
    assert judged(scores, above(a, 94))["measured"] == "BCE of a: 95.020 ± 0.020 against 94"


def test_the_metric_is_named_where_a_claim_has_several():
    scores = pd.concat([scores_of("bce", a=1, b=[2, 3, 2, 3, 2]), scores_of("mse", a=1, b=9)])
    one, two = (below(of("a", metric), of("b", metric)) for metric in ("bce", "mse"))
    assert judged(scores, one)["measured"] == "a - b: -1.40 ± 0.68"
    assert judged(scores, one, two)["measured"] == "BCE, a - b: -1.40 ± 0.68"
    scores = pd.concat([scores_of("bce", a=[2, 3, 2, 3, 2]), scores_of("mse", a=1)])
    across = above(of("a", "bce"), of("a", "mse"))
    assert judged(scores, across)["measured"] == "a, BCE - squared error: 1.40 ± 0.68"


def still(scores):
    """The same without the luck of the seeds, which a comparison with a number cannot pair."""
    means = scores.groupby("variant")["value"].transform("mean")
    return scores.assign(value=means + 0.01 * scores["seed"])


def test_a_claim_holds_only_where_all_comparisons_do():
    scores = scores_of(a=60, b=64, c=64, noise=0.1)
    good, bad = below(of("a"), of("b")), below(of("c"), of("a"))
    open_one = below(of("b"), of("c"))
    assert verdict(scores, good, good) == "supported"
    assert verdict(scores, good, open_one) == "undecided"
    row = judged(scores, good, bad, open_one)
    assert row["verdict"] == "refuted"
    assert row["measured"].startswith("c - a: ")
    assert row["why"] == "1 of 3 comparisons have the opposite result"


def test_a_claim_may_be_refuted_by_nothing_less_than_all():
    scores = scores_of(a=60, b=64, c=68, noise=0.1)
    good, bad = below(of("a"), of("b")), below(of("c"), of("a"))
    row = judged(scores, good, bad, one_suffices=False)
    assert (row["verdict"], row["why"]) == (
        "undecided",
        "1 of 2 comparisons have the opposite result",
    )
    assert verdict(scores, bad, below(of("c"), of("b")), one_suffices=False) == "refuted"


def with_p_value(p, sign=1):
    """Differences of 5 seeds whose two-sided p-value is p."""
    values = np.array([-2, -1, 0, 1, 2.0])
    mean = stats.t.ppf(1 - p / 2, 4) * stats.sem(values)
    return Outcome(values + sign * mean, 0, np.inf)


def test_p_values_are_as_strict_as_the_two_sided_test():
    assert with_p_value(0.03).p_for == pytest.approx(0.03)
    assert with_p_value(0.03).p_against == 1
    assert with_p_value(0.03, -1).p_against == pytest.approx(0.03)
    assert with_p_value(0.03, -1).p_for == 1


def test_a_claim_is_supported_where_every_interval_is_and_refuted_after_holms_correction():
    assert decide([with_p_value(0.04)] * 8)[0] == "supported"
    assert decide([*[with_p_value(0.001)] * 7, with_p_value(0.06)])[0] == "undecided"
    wrong = with_p_value(0.04, -1)
    assert decide([wrong])[0] == "refuted"
    assert decide([with_p_value(0.001), wrong])[0] == "undecided"
    assert decide([with_p_value(0.001), with_p_value(0.02, -1)])[0] == "refuted"
    # Where all have to contradict, there is no choice of one to adjust for
    assert decide([wrong] * 2)[0] == "undecided"
    assert decide([wrong] * 2, one_suffices=False)[0] == "refuted"


@pytest.mark.parametrize("count", [1, 3])
def test_what_makes_no_difference_is_seldom_decided(count):
    """One comparison has no difference, the others, if any, are certain."""
    rng = np.random.default_rng(1)
    certain = [with_p_value(1e-6)] * (count - 1)
    verdicts = [decide([*certain, Outcome(rng.normal(size=5), 0, np.inf)])[0] for _ in range(1000)]
    # A side of the 95 % interval each, that against divided by the number it was chosen from
    for verdict, share in [("supported", 0.025), ("refuted", 0.025 / count)]:
        expected = stats.binom.interval(0.999, 1000, share)
        assert expected[0] <= verdicts.count(verdict) <= expected[1]


def test_the_comparison_that_decides_is_shown():
    outcomes = [with_p_value(p) for p in (0.001, 0.01, 0.002)]
    assert decide(outcomes)[:2] == ("supported", 1)
    assert decide([*outcomes, with_p_value(0.7)])[:2] == ("undecided", 3)
    assert decide([*outcomes, with_p_value(0.001, -1), with_p_value(0.002, -1)])[1] == 3


def test_one_seed_decides_nothing_and_shows_the_difference():
    row = judged(scores_of(a=60, b=64, seeds=1), below(of("a"), of("b")))
    assert (row["verdict"], row["why"]) == ("undecided", "one seed")
    assert row["measured"] == "a - b: -4.00"
    scores = scores_of(a=60, b=64, c=62, seeds=1)
    row = judged(scores, below(of("a"), of("b")), below(of("b"), of("c")))
    assert row["measured"] == "b - c: 2.00"


def test_what_is_absent_is_not_measured():
    scores = scores_of(a=60, b=64)
    for absent in (of("c"), of("b", "mse"), of("b", held_out="1"), of(("b", "c"))):
        row = judged(scores, below(of("a"), of("b")), below(of("a"), absent))
        assert (row["verdict"], row["measured"]) == ("not measured", "")
        assert row["why"] == f"the scores lack {absent.label}"
    for nothing in (np.nan, -np.inf):
        assert verdict(scores.assign(value=nothing), below(of("a"), of("b"))) == "not measured"
    assert verdict(scores[:0], below(of("a"), of("b"))) == "not measured"


def test_no_seed_in_common_is_not_measured():
    scores = scores_of(a=60, b=64)
    scores.loc[scores["variant"] == "b", "seed"] += 10
    row = judged(scores, below(of("a"), of("b")))
    assert (row["verdict"], row["why"]) == ("not measured", "the scores lack a - b in one seed")


def test_seeds_are_paired_whatever_their_order_and_a_lonely_one_is_held_out():
    scores = scores_of(a=60, b=[61, 62, 63, 64, 65])
    expected = judged(scores, below(of("a"), of("b")))["measured"]
    lonely = scores[:1].assign(seed=99, value=1e6)
    infinite = scores[:1].assign(variant=["b"], seed=99, value=np.inf)
    mixed = pd.concat([scores.sample(frac=1, random_state=0), lonely, infinite])
    assert judged(mixed, below(of("a"), of("b")))["measured"] == expected


def test_what_needs_no_seed_counts_for_all():
    scores = still(scores_of(a=60))
    flat = frame([("mnist", "raw", np.nan, np.nan, "none", "reconstruction", Measure("bce"), 64.0)])
    scores = pd.concat([scores, flat], ignore_index=True)
    assert verdict(scores, below(of("a"), of("raw"))) == "supported"
    assert verdict(scores, below(of("raw"), of("a"))) == "refuted"


def test_variants_and_metrics_are_averaged_in_each_seed():
    scores = pd.concat([scores_of("bce", a=10, b=20), scores_of("mse", a=30, b=60)])
    table = of(("a", "b"), ("bce", "mse")).values(Arranged(scores))
    luck = scores.query("variant == 'a' and metric == 'bce'")["value"].to_numpy() - 10
    np.testing.assert_allclose(table.mean(axis=1), 30 + luck)


def cells(means):
    """Scores of variants for each held-out class and latent dimension."""
    return pd.concat([scores_of("auroc", run=run, **part) for run, part in means.items()])


def test_values_are_averaged_over_the_digits():
    later = np.arange(11, 16)
    scores = cells({("0", 2): dict(a=10, b=later), ("1", 2): dict(a=10, b=1)})
    for where, expected in [("0", "supported"), ("1", "refuted"), (None, "refuted")]:
        a, b = (of(name, "auroc", held_out=where) for name in "ab")
        assert verdict(scores, below(a, b)) == expected
    # The mean of 9 and of -1 to -5, the interval half of that of -1 to -5
    assert judged(scores, below(a, b))["measured"] == "a - b: 3.00 ± 0.98"


def test_the_general_run_is_none_of_the_digits_and_a_latent_dimension_can_be_asked_for():
    scores = cells({("none", 20): dict(a=1), ("3", 2): dict(a=2), ("3", 5): dict(a=6)})
    luck = scores[:SEEDS]["value"].to_numpy() - 1
    for expected, where in [
        (1, {}),
        (4, {"held_out": None}),
        (4, {"held_out": "3"}),
        (2, {"held_out": "3", "latent_dim": 2}),
    ]:
        table = of("a", "auroc", **where).values(Arranged(scores))
        np.testing.assert_allclose(np.nanmean(table, axis=1), expected + luck)


def test_a_digit_that_one_of_them_lacks_counts_for_neither():
    scores = cells({("0", 2): dict(a=10, b=11, noise=0.1), ("1", 2): dict(b=-99)})
    a, b = (of(name, "auroc", held_out=None) for name in "ab")
    assert verdict(scores, below(a, b)) == "supported"


def test_a_seed_that_lacks_a_digit_is_held_out():
    scores = cells({("0", 2): dict(a=10, b=11), ("1", 2): dict(a=10, b=5)})
    scores = scores[(scores["seed"] != 4) | (scores["held_out"] == "0")]
    a, b = (of(name, "auroc", held_out=None) for name in "ab")
    assert len(below(a, b).measure(Arranged(scores)).differences) == SEEDS - 1


def test_rank_correlation_of_two_metrics():
    # Spearman by hand: squares of the rank differences 0, 1, 1, 0: 1 - 6 * 2 / 60 = 0.8
    scores = pd.concat(
        [
            scores_of("bce", a=1, b=2, c=3, d=400),
            scores_of("auroc", a=90, b=70, c=80, d=60, run=("1", 2)),
        ]
    )
    one, other = (lambda n: of(n)), (lambda n: of(n, "auroc", held_out="1"))
    for sign in (1, -1):
        table = RankCorrelation(one, other, tuple("abcd"), sign, "r").values(Arranged(scores))
        np.testing.assert_allclose(table, -0.8 * sign * np.ones((SEEDS, 1)))


def test_agreement_is_the_mean_rank_correlation_of_all_pairs_of_cells():
    means = {("0", 2): dict(a=1, b=2, c=3), ("1", 2): dict(a=1, b=3, c=2)}
    means["1", 5] = dict(a=3, b=2, c=1)
    order = Agreement(lambda n: of(n, "auroc", held_out=None), tuple("abc"), "order")
    table = order.values(Arranged(cells(means)))
    np.testing.assert_allclose(table, np.full((SEEDS, 1), (0.5 - 1 - 0.5) / 3))
    lacking = cells({**means, ("1", 5): dict(a=3, b=2)})
    np.testing.assert_allclose(order.values(Arranged(lacking)), np.full((SEEDS, 1), 0.5))


def test_one_digit_cannot_agree_with_another():
    scores = cells({("1", 2): dict(a=1, b=2), ("1", 5): dict(a=1, b=2)})
    order = Agreement(lambda n: of(n, "auroc", held_out=None), tuple("ab"), "order")
    with pytest.raises(NotMeasured, match="two held-out classes"):
        order.values(Arranged(scores))


def test_share_of_errors_by_hand():
    scores = pd.concat([still(scores_of("mingling", a=0.3)), still(scores_of("recall", a=0.5))])
    scores["value"] = scores["metric"].map({"mingling": 0.3, "recall": 0.5})
    share = ShareOfErrors(of("a", "mingling"), of("a", "recall"), "share")
    np.testing.assert_allclose(share.values(Arranged(scores)), 0.6)


# The article's claims, in a world where all of them are true


BCE, MEAN_BCE = Measure("bce", "sample"), Measure("bce", "mean")
SECONDS = Measure("seconds_per_epoch")
DENSE, LOGISTIC = (
    Measure("accuracy", "sample", probe=probe, labels=550) for probe in ("dense", "logistic")
)
AUROC, SIGNED = (Measure("auroc", "sample", score=score) for score in ("bce", "signed"))
INK = Measure("auroc", score="less_ink")
SMOOTH = Measure("roughness", "sample_per_path")


def prior(metric):
    return Measure(metric, sampler="prior")


def learned(metric):
    return Measure(metric, sampler="learned_prior")


def fresh(metric):
    return Measure(metric, "sample_per_frame")


def codes(metric, **qualifiers):
    return Measure(metric, "mean", **qualifiers)


def world():
    """(held-out class, latent dimension, task, `Measure`) → variant → mean."""
    general = {
        "reconstruction": {
            BCE: dict(
                **dict(shallow=120, vanilla=64, stacked=90, sparse=64.2, denoising=75, vae=76),
                **dict(beta_vae_strict=86, beta_vae_loose=69, vq=64.4, stacked_pixels=88),
            ),
            MEAN_BCE: dict(vae=70, beta_vae_strict=78, beta_vae_loose=65),
        },
        "training_time": {SECONDS: {**all_of(10.2), "shallow": 9.5, "vanilla": 10}},
        "classification": {
            DENSE: dict(
                **dict(shallow=0.46, vanilla=0.77, stacked=0.61, sparse=0.22, denoising=0.8),
                **dict(vae=0.6, beta_vae_strict=0.47, beta_vae_loose=0.63, vq=0.75),
                from_scratch=0.44,
            ),
            LOGISTIC: dict(
                **dict(shallow=0.84, vanilla=0.87, stacked=0.83, sparse=0.5, denoising=0.89),
                **dict(vae=0.8, beta_vae_strict=0.82, beta_vae_loose=0.78, vq=0.86),
            ),
        },
        "samples": {
            prior("density"): dict(vae=0.7, beta_vae_strict=0.9, beta_vae_loose=0.5, vq=0.05),
            prior("confidence"): dict(vae=0.8, beta_vae_strict=0.9, beta_vae_loose=0.7, vq=0.5),
            prior("recall"): dict(beta_vae_strict=0.5, beta_vae_loose=0.7),
            prior("coverage"): dict(beta_vae_strict=0.5, beta_vae_loose=0.7),
            prior("class_entropy"): dict(beta_vae_strict=1.9, beta_vae_loose=2.2),
            prior("frechet_distance"): dict(vq=90),
            learned("density"): dict(vq=0.8),
            learned("confidence"): dict(vq=0.9),
            learned("frechet_distance"): dict(vq=30),
        },
        "interpolation": {
            fresh("confidence"): {**all_of(0.7), "vae": 0.9, "beta_vae_strict": 0.92},
            fresh("distance"): {**all_of(6), "vae": 4, "beta_vae_strict": 4.2},
            fresh("roughness"): {**dict.fromkeys(VAES, 9), "vanilla": 1.5},
            SMOOTH: dict.fromkeys(VAES, 1.8),
        },
        "latent_space": {
            codes("accuracy", probe="neighbours"): {**all_of(0.9), "shallow": 0.8},
            codes("silhouette"): {**all_of(0.2), "shallow": 0.1},
            codes("log_volume"): dict(vae=-3, beta_vae_strict=-5, beta_vae_loose=2),
            codes("spread"): dict(vae=1.1, beta_vae_strict=0.9, beta_vae_loose=1.4),
            codes("cka", reference="vanilla"): dict(vq=0.8),
            codes("cka", reference="vae"): dict(vq=0.5),
            codes("mingling", classes="4 7 9"): all_of(0.08),
            codes("mingling", classes="3 5 8"): all_of(0.07),
            **{
                codes("recall", classes=str(n)): all_of(0.97 if n in (0, 1, 2, 6) else 0.9)
                for n in range(10)
            },
        },
        "uncertainty": {
            Measure("expected_calibration_error", "sample"): dict.fromkeys(VAES, 0.1),
            Measure("expected_calibration_error", "samples"): dict.fromkeys(VAES, 0.05),
            Measure("accuracy_at_rejection", "sample"): dict.fromkeys(VAES, 0.7),
            Measure("accuracy_at_rejection", "samples"): dict.fromkeys(VAES, 0.8),
        },
    }
    # The order of the rest is against that of reconstruction
    rest = ("vanilla", "sparse", "vq", "beta_vae_loose", "denoising", "vae", "beta_vae_strict")
    aucs = {name: 0.5 + 0.04 * place for place, name in enumerate(rest)}
    aucs.update(stacked=0.82, shallow=0.9)
    truth = {
        ("none", 20, task, measure): means
        for task, measures in general.items()
        for measure, means in measures.items()
    }
    for cell in (("0", 2), ("1", 2), ("1", 5), ("7", 2)):
        truth[*cell, "anomaly", AUROC] = {**aucs, "pca": 0.89}
        truth[*cell, "anomaly", SIGNED] = aucs
    return truth


def all_of(mean):
    return dict.fromkeys(ALL, mean)


def coded(variant, task, measure):
    """Blank the code of a deterministic model, as the scores do; its paths have two of them."""
    return measure if variant in VAES or task == "interpolation" else measure._replace(code=None)


def measure(truth, dataset="mnist", seeds=SEEDS):
    """Tidy scores of a world: each measure with the luck of a seed, and a little noise."""
    rng = np.random.default_rng(0)
    rows = [("no_model", np.nan, np.nan, "1", "anomaly", INK, 0.925)]
    for (held_out, latent_dim, task, measure), means in truth.items():
        size = 0.005 * np.mean(np.abs(list(means.values())))
        luck = rng.normal(0, size, seeds)
        rows += [
            (name, seed, latent_dim, held_out, task, coded(name, task, measure), value)
            for name, mean in means.items()
            for seed, value in enumerate(mean + luck + rng.normal(0, 0.1 * size, seeds))
        ]
    return frame((dataset, *row) for row in rows)


@pytest.fixture(scope="module")
def judgement():
    return judge(measure(world())).set_index("id")


def test_every_claim_is_there_once():
    ids = [claim.id for claim in CLAIMS]
    assert sorted(ids) == sorted((*CLAIMS_OF_THE_PROJECT, *IN_ANOTHER_WAY))
    assert all(claim.statement and claim.measure and claim.comparisons for claim in CLAIMS)


def test_the_table_has_its_columns_and_no_gaps(judgement):
    assert tuple(judgement.reset_index().columns) == COLUMNS
    assert len(judgement) == len(CLAIMS)
    assert not judgement.isna().any(axis=None)
    assert not judgement[["statement", "measure", "measured", "verdict"]].eq("").any(axis=None)


def test_all_is_supported_in_a_world_where_the_article_is_right(judgement):
    assert judgement["verdict"].to_dict() == dict.fromkeys(BY_ID, "supported")


GENERAL, ANOMALY = ("none", 20), ("1", 2)


@pytest.mark.parametrize(
    ("claim", "task", "measured", "changes"),
    [
        ("R1", "reconstruction", BCE, dict(stacked=130)),
        ("R1", "reconstruction", BCE, dict(vae=130)),
        ("R2", "reconstruction", BCE, dict(vq=66.5)),
        ("R2", "reconstruction", BCE, dict(sparse=66.5)),
        ("R2", "reconstruction", BCE, dict(sparse=63, vq=65)),
        ("R2", "reconstruction", BCE, dict(beta_vae_loose=60)),
        ("R3", "reconstruction", BCE, dict(beta_vae_loose=60)),
        ("R3", "reconstruction", BCE, dict(vae=65)),
        ("R3", "reconstruction", BCE, dict(beta_vae_strict=70)),
        *(("R4", "reconstruction", MEAN_BCE, {name: 90}) for name in VAES),
        ("R5", "reconstruction", BCE, dict(stacked=60)),
        ("R5 (pixels)", "reconstruction", BCE, dict(stacked_pixels=60)),
        ("T1", "training_time", SECONDS, dict(vq=12)),
        ("T1", "training_time", SECONDS, dict(stacked=8)),
        ("T1", "training_time", SECONDS, dict(shallow=10.5)),
        ("T1", "training_time", SECONDS, dict(shallow=6)),
        *(("S1", "samples", prior("density"), {name: 1}) for name in ("vae", "vq")),
        ("S1", "samples", prior("density"), dict(beta_vae_loose=1)),
        ("S1", "samples", prior("density"), dict(vq=0.3)),
        *(("S1", "samples", prior("confidence"), {name: 1}) for name in ("vae", "vq")),
        ("S1", "samples", prior("confidence"), dict(beta_vae_loose=1)),
        ("S2", "samples", prior("recall"), dict(beta_vae_loose=0.3)),
        ("S2", "samples", prior("coverage"), dict(beta_vae_loose=0.3)),
        ("S2", "samples", prior("class_entropy"), dict(beta_vae_loose=1)),
        ("S3", "samples", learned("density"), dict(vq=0.01)),
        ("S3", "samples", learned("confidence"), dict(vq=0.1)),
        ("S3", "samples", learned("frechet_distance"), dict(vq=99)),
        ("I1", "interpolation", fresh("confidence"), dict(beta_vae_loose=1)),
        ("I1", "interpolation", fresh("confidence"), dict(vae=0.6)),
        ("I1", "interpolation", fresh("confidence"), dict(beta_vae_strict=0.6)),
        ("I1", "interpolation", fresh("distance"), dict(vanilla=3)),
        ("I1", "interpolation", fresh("distance"), dict(beta_vae_strict=7)),
        *(("I2", "interpolation", fresh("roughness"), {name: 1.2}) for name in VAES),
        *(("I2", "interpolation", SMOOTH, {name: 4}) for name in VAES),
        *(
            ("L1", "latent_space", codes("recall", classes=str(n)), all_of(0.5))
            for n in (0, 1, 2, 6)
        ),
        ("L1", "latent_space", codes("mingling", classes="4 7 9"), all_of(0.02)),
        ("L1", "latent_space", codes("mingling", classes="3 5 8"), all_of(0.02)),
        ("L2", "latent_space", codes("accuracy", probe="neighbours"), dict(stacked=0.7)),
        ("L2", "latent_space", codes("silhouette"), dict(beta_vae_strict=0)),
        ("L3", "latent_space", codes("log_volume"), dict(vae=3)),
        ("L3", "latent_space", codes("log_volume"), dict(beta_vae_strict=-2)),
        ("L3", "latent_space", codes("spread"), dict(vae=2)),
        ("L3", "latent_space", codes("spread"), dict(beta_vae_strict=1.2)),
        ("L4", "latent_space", codes("cka", reference="vanilla"), dict(vq=0.2)),
        ("C1", "classification", DENSE, dict(vanilla=0.9)),
        ("C1", "classification", DENSE, dict(vq=0.9)),
        ("C1", "classification", DENSE, dict(stacked=0.765)),
        ("C1", "classification", DENSE, dict(vanilla=0.6)),
        ("C1 (logistic)", "classification", LOGISTIC, dict(vq=0.9)),
        ("C1 (logistic)", "classification", LOGISTIC, dict(sparse=0.88)),
        ("C2", "classification", DENSE, dict(from_scratch=0.7)),
        ("C2", "classification", DENSE, dict(from_scratch=0.2)),
        ("C3", "classification", DENSE, dict(sparse=0.77)),
        ("C3", "classification", LOGISTIC, dict(sparse=0.87)),
        ("C4", "classification", DENSE, dict(beta_vae_loose=0.5)),
        ("C4", "classification", DENSE, dict(beta_vae_strict=0.62)),
        *(
            ("C5", "uncertainty", Measure("expected_calibration_error", "samples"), {n: 0.2})
            for n in VAES
        ),
        *(("C5", "uncertainty", Measure("accuracy_at_rejection", "sample"), {n: 1}) for n in VAES),
        ("A1", "anomaly", AUROC, dict(vae=0.95)),
        ("A1", "anomaly", AUROC, dict(beta_vae_strict=0.85)),
        ("A1", "anomaly", AUROC, dict(shallow=0.2)),
        ("A1 (signed)", "anomaly", SIGNED, dict(shallow=0.2)),
        ("A1 (signed)", "anomaly", SIGNED, dict(stacked=0.6)),
        ("A3", "anomaly", AUROC, dict(pca=0.5)),
    ],
)
def test_a_claim_is_refuted_by_what_contradicts_it(claim, task, measured, changes):
    truth = world()
    truth[*(ANOMALY if task == "anomaly" else GENERAL), task, measured].update(changes)
    truth = {key: means for key, means in truth.items() if key[2] == task}
    assert judge(measure(truth), [BY_ID[claim]])["verdict"].tolist() == ["refuted"]


def test_reconstruction_is_a_proxy_where_all_tasks_follow_it():
    truth = world()
    reconstruction = truth[*GENERAL, "reconstruction", BCE]
    follow = {name: 1 - 0.005 * reconstruction[name] for name in ALL}
    verdicts = []
    for cell, task, measured in (
        (GENERAL, "classification", LOGISTIC),
        (ANOMALY, "anomaly", AUROC),
        (GENERAL, "samples", prior("density")),
    ):
        means = truth[*cell, task, measured]
        means.update({name: follow[name] for name in means if name in follow})
        verdicts += judge(measure(truth), [BY_ID["R6"]])["verdict"].tolist()
    assert verdicts == ["undecided", "undecided", "refuted"]


def test_the_order_is_not_stable_where_another_digit_turns_it_round():
    truth = world()
    aucs = truth["7", 2, "anomaly", AUROC]
    aucs.update({name: 1.4 - aucs[name] for name in ALL})
    assert judge(measure(truth), [BY_ID["A2"]])["verdict"].tolist() == ["refuted"]


def test_the_rest_of_the_anomalies_says_nothing_on_the_article_s_digit():
    truth = world()
    for cell in (("0", 2), ("1", 5)):
        truth[*cell, "anomaly", AUROC].update(shallow=0.1)
    assert judge(measure(truth), [BY_ID["A1"]])["verdict"].tolist() == ["supported"]


def test_the_pca_is_judged_by_all_the_digits():
    truth = world()
    truth["0", 2, "anomaly", AUROC].update(pca=0.7)
    truth["1", 5, "anomaly", AUROC].update(pca=0.9)
    assert judge(measure(truth), [BY_ID["A3"]])["verdict"].tolist() == ["refuted"]
    truth["7", 2, "anomaly", AUROC].update(pca=1.1)
    assert judge(measure(truth), [BY_ID["A3"]])["verdict"].tolist() == ["supported"]


def test_one_digit_says_nothing_on_the_others():
    scores = measure(world()).query("held_out in ('none', '1')")
    row = judge(scores, [BY_ID["A2"]]).iloc[0]
    assert row["verdict"] == "not measured"
    assert "two held-out classes" in row["why"]


def test_published_figures_stand_beside_the_measured_ones(judgement):
    texts = judgement["published"]
    assert texts["R5"] == texts["R5 (pixels)"] == "stacked 87.87 against vanilla 63.92"
    assert texts["A1"] == texts["A1 (signed)"] == "shallow 0.9126 against vanilla 0.7972"
    assert texts["C3"] == "sparse 0.2221 against vanilla 0.7835"
    assert " against from_scratch 0.4364" in texts["C2"]
    assert " against vanilla 675" in texts["T1"]
    without = ["R4", "R6", "S1", "S2", "S3", "I1", "I2", "L1", "L2", "L3", "L4", "C5", "A2", "A3"]
    assert texts[texts == ""].index.tolist() == without


def test_defects_of_the_article_are_named_with_what_was_measured(judgement):
    texts = judgement["why"]
    assert all("signed residual" in texts[name] for name in ("A1", "A1 (signed)", "A2", "A3"))
    assert "reaches 0.925" in texts["A1 (signed)"]
    assert "360 steps" in texts["C3"]
    assert re.search(r"converged: 0.2\d+, where the converged one reaches 0.[45]\d+$", texts["C3"])
    assert re.search(r"reaches 0.4\d+$", texts["C2"])
    without_ink = measure(world()).query("variant != 'no_model'")
    assert "(not measured)" in judge(without_ink, [BY_ID["A1 (signed)"]])["why"].iloc[0]


def test_what_fails_is_explained_by_what_was_measured_and_what_holds_is_not(judgement):
    assert "covers nothing" not in judgement.loc["S2", "why"]
    truth = world()
    truth["none", 20, "samples", prior("coverage")]["beta_vae_loose"] = 0.3
    failed = judge(measure(truth, seeds=20), [BY_ID["S2"]]).iloc[0]
    assert failed["verdict"] == "refuted"
    given = re.search(r"density (.*) of the loose one's, (.*) of the strict one's$", failed["why"])
    assert float(given[1]) == pytest.approx(0.5, abs=0.01)
    assert float(given[2]) == pytest.approx(0.9, abs=0.01)


def test_another_data_set_is_judged_without_published_figures_and_without_digits(judgement):
    other = judge(measure(world(), dataset="fashion_mnist")).set_index("id")
    assert other.loc["L1", "verdict"] == "not measured"
    assert "mnist" in other.loc["L1", "why"]
    rest = other.drop("L1")
    assert (rest["verdict"] == "supported").all()
    assert (rest["published"] == "").all()


def test_one_seed_leaves_all_claims_undecided():
    verdicts = judge(measure(world(), seeds=1))
    assert set(verdicts["verdict"]) == {"undecided"}
    assert (verdicts["measured"] != "").all()


def test_nothing_is_measured_without_scores():
    assert set(judge(frame([]))["verdict"]) == {"not measured"}


def test_two_data_sets_are_not_judged_at_once():
    scores = pd.concat([measure(world(), name, seeds=1) for name in ("mnist", "fashion_mnist")])
    with pytest.raises(ValueError, match="Received: mnist, fashion_mnist"):
        judge(scores)


def test_a_value_that_is_there_twice_is_an_error():
    scores = scores_of(a=60, b=64)
    with pytest.raises(
        ValueError, match="Received several: mnist, a, 0, 20, none, reconstruction, bce"
    ):
        judge(pd.concat([scores, scores[:1]]))


def test_runs_that_differ_in_a_qualifier_that_a_claim_leaves_open_are_not_mixed():
    scores = measure(world())
    fewer = scores[scores["labels"] == 550].assign(labels=50)
    with pytest.raises(ValueError, match="each run") as error:
        judge(pd.concat([scores, fewer]), [BY_ID["C1 (logistic)"]])
    message = str(error.value)
    assert "one value of accuracy (code sample, probe logistic)" in message
    assert "classification, accuracy, logistic, 550 or 50" in message
    assert judge(pd.concat([scores, fewer]), [BY_ID["R1"]])["verdict"].tolist() == ["supported"]


def test_the_only_code_of_a_deterministic_model_counts_for_every_code():
    luck = np.array([1.0, 2, 4, 8, 16])
    rows = [
        ("mnist", name, seed, 20, "none", "reconstruction", Measure("bce", code), mean + luck[seed])
        for name, code, mean in (("a", None, 60), ("b", "sample", 64), ("b", "mean", 50))
        for seed in range(SEEDS)
    ]

    def bce(name, code):
        return Mean("reconstruction", Measure("bce", code), name)

    assert verdict(frame(rows), above(bce("b", "sample"), bce("a", "sample"))) == "supported"
    assert verdict(frame(rows), below(bce("b", "mean"), bce("a", "mean"))) == "supported"
    with pytest.raises(ValueError, match="reconstruction, bce, sample or mean"):
        verdict(frame(rows), below(bce("b", None), bce("a", None)))


def test_the_measures_of_this_world_are_those_of_the_tasks():
    for _, _, task, measured in world():
        assert TASKS[task].metric(measured.metric)


def test_the_published_verdicts_are_those_of_the_published_scores():
    table = judge(table_of_scores.read(DOCS / "claims/scores.csv"))
    assert to_markdown(table.set_index("id")) == (DOCS / "claims/verdicts.md").read_text()
    page = (DOCS / "claims.md").read_text()
    counts = table["verdict"].value_counts()
    assert ", ".join(f"{counts[x]} {x}" for x in ("supported", "refuted", "undecided")) in page
    for row in table.itertuples():
        assert f"| {row.id} | {row.statement} | {row.verdict} | {row.measured} |" in page
