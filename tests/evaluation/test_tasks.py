"""The tasks against values worked out by hand, closed forms and other implementations."""

import keras
import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from kerasae import build, datasets
from kerasae.evaluation.inference import run
from kerasae.evaluation.metrics import anomaly, classification, interpolation, training_time
from kerasae.evaluation.metrics import plane as latent_space
from kerasae.evaluation.metrics.reconstruction import image_scores, ink, summed_bce
from kerasae.evaluation.outputs import Encoded, Outputs


@pytest.fixture(scope="module")
def mnist():
    return datasets.load("mnist")


def test_grey_pixels_decoded_as_one_half_cost_ln_2_each():
    images = np.full((3, 4, 4, 1), 0.5)
    assert summed_bce(images, np.zeros_like(images)) == pytest.approx([16 * np.log(2)] * 3)


def test_summed_bce_agrees_with_keras_also_for_large_logits():
    generator = np.random.default_rng(0)
    images = generator.uniform(size=(5, 4, 4, 1)).astype("float32")
    logits = (30 * generator.standard_normal((5, 4, 4, 1))).astype("float32")
    pixels = keras.ops.binary_crossentropy(images, logits, from_logits=True)
    expected = keras.ops.sum(pixels, axis=(1, 2, 3))
    np.testing.assert_allclose(summed_bce(images, logits), expected, rtol=1e-4)


def test_signed_score_is_ink_added_less_ink_lost():
    images = np.array([[[[0.25], [0.75]]]])
    logits = np.log([[[[0.5 / 0.5], [0.9 / 0.1]]]])
    scores = image_scores(images, logits)
    assert scores["signed"] == pytest.approx([(0.5 + 0.9) - (0.25 + 0.75)])
    expected = -(np.log(0.5) + 0.75 * np.log(0.9) + 0.25 * np.log(0.1))
    assert scores["bce"] == pytest.approx([expected])
    assert scores["bce_per_ink"] == pytest.approx([expected / 1.0])


def test_empty_image_has_a_finite_score():
    scores = image_scores(np.zeros((1, 2, 2, 1)), np.full((1, 2, 2, 1), -200.0))
    assert all(np.isfinite(score).all() for score in scores.values())


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    anomalous = np.array([False, False, True, True])
    pairs = [(a > n) for a in scores[anomalous] for n in scores[~anomalous]]
    assert anomaly.auroc(scores, anomalous) == np.mean(pairs) == 0.75
    assert anomaly.auroc(-scores, anomalous) == 0.25


def test_area_under_the_curve_is_the_auroc():
    generator = np.random.default_rng(1)
    scores, anomalous = generator.normal(size=300), generator.uniform(size=300) < 0.3
    x, y = anomaly.roc(scores, anomalous)
    assert np.trapezoid(y, x) == pytest.approx(anomaly.auroc(scores, anomalous))


def test_less_ink_alone_finds_the_ones_as_the_protocol_says(mnist):
    assert anomaly.auroc(-ink(mnist.x_test / 255), mnist.y_test == 1) == pytest.approx(
        0.925, abs=0.001
    )


def test_path_holds_both_ends_and_even_steps():
    path = interpolation.path(np.array([0.0, 4.0]), np.array([1.0, 0.0]), 5)
    np.testing.assert_allclose(path, [[0, 4], [0.25, 3], [0.5, 2], [0.75, 1], [1, 0]])


def test_umap_is_reproducible_and_keeps_blobs_apart():
    generator = np.random.default_rng(2)
    codes = np.concatenate([generator.normal(size=(30, 5)), generator.normal(20, 1, (30, 5))])
    first, second = (latent_space.umap_plane(codes, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    gap = np.linalg.norm(first[:30].mean(0) - first[30:].mean(0))
    assert gap > 2 * max(first[:30].std(), first[30:].std())


def settings(**changes):
    return {"epochs": 40, "batch_size": 16, "learning_rate": 0.05, "patience": 5, **changes}


def test_head_learns_what_a_line_separates_and_is_reproducible():
    generator = np.random.default_rng(3)
    labels = np.repeat([0, 1], 60)
    codes = (generator.normal(size=(120, 2)) + 6 * labels[:, None]).astype("float32")
    train, validation = (codes[::2], labels[::2]), (codes[1::2], labels[1::2])
    models = [
        classification.fit_head(None, train, validation, 2, seed=1, **settings()) for _ in range(2)
    ]
    assert classification.accuracy(models[0], *validation) > 0.97
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)


def test_head_keeps_its_best_epoch(capsys):
    """A validation set whose labels contradict the training is best before any learning."""
    generator = np.random.default_rng(4)
    labels = np.repeat([0, 1], 60)
    codes = (generator.normal(size=(120, 2)) + 6 * labels[:, None]).astype("float32")
    model = classification.fit_head(
        None, (codes, labels), (codes, 1 - labels), 2, seed=1, **settings(patience=2)
    )
    said = capsys.readouterr().out
    reached = [float(line.split("val_accuracy: ")[1].split()[0]) for line in said.splitlines()
               if "val_accuracy" in line]  # fmt: skip
    assert len(reached) == 1 + int(np.argmax(reached)) + 2
    assert classification.accuracy(model, codes, 1 - labels) == pytest.approx(
        max(reached), abs=1e-3
    )


def test_head_without_validation_uses_all_epochs_and_no_other_labels(capsys):
    codes, labels = np.eye(3, dtype="float32")[[0, 1, 1]], np.array([0, 1, 1])
    how = settings(epochs=7, patience=1)
    classification.fit_head(None, (codes, labels), None, 3, seed=1, **how)
    said = capsys.readouterr().out
    assert said.count("Epoch ") == 7
    assert "val_" not in said


def test_body_is_trained_with_the_head_and_frozen_codes_are_not(mnist):
    model = build("vanilla", input_shape=(32, 32, 1), latent_dim=3, widths=(8, 4))
    images, labels = model.scale(mnist.x_train[:64]).numpy(), mnist.y_train[:64]
    before = [weight.copy() for weight in model.encoder.get_weights()]
    classification.fit_head(
        model.encoder, (images, labels), (images, labels), 10, seed=1, **settings(epochs=1)
    )
    changed = [
        not np.array_equal(old, new)
        for old, new in zip(before, model.encoder.get_weights(), strict=True)
    ]
    assert all(changed)


def test_compilation_is_separated_from_the_epochs_of_every_stage():
    seconds, stages = [9.0, 1.0, 2.0, 3.0, 7.0, 5.0], [1, 1, 1, 1, 2, 2]
    history = pd.DataFrame({"seconds": seconds, "load": range(6), "stage": stages})
    assert training_time.time_metrics(history) == {
        "seconds": 27,
        "compilation": (9 - 2) + (7 - 5),
        "seconds_per_epoch": (4 * 2 + 2 * 5) / 6,  # medians 2 and 5, of four and of two epochs
        "load": 2.5,
    }


@pytest.mark.parametrize(
    ("alone", "known"), [([True] * 4, True), ([False, True, True, True], False), (None, False)]
)
def test_times_are_comparable_only_where_every_epoch_had_the_machine_to_itself(alone, known):
    history = pd.DataFrame({"seconds": [9.0, 1, 2, 3], "load": 1.0, "stage": 1})
    history = history if alone is None else history.assign(alone=alone)
    times = training_time.time_metrics(history)
    assert times.get("seconds_per_epoch_alone") == (2 if known else None)


def test_compilation_of_a_single_epoch_is_held_out():
    history = pd.DataFrame({"seconds": [9.0, 1.0, 7.0], "load": 1.0, "stage": [1, 1, 2]})
    times = training_time.time_metrics(history)
    assert times.keys() == {"seconds", "load"}


@pytest.mark.parametrize("name", ["vanilla", "vae"])
def test_outputs_are_those_of_the_model(mnist, name):
    model = build(name, input_shape=(32, 32, 1), latent_dim=3, widths=(8, 4), seed=5)
    x_train, x_test = mnist.x_train[:40], mnist.x_test[:30]
    outputs = run(model, x_train, x_test, steps=5, seed=5)
    assert (outputs.samples is not None) == outputs.stochastic == (name == "vae")
    means = model.encode(x_test).numpy()
    np.testing.assert_array_equal(outputs.mean.test, means)
    logits = model.decoder(means).numpy()
    np.testing.assert_allclose(
        outputs.mean.scores["bce"], summed_bce(x_test / 255, logits), rtol=1e-5
    )
    np.testing.assert_allclose(
        outputs.mean.reconstructions, model.reconstruct(x_test[:16]), atol=1e-6
    )
    assert outputs.sampled.train.shape == (40, 3)
    assert outputs.frames.shape == (5, 32, 32, 1)
    if name == "vanilla":
        ends = model.reconstruct(x_test[:2]).numpy()
        np.testing.assert_allclose(outputs.frames[[0, -1]], ends, atol=1e-5)
        assert outputs.sampled is outputs.mean
        assert list(outputs.kinds) == [None]
    else:
        assert not np.array_equal(outputs.sampled.test, means)
        assert outputs.samples.shape == (16, 32, 32, 1)
        assert list(outputs.kinds) == ["sample", "mean"]


def test_models_with_posteriors_or_categories_give_those_too(mnist):
    x_train, x_test = mnist.x_train[:40], mnist.x_test[:30]
    vae = build("vae", input_shape=(32, 32, 1), latent_dim=3, widths=(8, 4), seed=5)
    found = run(vae, x_train, x_test, steps=2, seed=5)
    outputs = vae.encoder(x_test.astype("float32") / 255).numpy()
    np.testing.assert_allclose(found.log_stds, outputs[:, 3:], rtol=1e-4, atol=1e-5)
    assert found.indices is None
    vq = build("vq", input_shape=(32, 32, 1), latent_dim=3, widths=(8, 4), categories=5, seed=5)
    found = run(vq, x_train, x_test, steps=2, seed=5)
    assert found.log_stds is None
    np.testing.assert_array_equal(vq.look_up(found.indices), found.mean.train)


def flat(value):
    """All arrays of outputs, in order."""
    if isinstance(value, dict):
        return [array for name in sorted(value) for array in flat(value[name])]
    return (
        [array for part in value for array in flat(part)] if isinstance(value, tuple) else [value]
    )


@pytest.mark.parametrize("stochastic", [False, True])
def test_outputs_are_read_as_they_were_written(tmp_path, stochastic):
    def encoded(start):
        codes = np.arange(start, start + 6.0).reshape(3, 2)
        return Encoded(codes, codes + 1, {"bce": codes[:, 0], "mse": codes[:, 1]}, codes + 2)

    sampled = encoded(0)
    further = {"log_stds": np.ones((3, 2)), "samples": np.zeros((2, 2))} if stochastic else {}
    written = Outputs(sampled, encoded(9) if stochastic else sampled, np.eye(2), **further)
    written.save(tmp_path / "outputs.npz")
    found = Outputs.open(tmp_path / "outputs.npz")
    assert found.stochastic == stochastic
    assert (found.mean is found.sampled) == (not stochastic)
    for one, other in zip(flat(written), flat(found), strict=True):
        np.testing.assert_array_equal(one, other)


def test_average_precision_is_the_mean_precision_at_the_anomalous_images():
    scores, anomalous = np.array([4.0, 3, 2, 1]), np.array([True, False, True, False])
    assert anomaly.average_precision(scores, anomalous) == pytest.approx((1 + 2 / 3) / 2)


def test_neighbour_distance_is_the_mean_distance_to_the_nearest_training_codes():
    train = np.array([[0.0, 0], [0, 2], [9, 9], [9, 10]])
    distances = anomaly.neighbour_distance(train, np.array([[0.0, 0], [0, 1]]), neighbours=2)
    np.testing.assert_allclose(distances, [(0 + 2) / 2, (1 + 1) / 2])


def test_negative_elbo_adds_the_divergence_of_each_code():
    means, log_stds = np.array([[0.0, 0], [1, 2]]), np.array([[0.0, 0], [0, np.log(2)]])
    divergence = 0.5 * (1 + (4 + 4 - 1 - 2 * np.log(2)))
    scores = anomaly.negative_elbo(np.array([10.0, 20]), means, log_stds)
    np.testing.assert_allclose(scores, [10, 20 + divergence])


def test_held_out_images_do_not_count_as_neighbours():
    scores = {score: np.zeros(1) for score in ("bce", "mse", "signed", "bce_per_ink")}
    encoded = Encoded(np.array([[0.0], [5]]), np.array([[5.0]]), scores, None)
    found = anomaly.anomaly_scores(Outputs(encoded, encoded, None), np.array([0]))
    assert found["neighbours", None] == [5]
    assert set(found) == {(score, None) for score in (*scores, "neighbours")}


def test_paths_are_measured_between_their_ends_and_against_a_fade():
    real = np.zeros((2, 2, 2, 1), np.uint8)
    real[1] = 255
    fading = np.linspace(0, 1, 5)[None, :, None, None, None] * np.ones((1, 1, 2, 2, 1))
    np.testing.assert_allclose(interpolation.cross_fade(fading), fading, atol=1e-7)
    sure, faded = np.array([[1, 0.2, 0.4, 0.6, 0.8]]), np.array([[9, 0.1, 0.2, 0.3, 9]])
    found = interpolation.path_metrics(fading, sure, faded, real)
    # in steps of 1/4 over four pixels, the middle being 2 · 1/2 from both
    inside = (0.5 + 1 + 0.5) / 3
    assert found == pytest.approx(
        dict(
            **dict(confidence=0.4, end_confidence=0.9, confidence_over_fade=0.2),
            **dict(distance=inside, end_distance=0, distance_over_fade=0, roughness=1),
        )
    )
    there_and_back = fading[:, [0, 2, 1, 3, 4]]
    numbers = interpolation.path_metrics(there_and_back, sure, faded, real)
    assert numbers["roughness"] == pytest.approx((2 + 1 + 2 + 1) / 4)
    jump = fading[:, [0, 0, 0, 4, 4]]  # all of its frames are real images
    numbers = interpolation.path_metrics(jump, sure, faded, real)
    assert numbers["distance"] == 0
    assert numbers["distance_over_fade"] == pytest.approx(-inside)


def test_the_blur_of_a_model_is_no_gain_over_a_fade(mnist):
    """Blur brings images nearer to the real ones, and the fade of blurred ends as well."""
    ends = mnist.x_train[:20].reshape(2, 10, 32, 32, 1) / 255
    blurred = gaussian_filter(ends, (0, 0, 1, 1, 0))
    real, sure = mnist.x_train[20:1000], np.ones((10, 5))
    sharp, soft = (
        interpolation.path_metrics(np.linspace(*pair, 5, axis=1), sure, sure, real)
        for pair in (ends, blurred)
    )
    assert soft["distance"] < sharp["distance"] - 0.1
    for found in (sharp, soft):
        assert found["distance_over_fade"] == pytest.approx(0, abs=1e-5)


def test_the_path_of_a_collapsed_model_has_no_roughness():
    frames, real = np.full((1, 3, 2, 2, 1), 0.5), np.zeros((1, 2, 2, 1), np.uint8)
    assert "roughness" not in interpolation.path_metrics(frames, *np.ones((2, 1, 3)), real)
