"""The page to explore: its networks against Keras, and the page itself in a browser."""

import json
import os
import re
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
from conftest import needs_browser
from sklearn.datasets import load_digits, load_wine

from kerasae import build, models
from kerasae.datasets import Dataset, load
from kerasae.evaluation.inference import run
from kerasae.evaluation.metric import ScoreKey, tidy
from kerasae.models import ARTICLE
from kerasae.networks.dense import Hidden
from kerasae.reporting.explorer import content
from kerasae.reporting.explorer.networks import NotExpressible, dense, network
from kerasae.reporting.explorer.networks import run as run_layers
from kerasae.reporting.explorer.page import as_json, explorer

EXPRESSIBLE = (*ARTICLE, "pca", "random_projection", "untrained")
HOSTILE = "<script>window.attacked = 1</script>"


def digits():
    bunch = load_digits()
    images = np.round(bunch.images[..., None] * 255 / 16).astype(np.uint8)
    classes = (HOSTILE, *map(str, range(1, 10)))
    labels = bunch.target
    return Dataset(images[:900], labels[:900], images[900:1200], labels[900:1200], classes)


def wine():
    bunch = load_wine()
    rows = ((bunch.data - bunch.data.mean(0)) / bunch.data.std(0)).astype("float32")
    order = np.random.default_rng(0).permutation(len(rows))
    rows, labels = rows[order], bunch.target[order]
    return Dataset(rows[:120], labels[:120], rows[120:], labels[120:], ("a", "b", HOSTILE))


def trained(name, data, latent_dim=4, **how):
    """A fitted baseline, or a model with the normalisation of one that was trained."""
    settings = {"widths": (24, 12)} if name not in ("shallow", "conv_vanilla") else {}
    how = {"input_shape": data.x_train.shape[1:], "latent_dim": latent_dim, "seed": 3, **how}
    model = build(name, **settings, **how)
    if name in models.BASELINES:
        model.compile(run_eagerly=True)
        model.fit(data.x_train, verbose=0)
    rng = np.random.default_rng(0)
    for weight in (*model.encoder.weights, *model.decoder.weights):
        purpose = weight.name
        if purpose in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.3, 2, weight.shape))
        elif purpose in ("beta", "moving_mean"):
            weight.assign(rng.normal(0, 0.3, weight.shape))
    return model


@pytest.fixture(scope="module")
def images():
    return digits()


@pytest.fixture(scope="module")
def trained_models(images):
    return {name: trained(name, images) for name in EXPRESSIBLE}


def rounded(model, found):
    """Set the weights of a model to those that the page has."""
    for part in ("encoder", "decoder"):
        described = iter(found[part])
        for layer in getattr(model, part).layers:
            if not layer.weights:
                continue
            one = next(described)
            matrix = (one["weights"] * one["scale"][:, None]).T
            linear = layer.linear if isinstance(layer, Hidden) else layer
            linear.kernel.assign(matrix.T if linear.turned else matrix)
            if isinstance(layer, Hidden):
                size = matrix.shape[1]
                still = np.ones(size), one["bias"], np.zeros(size), np.full(size, 1 - 1e-5)
                for weight, value in zip(layer.norm.weights, still, strict=True):
                    weight.assign(value)
            elif linear.use_bias:
                linear.bias.assign(one["bias"])
    return model


@pytest.mark.parametrize("name", EXPRESSIBLE)
def test_a_network_of_the_page_is_that_of_keras_with_the_same_rounded_weights(
    name, trained_models, images
):
    model, samples = trained_models[name], images.x_test[:50]
    found = network(model, samples)
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    rounded(clone, found)
    outputs = clone.encoder(clone.scale(samples), training=False).numpy()
    np.testing.assert_allclose(
        run_layers(found["encoder"], samples / 255), outputs, atol=1e-3, rtol=1e-3
    )
    codes = np.asarray(clone.bottleneck(outputs))
    expected = clone.decoder(codes, training=False).numpy().reshape(50, -1)
    np.testing.assert_allclose(run_layers(found["decoder"], codes), expected, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("name", EXPRESSIBLE)
def test_rounding_changes_the_loss_by_less_than_a_percent(name, trained_models, images):
    model, samples = trained_models[name], images.x_test
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    rounded(clone, network(model, samples))
    whole, eighth = (
        float(one.reconstruction_loss(one.scale(samples), one.decoder(one.encode(samples))))
        for one in (model, clone)
    )
    assert eighth == pytest.approx(whole, rel=0.01)


def test_weights_have_8_bits_and_a_scale_for_each_output():
    matrix = np.array([[1.0, 0.001], [-0.5, 0.002], [0.25, 0.0]])  # (inputs, outputs)
    layer = dense(matrix, np.zeros(2), "linear")
    assert layer["weights"].tolist() == [[127, -64, 32], [64, 127, 0]]
    np.testing.assert_allclose(layer["scale"], [1 / 127, 0.002 / 127])
    flat = dense(np.zeros((3, 1)), np.ones(1), "linear")  # a dead unit
    assert run_layers([flat], np.ones((2, 3))).tolist() == [[1], [1]]


def test_a_network_that_the_page_cannot_express_says_why(images):
    model = trained("conv_vanilla", images)
    with pytest.raises(NotExpressible, match="a layer Conv2D"):
        network(model, images.x_test[:5])

    class Odd(type(build("vanilla", input_shape=(8, 8, 1), latent_dim=2))):
        def bottleneck(self, outputs, sampled=False):
            return keras.ops.sin(outputs)

    odd = Odd(input_shape=(8, 8, 1), latent_dim=2, widths=(8, 4))
    with pytest.raises(NotExpressible, match="the bottleneck of Odd"):
        network(odd, images.x_test[:5])


def test_layers_that_do_not_follow_each_other_are_no_network(images):
    model = build("vanilla", input_shape=(8, 8, 1), latent_dim=8, widths=(8, 8))
    inputs = keras.Input((8, 8, 1))
    flat, first, second, last = model.encoder.layers
    middle = first(flat(inputs))
    model.encoder = keras.Model(inputs, last(second(middle) + middle))
    with pytest.raises(NotExpressible, match="the encoder of Vanilla"):
        network(model, images.x_test[:5])


def test_a_comparison_imports_neither_tensorflow_nor_bokeh_before_it_begins():
    script = "import sys, kerasae.comparison; print({'tensorflow', 'bokeh'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_json_cannot_end_its_script():
    text = as_json({"a": "</script><!-- & -->", "b": np.arange(3, dtype="int8")})
    assert not set("<>&") & set(text)
    assert json.loads(text)["a"] == "</script><!-- & -->"
    assert json.loads(text)["b"]["shape"] == [3]


def test_few_of_many_samples_are_chosen_from_all_of_them(images):
    many = images._replace(x_test=np.zeros((30000, 2), "float32"))
    rows = content.chosen(many)
    assert (len(rows), rows[0], rows[-1]) == (content.SHOWN, 0, 29999)
    wide = images._replace(x_test=np.zeros((100, 10**6), "float32"))
    assert len(content.chosen(wide)) == 4
    assert content.chosen(images).tolist() == list(range(300))


def scores_of(names):
    """Scores of a ranking over three seeds."""
    frames = [
        tidy(
            {"dataset": "d", "variant": name, "seed": seed, "latent_dim": 4, "held_out": "none"},
            "reconstruction", {ScoreKey("bce"): 60 + place + 0.1 * seed},
        )
        for place, name in enumerate(names)
        for seed in (1, 2, 3)
    ]  # fmt: skip
    return pd.concat(frames).astype({"seed": float, "latent_dim": float})


def page_of(data, made, flat, name):
    """The page of some models."""
    rows = content.chosen(data)
    rng = np.random.default_rng(0)
    runs, flat_runs = {}, {}
    for variant, model in made.items():
        outputs = run(model, data.x_train[:50], data.x_test, steps=2, seed=1)
        plane = rng.normal(size=(len(data.x_test), 2)) + 3 * np.eye(2)[data.y_test % 2]
        runs[variant] = content.of_run(model, outputs, data, rows, plane)
    for variant, model in flat.items():
        outputs = run(model, data.x_train[:50], data.x_test, steps=2, seed=1)
        flat_runs[variant] = content.of_flat_run(model, outputs, data, rows)
    return explorer(name, content.of_data(data, rows), runs, flat_runs, scores_of(made))


class Opened:
    """A page in the browser, with what it requested and logged."""

    def __init__(self, browser, path, width=1200):
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.requests, self.logged = [], []
        self.page.on("console", lambda message: self.logged.append((message.type, message.text)))
        self.page.on("pageerror", lambda error: self.logged.append(("error", str(error))))
        self.page.route("**/*", self.seen)
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("body[data-ready=yes]")

    def seen(self, route):
        if route.request.url.startswith("file://") and route.request.is_navigation_request():
            route.continue_()
        else:
            self.requests.append(route.request.url)
            route.abort()

    def __call__(self, script, *arguments):
        return self.page.evaluate(script, *arguments)

    def begin(self, *parts):
        for part in parts:
            self("id => explorer.beginPart(id)", part)
        self.page.wait_for_timeout(100)  # drawn in the next frame


@pytest.fixture(scope="module")
def image_page(tmp_path_factory, browser, images, trained_models):
    flat = {name: trained(name, images, latent_dim=2) for name in ("vanilla", "vae", "vq")}
    made = {**trained_models, "conv_vanilla": trained("conv_vanilla", images)}
    path = tmp_path_factory.mktemp("page") / "explorer.html"
    path.write_text(page_of(images, made, flat, "digits <b>"), encoding="utf-8")
    opened = Opened(browser, path)
    opened.begin("plane", "between", "draw")
    return opened


def test_a_page_is_the_same_when_it_is_written_again_and_no_two_elements_have_one_name(images):
    flat = {name: trained(name, images, latent_dim=2) for name in ("shallow", "vae")}
    made = {name: trained(name, images) for name in ("shallow", "vae")}
    first, again = (page_of(images, made, flat, "digits") for _ in range(2))
    assert first == again
    ids = re.findall(r'<[^>]* id="([^"]+)"', first.split("<script")[0])
    assert len(ids) == len(set(ids))
    assert {f"plot-{number}" for number in range(4)} <= set(ids)


WRITTEN = """
import hashlib
import numpy as np
import pandas as pd
from kerasae.datasets import Dataset
from kerasae.evaluation.metric import ScoreKey, tidy
from kerasae.reporting.explorer import content
from kerasae.reporting.explorer.page import explorer
rows = np.arange(24.0).reshape(12, 2)
data = Dataset(rows, np.arange(12) % 3, rows, np.arange(12) % 3, ("a", "b", "c"))
run = {"why_not": "x", "codes": rows, "losses": rows[:, 0], "map": rows}
flat = {"why_not": "x", "low": [0, 0], "high": [1, 1], "plane": rows}
cell = {"dataset": "d", "variant": "vae", "seed": 1, "latent_dim": 2, "held_out": "none"}
values = {ScoreKey("mse", "mean"): 1.0, ScoreKey("mse", "sample"): 2.0}
scores = tidy(cell, "reconstruction", values)
samples = content.of_data(data, content.chosen(data))
page = explorer("d", samples, {"vae": run, "pca": run}, {"vae": flat, "pca": flat}, scores)
print(hashlib.sha256(page.encode()).hexdigest())
"""


def test_a_page_is_the_same_when_another_process_writes_it():
    """Each with another order of its sets."""
    found = {
        subprocess.run(
            [sys.executable, "-c", WRITTEN], env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in range(1, 5)
    }  # fmt: skip
    assert len(found) == 1


@pytest.fixture(scope="module")
def table_page(tmp_path_factory, browser):
    data = wine()
    made = {name: trained(name, data, likelihood="gaussian") for name in ("shallow", "vae", "pca")}
    path = tmp_path_factory.mktemp("page") / "explorer.html"
    path.write_text(page_of(data, made, {}, "wine"), encoding="utf-8")
    opened = Opened(browser, path)
    opened.begin("between", "draw", "rows")
    return data, opened


@needs_browser
def test_the_page_requests_nothing_and_logs_no_fault(image_page, table_page):
    for opened in (image_page, table_page[1]):
        assert opened.requests == []
        assert [one for one in opened.logged if one[0] in ("error", "warning")] == []
        assert opened("fetch('https://example.org').then(() => 'open', () => 'closed')") == "closed"
        opened.logged.clear()  # that the policy refused it
        opened.requests.clear()


@needs_browser
@pytest.mark.parametrize("name", EXPRESSIBLE)
def test_the_browser_computes_what_keras_does(name, image_page, trained_models, images):
    model = trained_models[name]
    found = network(model, images.x_test[:64])
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    rounded(clone, found)
    script = """([name, number]) => {
      const network = explorer.networkOf(explorer.page.variants[name]);
      const values = explorer.sample(number);
      const code = explorer.encode(network, values);
      const outputs = explorer.decode(network, code);
      return [[...values], [...code], [...outputs], explorer.loss(network, values, outputs)];
    }"""
    for number in (0, 17, 299):
        values, code, outputs, loss = image_page(script, [name, number])
        sample = images.x_test[number : number + 1]
        np.testing.assert_allclose(values, sample.ravel() / 255, atol=1e-6)
        np.testing.assert_allclose(code, clone.encode(sample).numpy()[0], atol=1e-3, rtol=1e-3)
        expected = clone.decoder(clone.encode(sample)).numpy()
        np.testing.assert_allclose(outputs, expected.ravel(), atol=1e-3, rtol=1e-3)
        assert loss == pytest.approx(
            float(clone.reconstruction_loss(clone.scale(sample), expected)), rel=1e-3
        )


@needs_browser
def test_the_ends_of_the_slider_are_the_reconstructions(image_page):
    script = """name => {
      const network = explorer.networkOf(explorer.page.variants[name]);
      const ends = ["first", "second"].map((id) => Number(document.getElementById(id).value));
      return [0, 1].map((position) => {
        const values = explorer.sample(ends[position]);
        const own = explorer.decode(network, explorer.encode(network, values));
        return [[...explorer.between(name, position, false)], [...explorer.mean(network, own)]];
      });
    }"""
    for name in EXPRESSIBLE:
        for there, own in image_page(script, name):
            np.testing.assert_allclose(there, own, atol=1e-5)
    sampled = [image_page("[...explorer.between('vae', 0.5, true)]") for _ in range(2)]
    assert sampled[0] != sampled[1]
    still = [image_page("[...explorer.between('vanilla', 0.5, true)]") for _ in range(2)]
    assert still[0] == still[1]


@needs_browser
def test_a_lasso_in_one_plane_selects_in_all(image_page):
    page = image_page.page
    figure = page.locator("#map figure[data-variant=vanilla]")
    figure.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    box = page.locator("#map figure[data-variant=vanilla] .bk-Figure").first.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    for x, y in ((0.8, 0.4), (0.8, 0.85), (0.3, 0.85), (0.3, 0.4)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)
    chosen = image_page("explorer.model('samples').selected.indices.length")
    assert 0 < chosen < 300
    said = page.locator("#selected").inner_text()
    assert said.startswith(f"{chosen} selected in all planes")
    assert sum(map(int, re.findall(r"(\d+) of class", said))) == chosen
    shared = """name => explorer.model(name).renderers[0].data_source.selected.indices.length"""
    for name in ("map shallow", "map vq", "plane vae"):
        assert image_page(shared, name) == chosen
    page.locator("#clear").click()
    assert page.locator("#selected").inner_text() == "Nothing is selected."


@needs_browser
def test_the_pointer_in_a_plane_is_decoded_by_all_and_so_are_the_arrow_keys(image_page):
    page = image_page.page
    pictures = "[...document.querySelectorAll('[data-decoded]')].map((one) => one.toDataURL())"
    before = image_page(pictures)
    figure = page.locator("#plane figure[data-variant=vae]")
    figure.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    box = page.locator("#plane figure[data-variant=vae] .bk-Figure").first.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.7 * box["height"], steps=4)
    page.wait_for_timeout(200)
    moved = image_page(pictures)
    assert len(moved) == 3
    assert all(one != other for one, other in zip(before[:2], moved[:2], strict=True))
    page.locator("#pad").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    assert image_page(pictures)[:2] != moved[:2]
    assert re.match(r"Position: \d+ %, \d+ %", page.locator("#pad-said").inner_text())


@needs_browser
def test_a_drawn_one_is_reconstructed_and_its_loss_placed_among_the_test_samples(image_page):
    page = image_page.page
    page.locator("#empty").click()
    field = page.locator("#drawing")
    field.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    box = field.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.85 * box["height"], steps=10)
    page.mouse.up()
    page.wait_for_timeout(200)
    said = page.locator("#draw-grid figure[data-variant=vanilla] figcaption").inner_text()
    loss, share = re.fullmatch(r"loss ([\d.]+), above (\d+) % of the test samples", said).groups()
    assert 0 < float(loss) < 300
    assert 0 <= int(share) <= 100
    ink = image_page("""() => {
      const field = document.getElementById("drawing");
      const { data } = field.getContext("2d").getImageData(0, 0, field.width, field.height);
      return [...data].filter((_, i) => i % 4 === 0);
    }""")
    assert 0.05 < np.mean(ink) / 255 < 0.5  # a stroke, not a blot


@needs_browser
def test_a_switch_hides_a_model_everywhere(image_page):
    page, where = image_page.page, "[data-variant=sparse]"
    shown = page.locator(where).count()
    assert shown >= 3
    assert page.locator(f"{where}:visible").count() == shown
    page.locator("[data-switch=sparse]").uncheck()
    assert page.locator(f"{where}:visible").count() == 0
    assert "sparse" not in page.locator("#answers table").first.inner_text()
    page.locator("[data-switch=sparse]").check()
    assert page.locator(f"{where}:visible").count() == shown


@needs_browser
def test_answers_are_sorted_and_say_what_the_report_says(image_page):
    page = image_page.page
    names = page.locator("#answers table").first.locator("th").all_inner_texts()
    assert names[0] == EXPRESSIBLE[0]
    page.locator("#order").select_option("name")
    by_name = page.locator("#answers table").first.locator("th").all_inner_texts()
    assert by_name == sorted(by_name)
    page.locator("#order").select_option("mean")
    assert "Best autoencoder" in page.locator("#answers .said").first.inner_text()


@needs_browser
def test_a_model_that_is_not_live_says_so(image_page):
    said = image_page.page.locator("#draw-grid figure[data-variant=conv_vanilla]").inner_text()
    assert "Not live: this page cannot express a layer Conv2D." in said


@needs_browser
def test_text_of_the_data_is_shown_as_text(image_page, table_page):
    for opened in (image_page, table_page[1]):
        assert opened("window.attacked") is None
    assert HOSTILE in image_page.page.locator("#map .legend").inner_text()
    assert "digits <b>" in image_page.page.locator("h1").inner_text()
    assert image_page.page.locator("h1 b").count() == 0


@needs_browser
def test_rows_have_profiles_sliders_and_shares_of_the_columns(table_page):
    data, opened = table_page
    page = opened.page
    assert page.locator("#sliders input").count() == data.x_test.shape[1]
    model = "explorer.networkOf(explorer.page.variants.shallow)"
    script = f"""() => {{
      const network = {model};
      return Array.from({{ length: explorer.page.samples.count }}, (_, number) => {{
        const values = explorer.sample(number);
        const outputs = explorer.decode(network, explorer.codeOf("shallow", number));
        const squares = values.map((value, column) => (value - outputs[column]) ** 2);
        return [explorer.loss(network, values, outputs), squares.reduce((a, b) => a + b)];
      }});
    }}"""
    losses, squares = np.array(opened(script)).T
    np.testing.assert_allclose(losses, squares / 2, rtol=1e-4)
    middle = opened(f"explorer.rank('shallow', {np.median(losses)})")
    assert middle == pytest.approx(0.5, abs=0.05)  # the page has the test losses in this unit
    first = page.locator("#worst tbody tr").first.locator("td").all_inner_texts()
    assert int(first[0]) == losses.argmax()  # arrays count from 0
    assert float(first[2]) == pytest.approx(losses.max(), rel=0.01)
    shares = [int(share) for share in re.findall(r"(\d+) %", first[3])]
    assert shares == sorted(shares, reverse=True)
    slider = page.locator("#sliders input").first
    before = page.locator("#draw-grid figcaption").first.inner_text()
    slider.evaluate("(one) => { one.value = one.max; one.dispatchEvent(new Event('input')); }")
    page.wait_for_timeout(200)
    assert page.locator("#draw-grid figcaption").first.inner_text() != before


FAULTS = {17: ("b", 4321.5), 90: ("c", -987.25), 300: ("a", 5000.25)}
"""Row of the file as a spreadsheet shows it → the column with a wrong value, and the value."""


def with_faults(path):
    """Write a table of 300 rows with known faults; column d has large values close together."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(300, 4)), columns=list("abcd"))
    table["d"] = 1.6e9 + 1000 * table["d"]
    table["wrong"] = 0
    for row, (column, value) in FAULTS.items():
        table.loc[row - 2, [column, "wrong"]] = value, 1
    table.to_csv(path, index=False)
    return table


@needs_browser
@pytest.mark.parametrize("scale", ["none", "standard", "minmax"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_most_anomalous_rows_are_those_of_the_file_with_its_values(
    seed, scale, browser, tmp_path
):
    table = with_faults(tmp_path / "t.csv")
    if scale == "none":  # float32 does not resolve these times
        table.drop(columns="d").to_csv(tmp_path / "t.csv", index=False)
    how = {"setting": "semi_supervised", "scale": scale}
    data = load("t", tmp_path / "t.csv", labels="wrong", **how).for_seed(seed).with_anomalies()
    model = trained("pca", data, latent_dim=1, likelihood="gaussian")
    for layer in model.decoder.layers:
        for weight in layer.weights:
            weight.assign(np.zeros(weight.shape))  # a row's loss is its square
    path = tmp_path / "explorer.html"
    path.write_text(page_of(data, {"pca": model}, {}, "t"), encoding="utf-8")
    opened = Opened(browser, path)
    opened.begin("rows", "between", "draw")
    rows = [
        line.locator("td").all_inner_texts()
        for line in opened.page.locator("#worst tbody tr").all()
    ]
    worst = sorted(FAULTS, key=lambda row: -abs(FAULTS[row][1]))
    assert [int(row) for row, *_ in rows[:3]] == worst
    for row, label, _, said in rows[:3]:
        assert label == "anomaly"
        column, value = FAULTS[int(row)]
        assert said.startswith(f"{column} 100 % ({value:g})") or scale == "minmax"
    for row, _, _, said in rows:
        for column, value in re.findall(r"(\w) \d+ % \((.*?)\)", said):
            found = table.loc[int(row) - 2, column]
            assert float(value) == pytest.approx(found, abs=1e-3 * table[column].std(), rel=1e-5)
    said = "Rows are numbered as in a spreadsheet: the header is row 1."
    assert said in opened.page.locator("#rows").inner_text()
    shown = opened("[...document.getElementById('first').options].map((one) => one.text)")
    expected = ["anomaly" if row in FAULTS else "normal" for row in data.names]
    assert shown == [
        f"{row}, class {label}" for row, label in zip(data.names, expected, strict=True)
    ]
    opened.page.close()


@needs_browser
@pytest.mark.parametrize("width", [390, 800, 1400])
def test_no_width_makes_the_page_scroll_sideways(width, browser, image_page):
    url = image_page.page.url
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(url)
    page.wait_for_selector("body[data-ready=yes]")
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
