"""Every figure of the registry keeps the contract, and draws images and rows of tables."""

import subprocess
import sys
from itertools import product

import numpy as np
import pandas as pd
import pytest
from docutils.core import publish_doctree
from docutils.nodes import system_message
from PIL import Image

from kerasae.config.plan import Plan
from kerasae.config.schema import validated
from kerasae.datasets import GIVEN, Dataset
from kerasae.engine.run import Run
from kerasae.evaluation.inference import Encoded, Outputs
from kerasae.evaluation.metric import ScoreKey, tidy
from kerasae.evaluation.task import Gathered, Inputs
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting.figures import FIGURES

EVERY = pytest.mark.parametrize("name", FIGURES)
SHAPES = pytest.mark.parametrize("shape", [(6, 6, 1), (5,)], ids=["images", "rows"])
VARIANTS, BASELINES, SEEDS, DIMENSION = ("vanilla", "vae"), ("pca",), (1, 2), 3
ALL_VARIANTS = (*VARIANTS, *BASELINES)
SETTINGS = {
    "all_variants": list(ALL_VARIANTS), "validation": 6, "score": "mse",
    "detectors": {"no_model": {}},
}  # fmt: skip
RUN = {"dataset": "mine", "variant": "vae", "latent_dim": "3", "held_out": "class_1"}
PER = {
    "data": {"dataset"},
    "variant": {"dataset", "variant"},
    "held_out": {"dataset", "latent_dim", "held_out"},
    "latent_dim": {"dataset", "latent_dim"},
}
NEEDS = {"labels", "held_out", "several_held_out", "thorough", "curve"}
TITLES = {
    "reconstruction_grid": "vae: test {kind}s and reconstructions",
    "histories_panel": "Training and validation loss",
    "reconstructions_panel": "Test {kind}s and reconstructions",
    "samples_panel": "Samples from the prior",
    "umap_panel": "UMAP of the test codes",
    "plane_panel": "Test codes, held-out class \\$b\\$",
    "roc_panel": "ROC curves, held-out class \\$b\\$, score: mse",
    "most_anomalous_panel": "Most anomalous test samples, held-out class \\$b\\$, score: mse",
    "contributions_panel": (
        "What makes the most anomalous test samples so, held-out class \\$b\\$"
    ),
    "auc_panel": "Detection of held-out classes, latent dimension 3, score: mse",
    "similarity_panel": "Similarity of the test codes",
    "divergence_panel": "KL divergence of the elements of the codes",
    "label_curve_panel": "Classification of standardised codes by number of labels",
    "generated_panel": "Samples, by sampler",
}
LABELS = {  # of the first axes: title, horizontal, vertical
    "reconstruction_grid": ("", "", "{kind}"),
    "histories_panel": ("vanilla", "epoch", "loss per sample"),
    "reconstructions_panel": ("", "", "{kind}"),
    "samples_panel": ("", "", ""),
    "umap_panel": ("vanilla", "UMAP 1", "UMAP 2"),
    "plane_panel": ("vanilla", "code 1", "code 2"),
    "roc_panel": ("vanilla\nAUROC", "false positive rate", "true positive rate"),
    "most_anomalous_panel": ("▲ ", "", "vanilla\n▲ "),
    "contributions_panel": {
        "image": ("▲ ", "", "vanilla"), "row": ("vanilla", "column", "test sample")
    },
    "auc_panel": ("", "held-out class", ""),
    "similarity_panel": ("", "", ""),
    "divergence_panel": (
        "", "element of the code, by rank", "KL divergence from the prior in nats",
    ),
    "label_curve_panel": ("logistic", "labelled samples", "test accuracy"),
    "generated_panel": ("", "", "vanilla, mixture"),
}  # fmt: skip


def data(shape):
    rng = np.random.default_rng(0)
    draw = rng.random if len(shape) == 1 else rng.integers
    options = {} if len(shape) == 1 else {"high": 256, "dtype": np.uint8}
    low = () if len(shape) == 1 else (0,)
    train, test, given = (draw(*low, size=(n, *shape), **options) for n in (30, 12, 4))
    labels = np.arange(30) % 3
    return Dataset(train, labels, test, labels[:12], ("a", "$b$", "c"), given)


def outputs(run, shape):
    """Outputs of a run; a VAE's are stochastic and have samples."""
    rng = np.random.default_rng(run["seed"])
    test = 16 if run["held_out"] == GIVEN else 12

    def encoded():
        scores = {"mse": rng.random(test), "signed": rng.random(test)}
        codes = rng.normal(size=(30, DIMENSION)), rng.normal(size=(test, DIMENSION))
        return Encoded(*codes, scores, rng.random((8, *shape)))

    sampled = mean = encoded()
    found = {}
    if run["variant"] == "vae":
        mean = encoded()
        found = {
            "log_stds": rng.normal(size=(test, DIMENSION)),
            "samples": rng.random((16, *shape)),
        }
    worst = np.argsort(-mean.scores["mse"])[:4]
    return Outputs(
        sampled, mean, rng.random((5, *shape)), **found, worst=worst,
        contributions=rng.random((4, *shape)),
    )  # fmt: skip


def history(run, shape):
    losses = {"epoch": [1, 2], "loss": [3.0, 2.0], "val_loss": [3.1, 2.2]}
    return pd.DataFrame(losses) * run["seed"]


def plane(run, shape):
    return np.random.default_rng(run["seed"]).normal(size=(12, 2))


def generated(run, shape):
    samplers = ("prior", "mixture") if run["variant"] == "vae" else ("mixture",)
    return {"samples": {sampler: {"images": np.zeros((16, *shape))} for sampler in samplers}}


def scores():
    def code(variant, kind):
        return kind if variant == "vae" else None

    def numbers(variant):
        for kind in {code(variant, "sample"), code(variant, "mean")}:
            value = 0.25 if kind == "mean" else 0.75
            yield "anomaly", {ScoreKey("auroc", kind, score="mse"): value}
        yield "anomaly", {ScoreKey("auroc", code(variant, "sample"), score="signed"): 0.1}
        mean = code(variant, "mean")
        for other in ALL_VARIANTS:
            if other != variant:
                yield "latent_space", {ScoreKey("cka", mean, reference=other): 0.5}
        yield (
            "label_curve",
            {
                ScoreKey("accuracy", mean, probe=probe, labels=labels): labels / 100
                for probe in ("logistic", "neighbours")
                for labels in (10, 20)
            },
        )

    rows = [
        tidy({**RUN, "variant": variant, "seed": seed, "held_out": held_out}, task, found)
        for variant, seed, held_out in product(ALL_VARIANTS, SEEDS, ("a", "$b$"))
        for task, found in numbers(variant)
    ]
    detector = {**RUN, "variant": "no_model", "seed": "", "latent_dim": "", "held_out": "a"}
    rows += [
        tidy(detector, "anomaly", {ScoreKey("auroc", score="less_ink"): 0.3}),
        tidy({**RUN, "latent_dim": 9, "seed": 1}, "anomaly", {ScoreKey("auroc", score="mse"): 1}),
    ]
    frame = pd.concat(rows)
    return frame.assign(
        **{column: pd.to_numeric(frame[column]) for column in ("seed", "latent_dim", "labels")}
    )


READERS = {"outputs": outputs, "histories": history, "plane": plane, "generated": generated}


def runs(several, run):
    """Runs that an input consists of."""
    variants = ALL_VARIANTS if several.models == "all" else VARIANTS
    variants = [run["variant"]] if several.of == "variant" else variants
    seeds = SEEDS if several.seeds == "all" else SEEDS[:1]
    held_out = run["held_out"] if several.of == "held_out" else "none"
    return [
        {"dataset": "mine", "variant": variant, "seed": seed, "latent_dim": 3, "held_out": held_out}
        for variant, seed in product(variants, seeds)
    ]


def inputs(figure, shape, **run):
    """Only what a figure says that it reads, and only the wildcards of its path."""
    run = {key: value for key, value in (RUN | run).items() if key in PER[figure.per]}
    sources = {}
    for read in figure.reads:
        if isinstance(read, Gathered):
            reader = READERS[read.name]
            sources[read.name] = [
                (one, lambda one=one, reader=reader: reader(one, shape)) for one in runs(read, run)
            ]
        else:
            sources[read] = {"data": lambda: data(shape), "scores": scores}[read]
    settings = {key.split(".")[-1]: SETTINGS[key.split(".")[-1]] for key in figure.settings}
    return Inputs(run, settings, sources)


def test_the_registry_imports_no_library_that_draws_or_computes():
    heavy = ["matplotlib", "pandas", "sklearn", "scipy", "tensorflow", "keras", "PIL"]
    code = (
        "import sys; from kerasae.reporting.figures import FIGURES; assert FIGURES; "
        f"print(sys.modules.keys() & set({heavy}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@EVERY
def test_figure_has_a_task_a_place_and_a_path_of_its_wildcards(name):
    figure = FIGURES[name]
    assert figure.name == name
    assert TASKS[figure.task].leading  # only tasks with a table have a category in the report
    assert set(figure.needs) <= NEEDS
    used = {key for key in RUN if f"{{{key}}}" in figure.path}
    assert used == PER[figure.per] - {"dataset"}
    assert figure.path.format(**RUN).endswith(".png")


@EVERY
def test_caption_is_text_without_an_unknown_word(name):
    figure = FIGURES[name]
    config = validated({})
    amounts = {"latent_dim": 3, "latent_dims": [3], "labels": 5, "validation": 6}
    plan = Plan("mine", config, {}, {}, {}, ("a", "b_"), ["class_1"], amounts, None)
    fields = {"latent_dim": {"latent_dim": 3}}
    for held_out, expected in ("class_1", r"class b\_"), (GIVEN, "the given anomalies"):
        fields["held_out"] = {"latent_dim": 3, "held_out": held_out}
        caption = plan.caption(figure, Run("mine", **fields.get(figure.per, {}), label="b_"))
        tree = publish_doctree(caption, settings_overrides={"report_level": 5})
        assert not list(tree.findall(system_message))
        assert len(caption.split()) > 10
        assert ("{anomalies}" in figure.caption) <= (expected in caption)


@SHAPES
@EVERY
def test_figure_is_drawn_from_its_inputs(name, shape, tmp_path):
    figure = FIGURES[name]
    drawn = figure.draw(inputs(figure, shape))
    drawn.savefig(tmp_path / "figure.png", dpi=40)
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.format == "PNG"
        if name == "animation":
            assert picture.n_frames == 8  # 5 frames there, 3 back
            return
        assert picture.size == tuple(int(40 * inches) for inches in drawn.get_size_inches())
    word = "image" if len(shape) > 1 else "row"
    assert drawn.get_suptitle() == TITLES[name].format(kind=word)
    first = drawn.axes[0]
    texts = first.get_title(), first.get_xlabel(), first.get_ylabel()
    labels = LABELS[name][word] if isinstance(LABELS[name], dict) else LABELS[name]
    for text, expected in zip(texts, labels, strict=True):
        expected = expected.format(kind=word)
        assert text.startswith(expected)
        assert bool(text) == bool(expected)


@pytest.mark.parametrize("name", [name for name in FIGURES if FIGURES[name].per == "held_out"])
def test_given_anomalies_are_drawn_as_such(name):
    figure = FIGURES[name]
    drawn = figure.draw(inputs(figure, (5,), held_out=GIVEN))
    assert "given anomalies" in drawn.get_suptitle()
    if name == "plane_panel":
        assert [text.get_text() for text in drawn.legends[0].get_texts()][-1] == "anomaly"
        assert len(drawn.axes[0].collections[0].get_offsets()) == 12 + 4


@pytest.mark.parametrize("name", ["most_anomalous_panel", "contributions_panel"])
def test_samples_have_their_names_in_the_data(name):
    figure = FIGURES[name]
    given = inputs(figure, (6, 6, 1))
    names = np.array([f"A/$ {number}.png" for number in range(16)])
    named = data((6, 6, 1))._replace(names=names, counting="As in a file.")
    runs = list(given.each("outputs"))
    outputs = [(run, lambda made=made: made) for run, made in runs]
    sources = {"data": lambda: named, "outputs": outputs}
    drawn = figure.draw(Inputs(given.run, given.settings, sources))
    assert drawn.get_supxlabel() == "As in a file."
    worst = np.argsort(-runs[0][1].mean.scores["mse"])[:4]
    titles = [" ".join(axes.get_title().split()[1:]) for axes in drawn.axes[:4]]
    assert titles == [rf"A/\$ {number}.png" for number in worst]


def numbers(axes):
    """What stands in the cells of a heat map: (row, column) → text."""
    rows, columns = (
        [label.get_text() for label in labels]
        for labels in (axes.get_yticklabels(), axes.get_xticklabels())
    )
    return {
        (rows[int(text.get_position()[1])], columns[int(text.get_position()[0])]): text.get_text()
        for text in axes.texts
    }


def test_auroc_is_that_of_the_score_and_the_sample_and_of_detectors_their_own():
    figure = FIGURES["auc_panel"]
    found = numbers(figure.draw(inputs(figure, (5,))).axes[0])
    assert {key: text.split("\n")[0] for key, text in found.items()} == {
        **{(variant, label): "0.75" for variant in ALL_VARIANTS for label in ("a", r"\$b\$")},
        ("no_model", "a"): "0.30▼",
    }
