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
from studies.bake_off.claims.comparisons import Claim, Comparison, Part
from studies.bake_off.claims.quantities import (
    Formula,
    NotMeasured,
    Score,
    over_cells,
    rank_correlation,
    rank_correlations,
)


def score(task, metric, **qualifiers):
    """Return the function from a variant to its score."""
    return partial(Score, task, ScoreKey(metric, **qualifiers))


ALL = tuple(ARTICLE)
VAES = ("vae", "beta_vae_strict", "beta_vae_loose")
_FROM_STRICT_TO_LOOSE = ("beta_vae_strict", "vae", "beta_vae_loose")
_THREE = ("vanilla", "sparse", "vq")
_LEGIBLE = ("vae", "beta_vae_strict")
_OTHER_GENERATIVE = ("vae", "beta_vae_loose", "vq")
_NAMED = ("vanilla", "stacked", "sparse", "denoising", "vq")
_ARTICLES_CELL = {"held_out": "1", "latent_dim": 2}
_FAR = 0.1  # a share
_EQUAL = 0.02  # a share
_FAR_AUROC = 0.05
_PROXY = 0.7  # half of the variance of the ranks
_FEW = 0.05  # of the real images, as a share
_CHANCE = 2 / 9  # of nine wrong classes, two belong to the group

# From a metric and further qualifiers to the function from a variant to its score
accuracy = partial(score, "classification", "accuracy")
latent = partial(score, "latent_space")
samples = partial(score, "samples")
prior_samples = partial(samples, sampler="prior")
paths = partial(score, "interpolation", code="sample_per_frame")
smooth_paths = partial(score, "interpolation", code="sample_per_path")

# Of a deterministic model, the code "sample" is its only code, and so is "mean"
BCE = score("reconstruction", "bce", code="sample")
MEAN_BCE = score("reconstruction", "bce", code="mean")
LOG_SECONDS = partial(score("training_time", "seconds_per_epoch_alone"), log=True)
FID, COVERAGE = prior_samples("frechet_distance"), prior_samples("coverage")
DENSE = accuracy(code="sample", probe="dense")
SAME_LABELS = accuracy(code="sample", probe="dense_all_epochs")
LOGISTIC = accuracy(code="sample", probe="logistic")
AUROC = score("anomaly", "auroc", code="sample", score="bce")
SIGNED = score("anomaly", "auroc", code="sample", score="signed")
INK = Score("anomaly", ScoreKey("auroc", score="less_ink"), "no_model", held_out="1")


def above(left, right):
    """State that the left quantity is larger."""
    return Comparison(left, right, low=0.0)


def below(left, right):
    """State that the left quantity is smaller."""
    return Comparison(left, right, high=0.0)


def others(*names):
    """List all other variants."""
    return [name for name in ALL if name not in names]


def in_order(compare, measure, *groups):
    """Compare each variant with each variant of the next group; a group can be one variant."""
    groups = [[group] if isinstance(group, str) else group for group in groups]
    return [
        compare(measure(name), measure(other))
        for group, following in pairwise(groups)
        for name in group
        for other in following
    ]


def aside(comparisons):
    """Mark comparisons as those that no claim rests on."""
    return [replace(comparison, essential=False) for comparison in comparisons]


def recall(digits, variant):
    """Average the recall of digits."""
    return Formula(
        f"recall of {' '.join(digits)} by {variant}",
        tuple(latent("recall", code="mean", classes=digit)(variant) for digit in digits),
        lambda *recalls: sum(recalls) / len(recalls),
    )


def mingling(digits, variant):
    """Divide the errors that stay within a group of digits by all errors of the group."""
    within = latent("mingling", code="mean", classes=" ".join(digits))(variant)
    return Formula(
        f"errors of {' '.join(digits)} within the group, {variant}",
        (within, *recall(digits, variant).scores),
        lambda errors, *recalls: errors / (1 - sum(recalls) / len(recalls)),
    )


def told_apart(by_seed):
    """Name the pairs of the three whose losses the seeds tell apart, Holm-corrected."""
    values = {name: over_cells(BCE(name).values(by_seed)) for name in _THREE}
    pairs = list(combinations(_THREE, 2))
    if any(np.isnan(losses).any() or len(losses) < 2 for losses in values.values()):
        return "one seed tells nothing apart"
    p_values = holm([paired_p_value(values[name], values[other]) for name, other in pairs])
    apart = [
        f"{name} and {other} (p = {p:.2g})"
        for (name, other), p in zip(pairs, p_values, strict=True)
        if p <= 1 - LEVEL
    ]
    return f"the seeds tell apart {', '.join(apart) or 'none of them'}"


def agreement(by_seed, variants=ALL):
    """Write Spearman's correlation of two cells, averaged over all pairs of cells and seeds.

    It lies between -1/(cells - 1) and 1, and measures how well the cells agree on the order of the
    variants.
    """
    tables = [AUROC(variant, held_out=None).values(by_seed) for variant in variants]
    tables = np.stack(tables, 2)  # (seeds, cells, variants)
    cells = ~np.isnan(tables).any(2).all(0)  # that all variants have
    if len(set(by_seed.held_out[cells])) < 2:
        raise NotMeasured("agreement, which needs two held-out classes")
    pairs = np.triu_indices(cells.sum(), 1)
    means = [rank_correlations(table[cells])[pairs].mean() for table in tables]
    return f"{np.nanmean(means):.3f}"


def dimensions(by_seed):
    """List the latent dimensions with a held-out class."""
    names = sorted({latent_dim for _, latent_dim in by_seed.cells})
    return f"latent dimension{'s' if len(names) > 1 else ''} {', '.join(map(str, names))}"


def _denoising_first(measure):
    """State that denoising is above vanilla and vq, and these above the rest."""
    rest = others("denoising", "vanilla", "vq")
    return in_order(above, measure, "denoising", ("vanilla", "vq"), rest)


def _first_and_second(measure, by=0.0):
    """State that shallow is above all but stacked by an amount, and stacked above the rest."""
    rest = others("shallow", "stacked")
    return [
        above(measure("shallow"), measure("stacked")),
        *(Comparison(measure("shallow"), measure(name), low=by) for name in rest),
        *in_order(above, measure, "stacked", rest),
    ]


def _less_space(code):
    """State that volume and spread of a kind of codes fall from loose to strict."""
    log_volume, spread = (latent(metric, code=code) for metric in ("log_volume", "spread"))
    return [
        *in_order(below, log_volume, *_FROM_STRICT_TO_LOOSE),
        *in_order(below, spread, *_FROM_STRICT_TO_LOOSE),
    ]


def _less_space_than_others(code):
    """State that volume and spread of each VAE's codes are below those of the other models."""
    log_volume, spread = (latent(metric, code=code) for metric in ("log_volume", "spread"))
    return [
        comparison
        for name in VAES
        for measure, rest in ((spread, others(*VAES)), (log_volume, others("shallow", *VAES)))
        for comparison in in_order(below, measure, name, rest)
    ]


def _separates_worst(code, names):
    """State that shallow's codes separate the classes less than those of other variants."""
    accuracy, silhouette = (latent(metric, code=code) for metric in ("accuracy", "silhouette"))
    return [
        *in_order(below, accuracy, "shallow", names),
        *in_order(below, silhouette, "shallow", names),
    ]


def _better_uncertainty(code):
    """State that many samples of z give a better measure of uncertainty than a kind of code."""
    return [
        compare(
            score("uncertainty", metric, code="samples")(name),
            score("uncertainty", metric, code=code)(name),
        )
        for compare, metric in (
            (below, "negative_log_likelihood"),
            (below, "brier_score"),
            (above, "error_auroc"),
            (below, "scaled_calibration_error"),
        )
        for name in VAES
    ]


def _no_better_than_junk(junk, sampler):
    """State that vq's samples are no better than images without any meaning."""
    fid, coverage = (samples(m, sampler=sampler)(junk) for m in ("frechet_distance", "coverage"))
    return [above(FID("vq"), fid), Comparison(COVERAGE("vq"), coverage, high=_FEW)]


def _better_than_scratch(measure, from_scratch):
    """State that all but sparse beat training from scratch; that sparse does not shows little."""
    return [
        *(above(measure(name), from_scratch) for name in others("sparse")),
        *aside([below(measure("sparse"), from_scratch)]),
    ]


def _no_proxy(task, measure, sign=-1):
    """State that reconstruction correlates little with a task; ``sign`` is 1 if lower is better."""
    first, second = ([one(name) for name in ALL] for one in (BCE, measure))
    return [below(rank_correlation(f"correlation with {task}", first, second, sign), _PROXY)]


def _jitter(name):
    """State that paths are rough with fresh samples, and hardly with one draw."""
    rough, smooth = paths("roughness")(name), smooth_paths("roughness")(name)
    vanilla = paths("roughness")("vanilla")
    return [above(rough, smooth), Comparison(smooth, vanilla, high=0.5, relative_to=vanilla)]


def _as_fast_as_vanilla(name, low, high):
    """State that the log ratio of the times of an epoch, to vanilla's, lies between two bounds."""
    return Comparison(LOG_SECONDS(name), LOG_SECONDS("vanilla"), low, high)


def _pca_is_enough(measure):
    """State that PCA is less than 0.02 below shallow."""
    return [Comparison(measure("pca"), measure("shallow"), low=-0.02)]


_OVER_FADE = (
    (above, paths("confidence_over_fade")),
    (below, paths("distance_over_fade")),
)
_SCRATCH, _SCRATCH_STOPPED = SAME_LABELS("from_scratch"), DENSE("from_scratch")
_SPARSE_IS_WORSE = [
    Comparison(measure("sparse"), measure("vanilla"), high=-0.05) for measure in (LOGISTIC, DENSE)
]
_COMPARISONS = {
    "R1": [
        Comparison(BCE("shallow"), BCE(name), low=_FAR, relative_to=BCE(name))
        for name in others("shallow")
    ],
    "R2": {
        "equal": [
            Comparison(BCE(second), BCE(first), -_EQUAL, _EQUAL, relative_to=BCE("vanilla"))
            for first, second in combinations(_THREE, 2)
        ],
        "first": in_order(below, BCE, _THREE, others(*_THREE)),
    },
    "R3": in_order(below, BCE, "vanilla", "beta_vae_loose", "vae", "beta_vae_strict"),
    "R4": [above(BCE(name), MEAN_BCE(name)) for name in VAES],
    "R5": {
        "codes": [above(BCE("stacked"), BCE("vanilla"))],
        "pixels": [above(BCE("stacked_pixels"), BCE("vanilla"))],
    },
    "R6": {
        "classification": _no_proxy("classification", LOGISTIC),
        "anomalies": _no_proxy("anomalies", partial(AUROC, **_ARTICLES_CELL)),
        "samples": _no_proxy("samples", samples("frechet_distance", sampler="mixture"), sign=1),
        "interpolation": _no_proxy("interpolation", paths("confidence_over_fade")),
        "latent space": _no_proxy("latent space", latent("accuracy", code="sample")),
    },
    "T1": {
        "deep": [
            _as_fast_as_vanilla(name, -np.log(1 + _FAR), np.log(1 + _FAR))
            for name in others("shallow", "vanilla")
        ],
        "shallow": [_as_fast_as_vanilla("shallow", np.log(1 - _FAR), 0.0)],
    },
    "S1": {
        "strict": [
            *in_order(below, FID, "beta_vae_strict", _OTHER_GENERATIVE),
            *in_order(above, COVERAGE, "beta_vae_strict", _OTHER_GENERATIVE),
        ],
        "vq": [
            *_no_better_than_junk("untrained", "mixture"),
            *_no_better_than_junk("shuffled_pixels", "real"),
        ],
    },
    "S2": [
        above(prior_samples(metric)("beta_vae_loose"), prior_samples(metric)("beta_vae_strict"))
        for metric in ("recall", "pairwise_distance")
    ],
    "S3": [
        below(samples("frechet_distance", sampler="learned_prior")("vq"), FID("vq")),
        above(samples("coverage", sampler="learned_prior")("vq"), COVERAGE("vq")),
    ],
    "I1": {
        "VAEs": [
            compare(measure(name), 0.0) for name in _LEGIBLE for compare, measure in _OVER_FADE
        ],
        "gain": [
            comparison
            for name in _LEGIBLE
            for compare, measure in _OVER_FADE
            for comparison in in_order(compare, measure, name, others(*_LEGIBLE))
        ],
        "fade": [below(smooth_paths("roughness")(name), 1 + _FAR) for name in others(*_LEGIBLE)],
    },
    "I2": [comparison for name in VAES for comparison in _jitter(name)],
    "L1": {
        "separate": [above(recall("0126", name), recall("345789", name)) for name in _NAMED],
        "mingle": [
            above(mingling(group, name), _CHANCE) for group in ("479", "358") for name in _NAMED
        ],
    },
    "L2": {
        "samples": _separates_worst("sample", others("shallow")),
        "means": _separates_worst("mean", VAES),
    },
    "L3": {
        "samples": _less_space("sample"),
        "means": _less_space("mean"),
        "others, samples": _less_space_than_others("sample"),
        "others, means": _less_space_than_others("mean"),
    },
    "L4": [
        above(latent("cka", reference="vanilla")("vq"), latent("cka", reference=name)("vq"))
        for name in VAES
    ],
    "C1": {"article's probe": _denoising_first(DENSE), "logistic": _denoising_first(LOGISTIC)},
    "C2": {
        "same labels": _better_than_scratch(SAME_LABELS, _SCRATCH),
        "logistic": _better_than_scratch(LOGISTIC, _SCRATCH),
        "early stopping": _better_than_scratch(DENSE, _SCRATCH_STOPPED),
    },
    "C3": {"logistic": _SPARSE_IS_WORSE[:1], "article's probe": aside(_SPARSE_IS_WORSE[1:])},
    "C4": {
        f"{code}s, {name}": in_order(
            below, accuracy(code=code, probe=probe), *_FROM_STRICT_TO_LOOSE
        )
        for code in ("sample", "mean")
        for name, probe in (("article's probe", "dense"), ("logistic", "logistic"))
    },
    "C5": {"one sample": _better_uncertainty("sample"), "mean": _better_uncertainty("mean")},
    # By the loss, and by the signed residual, on which no claim rests
    "A1": {
        "loss": _first_and_second(partial(AUROC, **_ARTICLES_CELL), _FAR_AUROC),
        "signed": aside(_first_and_second(partial(SIGNED, **_ARTICLES_CELL), _FAR_AUROC)),
    },
    "A2": {"loss": _first_and_second(AUROC), "signed": aside(_first_and_second(SIGNED))},
    "A3": {"loss": _pca_is_enough(AUROC), "signed": aside(_pca_is_enough(SIGNED))},
}
"""Claim → comparisons, of each part where it has several."""
_CELLS = {"A2": lambda cell: cell != ("1", 2), "A3": lambda cell: cell[1] == 2}
"""Claim → the held-out classes and latent dimensions in which its comparisons are repeated."""
_FACTS = {
    "R2": {"apart": told_apart},
    "S2": {name: prior_samples("confidence")(f"beta_vae_{name}") for name in ("loose", "strict")},
    "C2": {"scratch": _SCRATCH},
    "C3": {"probe": DENSE("sparse"), "logistic": LOGISTIC("sparse")},
    "A1": {"ink": INK},
    "A2": {"agreement": agreement, "dimensions": dimensions},
}
"""Claim → what its text names: scores, or functions of the `ScoresBySeed`."""


def _claims():
    """Join the texts of claims.yaml with the comparisons."""
    texts = yaml.safe_load(Path(__file__).with_name("claims.yaml").read_text(encoding="utf-8"))
    for name, entry in texts.items():
        comparisons, cells = _COMPARISONS[name], _CELLS.get(name)
        if "measure" in entry:
            parts = [Part("", entry["measure"], comparisons, cells)]
        else:
            parts = [
                Part(part, text, comparisons[part], cells) for part, text in entry["parts"].items()
            ]
        yield Claim(
            name,
            entry["statement"],
            parts,
            why=entry.get("why", ""),
            facts=_FACTS.get(name, {}),
            datasets=tuple(entry.get("datasets", ())),
        )


CLAIMS = list(_claims())
"""In the order of the article."""
