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
from kerasae.reporting.explorer.explorer_page import as_json, explorer
from kerasae.reporting.explorer.quantised import NotExpressible, network, quantised
from kerasae.reporting.explorer.quantised import run as run_layers

EXPRESSIBLE = (*ARTICLE, "pca", "random_projection", "untrained")
FEW = ("shallow", "vae", "vq", "pca")
"""Models whose networks and bottlenecks differ most."""
MANY = [pytest.param(name, marks=() if name in FEW else pytest.mark.slow) for name in EXPRESSIBLE]
PARTS = ("encoder", "decoder")
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


def trained(name, data, latent_dim=4, **settings):
    """A fitted baseline, or a model with the normalisation of one that was trained."""
    without = ("shallow", "conv_vanilla", "pca", "random_projection")
    widths = {} if name in without else {"widths": (24, 12)}
    model = build(name, data.x_train.shape[1:], latent_dim, seed=3, **widths, **settings)
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


def rounded(model, description):
    """Return a copy of a model with the weights that the page has."""
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    for name in ("encoder", "decoder"):
        described = iter(description[name])
        for layer in getattr(clone, name).layers:
            if not layer.weights:
                continue
            matrix, bias, _ = exact(next(described))
            linear = layer.linear if isinstance(layer, Hidden) else layer
            linear.kernel.assign(matrix.T if linear.turned else matrix)
            if isinstance(layer, Hidden):
                size = len(bias)
                still = np.ones(size), bias, np.zeros(size), np.full(size, 1 - 1e-5)
                for weight, value in zip(layer.norm.weights, still, strict=True):
                    weight.assign(value)
            elif linear.use_bias:
                linear.bias.assign(bias)
    return clone


def exact(layer):
    """The matrix, bias and activation of a layer of the page."""
    return (layer["weights"] * layer["scale"][:, None]).T, layer["bias"], layer["activation"]


@pytest.mark.parametrize("name", MANY)
def test_a_network_of_the_page_is_that_of_keras_with_the_same_rounded_weights(name, images):
    model, samples = trained(name, images), images.x_test[:50]
    description = network(model, samples)
    layers = {part: [exact(layer) for layer in description[part]] for part in PARTS}
    clone = rounded(model, description)
    outputs = clone.encoder(clone.scale(samples), training=False).numpy()
    results = run_layers(layers["encoder"], samples / 255)
    np.testing.assert_allclose(results, outputs, atol=1e-3, rtol=1e-3)
    codes = np.asarray(clone.bottleneck(outputs))
    decoded = clone.decoder(codes, training=False).numpy().reshape(50, -1)
    np.testing.assert_allclose(run_layers(layers["decoder"], codes), decoded, atol=1e-3, rtol=1e-3)
    whole, eighth = (
        float(each.reconstruction_loss(each.scale(samples), each.decoder(each.encode(samples))))
        for each in (model, clone)
    )
    assert eighth == pytest.approx(whole, rel=0.01)


def test_weights_have_8_bits_and_a_scale_for_each_output():
    matrix = np.array([[1.0, 0.001], [-0.5, 0.002], [0.25, 0.0]])  # (inputs, outputs)
    layer = quantised(matrix, np.zeros(2), "linear")
    assert layer["weights"].tolist() == [[127, -64, 32], [64, 127, 0]]
    np.testing.assert_allclose(layer["scale"], [1 / 127, 0.002 / 127])
    flat = quantised(np.zeros((3, 1)), np.ones(1), "linear")  # a dead unit
    assert run_layers([exact(flat)], np.ones((2, 3))).tolist() == [[1], [1]]


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
    _, rows = content.page_samples(many, 1)
    assert (len(rows), rows[0], rows[-1]) == (content.SHOWN, 0, 29999)
    wide = images._replace(x_test=np.zeros((100, 10**6), "float32"))
    assert len(content.page_samples(wide, 1)[1]) == 4
    assert content.page_samples(images, 1)[1].tolist() == list(range(300))


def scores_of(names):
    """Scores of a ranking over three seeds."""
    run = {"dataset": "d", "latent_dim": 4, "held_out": "none"}
    key = ScoreKey("bce")
    frames = [
        tidy({**run, "variant": name, "seed": seed}, "reconstruction", {key: 60 + place + seed / 9})
        for place, name in enumerate(names)
        for seed in (1, 2, 3)
    ]
    return pd.concat(frames).astype({"seed": float, "latent_dim": float})


def page_of(data, names, flat, title, **settings):
    """The page of some models, those of ``flat`` with a plane of two dimensions, too."""
    data, rows = content.page_samples(data, 1)
    rng = np.random.default_rng(0)
    runs, flat_runs = {}, {}
    for name in names:
        model = trained(name, data, **settings)
        outputs = run(model, data.x_train[:50], data.x_test, steps=2, seed=1)
        plane = rng.normal(size=(len(data.x_test), 2)) + 3 * np.eye(2)[data.y_test % 2]
        runs[name] = content.of_run(model, outputs, data, rows, plane)
    for name in flat:
        model = trained(name, data, latent_dim=2, **settings)
        outputs = run(model, data.x_train[:50], data.x_test, steps=2, seed=1)
        flat_runs[name] = content.of_flat_run(model, outputs, data, rows)
    samples = content.of_data(data, rows)
    return explorer(title, samples, runs, flat_runs, scores_of(names))


WRITTEN = """
import numpy as np
from kerasae.datasets import Dataset
from kerasae.evaluation.metric import ScoreKey, tidy
from kerasae.reporting.explorer import content
from kerasae.reporting.explorer.explorer_page import explorer
rows = np.arange(24.0).reshape(12, 2)
data = Dataset(rows, np.arange(12) % 3, rows, np.arange(12) % 3, ("a", "b", "c"))
run = {"why_not": "x", "codes": rows, "losses": rows[:, 0], "map": rows}
flat = {"why_not": "x", "low": [0, 0], "high": [1, 1], "plane": rows}
cell = {"dataset": "d", "variant": "vae", "seed": 1, "latent_dim": 2, "held_out": "none"}
values = {ScoreKey("mse", "mean"): 1.0, ScoreKey("mse", "sample"): 2.0}
scores = tidy(cell, "reconstruction", values)
samples = content.of_data(*content.page_samples(data, 1))
for _ in range(2):
    print(explorer("d", samples, {"vae": run, "pca": run}, {"vae": flat, "pca": flat}, scores))
    print("NEXT")
"""


def test_a_page_is_the_same_whenever_and_wherever_it_is_written():
    """Each process has another order of its sets."""
    pages = [
        page
        for seed in (1, 2)
        for page in subprocess.run(
            [sys.executable, "-c", WRITTEN], env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True, text=True, check=True,
        ).stdout.split("NEXT\n")[:2]
    ]  # fmt: skip
    assert len(pages) == 4
    assert len(set(pages)) == 1


class Opened:
    """A page in the browser, with what it requested and logged."""

    def __init__(self, browser, url, width=1200):
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.requests, self.logged = [], []
        self.page.on("console", lambda message: self.logged.append((message.type, message.text)))
        self.page.on("pageerror", lambda error: self.logged.append(("error", str(error))))
        self.page.route("**/*", self.seen)
        self.page.goto(url)
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
        self.settle()

    def settle(self):
        """Wait until what waits for the next frame is drawn."""
        frames = "requestAnimationFrame(() => requestAnimationFrame(resolve))"
        self(f"() => new Promise((resolve) => {frames})")


@pytest.fixture(scope="module")
def open_page(tmp_path_factory, browser):
    """Open a page in the browser, and begin some of its parts."""

    def opened(html, *parts):
        path = tmp_path_factory.mktemp("page") / "explorer.html"
        path.write_text(html, encoding="utf-8")
        page = Opened(browser, path.as_uri())
        page.begin(*parts)
        return page

    return opened


@pytest.fixture(scope="module")
def small_page(open_page, images):
    """A page of few models; one is not live."""
    html = page_of(images, ["vae", "conv_vanilla", "pca"], ["vae"], "digits <b>")
    return open_page(html, "plane", "between", "draw")


@pytest.fixture(scope="module")
def image_page(open_page, images):
    html = page_of(images, EXPRESSIBLE, ["vanilla", "vae", "vq"], "digits")
    return open_page(html, "plane", "between", "draw")


@pytest.fixture(scope="module")
def table_page(open_page):
    html = page_of(wine(), ["shallow", "vae", "pca"], [], "wine", likelihood="gaussian")
    return open_page(html, "between", "draw", "rows")


def computes_what_keras_does(opened, name, images):
    """Compare the browser with Keras on the rounded weights."""
    model = trained(name, images)
    clone = rounded(model, network(model, images.x_test[:64]))
    script = """([name, number]) => {
      const network = explorer.networkOf(explorer.page.variants[name]);
      const values = explorer.sample(number);
      const code = explorer.encode(network, values);
      const outputs = explorer.decode(network, code);
      return [[...values], [...code], [...outputs], explorer.loss(network, values, outputs)];
    }"""
    for number in (0, 299):
        values, code, outputs, loss = opened(script, [name, number])
        sample = images.x_test[number : number + 1]
        np.testing.assert_allclose(values, sample.ravel() / 255, atol=1e-6)
        np.testing.assert_allclose(code, clone.encode(sample).numpy()[0], atol=1e-3, rtol=1e-3)
        expected = clone.decoder(clone.encode(sample)).numpy()
        np.testing.assert_allclose(outputs, expected.ravel(), atol=1e-3, rtol=1e-3)
        expected = float(clone.reconstruction_loss(clone.scale(sample), expected))
        assert loss == pytest.approx(expected, rel=1e-3)


@needs_browser
def test_the_page_opens_without_network_faults_or_foreign_markup(small_page, images):
    page = small_page.page
    assert small_page.requests == []
    assert [line for line in small_page.logged if line[0] in ("error", "warning")] == []
    computes_what_keras_does(small_page, "vae", images)
    names = page.locator("#rankings table").first.locator("th").all_inner_texts()
    assert names == ["vae", "conv_vanilla", "pca"]
    assert "Best autoencoder" in page.locator("#rankings .text").first.inner_text()
    not_live = page.locator("#draw-grid figure[data-variant=conv_vanilla]").inner_text()
    assert "Not live: this page cannot express a layer Conv2D." in not_live
    assert small_page("window.attacked") is None
    assert HOSTILE in page.locator("#map .legend").inner_text()
    assert "digits <b>" in page.locator("h1").inner_text()
    assert page.locator("h1 b").count() == 0
    ids = small_page("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))
    assert small_page("fetch('https://example.org').then(() => 'open', () => 'closed')") == "closed"


@needs_browser
@pytest.mark.slow
def test_the_browser_computes_what_keras_does_for_every_model(image_page, images):
    for name in EXPRESSIBLE:
        computes_what_keras_does(image_page, name, images)


@needs_browser
@pytest.mark.slow
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
@pytest.mark.slow
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
    page.wait_for_function("explorer.model('samples').selected.indices.length > 0")
    image_page.settle()
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
@pytest.mark.slow
def test_the_pointer_in_a_plane_is_decoded_by_all_and_so_are_the_arrow_keys(image_page):
    page = image_page.page
    pictures = "[...document.querySelectorAll('[data-decoded]')].map((one) => one.toDataURL())"
    before = image_page(pictures)
    figure = page.locator("#plane figure[data-variant=vae]")
    figure.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    box = page.locator("#plane figure[data-variant=vae] .bk-Figure").first.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.7 * box["height"], steps=4)
    image_page.settle()
    moved = image_page(pictures)
    assert len(moved) == 3
    assert all(one != other for one, other in zip(before[:2], moved[:2], strict=True))
    page.locator("#pad").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    image_page.settle()
    assert image_page(pictures)[:2] != moved[:2]
    assert re.match(r"Position: \d+ %, \d+ %", page.locator("#pad-text").inner_text())


@needs_browser
@pytest.mark.slow
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
    image_page.settle()
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
@pytest.mark.slow
def test_a_switch_hides_a_model_everywhere(image_page):
    page, where = image_page.page, "[data-variant=sparse]"
    shown = page.locator(where).count()
    assert shown >= 3
    assert page.locator(f"{where}:visible").count() == shown
    page.locator("[data-switch=sparse]").uncheck()
    assert page.locator(f"{where}:visible").count() == 0
    assert "sparse" not in page.locator("#rankings table").first.inner_text()
    page.locator("[data-switch=sparse]").check()
    assert page.locator(f"{where}:visible").count() == shown
    page.locator("#order").select_option("name")
    by_name = page.locator("#rankings table").first.locator("th").all_inner_texts()
    assert by_name == sorted(by_name)


@needs_browser
@pytest.mark.slow
def test_rows_have_profiles_sliders_and_shares_of_the_columns(table_page):
    opened, page = table_page, table_page.page
    assert opened.requests == []
    assert opened("window.attacked") is None
    assert page.locator("#sliders input").count() == 13
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
    opened.settle()
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
@pytest.mark.slow
@pytest.mark.parametrize("scale", ["none", "standard", "minmax"])
def test_the_most_anomalous_rows_are_those_of_the_file_with_its_values(
    scale, open_page, tmp_path, monkeypatch
):
    table = with_faults(tmp_path / "t.csv")
    if scale == "none":  # float32 does not resolve these times
        table.drop(columns="d").to_csv(tmp_path / "t.csv", index=False)
    how = {"setting": "semi_supervised", "scale": scale}
    data = load("t", tmp_path / "t.csv", labels="wrong", **how).for_seed(1).with_anomalies()
    model = trained("pca", data, latent_dim=1, likelihood="gaussian")
    for layer in model.decoder.layers:
        for weight in layer.weights:
            weight.assign(np.zeros(weight.shape))  # a row's loss is its square
    monkeypatch.setitem(globals(), "trained", lambda *arguments, **settings: model)
    opened = open_page(page_of(data, ["pca"], [], "t"), "rows", "between", "draw")
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
@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 800, 1400])
def test_no_width_makes_the_page_scroll_sideways(width, browser, image_page):
    opened = Opened(browser, image_page.page.url, width)
    opened.begin("plane", "between", "draw")
    assert opened("document.documentElement.scrollWidth") <= width
    opened.page.close()
