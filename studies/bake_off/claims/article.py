"""The article's claims: the comparisons that support or refute what claims.yaml states."""

from dataclasses import replace
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import yaml

from kerasae.evaluation.metric import ScoreKey
from kerasae.models import ARTICLE
from kerasae.reporting.statistics import LEVEL, holm, paired_p_value
from studies.bake_off.claims.comparisons import Claim, Comparison, Part, above, below
from studies.bake_off.claims.quantities import (
    NotMeasured,
    Quantity,
    agreement,
    average,
    logarithm,
    mean,
    over_cells,
    rank_correlation,
)


def of(task, metric, **qualifiers):
    """Return the function from a variant to its quantity of a measure of a task."""
    return partial(mean, task, ScoreKey(metric, **qualifiers))


ALL = tuple(ARTICLE)
VAES = ("vae", "beta_vae_strict", "beta_vae_loose")
_FROM_STRICT_TO_LOOSE = ("beta_vae_strict", "vae", "beta_vae_loose")
_THREE = ("vanilla", "sparse", "vq")
_LEGIBLE = ("vae", "beta_vae_strict")
_OTHER_GENERATIVE = ("vae", "beta_vae_loose", "vq")
NAMED = ("vanilla", "stacked", "sparse", "denoising", "vq")
FAR = 0.1  # a share
_EQUAL = 0.02  # a share
_FAR_AUROC = 0.05
_PROXY = 0.7  # half of the variance of the ranks
FEW = 0.05  # of the real images, as a share
_CHANCE = 2 / 9  # of nine wrong classes, two belong to the group

# From a metric and further qualifiers to a measure
accuracy = partial(of, "classification", "accuracy")
latent = partial(of, "latent_space")
samples = partial(of, "samples", sampler="prior")
mixture = partial(of, "samples", sampler="mixture")
learned = partial(of, "samples", sampler="learned_prior")
paths = partial(of, "interpolation", code="sample_per_frame")
_smooth_paths = partial(of, "interpolation", code="sample_per_path")

PROBE = ScoreKey("accuracy", "sample", probe="dense")
_RESIDUAL = ScoreKey("auroc", "sample", score="signed")

# Of a deterministic model, the code "sample" is its only code, and so is "mean"
BCE = of("reconstruction", "bce", code="sample")
MEAN_BCE = of("reconstruction", "bce", code="mean")
SECONDS = of("training_time", "seconds_per_epoch_alone")
DENSE = partial(mean, "classification", PROBE)
SAME_LABELS = accuracy(code="sample", probe="dense_all_epochs")
LOGISTIC = accuracy(code="sample", probe="logistic")
AUROC = of("anomaly", "auroc", code="sample", score="bce")
_SIGNED_AUROC = partial(mean, "anomaly", _RESIDUAL)
INK = mean("anomaly", ScoreKey("auroc", score="less_ink"), "no_model", held_out="1")

_OVER_FADE = ((above, "confidence_over_fade"), (below, "distance_over_fade"))


def others(*names):
    """List all other variants."""
    return [name for name in ALL if name not in names]


def each(compare, one, names, *measures):
    """Compare one variant with each of several others, by each measure."""
    return [compare(measure(one), measure(name)) for measure in measures for name in names]


def ascending(measure, *names):
    """State that each is below the next."""
    return [below(measure(one), measure(other)) for one, other in pairwise(names)]


def aside(comparisons):
    """Mark comparisons as those that no claim rests on."""
    return [replace(one, carries=False) for one in comparisons]


def _mean_text(quantity):
    """Make a fact of the mean of a quantity."""
    return lambda arranged: f"{np.nanmean(quantity.values(arranged)):.3f}"


def _told_apart(measure, variants):
    """Make a fact that names the pairs of variants which the seeds tell apart, Holm-corrected."""

    def text(arranged):
        values = {name: over_cells(measure(name).values(arranged)) for name in variants}
        pairs = list(combinations(variants, 2))
        if any(np.isnan(part).any() or len(part) < 2 for part in values.values()):
            return "one seed tells nothing apart"
        p_values = holm([paired_p_value(values[one], values[other]) for one, other in pairs])
        apart = [
            f"{one} and {other} (p = {p:.2g})"
            for (one, other), p in zip(pairs, p_values, strict=True)
            if p <= 1 - LEVEL
        ]
        return f"the seeds tell apart {', '.join(apart) or 'none of them'}"

    return text


def recall(digits, variant):
    """Average the recall of digits."""
    parts = [latent("recall", code="mean", classes=digit)(variant) for digit in digits]
    return average(parts, f"recall of {' '.join(digits)} by {variant}")


def mingling(digits, variant):
    """Divide the errors that stay within a group of digits by all errors of the group."""
    within = latent("mingling", code="mean", classes=" ".join(digits))(variant)
    recognised = recall(digits, variant)
    return Quantity(
        lambda arranged: within.values(arranged) / (1 - recognised.values(arranged)),
        f"errors of {' '.join(digits)} within the group, {variant}",
    )


def first_and_second(by, measure):
    """State that shallow is above all but stacked by an amount, and stacked above the rest."""
    rest = others("shallow", "stacked")
    return [
        above(measure("shallow"), measure("stacked")),
        *(above(measure("shallow"), measure(name), by) for name in rest),
        *each(above, "stacked", rest, measure),
    ]


def denoising_first(measure):
    """State that denoising is above vanilla and vq, and these above the rest."""
    rest = others("denoising", "vanilla", "vq")
    return [
        *each(above, "denoising", ("vanilla", "vq"), measure),
        *each(above, "vanilla", rest, measure),
        *each(above, "vq", rest, measure),
    ]


def _smaller_with_a_stricter_divergence(code):
    """State that volume and spread of a kind of codes fall from loose to strict."""
    return [
        one
        for metric in ("log_volume", "spread")
        for one in ascending(latent(metric, code=code), *_FROM_STRICT_TO_LOOSE)
    ]


def _smaller_than_the_others(code):
    """State that volume and spread of each VAE's codes are below those of the other models."""
    return [
        one
        for name in VAES
        for metric, rest in (
            ("spread", others(*VAES)),
            ("log_volume", others("shallow", *VAES)),
        )
        for one in each(below, name, rest, latent(metric, code=code))
    ]


def _better_uncertainty(than):
    """State that many samples of z give a better measure of uncertainty than a kind of code."""
    return [
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
    ]


def _as_fast_as_vanilla(name, low, high):
    """State that the log ratio of the times of an epoch, to vanilla's, lies between two bounds."""
    return Comparison(logarithm(SECONDS(name)), logarithm(SECONDS("vanilla")), low, high)


def jitter(name):
    """State that paths are rough with fresh samples, and hardly with one draw."""
    rough, smooth = paths("roughness")(name), _smooth_paths("roughness")(name)
    vanilla = paths("roughness")("vanilla")
    return [above(rough, smooth), Comparison(smooth, vanilla, high=0.5, relative_to=vanilla)]


def _no_better_than_junk(junk, sampler):
    """State that vq's samples are no better than images without any meaning."""
    fid, coverage = "frechet_distance", "coverage"
    return [
        above(samples(fid)("vq"), of("samples", fid, sampler=sampler)(junk)),
        below(samples(coverage)("vq"), of("samples", coverage, sampler=sampler)(junk), -FEW),
    ]


def _better_than_scratch(measure, from_scratch):
    """State that all but sparse beat training from scratch; that sparse does not shows little."""
    scratch = from_scratch("from_scratch")
    return [
        *(above(measure(name), scratch) for name in others("sparse")),
        *aside([below(measure("sparse"), scratch)]),
    ]


def _pca_for_shallow(measure):
    """State that PCA is less than 0.02 below shallow."""
    return [Comparison(measure("pca"), measure("shallow"), low=-0.02)]


def _in_every_cell(of_cell, measure, variants, where, carries):
    """Compare within every held-out class and latent dimension: return a function of the scores.

    ``of_cell`` makes comparisons of a measure, a function of a variant. ``where`` chooses the
    cells; a cell that lacks a variant is left out.
    """

    def comparisons(arranged):
        stated = []
        for held_out, latent_dim in filter(where, arranged.cells):
            in_cell = partial(measure, held_out=held_out, latent_dim=latent_dim)
            if arranged.has(map(in_cell, variants)):
                stated += of_cell(in_cell)
        if not stated:
            raise NotMeasured("further held-out classes or latent dimensions")
        return stated if carries else aside(stated)

    return comparisons


def _first_by_far(measure, carries):
    """Compare in the article's cell: held-out class 1, two latent dimensions."""
    stated = first_and_second(_FAR_AUROC, partial(measure, held_out="1", latent_dim=2))
    return stated if carries else aside(stated)


def _same_order_elsewhere(measure, carries):
    """Compare in every other cell."""
    order = partial(first_and_second, 0.0)
    return _in_every_cell(order, measure, ALL, lambda cell: cell != ("1", 2), carries)


def _pca_is_enough(measure, carries):
    """Compare in every cell of two dimensions."""
    names = ("pca", "shallow")
    return _in_every_cell(_pca_for_shallow, measure, names, lambda cell: cell[1] == 2, carries)


def _by_both_scores(comparisons):
    """Compare by the loss, and by the signed residual, on which no claim rests."""
    return {"loss": comparisons(AUROC, True), "signed": comparisons(_SIGNED_AUROC, False)}


def dimensions(arranged):
    """List the latent dimensions with a held-out class: a fact."""
    known = sorted({latent_dim for _, latent_dim in arranged.cells})
    return f"latent dimension{'s' if len(known) > 1 else ''} {', '.join(map(str, known))}"


_COMPARISONS = {
    "R1": [
        Comparison(BCE("shallow"), BCE(name), low=FAR, relative_to=BCE(name))
        for name in others("shallow")
    ],
    "R2": {
        "equal": [
            Comparison(BCE(one), BCE(other), -_EQUAL, _EQUAL, relative_to=BCE("vanilla"))
            for other, one in combinations(_THREE, 2)
        ],
        "first": [one for name in _THREE for one in each(below, name, others(*_THREE), BCE)],
    },
    "R3": ascending(BCE, "vanilla", "beta_vae_loose", "vae", "beta_vae_strict"),
    "R4": [above(BCE(name), MEAN_BCE(name)) for name in VAES],
    "R5": {
        "codes": [above(BCE("stacked"), BCE("vanilla"))],
        "pixels": [above(BCE("stacked_pixels"), BCE("vanilla"))],
    },
    "R6": {
        task: [below(rank_correlation(BCE, of, ALL, sign, f"correlation with {task}"), _PROXY)]
        for task, of, sign in (
            ("classification", LOGISTIC, -1),
            ("anomalies", partial(AUROC, held_out="1", latent_dim=2), -1),
            ("samples", mixture("frechet_distance"), 1),
            ("interpolation", paths("confidence_over_fade"), -1),
            ("latent space", latent("accuracy", code="sample"), -1),
        )
    },
    "T1": {
        "deep": [
            _as_fast_as_vanilla(name, -np.log(1 + FAR), np.log(1 + FAR))
            for name in others("shallow", "vanilla")
        ],
        "shallow": [_as_fast_as_vanilla("shallow", np.log(1 - FAR), 0.0)],
    },
    "S1": {
        "strict": [
            *each(below, "beta_vae_strict", _OTHER_GENERATIVE, samples("frechet_distance")),
            *each(above, "beta_vae_strict", _OTHER_GENERATIVE, samples("coverage")),
        ],
        "vq": [
            *_no_better_than_junk("untrained", "mixture"),
            *_no_better_than_junk("shuffled_pixels", "real"),
        ],
    },
    "S2": [
        above(samples(metric)("beta_vae_loose"), samples(metric)("beta_vae_strict"))
        for metric in ("recall", "pairwise_distance")
    ],
    "S3": [
        below(learned("frechet_distance")("vq"), samples("frechet_distance")("vq")),
        above(learned("coverage")("vq"), samples("coverage")("vq")),
    ],
    "I1": {
        "VAEs": [
            compare(paths(metric)(name), 0.0) for name in _LEGIBLE for compare, metric in _OVER_FADE
        ],
        "gain": [
            one
            for name in _LEGIBLE
            for compare, metric in _OVER_FADE
            for one in each(compare, name, others(*_LEGIBLE), paths(metric))
        ],
        "fade": [below(_smooth_paths("roughness")(name), 1 + FAR) for name in others(*_LEGIBLE)],
    },
    "I2": [one for name in VAES for one in jitter(name)],
    "L1": {
        "separate": [above(recall("0126", name), recall("345789", name)) for name in NAMED],
        "mingle": [
            above(mingling(group, name), _CHANCE) for group in ("479", "358") for name in NAMED
        ],
    },
    "L2": {
        part: each(
            below,
            "shallow",
            names,
            latent("accuracy", code=code),
            latent("silhouette", code=code),
        )
        for part, code, names in (("samples", "sample", others("shallow")), ("means", "mean", VAES))
    },
    "L3": {
        "samples": _smaller_with_a_stricter_divergence("sample"),
        "means": _smaller_with_a_stricter_divergence("mean"),
        "others, samples": _smaller_than_the_others("sample"),
        "others, means": _smaller_than_the_others("mean"),
    },
    "L4": [
        above(latent("cka", reference="vanilla")("vq"), latent("cka", reference=name)("vq"))
        for name in VAES
    ],
    "C1": {"article's probe": denoising_first(DENSE), "logistic": denoising_first(LOGISTIC)},
    "C2": {
        "same labels": _better_than_scratch(SAME_LABELS, SAME_LABELS),
        "logistic": _better_than_scratch(LOGISTIC, SAME_LABELS),
        "early stopping": _better_than_scratch(DENSE, DENSE),
    },
    "C3": {
        "logistic": [below(LOGISTIC("sparse"), LOGISTIC("vanilla"), 0.05)],
        "article's probe": aside([below(DENSE("sparse"), DENSE("vanilla"), 0.05)]),
    },
    "C4": {
        f"{code}s, {name}": ascending(accuracy(code=code, probe=probe), *_FROM_STRICT_TO_LOOSE)
        for code in ("sample", "mean")
        for name, probe in (("article's probe", "dense"), ("logistic", "logistic"))
    },
    "C5": {"one sample": _better_uncertainty("sample"), "mean": _better_uncertainty("mean")},
    "A1": _by_both_scores(_first_by_far),
    "A2": _by_both_scores(_same_order_elsewhere),
    "A3": _by_both_scores(_pca_is_enough),
}
"""Claim → comparisons, of each part where it has several."""
_FACTS = {
    "R2": {"apart": _told_apart(BCE, _THREE)},
    "S2": {
        name: _mean_text(samples("confidence")(f"beta_vae_{name}")) for name in ("loose", "strict")
    },
    "C2": {"scratch": _mean_text(SAME_LABELS("from_scratch"))},
    "C3": {"probe": _mean_text(DENSE("sparse")), "logistic": _mean_text(LOGISTIC("sparse"))},
    "A1": {"ink": _mean_text(INK)},
    "A2": {
        "agreement": _mean_text(agreement(partial(AUROC, held_out=None), ALL, "agreement")),
        "dimensions": dimensions,
    },
}
"""Claim → what its text names, each a function of the `Arranged` scores."""


def _claims():
    """Join the texts of claims.yaml with the comparisons."""
    texts = yaml.safe_load(Path(__file__).with_name("claims.yaml").read_text(encoding="utf-8"))
    for name, entry in texts.items():
        stated = _COMPARISONS[name]
        if "measure" in entry:
            parts = [Part("", entry["measure"], stated)]
        else:
            parts = [Part(part, text, stated[part]) for part, text in entry["parts"].items()]
        yield Claim(
            name,
            entry["statement"],
            parts,
            why=entry.get("why", ""),
            facts=_FACTS.get(name, {}),
            published_as=ScoreKey(**entry["published_as"]) if "published_as" in entry else None,
            datasets=tuple(entry.get("datasets", ())),
        )


CLAIMS = list(_claims())
"""In the order of the article."""
