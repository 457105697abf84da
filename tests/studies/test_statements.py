"""What the pages say in words, against the scores: an entry a sentence, with what bears it."""

from types import SimpleNamespace

import numpy as np
import pytest

from kerasae.evaluation.tasks import TASKS
from kerasae.models import ARTICLE
from kerasae.reporting.statistics import LEVEL, paired_p_value
from studies.bake_off.numbers import MEASURES, Numbers
from studies.bake_off.pages import PAGES

NINE = list(ARTICLE)
VAES = ["vae", "beta_vae_strict", "beta_vae_loose"]
FIRST_FOUR = ["vanilla", "sparse", "vq", "beta_vae_loose"]
RECALL = {"task": "samples", "metric": "recall"}
CALIBRATION = {"task": "uncertainty", "metric": "expected_calibration_error"}
BELOW_NEIGHBOURS = "AUROC over ten held-out digits is significantly below that of the best baseline"
WORSE_THAN_THE_BEST = "Its loss is significantly above that of the best autoencoder"
BETTER_THAN_THE_BASELINE = "Its loss is significantly below that of the best baseline"


def measured(measure):
    return MEASURES[measure] if isinstance(measure, str) else measure


def gain(numbers, name, other, measure, other_measure=None):
    """Differences by seed, above 0 where the first is better."""
    measure, other_measure = measured(measure), measured(other_measure or measure)
    sign = 1 if TASKS[measure["task"]].metric(measure["metric"]).higher_is_better else -1
    difference = numbers.values(name, **measure) - numbers.values(other, **other_measure)
    return sign * difference.dropna()


def better(numbers, name, other, measure, other_measure=None):
    """Whether one variant is significantly better than another, without a correction."""
    differences = gain(numbers, name, other, measure, other_measure)
    p = paired_p_value(differences, np.zeros(len(differences)))
    return len(differences) > 1 and differences.mean() > 0 and p <= 1 - LEVEL


def all_better(numbers, names, measure, **other):
    """Whether each variant is significantly better by a measure than by another one."""
    other_measure = measured(measure) | other
    return all(better(numbers, name, name, measure, other_measure) for name in names)


def ahead(numbers, names, others, measure):
    """Whether the means of some variants are better than those of all others."""
    rest = {*others} - {*names}
    return all(gain(numbers, a, b, measure).mean() > 0 for a in names for b in rest)


def against_baseline(use, outcome, *names, baseline=None):
    """Whether each variant is better or worse than the best baseline, or neither."""
    outcomes = {use.table.at[name, "against_baseline"] for name in names}
    return outcomes == {outcome} and baseline in (None, use.baseline)


def behind(use, *names):
    """Whether each variant is significantly worse than the best autoencoder."""
    return not {*names} & {use.first, *use.standings.tied}


def below_neighbours(c, *names):
    return against_baseline(c.anomalies, "worse", *names, baseline="nearest_neighbours")


def fid(sampler):
    return {**MEASURES["fid"], "sampler": sampler}


def ones(measure):
    return {**MEASURES[measure], "held_out": "1"}


def ink(c):
    return c.mnist.values("no_model", **ones("ink")).mean()


def first_in_tables(setting, name):
    """Whether a method has the best average rank, and none of the nine beats no model."""
    return setting.average.index[0] == name and setting.split("no_model")[0] == []


def tonnaer(c, dimensions):
    """Tonnaer's AUROC minus ours, for each digit."""
    return c.elsewhere.loc[dimensions, "published"] - c.elsewhere.loc[dimensions, "here"]


STATEMENTS = {
    "README.md": {
        "vanilla, sparse, vq (vector-quantised) or a loose β-VAE": lambda c: ahead(
            c.mnist, FIRST_FOUR, NINE, "bce_of_mean"
        ),
        "principal components (PCA), which are fitted to the squared error, have": lambda c: all(
            better(c.mnist, name, "pca", "bce_of_mean") for name in FIRST_FOUR
        ),
        "**Features for a classifier from 550 labels**: denoising": lambda c: ahead(
            c.mnist, ["denoising"], [*NINE, "raw_pixels"], "logistic_of_mean"
        ),
        "samples of ten Gaussians fitted to the codes, not of a VAE's own": lambda c: all_better(
            c.mnist, VAES, fid("mixture"), sampler="prior"
        ),
        "They are less diverse.": lambda c: all_better(
            c.mnist, VAES, {**RECALL, "sampler": "prior"}, sampler="mixture"
        ),
        "**Anomalies in images**: nearest neighbours": lambda c: below_neighbours(c, *NINE),
        "if the training rows are normal, an isolation forest if anomalies are among": lambda c: (
            first_in_tables(c.novelty, "nearest_neighbours")
            and first_in_tables(c.outliers, "isolation_forest")
        ),
        "by their likelihood four VAEs are": lambda c: c.better_by_likelihood == 4,
        "[35 tables and a second article]": lambda c: c.novelty.count == 35,
        "probabilities are calibrated worse than a sample's": lambda c: all_better(
            c.mnist, VAES, {**CALIBRATION, "code": "sample"}, code="mean"
        ),
    },
    "article.md": {
        "within 0.03 of the published figure, the others": lambda c: tonnaer(c, 2).min() >= -0.03,
        "dimensions all ten lie above it": lambda c: tonnaer(c, 32).max() < 0,
        "is found worse with 32 dimensions than with 2, and worse than by guessing": lambda c: (
            c.elsewhere.loc[32, "1"].max() < 0.5
            and (c.elsewhere.loc[32, "1"] < c.elsewhere.loc[2, "1"]).all()
        ),
        'shallow, "by far the best", is among the worst': lambda c: ahead(
            c.mnist, ["vanilla", "vq"], ["shallow"], ones("loss")
        ),
        "than any of the nine by either score": lambda c: all(
            c.mnist.below(NINE, ink(c), **ones(score)) == NINE for score in ("loss", "signed")
        ),
        "The shallow models of seeds": lambda c: (
            len(c.mnist.seeds_at(ink(c), "shallow", **ones("signed"))) > 1
        ),
        "the codes of no autoencoder reach it under the article's probe": lambda c: ahead(
            c.mnist, ["from_scratch"], NINE, "dense"
        ),
        "By either of the other two probes denoising is first": lambda c: all(
            ahead(c.mnist, ["denoising"], [*NINE, "pca", "raw_pixels"], probe)
            for probe in ("logistic", "neighbours")
        ),
        "ahead of the posterior samples of the VAEs": lambda c: ahead(
            c.mnist, ["pca"], VAES, "logistic"
        ),
        ", not of the posterior means": lambda c: ahead(c.mnist, VAES, ["pca"], "logistic_of_mean"),
    },
    "claims.md": {
        "without a model, are significantly better than each of the nine": lambda c: (
            below_neighbours(c, *NINE)
        ),
        "Shallow and stacked, first and second in the article, are last by the loss": lambda c: (
            {*c.anomalies.ranked[-3:]} == {"shallow", "stacked", "stacked_pixels"}
        ),
    },
    "statistics.md": {
        "sparse is not tied although its loss is higher by less than a nat": lambda c: (
            behind(c.compression, "sparse")
            and 0 < gain(c.mnist, "vanilla", "sparse", "bce_of_mean").mean() < 1
        ),
        "The interval lies wholly above the margin, so that this part is refuted": lambda c: (
            c.mnist.verdicts["C3 (logistic)"].decision.word == "refuted"
        ),
    },
    "tables.md": {
        "and are significantly better than each of the nine; none of the nine is": lambda c: (
            first_in_tables(c.novelty, "nearest_neighbours")
            and len(c.novelty.split("nearest_neighbours")[1]) == 9
        ),
        "an isolation forest has the best average rank; none of the nine is": lambda c: (
            first_in_tables(c.outliers, "isolation_forest")
            and c.outliers.split("isolation_forest")[0] == []
        ),
        "all four VAEs are then significantly better than the distance": lambda c: (
            c.better_by_likelihood == 4
        ),
        "not significantly better than by their reconstruction loss there": lambda c: (
            c.novelty.divided(c.novelty.by_likelihood)[0] == []
        ),
        "and significantly worse than nearest neighbours": lambda c: (
            len(c.novelty.split("nearest_neighbours", c.novelty.by_likelihood)[1]) == 4
        ),
        "three of the four are significantly better than by their reconstruction": lambda c: (
            len(c.outliers.divided(c.outliers.by_likelihood)[0]) == 3
        ),
        "and none is significantly worse than an isolation forest": lambda c: (
            c.outliers.split("isolation_forest", c.outliers.by_likelihood)[1] == []
        ),
        "the published VAE and the published PCA are the distance from the mean": lambda c: all(
            np.divide(*c.tables.published.near("semi_supervised", figure, 0.002)) > 0.5
            for figure in ("VAE", "PCA")
        ),
        "Ours are not: they have linear outputs": lambda c: (
            2 * c.novelty.near(c.novelty.best) < c.novelty.count
        ),
        "agree with those of 32 neighbours (`pyod_knn_32`)": lambda c: (
            c.tables.published.agreement("unsupervised", "KNN", "pyod_knn_32")[0]
            > 2 * c.tables.published.agreement("unsupervised", "KNN", "pyod_knn")[0]
        ),
        "Today's VAE of PyOD is still no model": lambda c: (
            np.divide(*c.tables.pyod_near("semi_supervised", "pyod_vae")) > 0.75
        ),
    },
    "models/adversarial.md": {
        "In each of the seeds the FID of such samples is above": lambda c: (
            gain(c.others, "adversarial", "adversarial", fid("mixture"), fid("prior")).min() > 0
        ),
        "Its accuracy is significantly below that of the best autoencoder": lambda c: behind(
            c.features_of_all, "adversarial"
        ),
    },
    "models/beta_tc_vae.md": {
        "Its accuracy is not significantly below that of the best": lambda c: (
            not behind(c.features_of_all, "beta_tc_vae")
        ),
        WORSE_THAN_THE_BEST: lambda c: behind(c.compression_of_all, "beta_tc_vae"),
        "Its bound of the log-likelihood is significantly below that of the best": lambda c: behind(
            c.density_of_all, "beta_tc_vae"
        ),
    },
    "models/beta_vae.md": {
        BETTER_THAN_THE_BASELINE: lambda c: (
            against_baseline(c.compression, "better", "beta_vae_loose")
            and c.compression.first != "beta_vae_loose"
        ),
        "Of the three VAEs it has the highest mean accuracy": lambda c: ahead(
            c.mnist, ["beta_vae_strict"], VAES, "logistic_of_mean"
        ),
        WORSE_THAN_THE_BEST: lambda c: behind(c.compression, "beta_vae_strict"),
        "a mixture of Gaussians fitted to the codes have a lower FID": lambda c: all_better(
            c.mnist, VAES[1:], fid("mixture"), sampler="prior"
        ),
    },
    "models/contractive.md": {
        "its classes are found less often than those of the best baseline": lambda c: (
            against_baseline(c.with_others["visualisation"], "worse", "contractive")
        ),
    },
    "models/denoising.md": {
        "It has the best mean of the autoencoders, an accuracy": lambda c: (
            c.features.first == "denoising"
        ),
        "Its FID has the best mean of the autoencoders, and is significantly below": lambda c: (
            c.generation.first == "denoising"
            and against_baseline(c.generation, "better", "denoising")
        ),
        WORSE_THAN_THE_BEST: lambda c: behind(c.compression, "denoising"),
    },
    "models/iwae.md": {
        "It has the best of the VAEs, and each other is significantly worse": lambda c: (
            c.density_of_all.first == "iwae" and not c.density_of_all.standings.tied
        ),
        "Its accuracy is significantly below that of the best autoencoder": lambda c: behind(
            c.features_of_all, "iwae"
        ),
    },
    "models/rae.md": {
        "which is not significantly better than that of vanilla": lambda c: (
            not better(c.others, "rae", "vanilla", fid("mixture"))
        ),
        "Its loss is not significantly above that of the best autoencoder": lambda c: (
            not behind(c.compression_of_all, "rae")
        ),
    },
    "models/shallow.md": {
        "Its loss is not significantly below that of PCA, the best baseline": lambda c: (
            c.compression.baseline == "pca"
            and not against_baseline(c.compression, "better", "shallow")
        ),
        BELOW_NEIGHBOURS: lambda c: below_neighbours(c, "shallow"),
    },
    "models/sparse.md": {
        BETTER_THAN_THE_BASELINE: lambda c: against_baseline(c.compression, "better", "sparse"),
        "It is significantly above that of the best autoencoder": lambda c: behind(
            c.compression, "sparse"
        ),
        "by less than a nat": lambda c: (
            gain(c.mnist, c.compression.first, "sparse", "bce_of_mean").mean() < 1
        ),
        "the article's probe on the codes as they are": lambda c: better(
            c.mnist, "sparse", "sparse", "logistic_of_mean", "dense_of_mean"
        ),
    },
    "models/stacked.md": {
        "Both kinds have a significantly higher loss than the best autoencoder": lambda c: behind(
            c.compression, "stacked", "stacked_pixels"
        ),
        "They are still significantly better than PCA": lambda c: against_baseline(
            c.compression, "better", "stacked", "stacked_pixels", baseline="pca"
        ),
    },
    "models/vae.md": {
        "Of the VAEs it has the best mean": lambda c: c.density.first == "vae",
        "**Decode and classify the posterior mean**, not a sample": lambda c: (
            better(c.mnist, "vae", "vae", "bce_of_mean", "bce")
            and better(c.mnist, "vae", "vae", "logistic_of_mean", "logistic")
        ),
        "**Not to sample its prior, if samples must look real.**": lambda c: all_better(
            c.mnist, ["vae"], fid("mixture"), sampler="prior"
        ),
        "Its loss, by the posterior mean, is significantly above that of the best": lambda c: (
            behind(c.compression, "vae")
        ),
    },
    "models/vanilla.md": {
        "best mean of the autoencoders, and a significantly lower loss than the best": lambda c: (
            c.compression.first == "vanilla"
            and against_baseline(c.compression, "better", "vanilla")
        ),
        BELOW_NEIGHBOURS: lambda c: below_neighbours(c, "vanilla"),
    },
    "models/vq.md": {
        BETTER_THAN_THE_BASELINE: lambda c: (
            against_baseline(c.compression, "better", "vq") and c.compression.first != "vq"
        ),
        BELOW_NEIGHBOURS: lambda c: below_neighbours(c, "vq"),
        "**Sample its learned prior, not its uniform one.**": lambda c: all_better(
            c.mnist, ["vq"], fid("learned_prior"), sampler="prior"
        ),
    },
    "models/vq_ema.md": {
        "Its loss is significantly higher": lambda c: (
            c.compression_of_all.standings.against("vq", ["vq_ema"])["vq_ema"] == "worse"
        ),
        "Its FID is the lowest of the models that are not in the article": lambda c: (
            c.with_others["generation"].others[0] == "vq_ema"
        ),
        "samples of the uniform one have a significantly higher FID": lambda c: all_better(
            c.others, ["vq_ema"], fid("learned_prior"), sampler="prior"
        ),
    },
    "models/wae_mmd.md": {
        "Its loss is significantly below that of the VAE": lambda c: (
            c.compression_of_all.standings.against("vae", ["wae_mmd"])["wae_mmd"] == "better"
        ),
        "Their FID is significantly above that of the VAE's": lambda c: better(
            c.others, "vae", "wae_mmd", fid("prior")
        ),
    },
}
"""Page → its words without numbers → whether the scores bear them."""
CASES = [
    pytest.param(page, words, holds, id=f"{page}: {words[:60]}")
    for page, statements in STATEMENTS.items()
    for words, holds in statements.items()
]


def named(context):
    """Short names for what the conditions ask."""
    names = {
        "compression": "compression",
        "features": "features for a classifier",
        "density": "density estimation",
        "anomalies": "anomaly detection",
        "generation": "generation",
    }
    novelty = context.tables.settings["semi_supervised"]
    return SimpleNamespace(
        **vars(context),
        **{name: context.by_use["mnist"][use] for name, use in names.items()},
        **{f"{name}_of_all": context.with_others.get(use) for name, use in names.items()},
        mnist=context.data["mnist"],
        novelty=novelty,
        outliers=context.tables.settings["unsupervised"],
        better_by_likelihood=len(novelty.split("no_model", novelty.by_likelihood)[0]),
    )


@pytest.mark.parametrize(("page", "words", "holds"), CASES)
def test_the_scores_bear_what_a_page_says(context, page, words, holds):
    text = " ".join(PAGES[page].read_text(encoding="utf-8").split())
    assert words in text, "the sentence changed: does its condition still fit?"
    assert holds(named(context))


def test_a_sentence_that_the_scores_do_not_bear_is_found(context):
    c = named(context)
    moved = c.mnist.scores.copy()
    moved.loc[moved["variant"] == "vanilla", "value"] = 500.0
    c.mnist = Numbers(moved)
    broken = [words for words, holds in STATEMENTS["README.md"].items() if not holds(c)]
    assert broken[0] == "vanilla, sparse, vq (vector-quantised) or a loose β-VAE"
