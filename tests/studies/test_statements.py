"""What the pages say in words, against the scores: an entry a sentence, with what bears it."""

from types import SimpleNamespace

import numpy as np
import pytest

from kerasae.evaluation.tasks import TASKS
from kerasae.models import ARTICLE
from kerasae.reporting.statistics import LEVEL, paired_p_value
from studies.bake_off.numbers import MEASURES
from studies.bake_off.pages import PAGES, Context

NINE = list(ARTICLE)
VAES = ["vae", "beta_vae_strict", "beta_vae_loose"]
COMPRESSION, FEATURES = "compression", "features for a classifier"
ANOMALIES, DENSITY = "anomaly detection", "density estimation"
RECALL = {"task": "samples", "metric": "recall"}
CALIBRATION = {"task": "uncertainty", "metric": "expected_calibration_error"}
BEHIND_NEIGHBOURS = (
    "Its mean AUROC over ten held-out digits is significantly below that of the best baseline, "
    "nearest neighbours"
)
WORSE_THAN_THE_BEST = "Its loss is significantly above that of the best autoencoder"
BETTER_THAN_THE_BASELINE = "Its loss is significantly below that of the best baseline"


def measured(measure):
    return MEASURES[measure] if isinstance(measure, str) else measure


def gain(numbers, one, other, measure, other_measure=None):
    """Differences by seed, above 0 where the first is better."""
    measure, other_measure = measured(measure), measured(other_measure or measure)
    better = TASKS[measure["task"]].metric(measure["metric"]).better
    pair = numbers.values(one, **measure), numbers.values(other, **other_measure)
    return ((pair[0] - pair[1]) * {"higher": 1, "lower": -1}[better]).dropna()


def better(numbers, one, other, measure, other_measure=None):
    """Whether one variant is significantly better than another, without a correction."""
    differences = gain(numbers, one, other, measure, other_measure)
    p = paired_p_value(differences, np.zeros(len(differences)))
    return len(differences) > 1 and differences.mean() > 0 and p <= 1 - LEVEL


def all_better(numbers, names, measure, **other):
    """Whether each variant is significantly better by a measure than by another one."""
    other_measure = measured(measure) | other
    return all(better(numbers, name, name, measure, other_measure) for name in names)


def ahead(numbers, names, others, measure):
    """Whether the means of some variants are better than those of all others."""
    means = {name: numbers.values(name, **measured(measure)).mean() for name in {*names, *others}}
    metric = TASKS[measured(measure)["task"]].metric(measured(measure)["metric"])
    sign = 1 if metric.higher_is_better else -1
    rest = {*others} - {*names}
    return all(sign * (means[one] - means[other]) > 0 for one in names for other in rest)


def against_baseline(use, outcome, *names):
    """Whether each variant is better or worse than the best baseline, or neither."""
    return all(use.table.at[name, "against_baseline"] == outcome for name in names)


def behind(use, *names):
    """Whether each variant is significantly worse than the best autoencoder."""
    return not {*names} & {use.first, *use.standings.tied}


def worse_than_neighbours(uses, *names):
    use = uses[ANOMALIES]
    return use.baseline == "nearest_neighbours" and against_baseline(use, "worse", *names)


def fid(sampler):
    return {**MEASURES["fid"], "sampler": sampler}


def ones(measure):
    return {**MEASURES[measure], "held_out": "1"}


def ink_is_ahead(mnist):
    ink = mnist.values("no_model", **ones("ink")).mean()
    return all(mnist.below(NINE, ink, **ones(score)) == NINE for score in ("loss", "signed"))


def dead(mnist):
    """Seeds in which the signed score of shallow is the ink."""
    ink = mnist.values("no_model", **ones("ink")).mean()
    return mnist.seeds_at(ink, "shallow", **ones("signed"))


def first_in_tables(setting, name):
    """Whether a method has the best average rank, and none of the nine beats no model."""
    return setting.average.index[0] == name and setting.split("no_model")[0] == []


def difference(c, figure, measured_as):
    """Tonnaer's AUROC and ours for each digit: (dimensions, source) minus (dimensions, source)."""
    return c.elsewhere.loc[figure] - c.elsewhere.loc[measured_as]


# Page, its words without numbers, and whether the scores bear them
STATEMENTS = [
    (
        "README.md",
        "vanilla, sparse, vq (vector-quantised) or a loose β-VAE",
        lambda c: ahead(
            c.mnist, ["vanilla", "sparse", "vq", "beta_vae_loose"], NINE, "bce_of_mean"
        ),
    ),
    (
        "README.md",
        "principal components (PCA), which are fitted to the squared error, have",
        lambda c: all(
            better(c.mnist, name, "pca", "bce_of_mean")
            for name in ("vanilla", "sparse", "vq", "beta_vae_loose")
        ),
    ),
    (
        "README.md",
        "**Features for a classifier from 550 labels**: denoising",
        lambda c: ahead(c.mnist, ["denoising"], [*NINE, "raw_pixels"], "logistic_of_mean"),
    ),
    (
        "README.md",
        "decode samples of ten Gaussians fitted to the codes, not of a VAE's own prior",
        lambda c: all_better(c.mnist, VAES, fid("mixture"), sampler="prior"),
    ),
    (
        "README.md",
        "They are less diverse.",
        lambda c: all_better(c.mnist, VAES, {**RECALL, "sampler": "prior"}, sampler="mixture"),
    ),
    (
        "README.md",
        "**Anomalies in images**: nearest neighbours among the training images",
        lambda c: worse_than_neighbours(c.uses, *NINE),
    ),
    (
        "README.md",
        "nearest neighbours if the training rows are normal, an isolation forest if anomalies are "
        "among them",
        lambda c: (
            first_in_tables(c.novelty, "nearest_neighbours")
            and first_in_tables(c.outliers, "isolation_forest")
        ),
    ),
    (
        "README.md",
        "by their likelihood four VAEs are",
        lambda c: len(c.novelty.split("no_model", c.novelty.by_likelihood)[0]) == 4,
    ),
    ("README.md", "[35 tables and a second article]", lambda c: c.novelty.count == 35),
    (
        "README.md",
        "probabilities are calibrated worse than a sample's",
        lambda c: all_better(c.mnist, VAES, {**CALIBRATION, "code": "sample"}, code="mean"),
    ),
    (
        "article.md",
        "of the ten digits lie within 0.03 of the published figure, the others",
        lambda c: difference(c, (2, "published"), (2, "here")).min() >= -0.03,
    ),
    (
        "article.md",
        "dimensions all ten lie above it",
        lambda c: difference(c, (32, "here"), (32, "published")).min() > 0,
    ),
    (
        "article.md",
        "the one is found worse with 32 dimensions than with 2, and worse than by guessing",
        lambda c: (
            c.elsewhere.loc[32, "1"].max() < 0.5
            and (c.elsewhere.loc[32, "1"] < c.elsewhere.loc[2, "1"]).all()
        ),
    ),
    (
        "article.md",
        'shallow, "by far the best", is among the worst',
        lambda c: all(
            ahead(c.mnist, [name], ["shallow"], ones("loss")) for name in ("vanilla", "vq")
        ),
    ),
    (
        "article.md",
        "than any of the nine by either score",
        lambda c: ink_is_ahead(c.mnist),
    ),
    ("article.md", "The shallow models of seeds", lambda c: len(dead(c.mnist)) > 1),
    (
        "article.md",
        "the codes of no autoencoder reach it under the article's probe",
        lambda c: ahead(c.mnist, ["from_scratch"], NINE, "dense"),
    ),
    (
        "article.md",
        "By either of the other two probes denoising is first",
        lambda c: all(
            ahead(c.mnist, ["denoising"], [*NINE, "pca", "raw_pixels"], probe)
            for probe in ("logistic", "neighbours")
        ),
    ),
    (
        "article.md",
        "ahead of the posterior samples of the VAEs",
        lambda c: ahead(c.mnist, ["pca"], VAES, "logistic"),
    ),
    (
        "article.md",
        ", not of the posterior means",
        lambda c: ahead(c.mnist, VAES, ["pca"], "logistic_of_mean"),
    ),
    (
        "claims.md",
        "nearest neighbours among the training images, without a model, are significantly better "
        "than each of the nine",
        lambda c: worse_than_neighbours(c.uses, *NINE),
    ),
    (
        "claims.md",
        "Shallow and stacked, first and second in the article, are last by the loss",
        lambda c: {*c.uses[ANOMALIES].ranked[-3:]} == {"shallow", "stacked", "stacked_pixels"},
    ),
    (
        "statistics.md",
        "sparse is not tied although its loss is higher by less than a nat",
        lambda c: (
            behind(c.uses[COMPRESSION], "sparse")
            and 0 < -gain(c.mnist, "sparse", "vanilla", "bce_of_mean").mean() < 1
        ),
    ),
    (
        "statistics.md",
        "The interval lies wholly above the margin, so that this part is refuted",
        lambda c: c.mnist.judged["C3 (logistic)"].decision.verdict == "refuted",
    ),
    (
        "tables.md",
        "nearest neighbours have the best average rank, and are significantly better than each of "
        "the nine; none of the nine is significantly better than the distance from the mean",
        lambda c: (
            first_in_tables(c.novelty, "nearest_neighbours")
            and len(c.novelty.split("nearest_neighbours")[1]) == 9
        ),
    ),
    (
        "tables.md",
        "an isolation forest has the best average rank; none of the nine is significantly better "
        "than it, or than the distance from the mean",
        lambda c: (
            first_in_tables(c.outliers, "isolation_forest")
            and c.outliers.split("isolation_forest")[0] == []
        ),
    ),
    (
        "tables.md",
        "all four VAEs are then significantly better than the distance from the mean",
        lambda c: len(c.novelty.split("no_model", c.novelty.by_likelihood)[0]) == 4,
    ),
    (
        "tables.md",
        "not significantly better than by their reconstruction loss there",
        lambda c: c.novelty.divided(c.novelty.by_likelihood)[0] == [],
    ),
    (
        "tables.md",
        "and significantly worse than nearest neighbours",
        lambda c: len(c.novelty.split("nearest_neighbours", c.novelty.by_likelihood)[1]) == 4,
    ),
    (
        "tables.md",
        "three of the four are significantly better than by their reconstruction loss, and none is "
        "significantly worse than an isolation forest",
        lambda c: (
            len(c.outliers.divided(c.outliers.by_likelihood)[0]) == 3
            and c.outliers.split("isolation_forest", c.outliers.by_likelihood)[1] == []
        ),
    ),
    (
        "tables.md",
        "On most of these data sets the published VAE and the published PCA are the distance from "
        "the mean",
        lambda c: all(
            2 * near > count
            for figure in ("VAE", "PCA")
            for near, count in [c.tables.published.near("semi_supervised", figure, 0.002)]
        ),
    ),
    (
        "tables.md",
        "Ours are not: they have linear outputs",
        lambda c: 2 * c.novelty.near(c.novelty.best) < c.novelty.count,
    ),
    (
        "tables.md",
        "agree with those of 32 neighbours (`pyod_knn_32`)",
        lambda c: (
            c.tables.published.agreement("unsupervised", "KNN", "pyod_knn_32")[0]
            > 2 * c.tables.published.agreement("unsupervised", "KNN", "pyod_knn")[0]
        ),
    ),
    (
        "tables.md",
        "Today's VAE of PyOD is still no model",
        lambda c: np.divide(*c.tables.pyod_near("semi_supervised", "pyod_vae")) > 0.75,
    ),
    (
        "models/adversarial.md",
        "In each of the seeds the FID of such samples is above that of a mixture of Gaussians",
        lambda c: (
            gain(c.others, "adversarial", "adversarial", fid("mixture"), fid("prior")) > 0
        ).all(),
    ),
    (
        "models/adversarial.md",
        "Its accuracy is significantly below that of the best autoencoder",
        lambda c: behind(c.with_others[FEATURES], "adversarial"),
    ),
    (
        "models/beta_tc_vae.md",
        "Its accuracy is not significantly below that of the best autoencoder",
        lambda c: not behind(c.with_others[FEATURES], "beta_tc_vae"),
    ),
    (
        "models/beta_tc_vae.md",
        WORSE_THAN_THE_BEST,
        lambda c: behind(c.with_others[COMPRESSION], "beta_tc_vae"),
    ),
    (
        "models/beta_tc_vae.md",
        "Its bound of the log-likelihood is significantly below that of the best VAE",
        lambda c: behind(c.with_others[DENSITY], "beta_tc_vae"),
    ),
    (
        "models/beta_vae.md",
        BETTER_THAN_THE_BASELINE,
        lambda c: (
            against_baseline(c.uses[COMPRESSION], "better", "beta_vae_loose")
            and c.uses[COMPRESSION].first != "beta_vae_loose"
        ),
    ),
    (
        "models/beta_vae.md",
        "Of the three VAEs it has the highest mean accuracy",
        lambda c: ahead(c.mnist, ["beta_vae_strict"], VAES, "logistic_of_mean"),
    ),
    (
        "models/beta_vae.md",
        WORSE_THAN_THE_BEST,
        lambda c: behind(c.uses[COMPRESSION], "beta_vae_strict"),
    ),
    (
        "models/beta_vae.md",
        "Samples from a mixture of Gaussians fitted to the codes have a lower FID",
        lambda c: all_better(c.mnist, VAES[1:], fid("mixture"), sampler="prior"),
    ),
    (
        "models/contractive.md",
        "In the UMAP plane its classes are found less often than those of the best baseline",
        lambda c: against_baseline(c.with_others["visualisation"], "worse", "contractive"),
    ),
    (
        "models/denoising.md",
        "It has the best mean of the autoencoders, an accuracy",
        lambda c: c.uses[FEATURES].first == "denoising",
    ),
    (
        "models/denoising.md",
        "Its FID has the best mean of the autoencoders, and is significantly below that of the "
        "best baseline",
        lambda c: (
            c.uses["generation"].first == "denoising"
            and against_baseline(c.uses["generation"], "better", "denoising")
        ),
    ),
    (
        "models/denoising.md",
        WORSE_THAN_THE_BEST,
        lambda c: behind(c.uses[COMPRESSION], "denoising"),
    ),
    (
        "models/iwae.md",
        "It has the best of the VAEs, and each other is significantly worse",
        lambda c: (
            c.with_others[DENSITY].first == "iwae" and not c.with_others[DENSITY].standings.tied
        ),
    ),
    (
        "models/iwae.md",
        "Its accuracy is significantly below that of the best autoencoder",
        lambda c: behind(c.with_others[FEATURES], "iwae"),
    ),
    (
        "models/rae.md",
        "which is not significantly better than that of vanilla",
        lambda c: not better(c.others, "rae", "vanilla", fid("mixture")),
    ),
    (
        "models/rae.md",
        "Its loss is not significantly above that of the best autoencoder",
        lambda c: not behind(c.with_others[COMPRESSION], "rae"),
    ),
    (
        "models/shallow.md",
        "Its loss is not significantly below that of PCA, the best baseline",
        lambda c: (
            c.uses[COMPRESSION].baseline == "pca"
            and not against_baseline(c.uses[COMPRESSION], "better", "shallow")
        ),
    ),
    (
        "models/shallow.md",
        BEHIND_NEIGHBOURS,
        lambda c: worse_than_neighbours(c.uses, "shallow"),
    ),
    (
        "models/sparse.md",
        BETTER_THAN_THE_BASELINE,
        lambda c: against_baseline(c.uses[COMPRESSION], "better", "sparse"),
    ),
    (
        "models/sparse.md",
        "It is significantly above that of the best autoencoder",
        lambda c: behind(c.uses[COMPRESSION], "sparse"),
    ),
    (
        "models/sparse.md",
        "by less than a nat",
        lambda c: gain(c.mnist, c.uses[COMPRESSION].first, "sparse", "bce_of_mean").mean() < 1,
    ),
    (
        "models/sparse.md",
        "the article's probe on the codes as they are",
        lambda c: better(c.mnist, "sparse", "sparse", "logistic_of_mean", "dense_of_mean"),
    ),
    (
        "models/stacked.md",
        "Both kinds have a significantly higher loss than the best autoencoder",
        lambda c: behind(c.uses[COMPRESSION], "stacked", "stacked_pixels"),
    ),
    (
        "models/stacked.md",
        "They are still significantly better than PCA",
        lambda c: (
            c.uses[COMPRESSION].baseline == "pca"
            and against_baseline(c.uses[COMPRESSION], "better", "stacked", "stacked_pixels")
        ),
    ),
    (
        "models/vae.md",
        "Of the VAEs it has the best mean",
        lambda c: c.uses[DENSITY].first == "vae",
    ),
    (
        "models/vae.md",
        "**Decode and classify the posterior mean**, not a sample",
        lambda c: (
            better(c.mnist, "vae", "vae", "bce_of_mean", "bce")
            and better(c.mnist, "vae", "vae", "logistic_of_mean", "logistic")
        ),
    ),
    (
        "models/vae.md",
        "**Not to sample its prior, if samples must look real.**",
        lambda c: all_better(c.mnist, ["vae"], fid("mixture"), sampler="prior"),
    ),
    (
        "models/vae.md",
        "Its loss, by the posterior mean, is significantly above that of the best autoencoder",
        lambda c: behind(c.uses[COMPRESSION], "vae"),
    ),
    (
        "models/vanilla.md",
        "It has the best mean of the autoencoders, and a significantly lower loss than the best "
        "baseline",
        lambda c: (
            c.uses[COMPRESSION].first == "vanilla"
            and against_baseline(c.uses[COMPRESSION], "better", "vanilla")
        ),
    ),
    (
        "models/vanilla.md",
        BEHIND_NEIGHBOURS,
        lambda c: worse_than_neighbours(c.uses, "vanilla"),
    ),
    (
        "models/vq.md",
        BETTER_THAN_THE_BASELINE,
        lambda c: (
            against_baseline(c.uses[COMPRESSION], "better", "vq")
            and c.uses[COMPRESSION].first != "vq"
        ),
    ),
    ("models/vq.md", BEHIND_NEIGHBOURS, lambda c: worse_than_neighbours(c.uses, "vq")),
    (
        "models/vq.md",
        "**Sample its learned prior, not its uniform one.**",
        lambda c: all_better(c.mnist, ["vq"], fid("learned_prior"), sampler="prior"),
    ),
    (
        "models/vq_ema.md",
        "Its loss is significantly higher",
        lambda c: (
            c.with_others[COMPRESSION].standings.against("vq", ["vq_ema"])["vq_ema"] == "worse"
        ),
    ),
    (
        "models/vq_ema.md",
        "Its FID is the lowest of the models that are not in the article",
        lambda c: c.with_others["generation"].others[0] == "vq_ema",
    ),
    (
        "models/vq_ema.md",
        "samples of the uniform one have a significantly higher FID",
        lambda c: all_better(c.others, ["vq_ema"], fid("learned_prior"), sampler="prior"),
    ),
    (
        "models/wae_mmd.md",
        "Its loss is significantly below that of the VAE",
        lambda c: (
            c.with_others[COMPRESSION].standings.against("vae", ["wae_mmd"])["wae_mmd"] == "better"
        ),
    ),
    (
        "models/wae_mmd.md",
        "Their FID is significantly above that of the VAE's",
        lambda c: better(c.others, "vae", "wae_mmd", fid("prior")),
    ),
]
NAMED = [f"{page}: {words[:60]}" for page, words, _ in STATEMENTS]


def named(context):
    """Short names for what the conditions ask."""
    known = vars(context)
    return SimpleNamespace(
        **known,
        mnist=context.data["mnist"],
        uses=context.by_use["mnist"],
        novelty=context.tables.settings["semi_supervised"],
        outliers=context.tables.settings["unsupervised"],
    )


@pytest.mark.parametrize(("page", "words", "holds"), STATEMENTS, ids=NAMED)
def test_the_scores_bear_what_a_page_says(context, page, words, holds):
    text = " ".join(PAGES[page].read_text(encoding="utf-8").split())
    assert words in text, "the sentence changed: does its condition still fit?"
    assert holds(named(context))


def test_a_sentence_that_the_scores_do_not_bear_is_found(scores):
    moved = scores.copy()
    moved.loc[moved["variant"] == "vanilla", "value"] = 500.0
    c = named(Context(moved))
    broken = [(page, words) for page, words, holds in STATEMENTS if not holds(c)]
    assert STATEMENTS[0][:2] in broken
    assert {"README.md", "models/vanilla.md"} <= {page for page, _ in broken}
