"""The judge of the article's claims, on scores whose truth is known."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kerasae.evaluation import scores as table_of_scores
from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.statistics import half_width, holm
from studies.bake_off.claims import COLUMNS, judge, judgements, short_verdicts
from studies.bake_off.claims.article import ALL, CLAIMS, aside, mingling
from studies.bake_off.claims.comparisons import Claim, Comparison, Outcome, Part, above, below
from studies.bake_off.claims.quantities import (
    Arranged,
    NotMeasured,
    agreement,
    average,
    mean,
    rank_correlation,
)
from studies.bake_off.claims.verdicts import decide

CLAIMS_OF_THE_PROJECT = (
    *("R1", "R2", "R3", "R4", "R5", "R6", "T1", "S1", "S2", "S3", "I1", "I2"),
    *("L1", "L2", "L3", "L4", "C1", "C2", "C3", "C4", "C5", "A1", "A2", "A3"),
)
BY_ID = {claim.id: claim for claim in CLAIMS}
VAES = ("vae", "beta_vae_strict", "beta_vae_loose")
SEEDS = 5
TASK_OF = {
    **dict.fromkeys(("bce", "mse"), "reconstruction"),
    **dict.fromkeys(("recall", "mingling"), "latent_space"),
    "auroc": "anomaly",
}


def frame(rows):
    """Tidy scores of rows (dataset, variant, seed, latent_dim, held_out, task, ScoreKey, value)."""
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
        ("mnist", name, seed, latent_dim, held_out, TASK_OF[metric], ScoreKey(metric), value)
        for name, mean in means.items()
        for seed, value in enumerate(luck + mean + noise * rng.normal(size=seeds))
    )


def of(variant, metric="bce", **where):
    return mean(TASK_OF[metric], ScoreKey(metric), variant, **where)


def beside(comparison):
    """Mark a comparison as one that the claim does not rest on."""
    return aside([comparison])[0]


def tie(one, other, share, of=None):
    return Comparison(one, other, -share, share, relative_to=of or other)


def judged(scores, *comparisons):
    """The row of a claim that makes some comparisons."""
    claim = Claim("X", "a claim", [Part("", "a measure", list(comparisons))])
    return judge(scores, [claim]).iloc[0]


def verdict(scores, *comparisons):
    return judged(scores, *comparisons)["verdict"]


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
    assert row["why"] == "the seeds leave it undecided"


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
        (Comparison(a, b, -10, 0), Comparison(a, b, -3, 0)),
        (Comparison(a, b, -10, -3), Comparison(a, b, -10, -6)),
        (Comparison(b, a, low=0.04, relative_to=a), Comparison(b, a, low=0.06, relative_to=a)),
        (above(b, a, 4), above(b, a, 6)),
        (above(a, b, -6), above(a, b, -4)),
        (Comparison(b, a, high=0.06, relative_to=a), Comparison(b, a, high=0.04, relative_to=a)),
        (below(a, b, 4), below(a, b, 6)),
        (below(a, 96), below(a, 94)),
        (above(a, 94), above(a, 96)),
    ]:
        scores_of_one = scores if right.is_absolute is False else still(scores)
        assert verdict(scores_of_one, right) == "supported", right
        assert verdict(scores_of_one, wrong) == "refuted", wrong
    assert judged(scores, above(a, b, -6))["measured"].endswith("(claimed: above -6)")
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
    assert verdict(scores, bad, open_one) == "refuted"
    row = judged(scores, good, bad, open_one)
    assert row["verdict"] == "mixed"
    assert re.fullmatch("a - b: -4.*; c - a: [34].*", row["measured"])
    assert row["why"] == "1 of 3 comparisons hold, 1 have the opposite result"


def test_what_the_claim_does_not_rest_on_cannot_save_it():
    scores = scores_of(a=60, b=64, c=64, noise=0.1)
    good, bad = below(of("a"), of("b")), below(of("c"), of("a"))
    assert verdict(scores, beside(good), bad) == "refuted"
    assert verdict(scores, good, beside(bad)) == "mixed"
    assert verdict(scores, good, beside(good)) == "supported"
    assert verdict(scores, good, beside(below(of("b"), of("c")))) == "undecided"
    assert verdict(scores, beside(good), below(of("b"), of("c"))) == "undecided"


def test_a_claim_is_judged_by_all_its_parts_and_each_part_for_itself():
    scores = scores_of(a=60, b=64, noise=0.1)
    parts = (
        Part("one way", "less", (below(of("a"), of("b")),)),
        Part("another way", "more", (above(of("a"), of("b")),)),
    )
    table = judge(scores, [Claim("X", "a claim", parts)]).set_index("id")
    assert table["verdict"].to_dict() == {
        "X": "mixed", "X (one way)": "supported", "X (another way)": "refuted"
    }  # fmt: skip
    assert table.loc["X", "measure"] == "one way: less; another way: more"
    assert table["p of all"].ne("").tolist() == [True, False, False]  # a claim counts once


def test_p_values_of_all_claims_are_corrected_together_whatever_their_verdicts():
    scores = scores_of(a=60, b=[61, 62, 63, 64, 65], c=63, noise=0.3)
    claims = [
        Claim(name, "a claim", (Part("", "a measure", (comparison,)),))
        for name, comparison in [
            ("X", below(of("a"), of("b"))), ("Y", above(of("a"), of("c"))),
            ("Z", below(of("b"), of("c"))),
        ]
    ]  # fmt: skip
    found = judgements(scores, claims)
    assert [one.decision.verdict for one in found] == ["supported", "refuted", "undecided"]
    p_values = [one.decision.p for one in found]
    assert [one.p_of_all for one in found] == pytest.approx(list(holm(p_values)))


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
    assert decide([wrong] * 2)[0] == "undecided"
    assert decide([with_p_value(0.02, -1), with_p_value(0.9)])[0] == "refuted"
    assert decide([with_p_value(0.001), wrong])[0] == "undecided"
    assert decide([with_p_value(0.04), with_p_value(0.02, -1)])[0] == "refuted"
    assert decide([with_p_value(0.02), with_p_value(0.02, -1)])[0] == "mixed"


def test_p_of_a_verdict_is_that_of_what_it_says():
    assert decide([with_p_value(0.04), with_p_value(0.01)]).p == pytest.approx(0.04)
    assert decide([with_p_value(0.01, -1), with_p_value(0.9)]).p == pytest.approx(0.02)
    assert decide([with_p_value(0.001), with_p_value(0.02, -1)]).p == pytest.approx(0.04)
    assert decide([with_p_value(0.2), with_p_value(0.01)]).p == pytest.approx(0.2)
    assert decide([with_p_value(0.2, -1), with_p_value(0.01)]).p == pytest.approx(0.4)


def test_the_position_of_a_comparison_is_at_1_where_its_interval_reaches_the_margin():
    for p, sign in [(0.05, 1), (0.05, -1)]:
        assert with_p_value(p, sign).position == pytest.approx(sign)
    wide = Outcome(np.array([0.0, 1, 2]), -10, 4)  # mean 1: 3 below the nearer bound
    assert wide.position == pytest.approx(3 / half_width([0, 1, 2]))
    assert Outcome(np.array([1.0, 1]), 0, np.inf).position == np.inf
    assert Outcome(np.array([1.0, 1]), 1, np.inf).position == 0


@pytest.mark.parametrize("count", [1, 3])
def test_what_makes_no_difference_is_seldom_decided(count):
    """One comparison has no difference, the others, if any, are certain."""
    rng = np.random.default_rng(1)
    certain = [with_p_value(1e-6)] * (count - 1)
    verdicts = [decide([*certain, Outcome(rng.normal(size=5), 0, np.inf)])[0] for _ in range(1000)]
    # A side of the 95 % interval each, that against divided by the number it was chosen from
    opposite = "refuted" if count == 1 else "mixed"
    for verdict, share in [("supported", 0.025), (opposite, 0.025 / count)]:
        expected = stats.binom.interval(0.999, 1000, share)
        assert expected[0] <= verdicts.count(verdict) <= expected[1]


def test_the_comparison_that_decides_is_shown():
    outcomes = [with_p_value(p) for p in (0.001, 0.01, 0.002)]
    assert decide(outcomes)[:2] == ("supported", (1,))
    assert decide([*outcomes, with_p_value(0.7)])[:2] == ("undecided", (3,))
    contradicted = [*outcomes, with_p_value(0.002, -1), with_p_value(0.001, -1)]
    assert decide(contradicted)[:2] == ("mixed", (0, 4))
    assert decide(contradicted[1:], [False, False, True, True])[:2] == ("refuted", (3,))


def test_a_refuted_claim_counts_the_comparisons_that_it_rests_on():
    wrong, unknown = with_p_value(0.02, -1), with_p_value(0.9)
    found = decide([wrong, unknown, unknown, unknown], [True, True, False, False])
    assert found.verdict == "refuted"
    assert found.reason == (
        "0 of 2 comparisons that the claim rests on hold, 1 have the opposite result"
    )
    assert decide([wrong, unknown]).reason == "0 of 2 comparisons hold, 1 have the opposite result"
    assert decide([wrong, unknown], [True, False]).reason == "the opposite"
    beside_it = decide([unknown, unknown, wrong], [True, True, False])
    assert beside_it.verdict == "undecided"
    assert beside_it.reason.endswith("that the claim rests on hold, 0 have the opposite result")


def test_one_seed_decides_nothing_and_shows_the_difference():
    row = judged(scores_of(a=60, b=64, seeds=1), below(of("a"), of("b")))
    assert (row["verdict"], row["why"]) == ("undecided", "one seed")
    assert row["measured"] == "a - b: -4.00"
    scores = scores_of(a=60, b=64, c=62, seeds=1)
    row = judged(scores, below(of("a"), of("b")), below(of("b"), of("c")))
    assert row["measured"] == "b - c: 2.00"


def test_what_is_absent_is_not_measured():
    scores = scores_of(a=60, b=64)
    for absent in (of("c"), of("b", "mse"), of("b", held_out="1")):
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
    flat = frame(
        [("mnist", "raw", np.nan, np.nan, "none", "reconstruction", ScoreKey("bce"), 64.0)]
    )
    scores = pd.concat([scores, flat], ignore_index=True)
    assert verdict(scores, below(of("a"), of("raw"))) == "supported"
    assert verdict(scores, below(of("raw"), of("a"))) == "refuted"


def test_quantities_are_averaged_in_each_seed():
    scores = pd.concat([scores_of("bce", a=10, b=20), scores_of("mse", a=30, b=60)])
    four = [of(name, metric) for name in "ab" for metric in ("bce", "mse")]
    table = average(four, "all").values(Arranged(scores))
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
    assert len(below(a, b).outcome(Arranged(scores)).differences) == SEEDS - 1


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
        table = rank_correlation(one, other, tuple("abcd"), sign, "r").values(Arranged(scores))
        np.testing.assert_allclose(table, -0.8 * sign * np.ones((SEEDS, 1)))


def test_agreement_is_the_mean_rank_correlation_of_all_pairs_of_cells():
    means = {("0", 2): dict(a=1, b=2, c=3), ("1", 2): dict(a=1, b=3, c=2)}
    means["1", 5] = dict(a=3, b=2, c=1)
    order = agreement(lambda n: of(n, "auroc", held_out=None), tuple("abc"), "order")
    table = order.values(Arranged(cells(means)))
    np.testing.assert_allclose(table, np.full((SEEDS, 1), (0.5 - 1 - 0.5) / 3))
    lacking = cells({**means, ("1", 5): dict(a=3, b=2)})
    np.testing.assert_allclose(order.values(Arranged(lacking)), np.full((SEEDS, 1), 0.5))


def test_one_digit_cannot_agree_with_another():
    scores = cells({("1", 2): dict(a=1, b=2), ("1", 5): dict(a=1, b=2)})
    order = agreement(lambda n: of(n, "auroc", held_out=None), tuple("ab"), "order")
    with pytest.raises(NotMeasured, match="two held-out classes"):
        order.values(Arranged(scores))


def test_share_of_errors_by_hand():
    measures = [
        ScoreKey("mingling", "mean", classes="4 7"),
        ScoreKey("recall", "mean", classes="4"),
    ]
    rows = [
        ("mnist", "vq", 1, 20, "none", "latent_space", one, value)
        for one, value in [
            (measures[0], 0.3), (measures[1], 0.4),
            (measures[1]._replace(classes="7"), 0.6),
        ]
    ]  # fmt: skip
    np.testing.assert_allclose(mingling("47", "vq").values(Arranged(frame(rows))), 0.3 / 0.5)


# The article's claims, in a world where all of them are true


BCE, MEAN_BCE = ScoreKey("bce", "sample"), ScoreKey("bce", "mean")
SECONDS = ScoreKey("seconds_per_epoch_alone")
AUROC, SIGNED = (ScoreKey("auroc", "sample", score=score) for score in ("bce", "signed"))
INK = ScoreKey("auroc", score="less_ink")
SMOOTH = ScoreKey("roughness", "sample_per_path")
FID = "frechet_distance"


def probe(name, code="sample"):
    return ScoreKey("accuracy", code, probe=name, labels=550)


DENSE, SAME_LABELS, LOGISTIC = map(probe, ("dense", "dense_all_epochs", "logistic"))


def sampled(metric, sampler="prior"):
    return ScoreKey(metric, sampler=sampler)


def fresh(metric):
    return ScoreKey(metric, "sample_per_frame")


def codes(metric, code="mean", **qualifiers):
    return ScoreKey(metric, code, **qualifiers)


def neighbours(code="mean"):
    return codes("accuracy", code, probe="neighbours")


def unsure(metric, code):
    return ScoreKey(metric, code)


def world():
    """(held-out class, latent dimension, task, `ScoreKey`) → variant → mean."""
    dense = dict(
        **dict(shallow=0.46, vanilla=0.77, stacked=0.61, sparse=0.22, denoising=0.8),
        **dict(vae=0.6, beta_vae_strict=0.47, beta_vae_loose=0.63, vq=0.75),
    )
    of_vaes = dict(vae=0.6, beta_vae_strict=0.5, beta_vae_loose=0.7)
    spaces = dict(beta_vae_strict=0.9, vae=1.1, beta_vae_loose=1.4)
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
            DENSE: dict(**dense, from_scratch=0.44),
            SAME_LABELS: dict(**dense, from_scratch=0.44),
            LOGISTIC: dict(
                **dict(shallow=0.84, vanilla=0.87, stacked=0.83, sparse=0.42, denoising=0.89),
                **dict(vae=0.78, beta_vae_strict=0.76, beta_vae_loose=0.8, vq=0.86),
            ),
            probe("dense", "mean"): of_vaes,
            probe("logistic", "mean"): of_vaes,
        },
        "samples": {
            sampled(FID): dict(vae=25, beta_vae_strict=15, beta_vae_loose=30, vq=700),
            sampled("coverage"): dict(vae=0.5, beta_vae_strict=0.7, beta_vae_loose=0.4, vq=0.02),
            sampled("recall"): dict(beta_vae_strict=0.5, beta_vae_loose=0.7),
            sampled("pairwise_distance"): dict(beta_vae_strict=9, beta_vae_loose=11),
            sampled("confidence"): dict(beta_vae_strict=0.9, beta_vae_loose=0.8),
            sampled(FID, "learned_prior"): dict(vq=30),
            sampled("coverage", "learned_prior"): dict(vq=0.8),
            # The order of the mixtures is not that of reconstruction
            sampled(FID, "mixture"): {
                **dict(shallow=5, vanilla=40, stacked=6, sparse=41, denoising=20, vae=19),
                **dict(beta_vae_strict=7, beta_vae_loose=22, vq=42, untrained=640),
            },
            sampled("coverage", "mixture"): dict(untrained=0.0),
            sampled(FID, "real"): dict(shuffled_pixels=500),
            sampled("coverage", "real"): dict(shuffled_pixels=0.01),
        },
        "interpolation": {
            fresh("confidence_over_fade"): {**all_of(0.0), "vae": 0.1, "beta_vae_strict": 0.12},
            fresh("distance_over_fade"): {**all_of(0.0), "vae": -0.3, "beta_vae_strict": -0.2},
            fresh("roughness"): {**dict.fromkeys(VAES, 9), "vanilla": 1.04},
            SMOOTH: {**all_of(1.03), **dict.fromkeys(VAES, 1.05)},
        },
        "latent_space": {
            **{
                measure(code): {**all_of(mean), "shallow": lowest}
                for code in ("mean", "sample")
                for measure, mean, lowest in (
                    (neighbours, 0.9, 0.8), (lambda code: codes("silhouette", code), 0.2, 0.1),
                )
            },
            **{
                codes("log_volume", code): {
                    **all_of(5), **dict(vae=-3, beta_vae_strict=-5, beta_vae_loose=2)
                }
                for code in ("mean", "sample")
            },
            **{codes("spread", code): {**all_of(3), **spaces} for code in ("mean", "sample")},
            codes("cka", reference="vanilla"): dict(vq=0.8),
            **{codes("cka", reference=name): dict(vq=0.5) for name in VAES},
            codes("mingling", classes="4 7 9"): all_of(0.08),
            codes("mingling", classes="3 5 8"): all_of(0.07),
            **{
                codes("recall", classes=str(n)): all_of(0.97 if n in (0, 1, 2, 6) else 0.9)
                for n in range(10)
            },
        },
        "uncertainty": {
            unsure(metric, code): dict.fromkeys(VAES, best if code == "samples" else other)
            for metric, best, other in (
                ("negative_log_likelihood", 0.4, 0.6), ("brier_score", 0.2, 0.3),
                ("error_auroc", 0.9, 0.8), ("scaled_calibration_error", 0.01, 0.03),
            )
            for code in ("sample", "samples", "mean")
        },
    }  # fmt: skip
    # The order of the rest is against that of reconstruction
    rest = ("vanilla", "sparse", "vq", "beta_vae_loose", "denoising", "vae", "beta_vae_strict")
    aucs = {name: 0.5 + 0.03 * place for place, name in enumerate(rest)}
    aucs.update(stacked=0.78, shallow=0.9)
    truth = {
        ("none", 20, task, measure): means
        for task, measures in general.items()
        for measure, means in measures.items()
    }
    for cell in (("0", 2), ("1", 2), ("1", 5), ("7", 2)):
        truth[*cell, "anomaly", AUROC] = {**aucs, "pca": 0.89}
        truth[*cell, "anomaly", SIGNED] = {**aucs, "pca": 0.89}
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
    return frame((dataset, *row) for row in rows).drop_duplicates(list(table_of_scores.KEYS))


@pytest.fixture(scope="module")
def judgement():
    return judge(measure(world())).set_index("id")


def test_every_claim_is_there_once():
    assert [claim.id for claim in CLAIMS] == list(CLAIMS_OF_THE_PROJECT)
    assert all(claim.statement and claim.measure for claim in CLAIMS)


def test_the_table_has_its_columns_and_no_gaps(judgement):
    assert list(judgement.reset_index()) == COLUMNS
    parts = sum(len(claim.parts) for claim in CLAIMS if len(claim.parts) > 1)
    assert len(judgement) == len(CLAIMS) + parts
    assert not judgement.isna().any(axis=None)
    assert not judgement[["statement", "measure", "measured", "verdict"]].eq("").any(axis=None)


def test_all_is_supported_in_a_world_where_the_article_is_right(judgement):
    assert judgement["verdict"].unique().tolist() == ["supported"]
    assert set(BY_ID) <= set(judgement.index)


GENERAL, ANOMALY = ("none", 20), ("1", 2)
CODES = ("sample", "mean")
NAMED = ("vanilla", "stacked", "sparse", "denoising", "vq")
LAST = dict(denoising=0.1, vanilla=0.2, vq=0.3)
OTHER_CELLS = (("0", 2), ("1", 5), ("7", 2))
RAW = {name: 1 - mean for name, mean in world()["1", 2, "anomaly", AUROC].items()}


def changed(*changes):
    """The world with changes (task, `ScoreKey`, means), of anomalies in the article's cell."""
    truth = world()
    for task, measured, means in changes:
        truth[*(ANOMALY if task == "anomaly" else GENERAL), task, measured].update(means)
    return truth


def verdicts_of(claim, truth):
    """The verdict on a claim, and those on its parts by name."""
    found = judgements(measure(truth), [BY_ID[claim]])
    named = {one.part.name: one.decision.verdict for one in found if one.part}
    return found[0].decision.verdict, named


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        ("R1", [("reconstruction", BCE, all_of(64))]),
        ("R2", [("reconstruction", BCE, {**all_of(50), "vanilla": 64, "sparse": 70, "vq": 80})]),
        (
            "R3",
            [
                (
                    "reconstruction", BCE,
                    dict(vanilla=80, beta_vae_loose=79, vae=78, beta_vae_strict=77),
                ),
            ],
        ),
        ("R4", [("reconstruction", MEAN_BCE, dict.fromkeys(VAES, 90))]),
        ("R5", [("reconstruction", BCE, dict(stacked=60, stacked_pixels=60))]),
        ("T1", [("training_time", SECONDS, {**all_of(30), "vanilla": 10, "shallow": 1})]),
        (
            "S1",
            [
                ("samples", sampled(FID), dict(beta_vae_strict=800, vq=100)),
                ("samples", sampled("coverage"), dict(beta_vae_strict=0.0, vq=0.3)),
            ],
        ),
        (
            "S2",
            [
                ("samples", sampled("recall"), dict(beta_vae_loose=0.3)),
                ("samples", sampled("pairwise_distance"), dict(beta_vae_loose=8)),
            ],
        ),
        (
            "S3",
            [
                ("samples", sampled(FID, "learned_prior"), dict(vq=900)),
                ("samples", sampled("coverage", "learned_prior"), dict(vq=0.01)),
            ],
        ),
        (
            "I1",
            [
                (
                    "interpolation", fresh("confidence_over_fade"),
                    {**all_of(0.2), "vae": -0.1, "beta_vae_strict": -0.1},
                ),
                (
                    "interpolation", fresh("distance_over_fade"),
                    {**all_of(-0.2), "vae": 0.1, "beta_vae_strict": 0.1},
                ),
                ("interpolation", SMOOTH, all_of(2)),
            ],
        ),
        (
            "I2",
            [
                ("interpolation", fresh("roughness"), dict.fromkeys(VAES, 3)),
                ("interpolation", SMOOTH, dict.fromkeys(VAES, 4)),
            ],
        ),
        (
            "L1",
            [
                *(
                    ("latent_space", codes("recall", classes=str(n)), all_of(0.5))
                    for n in (0, 1, 2, 6)
                ),
                ("latent_space", codes("mingling", classes="4 7 9"), all_of(0.002)),
                ("latent_space", codes("mingling", classes="3 5 8"), all_of(0.002)),
            ],
        ),
        (
            "L2",
            [
                *(("latent_space", neighbours(code), {"shallow": 0.99}) for code in CODES),
                *(("latent_space", codes("silhouette", code), {"shallow": 0.5}) for code in CODES),
            ],
        ),
        (
            "L3",
            [
                *(
                    (
                        "latent_space", codes("log_volume", code),
                        {
                            **all_of(-20),
                            **dict(beta_vae_strict=2, vae=-3, beta_vae_loose=-9),
                        },
                    )
                    for code in CODES
                ),
                *(
                    (
                        "latent_space", codes("spread", code),
                        {
                            **all_of(0.1),
                            **dict(beta_vae_strict=3, vae=2, beta_vae_loose=1),
                        },
                    )
                    for code in CODES
                ),
            ],
        ),
        ("L4", [("latent_space", codes("cka", reference="vanilla"), dict(vq=0.2))]),
        (
            "C1",
            [
                ("classification", measured, {**all_of(0.9), **LAST})
                for measured in (DENSE, LOGISTIC)
            ],
        ),
        (
            "C2",
            [
                ("classification", measured, dict(from_scratch=0.9))
                for measured in (DENSE, SAME_LABELS)
            ],
        ),
        ("C3", [("classification", LOGISTIC, dict(sparse=0.87))]),
        (
            "C4",
            [
                (
                    "classification", probe(name, code),
                    dict(beta_vae_strict=0.9, vae=0.8, beta_vae_loose=0.7),
                )
                for name in ("dense", "logistic")
                for code in CODES
            ],
        ),
        (
            "C5",
            [
                ("uncertainty", unsure(metric, "samples"), dict.fromkeys(VAES, worse))
                for metric, worse in (
                    ("negative_log_likelihood", 0.9), ("brier_score", 0.9), ("error_auroc", 0.5),
                    ("scaled_calibration_error", 0.2),
                )
            ],
        ),
        ("A1", [("anomaly", measured, RAW) for measured in (AUROC, SIGNED)]),
    ],
)  # fmt: skip
def test_a_claim_is_refuted_where_all_is_the_opposite(claim, changes):
    found, parts = verdicts_of(claim, changed(*changes))
    assert found == "refuted"
    rest_on_it = [part for part in BY_ID[claim].parts if callable(part.comparisons)
                  or any(one.carries for one in part.comparisons)]  # fmt: skip
    assert {parts.get(part.name, "refuted") for part in rest_on_it} == {"refuted"}


# What the first measures fell into


def test_worse_without_a_margin_is_not_far_worse():
    assert verdicts_of("R1", changed(("reconstruction", BCE, dict(stacked=115))))[0] == "mixed"


def test_three_that_are_equal_within_the_margin_may_be_told_apart_by_the_seeds():
    truth = changed(("reconstruction", BCE, dict(vanilla=64, sparse=64.6, vq=64.5)))
    row = judge(measure(truth), [BY_ID["R2"]]).iloc[0]
    assert row["verdict"] == "supported"
    assert re.search(r"the seeds tell apart .*vanilla and sparse \(p = ", row["why"])
    same = changed(("reconstruction", BCE, dict(vanilla=64, sparse=64, vq=64)))
    assert "tell apart none of them" in judge(measure(same), [BY_ID["R2"]]).iloc[0]["why"]


def test_one_target_of_the_stacked_one_says_nothing_on_the_other():
    found, parts = verdicts_of("R5", changed(("reconstruction", BCE, dict(stacked_pixels=60))))
    assert (found, parts) == ("mixed", {"codes": "supported", "pixels": "refuted"})


def test_a_proxy_is_told_over_all_variants_and_task_by_task():
    truth = world()
    good = {name: 1 - 0.005 * truth[*GENERAL, "reconstruction", BCE][name] for name in ALL}
    follow = [
        ("classification", [LOGISTIC], good, "classification"),
        ("anomaly", [AUROC], good, "anomalies"),
        ("samples", [sampled(FID, "mixture")], {n: 100 * (1 - good[n]) for n in ALL}, "samples"),
        ("interpolation", [fresh("confidence_over_fade")], good, "interpolation"),
        ("latent_space", list(map(neighbours, CODES)), good, "latent space"),
    ]
    for task, measures, means, part in follow:
        found, parts = verdicts_of("R6", changed(*((task, one, means) for one in measures)))
        assert (found, parts.pop(part)) == ("mixed", "refuted")
        assert "refuted" not in parts.values()
    changes = [(task, one, means) for task, measures, means, _ in follow for one in measures]
    assert verdicts_of("R6", changed(*changes))[0] == "refuted"
    # The loss is that of posterior samples, so only their accuracy is compared with it
    of_samples = dict(beta_vae_strict=0.9, vae=0.85, beta_vae_loose=0.8)
    both = [("latent_space", neighbours(code), good) for code in CODES]
    truth = changed(*both, ("latent_space", neighbours("sample"), of_samples))
    assert verdicts_of("R6", truth)[0] == "supported"
    few = measure(truth).query("variant != 'shallow' or task != 'samples'")
    assert judge(few, [BY_ID["R6"]])["verdict"].iloc[0] == "not measured"


def test_times_beside_other_work_are_not_compared():
    truth = world()
    truth[*GENERAL, "training_time", ScoreKey("seconds_per_epoch")] = truth.pop(
        (*GENERAL, "training_time", SECONDS)
    )
    assert verdicts_of("T1", truth)[0] == "not measured"


def test_times_are_compared_as_ratios_whatever_the_load_of_a_seed():
    scores = measure(world())
    slow = scores["task"].eq("training_time") & scores["seed"].eq(3)
    scores.loc[slow, "value"] *= 9
    assert judge(scores, [BY_ID["T1"]])["verdict"].iloc[0] == "supported"
    _, parts = verdicts_of("T1", changed(("training_time", SECONDS, dict(shallow=1.0))))
    assert parts == {"deep": "supported", "shallow": "refuted"}


def test_samples_are_none_where_they_are_no_better_than_junk():
    better = [
        ("samples", sampled(FID), dict(vq=130)), ("samples", sampled("coverage"), dict(vq=0.09)),
    ]  # fmt: skip
    found, parts = verdicts_of("S1", changed(*better))
    assert (found, parts) == ("mixed", {"strict": "supported", "vq": "refuted"})


def test_illegible_samples_can_be_the_more_diverse_ones():
    truth = changed(("samples", sampled("confidence"), dict(beta_vae_loose=0.3)))
    truth[*GENERAL, "samples", sampled("coverage")]["beta_vae_loose"] = 0.01
    row = judge(measure(truth), [BY_ID["S2"]]).iloc[0]
    assert row["verdict"] == "supported"
    given = re.search(r"confidence (.*) of the loose one's, (.*) of the strict one's$", row["why"])
    assert float(given[1]) == pytest.approx(0.3, abs=0.01)
    assert float(given[2]) == pytest.approx(0.9, abs=0.03)


def test_a_path_is_judged_against_a_fade_of_its_own_ends():
    """A blurred model is nearer to the real images everywhere, its fade as well."""
    truth = world()
    truth[*GENERAL, "interpolation", fresh("distance")] = {**all_of(6), "denoising": 2}
    assert verdicts_of("I1", truth)[0] == "supported"
    found, parts = verdicts_of("I1", changed(("interpolation", SMOOTH, dict(vq=1.7))))
    assert (found, parts["fade"]) == ("mixed", "mixed")


def test_mingling_is_compared_with_chance_in_each_of_the_models_named():
    measured = codes("mingling", classes="4 7 9")
    rest = {name: 0.001 for name in ALL if name not in NAMED}
    assert verdicts_of("L1", changed(("latent_space", measured, rest)))[0] == "supported"
    # 0.035 of 0.1: more than 2/9 of the errors, and less than half
    assert verdicts_of("L1", changed(("latent_space", measured, all_of(0.035))))[0] == "supported"
    found, parts = verdicts_of("L1", changed(("latent_space", measured, dict(vq=0.001))))
    assert (found, parts["mingle"]) == ("mixed", "mixed")


def test_means_of_vaes_flatter_them():
    blurred = [
        ("latent_space", neighbours("sample"), dict.fromkeys(VAES, 0.5)),
        ("latent_space", codes("silhouette", "sample"), dict.fromkeys(VAES, 0.0)),
    ]
    found, parts = verdicts_of("L2", changed(*blurred))
    assert (found, parts) == ("mixed", {"samples": "mixed", "means": "supported"})
    whole = judgements(measure(world()), [BY_ID["L2"]])[0]
    assert len(whole.comparisons) == 2 * 8 + 2 * 3  # other models have one kind of code


def test_posterior_samples_may_fill_the_same_space_where_means_do_not():
    same = [
        ("latent_space", codes("log_volume", "sample"), dict.fromkeys(VAES, -0.1)),
        ("latent_space", codes("spread", "sample"), dict.fromkeys(VAES, 4.4)),
    ]
    found, parts = verdicts_of("L3", changed(*same))
    of_others = {"others, samples": "mixed", "others, means": "supported"}
    assert parts == {"samples": "undecided", "means": "supported", **of_others}
    assert found == "mixed"


def test_less_spread_than_the_others_is_not_less_volume():
    flat = ("latent_space", codes("log_volume"), dict(sparse=-40))
    found, parts = verdicts_of("L3", changed(flat))
    of_others = {"others, samples": "mixed", "others, means": "mixed"}
    assert (found, parts) == ("mixed", {"samples": "supported", "means": "supported", **of_others})
    scores = measure(world())
    of_shallow = (scores["metric"] == "log_volume") & (scores["variant"] == "shallow")
    scores.loc[of_shallow, "value"] = -np.inf  # with a unit that is zero for every image
    assert judge(scores, [BY_ID["L3"]])["verdict"].iloc[0] == "supported"


def test_similarity_is_compared_with_every_vae():
    truth = changed(("latent_space", codes("cka", reference="beta_vae_loose"), dict(vq=0.9)))
    assert verdicts_of("L4", truth)[0] == "mixed"


def test_the_two_probes_may_disagree():
    truth = changed(("classification", LOGISTIC, {**all_of(0.9), **LAST}))
    found, parts = verdicts_of("C1", truth)
    assert (found, parts) == ("mixed", {"article's probe": "supported", "logistic": "refuted"})


def test_labels_of_early_stopping_are_counted():
    stopped = changed(("classification", SAME_LABELS, dict(from_scratch=0.9)))
    found, parts = verdicts_of("C2", stopped)
    of_probes = {"logistic": "refuted", "early stopping": "supported"}
    assert (found, parts) == ("mixed", {"same labels": "refuted", **of_probes})


def test_a_converged_probe_may_contradict_the_one_of_the_article():
    codes_of = {**all_of(0.5), "sparse": 0.3, "from_scratch": 0.6}
    truth = changed(
        ("classification", DENSE, codes_of),
        ("classification", SAME_LABELS, codes_of),
    )
    found, parts = verdicts_of("C2", truth)
    assert (found, parts["logistic"]) == ("mixed", "supported")


def test_the_probe_of_the_article_cannot_save_what_a_converged_one_refutes():
    found, parts = verdicts_of("C3", changed(("classification", LOGISTIC, dict(sparse=0.87))))
    assert (found, parts) == ("refuted", {"logistic": "refuted", "article's probe": "supported"})


def test_samples_and_means_may_have_opposite_orders():
    reverse = dict(beta_vae_strict=0.9, vae=0.8, beta_vae_loose=0.7)
    truth = changed(("classification", probe("logistic", "mean"), reverse))
    found, parts = verdicts_of("C4", truth)
    assert (found, parts["means, logistic"]) == ("mixed", "refuted")


def test_the_mean_may_be_as_good_as_many_samples():
    metrics = ("negative_log_likelihood", "brier_score", "error_auroc", "scaled_calibration_error")
    truth = world()
    for metric in metrics:
        cell = (*GENERAL, "uncertainty")
        truth[*cell, unsure(metric, "mean")] = dict(truth[*cell, unsure(metric, "samples")])
    found, parts = verdicts_of("C5", truth)
    assert (found, parts) == ("undecided", {"one sample": "supported", "mean": "undecided"})


def test_overconfidence_that_a_temperature_removes_decides_nothing():
    truth = world()
    for code, error in (("sample", 0.02), ("samples", 0.3), ("mean", 0.1)):
        measured = unsure("expected_calibration_error", code)
        truth[*GENERAL, "uncertainty", measured] = dict.fromkeys(VAES, error)
    assert verdicts_of("C5", truth)[0] == "supported"


def test_the_two_anomaly_scores_may_disagree():
    found, parts = verdicts_of("A1", changed(("anomaly", AUROC, RAW)))
    assert (found, parts) == ("refuted", {"loss": "refuted", "signed": "supported"})
    assert verdicts_of("A1", changed(("anomaly", SIGNED, RAW)))[0] == "mixed"
    a_little = [
        ("anomaly", measured, dict(shallow=0.79, beta_vae_strict=0.75))
        for measured in (AUROC, SIGNED)
    ]
    assert verdicts_of("A1", changed(*a_little))[0] == "mixed"  # first, but not by far


def test_being_last_everywhere_is_not_that_order():
    truth = world()
    for cell in OTHER_CELLS:
        for measured in (AUROC, SIGNED):
            truth[*cell, "anomaly", measured] = dict(RAW)
    row = judge(measure(truth), [BY_ID["A2"]]).iloc[0]
    assert row["verdict"] == "refuted"
    for measured in (AUROC, SIGNED):
        truth[*ANOMALY, "anomaly", measured] = dict(RAW)
    row = judge(measure(truth), [BY_ID["A2"]]).iloc[0]
    assert row["verdict"] == "refuted"
    assert re.search(r"mean: (0.9\d+|1.000) by the loss", row["why"])  # agreement on the reverse


def test_the_order_is_not_stable_where_another_digit_turns_it_round():
    truth = world()
    truth["7", 2, "anomaly", AUROC] = dict(RAW)
    found, parts = verdicts_of("A2", truth)
    assert (found, parts) == ("mixed", {"loss": "mixed", "signed": "supported"})


def test_the_rest_of_the_anomalies_says_nothing_on_the_article_s_digit():
    truth = world()
    for cell in (("0", 2), ("1", 5)):
        truth[*cell, "anomaly", AUROC].update(shallow=0.1)
    assert verdicts_of("A1", truth)[0] == "supported"


def test_a_cell_that_lacks_a_model_is_left_out_of_the_order():
    truth = world()
    for measured in (AUROC, SIGNED):
        truth["3", 32, "anomaly", measured] = dict(shallow=0.1, vanilla=0.9, pca=0.9)
    assert verdicts_of("A2", truth)[0] == "supported"


def test_the_pca_is_compared_with_shallow_for_each_digit():
    truth = world()
    truth["0", 2, "anomaly", AUROC].update(pca=0.7)
    truth["7", 2, "anomaly", AUROC].update(pca=1.1)  # which the mean over the digits would hide
    found, parts = verdicts_of("A3", truth)
    assert (found, parts) == ("mixed", {"loss": "mixed", "signed": "supported"})
    for cell in (("0", 2), ("1", 2), ("7", 2)):
        for measured in (AUROC, SIGNED):
            truth[*cell, "anomaly", measured].update(pca=0.5)
    assert verdicts_of("A3", truth)[0] == "refuted"
    for cell in (("0", 2), ("1", 2), ("7", 2)):
        truth[*cell, "anomaly", AUROC].update(vq=0.99)  # whom the article did not mean
    assert verdicts_of("A3", world())[0] == "supported"


def test_one_digit_says_nothing_on_the_others():
    scores = measure(world()).query("held_out in ('none', '1') and latent_dim != 5")
    row = judge(scores, [BY_ID["A2"]]).iloc[0]
    assert row["verdict"] == "not measured"
    assert "further held-out classes" in row["why"]


def test_published_figures_stand_beside_the_measured_ones(judgement):
    texts = judgement["published"]
    assert texts["R5 (codes)"] == texts["R5 (pixels)"] == "stacked 87.87 against vanilla 63.92"
    assert texts["A1"] == texts["A1 (signed)"] == "shallow 0.9126 against vanilla 0.7972"
    assert texts["C3"] == "sparse 0.2221 against vanilla 0.7835"
    assert " against from_scratch 0.4364" in texts["C2"]
    assert " against vanilla 675" in texts["T1 (deep)"]
    without = ["R4", "R6", "S1", "S2", "S3", "I1", "I2", "L1", "L2", "L3", "L4", "C5", "A2", "A3"]
    assert texts[[*BY_ID]][texts == ""].index.tolist() == without


def test_defects_of_the_article_are_named_with_what_was_measured(judgement):
    texts = judgement["why"]
    assert all("signed residual" in texts[name] for name in ("A1", "A2", "A3"))
    assert "reaches 0.925" in texts["A1"]
    assert "360 steps" in texts["C3"]
    assert re.search(r"converged: 0.2\d+, where the converged one reaches 0.[45]\d+$", texts["C3"])
    assert re.search(r"reaches 0.4\d+$", texts["C2"])
    without_ink = measure(world()).query("variant != 'no_model'")
    assert "(not measured)" in judge(without_ink, [BY_ID["A1"]])["why"].iloc[0]


def test_another_data_set_is_judged_without_published_figures_and_without_digits(judgement):
    other = judge(measure(world(), dataset="fashion_mnist")).set_index("id")
    without = ["L1", "L1 (separate)", "L1 (mingle)"]
    assert other.loc[without, "verdict"].unique().tolist() == ["not measured"]
    assert "mnist" in other.loc["L1", "why"]
    rest = other.drop(without)
    assert (rest["verdict"] == "supported").all()
    assert (rest["published"] == "").all()


def test_the_page_to_explore_has_the_measured_claims_of_several_seeds():
    scores = measure(world()).query("task == 'reconstruction'")
    short = short_verdicts(scores)
    assert [one["id"] for one in short] == ["R1", "R2", "R3", "R4", "R5"]
    assert short[0].keys() == {"id", "statement", "verdict", "measured"}
    assert short[0]["verdict"] == "supported"
    assert short_verdicts(scores[scores["seed"] == 1]) == []


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
        judge(pd.concat([scores, fewer]), [BY_ID["C3"]])
    message = str(error.value)
    assert "one value of accuracy (code sample, probe logistic)" in message
    assert "classification, accuracy, logistic, 550 or 50" in message
    assert judge(pd.concat([scores, fewer]), [BY_ID["R1"]])["verdict"].tolist() == ["supported"]


def test_the_only_code_of_a_deterministic_model_counts_for_every_code():
    luck = np.array([1.0, 2, 4, 8, 16])
    rows = [
        (
            "mnist",
            name,
            seed,
            20,
            "none",
            "reconstruction",
            ScoreKey("bce", code),
            mean + luck[seed],
        )
        for name, code, mean in (("a", None, 60), ("b", "sample", 64), ("b", "mean", 50))
        for seed in range(SEEDS)
    ]

    def bce(name, code):
        return mean("reconstruction", ScoreKey("bce", code), name)

    assert verdict(frame(rows), above(bce("b", "sample"), bce("a", "sample"))) == "supported"
    assert verdict(frame(rows), below(bce("b", "mean"), bce("a", "mean"))) == "supported"
    with pytest.raises(ValueError, match="reconstruction, bce, sample or mean"):
        verdict(frame(rows), below(bce("b", None), bce("a", None)))


def test_the_measures_of_this_world_are_those_of_the_tasks():
    for _, _, task, measured in world():
        assert TASKS[task].metric(measured.metric)
