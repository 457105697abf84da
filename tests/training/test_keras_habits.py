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

import kerasae
from kerasae.models import BASELINES, model_class

SHORT = {"epochs": 2, "verbose": 0}
FAST = ("stacked", "vae", "pca")
ALL = pytest.mark.parametrize(
    "name",
    [
        name if name in FAST else pytest.param(name, marks=pytest.mark.slow)
        for name in (*kerasae.REGISTRY, *BASELINES)
    ],
)


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
    "a dataset of pairs": lambda x: ((dataset(x, x),), {}),
    "a dataset with labels": lambda x: ((dataset(x, np.zeros(len(x))),), {}),
    "an endless dataset": lambda x: ((dataset(x).repeat(),), {"steps_per_epoch": 2}),
    "a PyDataset": lambda x: ((Pairs(x),), {}),
    "a generator": lambda x: ((generator(x),), {"steps_per_epoch": 2}),
    "a loader": lambda x: ((Loader(x),), {}),
    "a validation split": lambda x: ((x,), {"validation_split": 0.25}),
    "a validation pair": lambda x: ((x,), {"validation_data": (x, x)}),
    "a dataset and an array": lambda x: ((dataset(x),), {"validation_data": x}),
    "now and then a validation": lambda x: ((x,), {"validation_data": x, "validation_freq": 2}),
}


@pytest.mark.parametrize("kind", DATA)
def test_everything_that_keras_takes_trains_a_model(kind, floats):
    model = eager("vae")
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
    ours, theirs = (np.concatenate([*map(np.ravel, weights(each))]) for each in (first, second))
    apart = np.abs(ours - theirs) > 1e-3 * np.abs(theirs) + 1e-4
    assert np.mean(apart) < 0.01
    np.testing.assert_allclose(ours, theirs, atol=0.02)


@ALL
def test_a_batch_from_keras_is_a_step_as_any_other(name, floats):
    """One batch of all images: from an array, from a dataset, and by train_on_batch."""
    models = [eager(name, seed=3) for _ in range(3)]
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
    eager("vanilla").fit(dataset(floats), callbacks=[note], **SHORT)
    assert seen == [0, 1, 0, 1]


def test_evaluation_takes_batches_too(floats):
    model = eager("vanilla")
    expected = model.evaluate(floats, batch_size=32, verbose=0)
    unranked = dataset(floats).map(lambda x: tf.numpy_function(np.copy, [x], tf.float32))
    for batches in (dataset(floats, floats), Pairs(floats), unranked):
        assert model.evaluate(batches, verbose=0) == pytest.approx(expected, rel=1e-5)
    assert model.evaluate(floats, None, 32, 0, steps=2) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(
        model.predict(dataset(floats), verbose=0), model.predict(floats, verbose=0), rtol=1e-5
    )


FOUR = np.ones((4, 32, 32, 1))
UNFIT = {
    "floats beyond 1": (lambda x: (255 * x,), {}, r"floats in \[0, 1\].*gaussian.*to 255"),
    "not a number": (lambda x: (np.where(x > 0.9, np.nan, x),), {}, "finite numbers.*NaN"),
    "other targets": (lambda x: (x, 1 - x), {}, "leave out y"),
    "too few labels": (lambda x: (x, np.zeros(63)), {}, r"shape \(63,\)"),
    "no images": (lambda x: (x[:0],), {}, "at least one image"),
    "no batch size": (lambda x: (x,), {"batch_size": 0}, "batch_size .* Received: 0"),
    "a dictionary": (lambda x: ({"image": x},), {}, "Received: dict"),
    "batches of rows": (lambda x: (iter([list(x)]),), {}, "Received: a list of 64"),
    "batches of two kinds": (
        lambda x: (iter([x, (255 * x).astype("uint8")]),), {}, "Received: float32 and uint8",
    ),
    "weights in the validation": (
        lambda x: (x,), {"validation_data": (FOUR, None, [1] * 4)}, "Repeat a sample",
    ),
    "weights": (lambda x: (x,), {"sample_weight": np.ones(64)}, "Repeat a sample"),
    "a split of batches": (lambda x: (dataset(x),), {"validation_split": 0.1}, "needs an array"),
    "a split of nothing": (lambda x: (x,), {"validation_split": 1.5}, "between 0 and 1"),
    "single images": (
        lambda x: (tf.data.Dataset.from_tensor_slices(x),), {}, r"dataset.batch\(256\)",
    ),
    "no batches": (lambda x: (iter([]),), {}, "without any"),
    "a dataset beyond 1": (lambda x: (dataset(255 * x),), {}, r"floats in \[0, 1\]"),
    "a loader with other shapes": (lambda x: (Loader(x[:, :28]),), {}, r"Received: .*28, 32, 1"),
    "a PyDataset with NaN": (
        lambda x: (Pairs(np.where(x > 0.9, np.nan, x)),), {}, "finite numbers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNFIT)
def test_unfit_data_end_in_one_sentence(kind, floats):
    data, more, words = UNFIT[kind]
    with pytest.raises(ValueError, match=words) as caught:
        eager("vanilla").fit(*data(floats), **more, **SHORT)
    assert "\n" not in str(caught.value)


def test_the_gaussian_likelihood_takes_any_finite_numbers(floats):
    model = eager("vanilla", likelihood="gaussian")
    model.fit(255 * floats - 7, **SHORT)
    with pytest.raises(ValueError, match="finite"):
        model.fit(np.full_like(floats, np.inf), **SHORT)
    with pytest.raises(ValueError, match="finite"):
        model.encode(np.full_like(floats, np.nan))


def test_images_of_another_shape_are_refused(floats):
    model, wrong = eager("vanilla"), floats[:, :28, :28]
    for use in (model.encode, model.reconstruct, model.fit, model.evaluate):
        with pytest.raises(ValueError, match=r"Received: .*28, 28, 1"):
            use(wrong)
    with pytest.raises(ValueError, match=r"Received: .*28, 28, 1"):
        model.fit(floats, validation_data=wrong)
    assert model.decode([[1, 2, 3, 4]]).shape == (1, 32, 32, 1)
    with pytest.raises(ValueError, match=r"codes of shape \(N, 4\). Received: \(1, 3\)"):
        model.decode([[1, 2, 3]])


def test_a_loss_or_metrics_to_compile_with_are_refused():
    for given in ({"loss": "mse"}, {"weighted_metrics": ["mae"]}):
        with pytest.raises(ValueError, match=r"loss of its own.*reconstruct"):
            build("vanilla").compile(**given)


def test_shapes_and_sizes_that_are_none_are_refused():
    for size in (0, "3", 2.0, None):
        with pytest.raises(ValueError, match="latent_dim must be a whole number from 1"):
            kerasae.build("vae", (32, 32, 1), size)
    for shape in (8, (), (0,), (None, None, 1), (8.0, 8, 1)):
        with pytest.raises(ValueError, match=r"input_shape must be \(H, W, C\) or \(d,\)"):
            kerasae.build("vanilla", shape, 2)


@pytest.fixture
def policy():
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


@ALL
def test_mixed_precision_trains_to_a_finite_loss(name, floats, policy, tmp_path):
    policy("mixed_float16" if name == "stacked" else "mixed_bfloat16")
    model = eager(name)
    model.fit(floats, verbose=0)
    model.save(tmp_path / "model.keras")
    policy("float32")
    loaded = kerasae.load(tmp_path / "model.keras")
    assert np.isfinite(model.history.history["loss"]).all()
    assert loaded.run_eagerly
    assert type(loaded.optimizer) is type(model.optimizer)  # scaling losses in float16
    codes = loaded.encode(floats)
    assert codes.dtype == "float32"
    if not model.discrete:
        np.testing.assert_allclose(codes, model.encode(floats), atol=0.05)


@ALL
def test_an_exported_model_reconstructs_as_before(name, floats, tmp_path):
    model = eager(name)
    model.fit(floats, verbose=0)
    model.export(tmp_path / "model", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "model")
    found = loaded.serve(floats)
    np.testing.assert_allclose(found, model.reconstruct(floats), rtol=1e-3, atol=1e-4)


def test_models_describe_themselves_in_a_line():
    model = build("vae", likelihood="gaussian", seed=0, decoder_variance=0.5)
    assert repr(model) == (
        "VAE(input_shape=(32, 32, 1), latent_dim=4, widths=(16, 8), likelihood='gaussian', "
        "decoder_variance=0.5)"
    )


def test_an_import_writes_nothing_to_the_screen():
    command = "import kerasae; kerasae.build('vae', (32, 32, 1), 20)"
    env = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", command], env=env, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.slow
def test_two_devices_train_a_model_as_one_does():
    script = ROOT / "tests/two_devices.py"
    environment = {**os.environ, "PYTHONPATH": str(script.parents[1])}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=True
    )
    losses = json.loads(done.stdout.splitlines()[-1])
    assert losses["stacked 2"] == pytest.approx(losses["stacked 1"], rel=1e-4)
    # Each device draws noise of its own
    assert losses["vae 2"] == pytest.approx(losses["vae 1"], rel=0.01)
    assert losses["vae 2"] != losses["vae 1"]


@pytest.mark.parametrize("name", ["vae", pytest.param("conv_vae", marks=pytest.mark.slow)])
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


def test_penalties_of_layers_are_part_of_the_loss(floats):
    class Heavy(model_class("vanilla")):
        def networks(self):
            encoder, decoder = super().networks()
            dense = keras.layers.Dense(
                self.latent_dim, kernel_regularizer=keras.regularizers.L2(7.0)
            )
            return keras.Sequential([keras.Input((32, 32, 1)), *encoder.layers, dense]), decoder

    model = Heavy((32, 32, 1), 4, (16, 8))
    model.compile(run_eagerly=True)
    found = model.evaluate(floats, verbose=0, return_dict=True)
    penalty = 7 * np.square(model.encoder.layers[-1].kernel.numpy()).sum()
    assert found["loss"] - found["reconstruction"] == pytest.approx(penalty, rel=1e-4)
