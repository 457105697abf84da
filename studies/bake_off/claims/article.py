"""The article's claims, as comparisons of scores.

A measure has to be able to come out for its claim and against it, and must not be decided by what
the article does not speak of. Where the article only looked at images, or says "about" or "far",
the measure and the margin are a choice made here; the ``measure`` of each part states it.
"""

from functools import partial
from itertools import combinations, pairwise

import numpy as np

from kerasae.evaluation.metrics import Measure
from kerasae.models import ARTICLE
from studies.bake_off.claims.comparisons import (
    Claim,
    Part,
    above,
    at_least,
    at_most,
    below,
    beside,
    between,
    far_above,
    in_every_cell,
    tie,
)
from studies.bake_off.claims.measures import (
    Agreement,
    Logarithm,
    Mean,
    RankCorrelation,
    ShareOfErrors,
    told_apart,
)


def of(task, metric, **qualifiers):
    """Name a measure of a task: a function from a variant to its `Mean`."""
    return partial(Mean, task, Measure(metric, **qualifiers))


ALL = tuple(ARTICLE)
VAES = ("vae", "beta_vae_strict", "beta_vae_loose")
THREE = ("vanilla", "sparse", "vq")
NAMED = ("vanilla", "stacked", "sparse", "denoising", "vq")
DIGITS = ("mnist",)  # classes 4, 7 and 9 of other data sets are no digits
FAR = 0.1  # a share
EQUAL = 0.02  # a share
FAR_AUROC = 0.05
PROXY = 0.7  # half of the variance of the ranks
FEW = 0.05  # of the real images, as a share
CHANCE = 2 / 9  # of nine wrong classes, two belong to the group

# From a metric and further qualifiers to a measure
accuracy = partial(of, "classification", "accuracy")
latent = partial(of, "latent_space")
samples = partial(of, "samples", sampler="prior")
mixture = partial(of, "samples", sampler="mixture")
paths = partial(of, "interpolation", code="sample_per_frame")
smooth_paths = partial(of, "interpolation", code="sample_per_path")

PROBE = Measure("accuracy", "sample", probe="dense")
RESIDUAL = Measure("auroc", "sample", score="signed")

# Of a deterministic model, the code "sample" is its only code, and so is "mean"
BCE = of("reconstruction", "bce", code="sample")
MEAN_BCE = of("reconstruction", "bce", code="mean")
SECONDS = of("training_time", "seconds_per_epoch_alone")
DENSE = partial(Mean, "classification", PROBE)
SAME_LABELS = accuracy(code="sample", probe="dense_all_epochs")
LOGISTIC = accuracy(code="sample", probe="logistic")
AUROC = of("anomaly", "auroc", code="sample", score="bce")
SIGNED_AUROC = partial(Mean, "anomaly", RESIDUAL)
INK = Mean("anomaly", Measure("auroc", score="less_ink"), "no_model", held_out="1")


def others(*names):
    """List the variants but these."""
    return [name for name in ALL if name not in names]


def each(compare, one, names, *measures):
    """Compare one variant with each of several others, by each measure."""
    return tuple(compare(measure(one), measure(name)) for measure in measures for name in names)


def ascending(measure, *names):
    """State that each is below the next."""
    return tuple(below(measure(one), measure(other)) for one, other in pairwise(names))


def recall(digits, variant):
    """Mean recall of digits."""
    measures = tuple(Measure("recall", "mean", classes=digit) for digit in digits)
    name = f"recall of {' '.join(digits)} by {variant}"
    return Mean("latent_space", measures, variant, name=name)


def mingling(digits, variant):
    """Share of a group's errors that stay within the group."""
    within = latent("mingling", code="mean", classes=" ".join(digits))(variant)
    name = f"errors of {' '.join(digits)} within the group, {variant}"
    return ShareOfErrors(within, recall(digits, variant), name)


def first_and_second(by):
    """State that shallow is above all but stacked by an amount, and stacked above the rest."""

    def of_measure(measure):
        rest = others("shallow", "stacked")
        return (
            above(measure("shallow"), measure("stacked")),
            *(above(measure("shallow"), measure(name), by) for name in rest),
            *each(above, "stacked", rest, measure),
        )

    return of_measure


def denoising_first(measure):
    """State that denoising is above vanilla and vq, and these above the rest."""
    rest = others("denoising", "vanilla", "vq")
    return (
        *each(above, "denoising", ("vanilla", "vq"), measure),
        *each(above, "vanilla", rest, measure),
        *each(above, "vq", rest, measure),
    )


def smaller_with_a_stricter_divergence(code):
    """State that volume and spread of a kind of codes fall from loose to strict."""
    order = ("beta_vae_strict", "vae", "beta_vae_loose")
    return (
        *ascending(latent("log_volume", code=code), *order),
        *ascending(latent("spread", code=code), *order),
    )


def better_uncertainty(than):
    """State that many samples of z give a better measure of uncertainty than a kind of code."""
    return tuple(
        compare(
            of("uncertainty", metric, code="samples")(name),
            of("uncertainty", metric, code=than)(name),
        )
        for compare, metric in (
            (below, "negative_log_likelihood"),
            (below, "brier_score"),
            (above, "error_auroc"),
            (below, "scaled_calibration_error"),
        )
        for name in VAES
    )


def all_beside(comparisons):
    """Mark comparisons, or those that a function returns, as ones that no claim rests on."""
    if callable(comparisons):
        return lambda arranged: tuple(map(beside, comparisons(arranged)))
    return tuple(map(beside, comparisons))


def pca_for_shallow(measure):
    """State that PCA is less than 0.02 below shallow in every cell of two dimensions."""

    def of_cell(in_cell):
        return (at_least(in_cell("pca"), in_cell("shallow"), 0.02),)

    return in_every_cell(of_cell, measure, ("pca", "shallow"), lambda _, dim: dim == 2)


def same_order_elsewhere(measure):
    """State the order of claim A1 in every other cell."""
    return in_every_cell(
        first_and_second(0.0), measure, ALL, lambda held_out, dim: (held_out, dim) != ("1", 2)
    )


def dimensions(arranged):
    """List the latent dimensions with a held-out class: a text."""
    found = sorted({int(latent_dim) for _, latent_dim in arranged.cells})
    return f"latent dimension{'s' if len(found) > 1 else ''} {', '.join(map(str, found))}"


SIGNED = (
    "the published AUROCs come from a signed residual, a bug; the article's own score is the loss, "
    "on which the verdict rests"
)
BY_BOTH_SCORES = (
    ("loss", AUROC, "BCE", lambda comparisons: comparisons),
    ("signed", SIGNED_AUROC, "signed residual, as published", all_beside),
)
NOISE = "in the published denoising model 0.5 was the noise's standard deviation, not its variance"

CLAIMS = (
    Claim(
        "R1", "shallow reconstructs far worse than all others",
        (Part("", "test BCE of shallow more than 10 % above that of each other variant", tuple(
            far_above(BCE("shallow"), BCE(name), FAR) for name in others("shallow")
        )),),
    ),
    Claim(
        "R2", "vanilla, sparse and vq share the first place in reconstruction",
        (
            Part("equal", "test BCE: the three differ by less than 2 % of vanilla's", tuple(
                tie(BCE(one), BCE(other), EQUAL, of=BCE("vanilla"))
                for other, one in combinations(THREE, 2)
            )),
            Part("first", "each of the three below each other variant", tuple(
                comparison for name in THREE
                for comparison in each(below, name, others(*THREE), BCE)
            )),
        ),
        why="of the three, {apart}: equal within 2 % and told apart are two statements",
        facts={"apart": told_apart(BCE, THREE)},
    ),
    Claim(
        "R3", "VAE and beta-VAEs reconstruct worse than vanilla; loose < VAE < strict",
        (Part("", "test BCE of a posterior sample: vanilla < loose < VAE < strict", ascending(
            BCE, "vanilla", "beta_vae_loose", "vae", "beta_vae_strict"
        )),),
    ),
    Claim(
        "R4", "sampling in the bottleneck harms the VAEs' reconstruction",
        (Part("", "test BCE of a posterior sample above that of the posterior mean, each VAE",
              tuple(above(BCE(name), MEAN_BCE(name)) for name in VAES)),),
    ),
    Claim(
        "R5", "the greedily trained stacked reconstructs worse than vanilla",
        tuple(
            Part(name, f"test BCE of stacked above vanilla's, trained on {what}",
                 (above(BCE(variant), BCE("vanilla")),))
            for name, variant, what in (
                ("codes", "stacked", "the codes of the layers before, as the text has it"),
                ("pixels", "stacked_pixels", "pixels in all stages, as published"),
            )
        ),
        why="the published stacked model was trained on pixels, not on codes as in the text",
    ),
    Claim(
        "R6", "reconstruction is no proxy for the other tasks",
        tuple(
            Part(what, f"Spearman's correlation of -BCE with the {text}, over the nine variants, "
                 f"below {PROXY}: less than half of the variance of the ranks",
                 (below(RankCorrelation(BCE, measure, ALL, sign, f"correlation with {what}"),
                        PROXY),))
            for what, measure, sign, text in (
                ("classification", LOGISTIC, -1, "accuracy of the logistic probe"),
                ("anomalies", partial(AUROC, held_out="1", latent_dim=2), -1,
                 "AUROC by the BCE, class 1 held out"),
                ("samples", mixture("frechet_distance"), 1, "negative FID of samples of the "
                 "mixture, which every variant has"),
                ("interpolation", paths("confidence_over_fade"), -1,
                 "confidence on paths against a cross-fade"),
                ("latent space", latent("accuracy", code="sample"), -1,
                 "accuracy of nearest neighbours"),
            )
        ),
        why="the intervals are over the seeds, for these nine models: other models may have "
        "another correlation",
    ),
    Claim(
        "T1", "training times hardly differ; shallow is about 5 % faster",
        (
            Part("deep", "log ratio of seconds per epoch to vanilla's, trainings one at a time: "
                 "within 10 % for each deep model", tuple(
                     between(Logarithm(SECONDS(name)), Logarithm(SECONDS("vanilla")),
                             -np.log(1 + FAR), np.log(1 + FAR))
                     for name in others("shallow", "vanilla")
                 )),
            Part("shallow", "the same ratio of shallow between 0.9 and 1", (
                between(Logarithm(SECONDS("shallow")), Logarithm(SECONDS("vanilla")),
                        np.log(1 - FAR), 0.0),
            )),
        ),
        why="the published times are mostly the overhead of loading and logging, as the article "
        "says itself",
        published_as=Measure("seconds"),
    ),
    Claim(
        "S1", "of the four generative models, the strict beta-VAE gives the most meaningful "
        "samples; vq with uniform categories gives none",
        (
            Part("strict", "FID of strict's samples below, and their coverage above, those of the "
                 "other three", (
                     *each(below, "beta_vae_strict", ("vae", "beta_vae_loose", "vq"),
                           samples("frechet_distance")),
                     *each(above, "beta_vae_strict", ("vae", "beta_vae_loose", "vq"),
                           samples("coverage")),
                 )),
            Part("vq", "vq's samples against junk, the images of an untrained decoder and real "
                 "images with shuffled pixels: FID not below, coverage less than 0.05 above", tuple(
                     comparison
                     for junk, sampler in (("untrained", "mixture"), ("shuffled_pixels", "real"))
                     for comparison in (
                         above(samples("frechet_distance")("vq"),
                               of("samples", "frechet_distance", sampler=sampler)(junk)),
                         below(samples("coverage")("vq"),
                               of("samples", "coverage", sampler=sampler)(junk), -FEW),
                     )
                 )),
        ),
    ),
    Claim(
        "S2", "the loose beta-VAE's samples are more diverse than the strict one's",
        (Part("", "recall and mean pairwise distance of loose's samples above those of strict's",
              tuple(above(measure("beta_vae_loose"), measure("beta_vae_strict"))
                    for measure in map(samples, ("recall", "pairwise_distance")))),),
        why="legibility, which the article concedes, apart: classifier confidence {loose} of the "
        "loose one's, {strict} of the strict one's",
        facts={n: samples("confidence")(f"beta_vae_{n}") for n in ("loose", "strict")},
    ),
    Claim(
        "S3", "vq needs a learned prior over its codes",
        (Part("", "vq's samples from a fitted autoregressive prior against uniform ones: FID "
              "below, coverage above", tuple(
                  compare(of("samples", metric, sampler="learned_prior")("vq"),
                          samples(metric)("vq"))
                  for compare, metric in ((below, "frechet_distance"), (above, "coverage"))
              )),),
    ),
    Claim(
        "I1", "VAE and strict beta-VAE pass through meaningful digits between two images, the "
        "others fade pixels",
        (
            Part("VAEs", "frames between the ends, VAE and strict: classifier confidence above "
                 "that of a cross-fade of the pixels of the same ends, distance to the nearest "
                 "real image below", tuple(
                     comparison for name in ("vae", "beta_vae_strict")
                     for comparison in (
                         above(paths("confidence_over_fade")(name), 0.0),
                         below(paths("distance_over_fade")(name), 0.0),
                     )
                 )),
            Part("gain", "each of the two gains more over the cross-fade than each other variant, "
                 "by both", tuple(
                     comparison for name in ("vae", "beta_vae_strict")
                     for rest in [others("vae", "beta_vae_strict")]
                     for comparison in (
                         *each(above, name, rest, paths("confidence_over_fade")),
                         *each(below, name, rest, paths("distance_over_fade")),
                     )
                 )),
            Part("fade", "roughness of the other variants' paths below 1.1, where 1 is a pure "
                 "fade", tuple(
                     below(smooth_paths("roughness")(name), 1 + FAR)
                     for name in others("vae", "beta_vae_strict")
                 )),
        ),
    ),
    Claim(
        "I2", "the jitter of VAE interpolations comes from sampling, and one draw for the whole "
        "path removes it",
        (Part("", "roughness (length of a path over its chord), each VAE: with fresh samples "
              "above that with the same noise, which exceeds vanilla's by less than half", tuple(
                  comparison for name in VAES
                  for comparison in (
                      above(paths("roughness")(name), smooth_paths("roughness")(name)),
                      at_most(smooth_paths("roughness")(name), paths("roughness")("vanilla"), 0.5),
                  )
              )),),
    ),
    Claim(
        "L1", "0, 1, 2 and 6 separate well; 4-7-9 and 3-5-8 mingle",
        (
            Part("separate", "nearest neighbours in the codes of vanilla, stacked, sparse, "
                 "denoising and vq, which the article names: recall of 0, 1, 2, 6 above that of "
                 "the others", tuple(
                     above(recall("0126", name), recall("345789", name)) for name in NAMED
                 )),
            Part("mingle", "more of the errors of 4-7-9 and of 3-5-8 stay in the group than the "
                 "2/9 of chance", tuple(
                     above(mingling(group, name), CHANCE)
                     for group in ("479", "358") for name in NAMED
                 )),
        ),
        datasets=DIGITS,
    ),
    Claim(
        "L2", "shallow separates the digits worst",
        tuple(
            Part(name, "accuracy of nearest neighbours and silhouette of shallow's codes below "
                 f"those of {what}",
                 each(below, "shallow", names, latent("accuracy", code=code),
                      latent("silhouette", code=code)))
            for name, code, names, what in (
                ("samples", "sample", others("shallow"), "each other variant, posterior samples "
                 "of VAEs"),
                ("means", "mean", VAES, "the posterior means of the VAEs"),
            )
        ),
    ),
    Claim(
        "L3", "the stricter the divergence, the less space the codes take, and less than the "
        "other autoencoders'",
        (
            Part("samples", "log volume and spread of posterior samples, which the article drew: "
                 "strict < VAE < loose", smaller_with_a_stricter_divergence("sample")),
            Part("means", "the same of posterior means",
                 smaller_with_a_stricter_divergence("mean")),
            *(
                Part(f"others, {code}s", f"spread and log volume of each VAE's posterior {code}s "
                     "below those of each other autoencoder's codes; no volume of shallow, which "
                     "has none where a unit is zero for every image", tuple(
                         comparison for name in VAES
                         for metric, rest in (("spread", others(*VAES)),
                                              ("log_volume", others("shallow", *VAES)))
                         for comparison in each(below, name, rest, latent(metric, code=code))
                     ))
                for code in ("sample", "mean")
            ),
        ),
    ),
    Claim(
        "L4", "vq's code space resembles vanilla's more than the VAEs'",
        (Part("", "linear CKA of vq's codes with vanilla's above that with each VAE's", tuple(
            above(latent("cka", reference="vanilla")("vq"), latent("cka", reference=name)("vq"))
            for name in VAES
        )),),
    ),
    Claim(
        "C1", "denoising classifies best, then vanilla and vq",
        (
            Part("article's probe", "accuracy: denoising above vanilla and vq, these above the "
                 "rest", denoising_first(DENSE)),
            Part("logistic", "the same with a converged probe on standardised codes",
                 denoising_first(LOGISTIC)),
        ),
        why=NOISE,
        published_as=PROBE,
    ),
    Claim(
        "C2", "all but sparse beat training from scratch",
        tuple(
            Part(name, f"accuracy {what}: each above the baseline's, sparse below it", (
                *(above(measure(other), of_scratch("from_scratch")) for other in others("sparse")),
                beside(below(measure("sparse"), of_scratch("from_scratch"))),
            ))
            for name, measure, of_scratch, what in (
                ("same labels", SAME_LABELS, SAME_LABELS, "of a dense layer after all epochs, "
                 "from the same labels as the baseline"),
                ("logistic", LOGISTIC, SAME_LABELS, "of a converged probe on standardised codes, "
                 "from the same labels"),
                ("early stopping", DENSE, DENSE, "of the article's probe, both stopped by the "
                 "labels of the validation set, which are ten times as many"),
            )
        ),
        why="the encoder of the published baseline was never trained, as its optimizer had the "
        "layer's parameters only; trained with the layer it reaches {scratch}",
        facts={"scratch": SAME_LABELS("from_scratch")},
        published_as=PROBE,
    ),
    Claim(
        "C3", "sparse features are not suited to classifying MNIST",
        (
            Part("logistic", "accuracy of sparse more than 0.05 below vanilla's, by a probe that "
                 "is trained to convergence on standardised codes",
                 (below(LOGISTIC("sparse"), LOGISTIC("vanilla"), 0.05),)),
            Part("article's probe", "the same by the article's probe, which depends on the scale "
                 "of the codes", (beside(below(DENSE("sparse"), DENSE("vanilla"), 0.05)),)),
        ),
        why="the article's probe takes at most 360 steps on unscaled codes and is far from "
        "converged: {probe}, where the converged one reaches {logistic}",
        facts={"probe": DENSE("sparse"), "logistic": LOGISTIC("sparse")},
        published_as=PROBE,
    ),
    Claim(
        "C4", "of the VAEs loose classifies best, strict worst",
        tuple(
            Part(f"{code}s, {probe}", f"accuracy of {text} on posterior {code}s: strict < VAE < "
                 "loose", ascending(accuracy(code=code, probe=name), "beta_vae_strict", "vae",
                                    "beta_vae_loose"))
            for code in ("sample", "mean")
            for name, probe, text in (
                ("dense", "article's probe", "the article's probe"),
                ("logistic", "logistic", "a converged probe"),
            )
        ),
        published_as=PROBE,
    ),
    Claim(
        "C5", "classifying many samples of z gives a better measure of uncertainty",
        tuple(
            Part(name, f"each VAE, many posterior samples against {what}: negative "
                 "log-likelihood, Brier score and calibration error after temperature scaling "
                 "below, AUROC of the confidence for finding errors above",
                 better_uncertainty(code))
            for name, code, what in (
                ("one sample", "sample", "one"), ("mean", "mean", "the posterior mean"),
            )
        ),
    ),
    Claim(
        "A1", "shallow is by far the best anomaly detector, stacked the second",
        tuple(
            Part(name, f"AUROC by the {text}, class 1 held out, latent dimension 2: shallow above "
                 "stacked and more than 0.05 above the rest, stacked above the rest",
                 mark(first_and_second(FAR_AUROC)(partial(measure, held_out="1", latent_dim=2))))
            for name, measure, text, mark in BY_BOTH_SCORES
        ),
        why=SIGNED + "; the less ink the more anomalous, without any model, reaches {ink}",
        facts={"ink": INK},
        published_as=RESIDUAL,
    ),
    Claim(
        "A2", "that order is stable for other digits and latent dimensions",
        tuple(
            Part(name, "the comparisons of A1, without a margin, for every other held-out class "
                 f"and latent dimension, AUROC by the {text}", mark(same_order_elsewhere(measure)))
            for name, measure, text, mark in BY_BOTH_SCORES
        ),
        why=SIGNED + ". Measured with {dimensions}. Rank correlation of two cells, whatever the "
        "order, mean: {agreement} by the loss",
        facts={
            "agreement": Agreement(partial(AUROC, held_out=None), ALL, "agreement"),
            "dimensions": dimensions,
        },
    ),
    Claim(
        "A3", "maybe try a shallow one first or even PCA",
        tuple(
            Part(name, f"AUROC by the {text}, latent dimension 2, each held-out class: PCA's less "
                 "than 0.02 below shallow's, or above", mark(pca_for_shallow(measure)))
            for name, measure, text, mark in BY_BOTH_SCORES
        ),
        why=SIGNED,
    ),
)  # fmt: skip
"""In the order of the article."""
