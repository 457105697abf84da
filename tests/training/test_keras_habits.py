"""What Keras's guides do with a model works, or ends in one sentence that names what does."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from conftest import build, pairwise, weights
from projects import ROOT
from two_devices import NAMES

import kerasae
from kerasae.models import BASELINES, model_class

SHORT = {"epochs": 2, "verbose": 0}
ALL = pytest.mark.parametrize("name", [*kerasae.REGISTRY, *BASELINES])


@pytest.fixture(scope="module")
def floats(images):
    """Images (64, 32, 32, 1) in [0, 1]."""
    return images[:64].astype("float32") / 255


def eager(name, **settings):
    """A model whose steps are not compiled, which takes longer than few of them do."""
    model = build(name, **settings)
    model.compile(run_eagerly=True)
    return model


class Pairs(keras.utils.PyDataset):
    """Two batches of images with labels."""

    def __init__(self, images, labels=None):
        super().__init__()
        self.images, self.labels = images, np.zeros(len(images)) if labels is None else labels

    def __len__(self):
        return 2

    def __getitem__(self, number):
        rows = slice(32 * number, 32 * number + 32)
        return self.images[rows], self.labels[rows]


class Loader:
    """As a PyTorch DataLoader: it can be gone through again and has a length."""

    def __init__(self, images):
        self.images = images

    def __len__(self):
        return 2

    def __iter__(self):
        return iter([(self.images[:32], np.zeros(32)), (self.images[32:], np.ones(32))])


def generator(images):
    while True:
        yield images[:32], np.zeros(32)
        yield images[32:], np.ones(32)


def dataset(*arrays):
    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(32)


DATA = {
    "the images twice": lambda x: ((x, x), {}),
    "an array and labels": lambda x: ((x, np.zeros(len(x))), {}),
    "a dataset of images": lambda x: ((dataset(x),), {}),
    "a dataset of pairs": lambda x: ((dataset(x, x),), {}),
    "a dataset with labels": lambda x: ((dataset(x, np.zeros(len(x))),), {}),
    "an endless dataset": lambda x: ((dataset(x).repeat(),), {"steps_per_epoch": 2}),
    "a PyDataset": lambda x: ((Pairs(x),), {}),
    "a generator": lambda x: ((generator(x),), {"steps_per_epoch": 2}),
    "a loader": lambda x: ((Loader(x),), {}),
    "a validation split": lambda x: ((x,), {"validation_split": 0.25}),
    "a validation pair": lambda x: ((x,), {"validation_data": (x, x)}),
    "a validation dataset": lambda x: ((x,), {"validation_data": dataset(x)}),
    "two datasets": lambda x: ((dataset(x),), {"validation_data": dataset(x)}),
    "a dataset and an array": lambda x: ((dataset(x),), {"validation_data": x}),
    "now and then a validation": lambda x: ((x,), {"validation_data": x, "validation_freq": 2}),
}


@pytest.mark.parametrize("kind", DATA)
def test_everything_that_keras_takes_trains_a_model(kind, floats):
    model = build("vae")
    before = weights(model)
    arguments, more = DATA[kind](floats)
    history = model.fit(*arguments, **more, **SHORT).history
    assert not any(pairwise(np.array_equal, before, weights(model)))
    validated = any(key.startswith("validation") for key in more)
    terms = {"loss", "reconstruction", "kl"}
    assert set(history) == terms | ({f"val_{term}" for term in terms} if validated else set())
    assert len(history["loss"]) == 2
    assert np.isfinite(history["loss"]).all()


def assert_alike(first, second):
    """Two models are alike, but for weights that Adam moves by the sign of a rounding error."""
    ours, theirs = (np.concatenate([one.ravel() for one in weights(it)]) for it in (first, second))
    apart = np.abs(ours - theirs) > 1e-3 * np.abs(theirs) + 1e-4
    assert np.mean(apart) < 0.01
    np.testing.assert_allclose(ours, theirs, atol=0.02)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        *((name, eager) for name in (*kerasae.REGISTRY, *BASELINES)),
        *((name, build) for name in ("vae", "vq_ema", "stacked", "pca")),
    ],
)
def test_a_batch_from_keras_is_a_step_as_any_other(name, made, floats):
    """One batch of all images: from an array, from a dataset, and by train_on_batch."""
    models = [made(name, seed=3) for _ in range(3)]
    models[0].fit(floats, batch_size=64, shuffle=False, verbose=0)
    models[1].fit(tf.data.Dataset.from_tensors(floats), verbose=0)
    if name != "stacked" and name not in BASELINES:  # these train in stages, or in closed form
        models[2].train_on_batch(floats)
        assert_alike(models[1], models[2])
    assert_alike(models[0], models[1])
    expected = models[1].evaluate(floats, verbose=0, return_dict=True)
    found = models[1].test_on_batch(floats, return_dict=True)
    assert set(found) == set(expected)
    if not models[1].stochastic:  # other terms may have noise
        assert found["reconstruction"] == pytest.approx(expected["reconstruction"], rel=1e-5)


def test_a_memory_map_is_trained_on_in_the_order_of_an_array(images, tmp_path):
    np.save(tmp_path / "images.npy", images)
    mapped, whole = build("vanilla"), build("vanilla")
    how = {"batch_size": 128, "epochs": 3, "verbose": 0}
    found = mapped.fit(np.load(tmp_path / "images.npy", mmap_mode="r"), **how).history
    assert found["loss"] == pytest.approx(whole.fit(images, **how).history["loss"], rel=1e-5)
    assert_alike(mapped, whole)


def test_batches_are_told_to_callbacks_one_by_one(floats):
    seen = []
    note = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    build("vanilla").fit(dataset(floats), callbacks=[note], **SHORT)
    assert seen == [0, 1, 0, 1]


def test_evaluation_takes_batches_too(floats):
    model = build("vanilla")
    expected = model.evaluate(floats, batch_size=32, verbose=0)
    assert model.evaluate(dataset(floats, floats), verbose=0) == pytest.approx(expected, rel=1e-5)
    assert model.evaluate(Pairs(floats), verbose=0) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(
        model.predict(dataset(floats), verbose=0), model.predict(floats, verbose=0), rtol=1e-5
    )


LIGHT = np.full((4, 32, 32, 1), 2.0)
UNFIT = {
    "floats beyond 1": (lambda x: (255 * x,), {}, r"floats in \[0, 1\].*gaussian.*to 255"),
    "not a number": (lambda x: (np.where(x > 0.9, np.nan, x),), {}, "finite numbers.*NaN"),
    "texts": (lambda x: (x.astype(str),), {}, "Expected numbers"),
    "other targets": (lambda x: (x, 1 - x), {}, "leave out y"),
    "a number in place of targets": (lambda x: (x, 256), {}, "Received: 256"),
    "too few labels": (lambda x: (x, np.zeros(63)), {}, r"shape \(63,\)"),
    "no images": (lambda x: (x[:0],), {}, "at least one image"),
    "no batch size": (lambda x: (x,), {"batch_size": 0}, "batch_size .* Received: 0"),
    "half a batch": (lambda x: (x,), {"batch_size": 0.5}, "batch_size .* Received: 0.5"),
    "a dictionary": (lambda x: ({"image": x},), {}, "Received: dict"),
    "batches of rows": (lambda x: (iter([list(x)]),), {}, "Received: a list of 64"),
    "batches of two kinds": (
        lambda x: (iter([x, (255 * x).astype("uint8")]),), {}, "Received: float32 and uint8",
    ),
    "weights in the validation": (
        lambda x: (x,), {"validation_data": (LIGHT / 2, None, np.ones(4))}, "Repeat a sample",
    ),
    "weights": (lambda x: (x,), {"sample_weight": np.ones(64)}, "Repeat a sample"),
    "weights of classes": (lambda x: (x,), {"class_weight": {0: 1}}, "Repeat a sample"),
    "a split of batches": (lambda x: (dataset(x),), {"validation_split": 0.1}, "needs an array"),
    "a split of nothing": (lambda x: (x,), {"validation_split": 1.5}, "between 0 and 1"),
    "single images": (
        lambda x: (tf.data.Dataset.from_tensor_slices(x),), {}, r"dataset.batch\(256\)",
    ),
    "no batches": (lambda x: (iter([]),), {}, "without any"),
    "no data": (lambda x: (None,), {}, "Expected"),
    "a dataset beyond 1": (lambda x: (dataset(255 * x),), {}, r"floats in \[0, 1\]"),
    "a dataset with other targets": (lambda x: (dataset(x, 1 - x),), {}, "leave out y"),
    "a loader with other shapes": (lambda x: (Loader(x[:, :28]),), {}, r"Received: .*28, 32, 1"),
    "a PyDataset with NaN": (
        lambda x: (Pairs(np.where(x > 0.9, np.nan, x)),), {}, "finite numbers",
    ),
    "a validation beyond 1": (lambda x: (x, None), {"validation_data": LIGHT}, r"\[0, 1\]"),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNFIT)
def test_unfit_data_end_in_one_sentence(kind, floats):
    data, more, words = UNFIT[kind]
    with pytest.raises(ValueError, match=words) as caught:
        build("vanilla").fit(*data(floats), **more, **SHORT)
    assert "\n" not in str(caught.value)


def test_the_gaussian_likelihood_takes_any_finite_numbers(floats):
    model = build("vanilla", likelihood="gaussian")
    model.fit(255 * floats - 7, **SHORT)
    with pytest.raises(ValueError, match="finite"):
        model.fit(np.full_like(floats, np.inf), **SHORT)


@pytest.mark.parametrize("use", ["encode", "reconstruct"])
def test_numbers_that_are_none_are_refused_in_use_too(use, floats):
    with pytest.raises(ValueError, match="finite"):
        getattr(build("vanilla"), use)(np.full_like(floats, np.nan))


@pytest.mark.parametrize(
    "given", [{"loss": "mse"}, {"metrics": ["mae"]}, {"weighted_metrics": ["mae"]}]
)
def test_a_loss_or_metrics_to_compile_with_are_refused(given):
    with pytest.raises(ValueError, match=r"loss of its own.*reconstruct"):
        build("vanilla").compile(**given)


@pytest.mark.parametrize("name", [*kerasae.REGISTRY, *BASELINES])
@pytest.mark.parametrize("size", [0, -1, "3", 2.0, None])
def test_a_latent_dimension_that_is_none_is_refused(name, size):
    with pytest.raises(ValueError, match="latent_dim must be a whole number from 1"):
        kerasae.build(name, (32, 32, 1), size)


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("vae", {"beta": 3}, "vae has no setting 'beta'.*beta_vae_strict"),
        ("beta_vae", {"betta": 3}, "did you mean beta"),
        ("vea", {}, "Did you mean .*vae"),
    ],
)
def test_wrong_names_are_told_with_close_ones(name, settings, words):
    with pytest.raises(ValueError, match=words) as caught:
        kerasae.build(name, (32, 32, 1), 4, **settings)
    assert "\n" not in str(caught.value)


@pytest.fixture
def policy():
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "mixed_bfloat16") for name in (*kerasae.REGISTRY, *BASELINES)),
        *((name, "mixed_float16") for name in ("vae", "stacked", "vq", "adversarial", "pca")),
    ],
)
def test_mixed_precision_trains_to_a_finite_loss(name, kind, floats, policy, tmp_path):
    policy(kind)
    model = eager(name)
    history = model.fit(floats, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    model.save(tmp_path / "model.keras")
    policy("float32")
    codes = kerasae.load(tmp_path / "model.keras").encode(floats)
    assert codes.dtype == "float32"
    if not model.discrete:
        np.testing.assert_allclose(codes, model.encode(floats), atol=0.05)


@pytest.mark.parametrize("kind", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_learns_what_single_precision_learns(kind, floats, policy):
    losses = {}
    for one in ("float32", kind):
        policy(one)
        history = build("vanilla").fit(floats, batch_size=8, epochs=10, verbose=0).history
        losses[one] = np.array(history["loss"])
    # Half precision skips the first steps, until it has found a scale for the gradients
    fallen = [series[0] - series[-1] for series in losses.values()]
    assert fallen[1] == pytest.approx(fallen[0], rel=0.2)


def served(part, inputs, folder):
    """Outputs of a model after its export, by TensorFlow alone."""
    part.export(folder, verbose=False)
    loaded = tf.saved_model.load(folder)
    return loaded.serve(inputs)


@ALL
def test_an_exported_model_reconstructs_as_before(name, floats, tmp_path):
    model = eager(name)
    model.fit(floats, verbose=0)
    found = served(model, floats, tmp_path / "model")
    np.testing.assert_allclose(found, model.reconstruct(floats), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["vae", "vq", "conv_vae"])
def test_both_halves_are_exported(name, floats, tmp_path):
    model = eager(name)
    model.fit(floats, verbose=0)
    outputs = served(model.encoder, floats, tmp_path / "encoder")
    np.testing.assert_allclose(
        model.bottleneck(outputs), model.encode(floats), rtol=1e-3, atol=1e-4
    )
    logits = served(model.decoder, model.encode(floats).numpy(), tmp_path / "decoder")
    found = keras.ops.sigmoid(logits)
    np.testing.assert_allclose(found, model.reconstruct(floats), rtol=1e-3, atol=1e-4)


def test_models_and_data_sets_describe_themselves_in_a_line(mnist):
    model = build("vae", seed=3)
    expected = "VAE(input_shape=(32, 32, 1), latent_dim=4, widths=(16, 8), seed=3)"
    assert repr(model) == expected
    gaussian = build("vae", likelihood="gaussian", seed=0, decoder_variance=0.5)
    assert "likelihood='gaussian', decoder_variance=0.5)" in repr(gaussian)
    assert repr(mnist) == "<Dataset: 60000 + 10000 samples of (32, 32, 1), uint8, 10 classes>"


def test_what_is_public_is_listed_and_can_be_used():
    expected = {"BASELINES", "REGISTRY", "build", "compare", "datasets", "load"}
    assert set(kerasae.__all__) == expected
    assert all(hasattr(kerasae, name) for name in kerasae.__all__)


def test_an_import_writes_nothing_to_the_screen():
    command = "import kerasae; kerasae.build('vae', (32, 32, 1), 20)"
    env = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", command], env=env, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


@pytest.fixture(scope="module")
def by_devices():
    script = ROOT / "tests/two_devices.py"
    environment = {**os.environ, "PYTHONPATH": str(script.parents[1])}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", NAMES[:-1])
def test_two_devices_train_a_model_as_one_does(name, by_devices):
    assert by_devices[f"{name} 2"] == pytest.approx(by_devices[f"{name} 1"], rel=1e-4)


def test_two_devices_train_a_model_with_noise(by_devices):
    # Each device draws noise of its own
    assert by_devices["vae 2"] == pytest.approx(by_devices["vae 1"], rel=0.01)
    assert by_devices["vae 2"] != by_devices["vae 1"]


@pytest.mark.parametrize("name", ["stacked", "vae", "vq", "conv_vae"])
def test_onnx_gives_the_same_outputs(name, floats, tmp_path):
    model = eager(name)
    model.fit(floats, verbose=0)
    codes = model.encode(floats).numpy()
    for part, inputs in ((model, floats), (model.encoder, floats), (model.decoder, codes)):
        path = tmp_path / f"{part.name}.onnx"
        part.export(path, format="onnx", verbose=False)
        session = onnxruntime.InferenceSession(path)
        (found,) = session.run(None, {session.get_inputs()[0].name: inputs})
        np.testing.assert_allclose(found, part.predict(inputs, verbose=0), rtol=1e-3, atol=1e-5)


def test_tensorboard_is_told_of_every_epoch(floats, tmp_path):
    callback = keras.callbacks.TensorBoard(tmp_path, write_graph=False)
    build("vae").fit(floats, callbacks=[callback], validation_data=floats, **SHORT)
    (events,) = (tmp_path / "train").glob("events.*")
    tags = {
        value.tag
        for event in tf.compat.v1.train.summary_iterator(str(events))
        for value in event.summary.value
    }
    assert {"epoch_loss", "epoch_kl"} <= tags


def test_a_step_of_one_s_own_gets_batches_as_in_keras(floats):
    class Own(model_class("vanilla")):
        def train_step(self, data):
            images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
            seen.append(images.shape[0])
            return super().train_step(images)

    seen, model = [], Own((32, 32, 1), 4, (16, 8))
    model.compile(run_eagerly=True)
    model.fit(floats, batch_size=20, verbose=0)
    assert seen == [20, 20, 20, 4]


def test_layers_of_the_stacked_one_that_are_frozen_stay_so(floats):
    model = eager("stacked")
    first = model.encoder.layers[1]
    first.trainable = False
    model.compile(run_eagerly=True)
    before, others = first.get_weights(), model.encoder.layers[2].get_weights()
    model.fit(floats, epochs=3, verbose=0)
    pairwise(np.testing.assert_array_equal, before, first.get_weights())
    assert not all(pairwise(np.array_equal, others, model.encoder.layers[2].get_weights()))
    assert not first.trainable


def test_every_stage_has_the_learning_rate_of_the_optimizer(floats):
    model = eager("stacked")
    model.fit(floats, epochs=3, verbose=0)
    model.optimizer.learning_rate = 0.0
    before = [variable.numpy() for variable in model.trainable_variables]
    model.fit(floats, epochs=3, verbose=0)
    after = [variable.numpy() for variable in model.trainable_variables]
    pairwise(np.testing.assert_array_equal, before, after)
    with pytest.raises(ValueError, match="trains in 3 stages: use fit"):
        model.train_on_batch(floats)


def test_an_interrupted_training_goes_on_where_it_was(floats, tmp_path):
    epochs = []

    def stop(epoch, logs=None):
        epochs.append(epoch)
        if epoch == 1 and len(epochs) == 2:
            raise KeyboardInterrupt

    for attempt in range(2):
        kept = keras.callbacks.BackupAndRestore(tmp_path)
        note = keras.callbacks.LambdaCallback(on_epoch_begin=stop)
        try:
            eager("vanilla").fit(floats, epochs=3, verbose=0, callbacks=[kept, note])
        except KeyboardInterrupt:
            assert attempt == 0
    assert epochs == [0, 1, 1, 2]


def test_evaluation_of_some_steps_takes_the_first_batches(floats):
    model = eager("vanilla")
    expected = model.evaluate(floats[:16], verbose=0)
    assert model.evaluate(floats, None, 8, 0, steps=2) == pytest.approx(expected, rel=1e-5)


def test_settings_of_compile_survive_the_file(floats, policy, tmp_path):
    policy("mixed_float16")
    model = eager("vanilla")
    model.fit(floats, verbose=0)
    for number in range(2):
        model.save(tmp_path / f"{number}.keras")
        model = kerasae.load(tmp_path / f"{number}.keras")
        assert model.run_eagerly
        assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
        assert isinstance(model.optimizer.inner_optimizer, keras.optimizers.Adam)


@pytest.mark.parametrize("shape", [8, (), (0,), (None, None, 1), (8.0, 8, 1)])
def test_a_shape_that_is_none_is_refused(shape):
    with pytest.raises(ValueError, match=r"input_shape must be \(H, W, C\) or \(d,\)"):
        kerasae.build("vanilla", shape, 2)


def test_penalties_of_layers_are_part_of_the_loss(floats):
    class Heavy(model_class("vanilla")):
        def networks(self):
            encoder, decoder = super().networks()
            dense = keras.layers.Dense(
                self.latent_dim, kernel_regularizer=keras.regularizers.L2(7.0)
            )
            return keras.Sequential([keras.Input((32, 32, 1)), *encoder.layers, dense]), decoder

    model = Heavy((32, 32, 1), 4, (16, 8))
    model.compile(jit_compile=False)
    found = model.evaluate(floats, verbose=0, return_dict=True)
    penalty = 7 * np.square(model.encoder.layers[-1].kernel.numpy()).sum()
    assert found["loss"] - found["reconstruction"] == pytest.approx(penalty, rel=1e-4)
    model.fit(floats, epochs=30, verbose=0)
    assert 7 * np.square(model.encoder.layers[-1].kernel.numpy()).sum() < 0.95 * penalty


def test_a_dataset_of_unknown_rank_is_taken(floats):
    batches = dataset(floats).map(lambda x: tf.numpy_function(lambda it: it, [x], tf.float32))
    expected = eager("vanilla").evaluate(floats, verbose=0)
    assert eager("vanilla").evaluate(batches, verbose=0) == pytest.approx(expected, rel=1e-5)


def test_codes_may_be_lists_and_have_their_shape_checked():
    model = build("vanilla")
    assert model.decode([[1, 2, 3, 4]]).shape == (1, 32, 32, 1)
    with pytest.raises(ValueError, match=r"codes of shape \(N, 4\). Received: \(1, 3\)"):
        model.decode([[1, 2, 3]])


def test_the_history_of_all_stages_is_one(floats):
    model = eager("stacked")
    history = model.fit(floats, epochs=6, verbose=0)
    assert history is model.history
    assert history.epoch == [0, 1, 2, 3, 4, 5]
    assert len(history.history["loss"]) == 6
