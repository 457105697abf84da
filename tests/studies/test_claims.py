"""Verdicts on the article's claims, on scores whose truth is known."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kerasae.evaluation import scores as tidy
from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.statistics import half_width, holm
from studies.bake_off.claims import COLUMNS, short_verdicts, verdict_table, verdicts_of
from studies.bake_off.claims.article import (
    ALL,
    CLAIMS,
    VAES,
    above,
    agreement,
    aside,
    below,
    mingling,
)
from studies.bake_off.claims.comparisons import Claim, Comparison, Outcome, Part
from studies.bake_off.claims.quantities import NotMeasured, Score, ScoresBySeed, rank_correlation
from studies.bake_off.claims.verdicts import decide

SEEDS = 5
BY_ID = {claim.id: claim for claim in CLAIMS}


def frame(rows):
    """Tidy scores of rows (dataset, variant, seed, latent_dim, held_out, task, ScoreKey, value)."""
    rows = [(*run, *("" if x is None else x for x in key), value) for *run, key, value in rows]
    return pd.DataFrame(rows, columns=tidy.COLUMNS)


def scores_of(metric="bce", seeds=SEEDS, noise=0.0, run=("none", 20), **means):
    """Scores of some variants; a mean can differ from seed to seed."""
    rng = np.random.default_rng(7)
    luck = rng.normal(0, 10, seeds)  # shared by the variants: without pairing all is noise
    held_out, latent_dim = run
    return frame(
        ("mnist", name, seed, latent_dim, held_out, task_of(metric), key_of(metric), value)
        for name, mean in means.items()
        for seed, value in enumerate(luck + mean + noise * rng.normal(size=seeds))
    )


def task_of(metric):
    return "anomaly" if metric == "auroc" else "reconstruction"


def key_of(metric):
    return ScoreKey("auroc", "sample", score="bce") if metric == "auroc" else ScoreKey(metric)


def of(variant, metric="bce", **cell):
    return Score(task_of(metric), key_of(metric), variant, **cell)


A, B, C = map(of, "abc")


def row_of(scores, *comparisons):
    """The row of a claim that makes some comparisons."""
    claim = Claim("X", "a claim", [Part("", "a measure", list(comparisons))])
    return verdict_table(scores, [claim]).iloc[0]


def word(scores, *comparisons):
    return row_of(scores, *comparisons)["verdict"]


def still(scores):
    """The same without the luck of the seeds, which a comparison with a number cannot pair."""
    means = scores.groupby("variant")["value"].transform("mean")
    return scores.assign(value=means + 0.01 * scores["seed"])


def with_p_value(p, sign=1):
    """Differences of 5 seeds whose two-sided p-value is p."""
    values = np.array([-2, -1, 0, 1, 2.0])
    mean = stats.t.ppf(1 - p / 2, 4) * stats.sem(values)
    return Outcome(values + sign * mean, 0, np.inf)


# Comparisons


def test_the_sign_decides_where_the_seeds_agree():
    scores = scores_of(a=60, b=64, noise=0.1)
    assert word(scores, below(A, B)) == word(scores, above(B, A)) == "supported"
    assert word(scores, above(A, B)) == word(scores, below(B, A)) == "refuted"
    row = row_of(scores_of(a=60, b=60.5, noise=3), below(A, B))
    assert (row["verdict"], row["why"]) == ("undecided", "the seeds leave it undecided")


def test_the_verdict_follows_the_interval():
    rng = np.random.default_rng(0)
    for differences in rng.normal(1, 1, (50, 4)):
        mean, half = differences.mean(), half_width(differences)
        expected = "supported" if mean - half > 0 else "refuted" if mean + half < 0 else "undecided"
        assert decide([Outcome(differences, 0, np.inf)]).word == expected
        inside, outside = abs(mean) + half < 1.5, abs(mean) - half > 1.5
        expected = "supported" if inside else "refuted" if outside else "undecided"
        assert decide([Outcome(differences, -1.5, 1.5)]).word == expected


def test_the_text_gives_the_paired_interval():
    row = row_of(scores_of(a=60, b=[61, 62, 63, 64, 65]), below(A, B))
    # sd 1.5811, n 5, t(0.975, 4) = 2.7764: half of the width is 1.963
    assert row["measured"] == "a - b: -3.0 ± 2.0"
    assert (row["verdict"], row["why"]) == ("supported", "")


def test_differences_that_do_not_vary_are_certain_unless_they_are_zero():
    scores = scores_of(a=60, b=60, c=61)
    scores["value"] = scores["value"].round()
    assert word(scores, above(C, A)) == "supported"
    assert word(scores, above(A, B)) == "undecided"
    assert word(scores, Comparison(A, B, -0.01, 0.01)) == "supported"


def test_a_margin_can_be_a_share_of_a_third_score():
    scores = scores_of(a=100, b=101, c=1000, noise=0.01)
    assert word(scores, Comparison(A, B, -0.005, 0.005, relative_to=B)) == "refuted"
    assert word(scores, Comparison(A, B, -0.005, 0.005, relative_to=C)) == "supported"


def test_bounds_other_than_zero():
    scores = scores_of(a=95, b=100, noise=0.01)
    for holds, fails in [
        (Comparison(A, B, -10, -3), Comparison(A, B, -3, 3)),
        (Comparison(A, B, -10, 0), Comparison(A, B, -10, -6)),
        (Comparison(B, A, low=4), Comparison(B, A, low=6)),
        (Comparison(A, B, high=-4), Comparison(A, B, high=-6)),
    ]:
        assert (word(scores, holds), word(scores, fails)) == ("supported", "refuted"), holds
    assert row_of(scores, Comparison(A, B, low=-6))["measured"].endswith("(claimed: above -6)")
    assert row_of(scores, Comparison(A, B, high=-4))["measured"].endswith("(claimed: below -4)")
    assert row_of(scores, Comparison(A, B, -9, 0))["measured"].endswith("(claimed: -9 to 0)")
    # 95 to 95.04: sd 0.0158, n 5, t(0.975, 4) = 2.7764
    scores = still(scores_of(a=0)).assign(value=lambda table: 95 + 0.01 * table["seed"])
    assert row_of(scores, above(A, 94))["measured"] == "BCE of a: 95.020 ± 0.020 against 94"
    assert (word(scores, below(A, 96)), word(scores, below(A, 94))) == ("supported", "refuted")


def test_the_metric_is_named_where_a_claim_has_several():
    scores = pd.concat([scores_of("bce", a=1, b=[2, 3, 2, 3, 2]), scores_of("mse", a=1, b=9)])
    by_mse = below(of("a", "mse"), of("b", "mse"))
    assert row_of(scores, below(A, B))["measured"] == "a - b: -1.40 ± 0.68"
    assert row_of(scores, below(A, B), by_mse)["measured"] == "BCE, a - b: -1.40 ± 0.68"
    across = row_of(scores, below(of("b", "bce"), of("b", "mse")))["measured"]
    assert across == "b, BCE - squared error: -6.60 ± 0.68"


# Verdicts of several comparisons


def test_a_claim_holds_only_where_all_comparisons_do():
    scores = scores_of(a=60, b=64, c=64, noise=0.1)
    holds, fails, is_open = below(A, B), below(C, A), below(B, C)
    assert word(scores, holds, holds) == "supported"
    assert word(scores, holds, is_open) == "undecided"
    assert word(scores, fails, is_open) == "refuted"
    row = row_of(scores, holds, fails, is_open)
    assert row["verdict"] == "mixed"
    assert re.fullmatch("a - b: -4.*; c - a: [34].*", row["measured"])
    assert row["why"] == "1 of 3 comparisons hold, 1 have the opposite result"


def test_what_the_claim_does_not_rest_on_cannot_save_it():
    scores = scores_of(a=60, b=64, c=64, noise=0.1)
    holds, fails, is_open = below(A, B), below(C, A), below(B, C)
    assert word(scores, *aside([holds]), fails) == "refuted"
    assert word(scores, holds, *aside([fails])) == "mixed"
    assert word(scores, holds, *aside([is_open])) == "undecided"
    assert word(scores, *aside([holds]), is_open) == "undecided"


def test_a_claim_is_decided_by_all_its_parts_and_each_part_for_itself():
    scores = scores_of(a=60, b=64, noise=0.1)
    parts = [Part("one way", "less", [below(A, B)]), Part("another way", "more", [above(A, B)])]
    table = verdict_table(scores, [Claim("X", "a claim", parts)]).set_index("id")
    words = {"X": "mixed", "X (one way)": "supported", "X (another way)": "refuted"}
    assert table["verdict"].to_dict() == words
    assert table.loc["X", "measure"] == "one way: less; another way: more"
    assert table["p of all"].ne("").tolist() == [True, False, False]  # a claim counts once


def test_p_values_of_all_claims_are_corrected_together_whatever_their_verdicts():
    scores = scores_of(a=60, b=[61, 62, 63, 64, 65], c=63, noise=0.3)
    claims = [
        Claim(name, "a claim", [Part("", "a measure", [comparison])])
        for name, comparison in [("X", below(A, B)), ("Y", above(A, C)), ("Z", below(B, C))]
    ]
    verdicts = verdicts_of(scores, claims)
    words = [verdict.decision.word for verdict in verdicts]
    assert words == ["supported", "refuted", "undecided"]
    p_values = holm([verdict.decision.p for verdict in verdicts])
    assert [verdict.p_of_all for verdict in verdicts] == pytest.approx(list(p_values))


def test_a_claim_is_supported_where_every_interval_is_and_refuted_after_holms_correction():
    wrong = with_p_value(0.04, -1)
    for outcomes, expected, p in [
        ([with_p_value(0.04)] * 8, "supported", 0.04),
        ([*[with_p_value(0.001)] * 7, with_p_value(0.06)], "undecided", 0.06),
        ([wrong], "refuted", 0.04),
        ([wrong] * 2, "undecided", 0.08),
        ([with_p_value(0.02, -1), with_p_value(0.9)], "refuted", 0.04),
        ([with_p_value(0.04), with_p_value(0.02, -1)], "refuted", 0.04),
        ([with_p_value(0.02), with_p_value(0.02, -1)], "mixed", 0.04),
        ([with_p_value(0.2, -1), with_p_value(0.01)], "undecided", 0.4),
    ]:
        decision = decide(outcomes)
        assert (decision.word, decision.p) == (expected, pytest.approx(p))


@pytest.mark.parametrize("count", [1, 3])
def test_what_makes_no_difference_is_seldom_decided(count):
    """One comparison has no difference, the others, if any, are certain."""
    rng = np.random.default_rng(1)
    certain = [with_p_value(1e-6)] * (count - 1)
    words = [decide([*certain, Outcome(rng.normal(size=5), 0, np.inf)]).word for _ in range(500)]
    # A side of the 95 % interval each, that against divided by the number it was chosen from
    opposite = "refuted" if count == 1 else "mixed"
    for each, share in [("supported", 0.025), (opposite, 0.025 / count)]:
        low, high = stats.binom.interval(0.999, 500, share)
        assert low <= words.count(each) <= high


def test_the_decisive_comparisons_are_named_and_counted():
    outcomes = [with_p_value(p) for p in (0.001, 0.01, 0.002)]
    assert decide(outcomes)[:2] == ("supported", (1,))
    assert decide([*outcomes, with_p_value(0.7)])[:2] == ("undecided", (3,))
    contradicted = [*outcomes, with_p_value(0.002, -1), with_p_value(0.001, -1)]
    assert decide(contradicted)[:2] == ("mixed", (0, 4))
    decision = decide(contradicted[1:], [False, False, True, True])
    assert decision[:2] == ("refuted", (3,))
    assert decision.reason == (
        "0 of 2 comparisons that the claim rests on hold, 2 have the opposite result"
    )
    assert decide([with_p_value(0.02, -1), with_p_value(0.9)], [True, False]).reason == (
        "the opposite"
    )


def test_the_position_of_a_comparison_is_at_1_where_its_interval_reaches_the_margin():
    for p, sign in [(0.05, 1), (0.05, -1)]:
        assert with_p_value(p, sign).position == pytest.approx(sign)
    wide = Outcome(np.array([0.0, 1, 2]), -10, 4)  # mean 1: 3 below the nearer bound
    assert wide.position == pytest.approx(3 / half_width([0, 1, 2]))
    assert Outcome(np.array([1.0, 1]), 0, np.inf).position == np.inf
    assert Outcome(np.array([1.0, 1]), 1, np.inf).position == 0


# Scores by seed and cell


def test_one_seed_decides_nothing_and_shows_the_difference():
    row = row_of(scores_of(a=60, b=64, c=62, seeds=1), below(A, B), below(B, C))
    assert (row["verdict"], row["why"]) == ("undecided", "one seed")
    assert row["measured"] == "b - c: 2.00"


def test_what_is_absent_is_not_measured():
    scores = scores_of(a=60, b=64)
    for absent in (C, of("b", "mse"), of("b", held_out="1")):
        row = row_of(scores, below(A, B), below(A, absent))
        assert (row["verdict"], row["measured"]) == ("not measured", "")
        assert row["why"] == f"the scores lack {absent.label}"
    assert word(scores.assign(value=-np.inf), below(A, B)) == "not measured"
    scores.loc[scores["variant"] == "b", "seed"] += 10
    assert row_of(scores, below(A, B))["why"] == "the scores lack a - b in one seed"


def test_seeds_are_paired_whatever_their_order_and_a_lonely_one_is_left_out():
    scores = scores_of(a=60, b=[61, 62, 63, 64, 65])
    expected = row_of(scores, below(A, B))["measured"]
    lonely = scores[:1].assign(seed=99, value=1e6)
    infinite = scores[:1].assign(variant=["b"], seed=99, value=np.inf)
    shuffled = pd.concat([scores.sample(frac=1, random_state=0), lonely, infinite])
    assert row_of(shuffled, below(A, B))["measured"] == expected


def test_a_score_without_a_seed_counts_for_all():
    flat = ("mnist", "raw", np.nan, np.nan, "none", "reconstruction", ScoreKey("bce"), 64.0)
    scores = pd.concat([still(scores_of(a=60)), frame([flat])], ignore_index=True)
    assert word(scores, below(A, of("raw"))) == "supported"


def cells(means):
    """Scores of variants for each held-out class and latent dimension."""
    return pd.concat([scores_of("auroc", run=run, **kinds) for run, kinds in means.items()])


def test_values_are_averaged_over_the_digits():
    scores = cells({("0", 2): dict(a=10, b=np.arange(11, 16)), ("1", 2): dict(a=10, b=1)})
    for held_out, expected in [("0", "supported"), ("1", "refuted"), (None, "refuted")]:
        a, b = (of(name, "auroc", held_out=held_out) for name in "ab")
        assert word(scores, below(a, b)) == expected
    # The mean of 9 and of -1 to -5, the interval half of that of -1 to -5
    assert row_of(scores, below(a, b))["measured"] == "a - b: 3.00 ± 0.98"


def test_a_score_is_of_the_general_run_or_of_the_cells_that_are_asked_for():
    scores = cells({("none", 20): dict(a=1), ("3", 2): dict(a=2), ("3", 5): dict(a=6)})
    luck = scores[:SEEDS]["value"].to_numpy() - 1
    for expected, cell in [
        (1, {}), (4, {"held_out": None}), (4, {"held_out": "3"}),
        (2, {"held_out": "3", "latent_dim": 2}),
    ]:  # fmt: skip
        table = of("a", "auroc", **cell).values(ScoresBySeed(scores))
        np.testing.assert_allclose(np.nanmean(table, axis=1), expected + luck)


def test_a_digit_that_a_variant_lacks_counts_for_neither_and_a_seed_that_lacks_one_is_left_out():
    a, b = (of(name, "auroc", held_out=None) for name in "ab")
    scores = cells({("0", 2): dict(a=10, b=11, noise=0.1), ("1", 2): dict(b=-99)})
    assert word(scores, below(a, b)) == "supported"
    scores = cells({("0", 2): dict(a=10, b=11), ("1", 2): dict(a=10, b=5)})
    scores = scores[(scores["seed"] != 4) | (scores["held_out"] == "0")]
    assert len(below(a, b).outcome(ScoresBySeed(scores)).differences) == SEEDS - 1


def test_comparisons_are_repeated_in_every_cell_that_has_the_scores():
    means = {cell: dict(a=1, b=2) for cell in (("0", 2), ("1", 2), ("1", 5))}
    scores = cells({**means, ("3", 2): dict(a=9)})
    part = Part("", "", [below(of("a", "auroc"), of("b", "auroc"))], lambda cell: cell[1] == 2)
    comparisons = [comparison for comparison, _ in part.tested(ScoresBySeed(scores))]
    assert [each.right.held_out for each in comparisons] == ["0", "1"]
    assert {each.left.latent_dim for each in comparisons} == {2}


def test_rank_correlation_of_two_metrics():
    # Spearman by hand: squares of the rank differences 0, 1, 1, 0: 1 - 6 * 2 / 60 = 0.8
    scores = pd.concat(
        [
            scores_of("bce", a=1, b=2, c=3, d=400),
            scores_of("auroc", a=90, b=70, c=80, d=60, run=("1", 2)),
        ]
    )
    pair = [of(name) for name in "abcd"], [of(name, "auroc", held_out="1") for name in "abcd"]
    for sign in (1, -1):
        table = rank_correlation("r", *pair, sign).values(ScoresBySeed(scores))
        np.testing.assert_allclose(table, -0.8 * sign * np.ones((SEEDS, 1)))


def test_agreement_is_the_mean_rank_correlation_of_all_pairs_of_cells():
    means = {("0", 2): dict(a=1, b=2, c=3), ("1", 2): dict(a=1, b=3, c=2)}
    means["1", 5] = dict(a=3, b=2, c=1)
    assert agreement(ScoresBySeed(cells(means)), "abc") == f"{(0.5 - 1 - 0.5) / 3:.3f}"
    lacking = cells({**means, ("1", 5): dict(a=3, b=2)})
    assert agreement(ScoresBySeed(lacking), "abc") == "0.500"
    with pytest.raises(NotMeasured, match="two held-out classes"):
        agreement(ScoresBySeed(cells({("1", 2): dict(a=1, b=2), ("1", 5): dict(a=1, b=2)})), "ab")


def test_share_of_errors_by_hand():
    within = ScoreKey("mingling", "mean", classes="4 7")
    recalls = [ScoreKey("recall", "mean", classes=digit) for digit in "47"]
    rows = [
        ("mnist", "vq", 1, 20, "none", "latent_space", key, value)
        for key, value in zip((within, *recalls), (0.3, 0.4, 0.6), strict=True)
    ]
    np.testing.assert_allclose(mingling("47", "vq").values(ScoresBySeed(frame(rows))), 0.3 / 0.5)


def test_the_only_code_of_a_deterministic_model_counts_for_every_code():
    luck = np.array([1.0, 2, 4, 8, 16])
    rows = [
        ("mnist", name, seed, 20, "none", "reconstruction", ScoreKey("bce", code), mean + value)
        for name, code, mean in (("a", None, 60), ("b", "sample", 64), ("b", "mean", 50))
        for seed, value in enumerate(luck)
    ]

    def bce(name, code):
        return Score("reconstruction", ScoreKey("bce", code), name)

    assert word(frame(rows), above(bce("b", "sample"), bce("a", "sample"))) == "supported"
    assert word(frame(rows), below(bce("b", "mean"), bce("a", "mean"))) == "supported"
    with pytest.raises(ValueError, match="reconstruction, bce, sample or mean"):
        word(frame(rows), below(bce("b", None), bce("a", None)))


def test_scores_of_two_data_sets_or_twice_the_same_are_an_error():
    scores = scores_of(a=60, b=64)
    with pytest.raises(ValueError, match="Received: mnist, fashion_mnist"):
        verdict_table(pd.concat([scores, scores.assign(dataset="fashion_mnist")]))
    expected = "Received several: mnist, a, 0, 20, none, reconstruction, bce"
    with pytest.raises(ValueError, match=expected):
        verdict_table(pd.concat([scores, scores[:1]]))


# The article's claims, in a world where all of them are true


def key(metric, code=None, **qualifiers):
    return ScoreKey(metric, code, **qualifiers)


def probe(name, code="sample"):
    return ScoreKey("accuracy", code, probe=name, labels=550)


def all_of(mean, **exceptions):
    return {**dict.fromkeys(ALL, mean), **exceptions}


def vaes(mean):
    return dict.fromkeys(VAES, mean)


BCE, MEAN_BCE = key("bce", "sample"), key("bce", "mean")
DENSE, SAME_LABELS, LOGISTIC = map(probe, ("dense", "dense_all_epochs", "logistic"))
AUROC, SIGNED = (key("auroc", "sample", score=score) for score in ("bce", "signed"))
CONFIDENCE, DISTANCE, ROUGH = (
    key(metric, "sample_per_frame")
    for metric in ("confidence_over_fade", "distance_over_fade", "roughness")
)
SMOOTH = key("roughness", "sample_per_path")
SAMPLERS, CODES = ("prior", "learned_prior", "mixture", "real"), ("sample", "mean")
FID = {sampler: key("frechet_distance", sampler=sampler) for sampler in SAMPLERS}
COVERAGE = {sampler: key("coverage", sampler=sampler) for sampler in SAMPLERS}
NEIGHBOURS = {code: key("accuracy", code, probe="neighbours") for code in CODES}
MINGLING = {digits: key("mingling", "mean", classes=digits) for digits in ("4 7 9", "3 5 8")}
CKA = {name: key("cka", reference=name) for name in ("vanilla", *VAES)}
REST = ("vanilla", "sparse", "vq", "beta_vae_loose", "denoising", "vae", "beta_vae_strict")
AUCS = {name: 0.5 + 0.03 * at for at, name in enumerate(REST)}
AUCS |= dict(stacked=0.78, shallow=0.9, pca=0.89)
CELLS = (("0", 2), ("1", 2), ("1", 5), ("7", 2))


def world():
    """(held-out class, latent dimension, task, `ScoreKey`) → variant → mean."""
    dense = dict(shallow=0.46, vanilla=0.77, stacked=0.61, sparse=0.22, denoising=0.8, vae=0.6,
                 beta_vae_strict=0.47, beta_vae_loose=0.63, vq=0.75, from_scratch=0.44)  # fmt: skip
    means = dict(vae=0.6, beta_vae_strict=0.5, beta_vae_loose=0.7)
    general = {
        "reconstruction": {
            BCE: dict(shallow=120, vanilla=64, stacked=90, sparse=64.2, denoising=75, vae=76,
                      beta_vae_strict=86, beta_vae_loose=69, vq=64.4, stacked_pixels=88),
            MEAN_BCE: dict(vae=70, beta_vae_strict=78, beta_vae_loose=65),
        },
        "training_time": {
            key("seconds_per_epoch_alone"): all_of(10.2, shallow=9.5, vanilla=10),
        },
        "classification": {
            DENSE: dense, SAME_LABELS: dense,
            LOGISTIC: dict(shallow=0.84, vanilla=0.87, stacked=0.83, sparse=0.42, denoising=0.89,
                           vae=0.78, beta_vae_strict=0.76, beta_vae_loose=0.8, vq=0.86),
            probe("dense", "mean"): means, probe("logistic", "mean"): means,
        },
        "samples": {
            FID["prior"]: dict(vae=25, beta_vae_strict=15, beta_vae_loose=30, vq=700),
            COVERAGE["prior"]: dict(vae=0.5, beta_vae_strict=0.7, beta_vae_loose=0.4, vq=0.02),
            key("recall", sampler="prior"): dict(beta_vae_strict=0.5, beta_vae_loose=0.7),
            key("pairwise_distance", sampler="prior"): dict(beta_vae_strict=9, beta_vae_loose=11),
            key("confidence", sampler="prior"): dict(beta_vae_strict=0.9, beta_vae_loose=0.8),
            FID["learned_prior"]: dict(vq=30), COVERAGE["learned_prior"]: dict(vq=0.8),
            # The order of the mixtures is not that of reconstruction
            FID["mixture"]: dict(shallow=5, vanilla=40, stacked=6, sparse=41, denoising=20, vae=19,
                                 beta_vae_strict=7, beta_vae_loose=22, vq=42, untrained=640),
            COVERAGE["mixture"]: dict(untrained=0.0),
            FID["real"]: dict(shuffled_pixels=500), COVERAGE["real"]: dict(shuffled_pixels=0.01),
        },
        "interpolation": {
            CONFIDENCE: all_of(0.0, vae=0.1, beta_vae_strict=0.12),
            DISTANCE: all_of(0.0, vae=-0.3, beta_vae_strict=-0.2),
            ROUGH: {**vaes(9), "vanilla": 1.04}, SMOOTH: all_of(1.03) | vaes(1.05),
        },
        "latent_space": {
            **{NEIGHBOURS[code]: all_of(0.9, shallow=0.8) for code in CODES},
            **{key("silhouette", code): all_of(0.2, shallow=0.1) for code in CODES},
            **{key("log_volume", code): all_of(5, vae=-3, beta_vae_strict=-5, beta_vae_loose=2)
               for code in CODES},
            **{key("spread", code): all_of(3, vae=1.1, beta_vae_strict=0.9, beta_vae_loose=1.4)
               for code in CODES},
            **{CKA[name]: dict(vq=0.8 if name == "vanilla" else 0.5) for name in CKA},
            MINGLING["4 7 9"]: all_of(0.08), MINGLING["3 5 8"]: all_of(0.07),
            **{key("recall", "mean", classes=digit): all_of(0.97 if digit in "0126" else 0.9)
               for digit in "0123456789"},
        },
        "uncertainty": {
            key(metric, code): vaes(best if code == "samples" else other)
            for metric, best, other in (
                ("negative_log_likelihood", 0.4, 0.6), ("brier_score", 0.2, 0.3),
                ("error_auroc", 0.9, 0.8), ("scaled_calibration_error", 0.01, 0.03),
            )
            for code in ("sample", "samples", "mean")
        },
    }  # fmt: skip
    truth = {
        ("none", 20, task, measure): dict(means)
        for task, measures in general.items()
        for measure, means in measures.items()
    }
    anomaly = {(*cell, "anomaly", score): dict(AUCS) for cell in CELLS for score in (AUROC, SIGNED)}
    return truth | anomaly


def measured(truth, dataset="mnist", seeds=SEEDS):
    """Tidy scores of a world: each measure with the luck of a seed, and a little noise."""
    rng = np.random.default_rng(0)
    ink = ScoreKey("auroc", score="less_ink")
    rows = [(dataset, "no_model", np.nan, np.nan, "1", "anomaly", ink, 0.925)]
    for (held_out, latent_dim, task, measure), means in truth.items():
        size = 0.005 * np.mean(np.abs(list(means.values())))
        luck = rng.normal(0, size, seeds)
        for name, mean in means.items():
            # A deterministic model has one code, left blank; its paths have two
            has_codes = name in VAES or task == "interpolation"
            own = measure if has_codes else measure._replace(code=None)
            values = mean + luck + rng.normal(0, 0.1 * size, seeds)
            rows += [
                (dataset, name, seed, latent_dim, held_out, task, own, value)
                for seed, value in enumerate(values)
            ]
    return frame(rows).drop_duplicates(list(tidy.KEYS))


def changed(*changes, cells=(("1", 2),)):
    """The world with changes (task, `ScoreKey`, means), of anomalies in some cells."""
    truth = world()
    for task, measure, means in changes:
        for cell in cells if task == "anomaly" else [("none", 20)]:
            truth[*cell, task, measure].update(means)
    return truth


def words_of(claim, scores):
    """The verdict on a claim, and those on its parts by name."""
    whole, *parts = verdicts_of(scores, [BY_ID[claim]])
    return whole.decision.word, {each.part.name: each.decision.word for each in parts}


@pytest.fixture(scope="module")
def table():
    return verdict_table(measured(world())).set_index("id")


def test_all_claims_are_supported_in_a_world_where_the_article_is_right(table):
    assert len(BY_ID) == 24
    assert {*BY_ID} <= {*table.index}
    assert [*table.reset_index()] == COLUMNS
    assert table["verdict"].unique().tolist() == ["supported"]
    assert not table.isna().any(axis=None)
    assert not table[["statement", "measure", "measured"]].eq("").any(axis=None)
    for _, _, task, measure in world():
        assert TASKS[task].metric(measure.metric)


def test_claims_are_refuted_where_every_difference_is_reversed():
    """The others have absolute numbers, ratios or margins: see the next test."""
    scores = measured(world())
    scores["value"] *= -1
    for claim in ("R1", "R3", "R4", "R5", "S2", "S3", "I2", "L2", "L3", "L4", "C1", "C2", "C3",
                  "C4", "C5", "A1", "A2"):  # fmt: skip
        whole, parts = words_of(claim, scores)
        assert {whole, *parts.values()} == {"refuted"}, claim


GOOD = {name: 1 - 0.005 * mean for name, mean in world()["none", 20, "reconstruction", BCE].items()}
RAW = {name: 1 - mean for name, mean in AUCS.items()}


@pytest.mark.parametrize(
    ("claim", "changes", "whole", "parts"),
    [
        ("R1", [("reconstruction", BCE, dict(stacked=115))], "mixed", {}),
        ("R2", [("reconstruction", BCE, all_of(50, vanilla=64, sparse=70, vq=80))], "refuted",
         {"equal": "refuted", "first": "refuted"}),
        ("R6", [("classification", LOGISTIC, GOOD)], "mixed", {"classification": "refuted"}),
        # The loss is that of posterior samples, so only their accuracy is compared with it
        ("R6", [("latent_space", NEIGHBOURS["mean"], GOOD)], "supported", {}),
        ("T1", [("training_time", key("seconds_per_epoch_alone"), dict(shallow=1.0))], "mixed",
         {"deep": "supported", "shallow": "refuted"}),
        ("S1", [("samples", FID["prior"], dict(beta_vae_strict=800, vq=100)),
                ("samples", COVERAGE["prior"], dict(beta_vae_strict=0.0, vq=0.3))], "refuted",
         {"strict": "refuted", "vq": "refuted"}),
        ("I1", [("interpolation", CONFIDENCE, all_of(0.2, vae=-0.1, beta_vae_strict=-0.1)),
                ("interpolation", DISTANCE, all_of(-0.2, vae=0.1, beta_vae_strict=0.1)),
                ("interpolation", SMOOTH, all_of(2))], "refuted",
         {"VAEs": "refuted", "gain": "refuted", "fade": "refuted"}),
        # 0.035 of 0.1: more than 2/9 of the errors, and less than half
        ("L1", [("latent_space", MINGLING["4 7 9"], all_of(0.035))], "supported", {}),
        ("L1", [("latent_space", MINGLING["4 7 9"], dict(vq=0.001))], "mixed",
         {"separate": "supported", "mingle": "mixed"}),
        # The article's probe cannot save what a converged one refutes
        ("C3", [("classification", LOGISTIC, dict(sparse=0.87))], "refuted",
         {"logistic": "refuted", "article's probe": "supported"}),
        ("A1", [("anomaly", AUROC, RAW)], "refuted", {"loss": "refuted", "signed": "supported"}),
        ("A1", [("anomaly", SIGNED, RAW)], "mixed", {}),
        ("A1", [("anomaly", AUROC, dict(shallow=0.79, beta_vae_strict=0.75))], "mixed", {}),
        ("A2", [("anomaly", AUROC, RAW)], "supported", {}),  # which is the cell of A1
    ],
)  # fmt: skip
def test_a_claim_depends_on_what_it_speaks_of(claim, changes, whole, parts):
    word, words = words_of(claim, measured(changed(*changes)))
    assert word == whole
    assert {name: words[name] for name in parts} == parts


def test_the_order_of_anomaly_detectors_must_hold_for_every_digit():
    turned = [("anomaly", AUROC, RAW)]
    assert words_of("A2", measured(changed(*turned, cells=[("7", 2)])))[0] == "mixed"
    assert words_of("A2", measured(changed(*turned, cells=CELLS)))[0] == "refuted"
    far = [("anomaly", AUROC, dict(pca=0.5))]
    assert words_of("A3", measured(changed(*far, cells=[("0", 2)])))[0] == "mixed"
    assert words_of("A3", measured(changed(*far, cells=CELLS)))[0] == "refuted"
    few = measured(world()).query("held_out in ('none', '1') and latent_dim != 5")
    row = verdict_table(few, [BY_ID["A2"]]).iloc[0]
    assert row["verdict"] == "not measured"
    assert "further held-out classes" in row["why"]


def test_times_are_compared_as_ratios_whatever_the_load_of_a_seed():
    scores = measured(world())
    slow = scores["task"].eq("training_time") & scores["seed"].eq(3)
    scores.loc[slow, "value"] *= 9
    assert words_of("T1", scores)[0] == "supported"


def test_a_model_without_a_volume_is_left_out():
    scores = measured(world())
    of_shallow = (scores["metric"] == "log_volume") & (scores["variant"] == "shallow")
    scores.loc[of_shallow, "value"] = -np.inf  # with a unit that is zero for every image
    assert words_of("L3", scores)[0] == "supported"


def test_published_figures_stand_beside_the_measured_ones(table):
    texts = table["published"]
    assert texts["R5 (codes)"] == texts["R5 (pixels)"] == "stacked 87.87 against vanilla 63.92"
    assert texts["A1"] == texts["A1 (signed)"] == "shallow 0.9126 against vanilla 0.7972"
    assert texts["C3"] == "sparse 0.2221 against vanilla 0.7835"
    assert " against vanilla 675" in texts["T1 (deep)"]
    without = ["R4", "R6", "S1", "S2", "S3", "I1", "I2", "L1", "L2", "L3", "L4", "C5", "A2", "A3"]
    assert texts[[*BY_ID]][texts == ""].index.tolist() == without


def test_facts_stand_beside_the_verdicts(table):
    texts = table["why"]
    assert "the seeds tell apart" in texts["R2"]
    assert "reaches 0.925" in texts["A1"]
    assert re.search(r"converged: 0.2\d+, where the converged one reaches 0.[45]\d+$", texts["C3"])
    assert re.search(r"latent dimensions 2, 5\. .*: (0.9\d+|1.000) by the loss", texts["A2"])
    same = changed(("reconstruction", BCE, dict(vanilla=64, sparse=64, vq=64)))
    row = verdict_table(measured(same), [BY_ID["R2"]]).iloc[0]
    assert "tell apart none of them" in row["why"]
    without_ink = measured(world()).query("variant != 'no_model'")
    assert "(not measured)" in verdict_table(without_ink, [BY_ID["A1"]])["why"].iloc[0]


def test_another_data_set_has_no_published_figures_and_no_digits():
    other = verdict_table(measured(world(), dataset="fashion_mnist")).set_index("id")
    without = ["L1", "L1 (separate)", "L1 (mingle)"]
    assert other.loc[without, "verdict"].unique().tolist() == ["not measured"]
    assert "mnist" in other.loc["L1", "why"]
    assert (other.drop(without)["verdict"] == "supported").all()
    assert (other["published"] == "").all()


def test_the_page_to_explore_has_the_measured_claims_of_several_seeds():
    scores = measured(world()).query("task == 'reconstruction'")
    short = short_verdicts(scores)
    assert [row["id"] for row in short] == ["R1", "R2", "R3", "R4", "R5"]
    assert short[0].keys() == {"id", "statement", "verdict", "measured"}
    assert short_verdicts(scores[scores["seed"] == 1]) == []


def test_one_seed_leaves_all_claims_undecided_and_nothing_is_measured_without_scores():
    table = verdict_table(measured(world(), seeds=1))
    assert set(table["verdict"]) == {"undecided"}
    assert (table["measured"] != "").all()
    assert set(verdict_table(frame([]))["verdict"]) == {"not measured"}


def test_runs_that_differ_in_a_qualifier_that_a_claim_leaves_open_are_not_mixed():
    scores = measured(world())
    fewer = scores[scores["labels"] == 550].assign(labels=50)
    with pytest.raises(ValueError, match="each run") as error:
        verdict_table(pd.concat([scores, fewer]), [BY_ID["C3"]])
    message = str(error.value)
    assert "one value of accuracy (code sample, probe logistic)" in message
    assert "classification, accuracy, logistic, 550 or 50" in message
