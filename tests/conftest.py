"""Fixtures of several test files: the images, and the models after a short training."""

import functools
import os
import shutil
from types import SimpleNamespace

import pytest

# Tests run at the same time, on all cores: further threads of NumPy and scikit-learn would take
# many times the processor time, waiting for each other. The jobs of the workflow have one, too.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
# Jobs of the workflow in a copy of the project would otherwise compile the package every time
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import kerasae
from kerasae.datasets.known import SHIPPED

SHAPE = (32, 32, 1)
EVERY = pytest.mark.parametrize("name", kerasae.REGISTRY)
LINEAR = ("pca", "random_projection")


BROWSER = shutil.which("chromium")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"chromium does not start on this machine: {error}")
        yield opened
        opened.close()


def faults_of(browser, path):
    """Open a page from disk, scroll through it, and list what a browser finds wrong with it."""
    page, events = browser.new_page(), []
    page.on("console", lambda message: events.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: events.append(f"error: {error}"))
    page.on("request", lambda request: events.append(f"request: {request.url[:200]}"))
    page.on("requestfailed", lambda request: events.append(f"error: no {request.url[:200]}"))
    page.goto(path.absolute().as_uri(), wait_until="load")
    page.evaluate("""async () => {
      for (const element of document.querySelectorAll("h1, h2, h3, section, details, img")) {
        if (element.tagName === "DETAILS") element.open = true;
        element.scrollIntoView();
        await new Promise(requestAnimationFrame);
      }
    }""")
    page.wait_for_load_state("networkidle")
    events += page.evaluate("""() => [...document.images].filter((image) => !image.naturalWidth)
      .map((image) => `error: broken picture ${image.src.slice(0, 80)}`)""")
    own = f"request: {page.url}"
    page.close()
    harmless = ("request: data:", "request: blob:", "debug: ", "info: ", "log: ")
    return [event for event in events if event != own and not event.startswith(harmless)]


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that no core is idle at the end."""
    items.sort(key=lambda item: "workflow" not in item.keywords)


def build(name, **settings):
    small = {} if name in ("shallow", *LINEAR) else {"widths": (16, 8)}
    model = kerasae.build(name, SHAPE, 4, **small, **settings)
    model.compile(jit_compile=False)
    return model


def weights(model):
    return [variable.numpy() for variable in model.variables if "seed" not in variable.path]


def pairwise(compare, first, second):
    return [compare(a, b) for a, b in zip(first, second, strict=True)]


@pytest.fixture(scope="session")
def mnist():
    return kerasae.datasets.load("mnist", path=SHIPPED / "mnist")


@pytest.fixture(scope="session")
def scores():
    """The stored scores of the article's study."""
    from kerasae.evaluation import scores as tidy
    from studies.bake_off.pages import SCORES

    return tidy.read(SCORES / "article.csv")


@pytest.fixture(scope="session")
def context(scores):
    """What the pages of the study are written from."""
    from studies.bake_off.pages import Context

    return Context(scores)


@pytest.fixture(scope="session")
def images(mnist):
    return mnist.x_train[:300]


@pytest.fixture(scope="session")
def trained(images):
    @functools.cache
    def run(name):
        model = build(name)
        before = weights(model)
        fit = model.fit(images, batch_size=128, epochs=3, validation_data=images[:100], verbose=0)
        return SimpleNamespace(model=model, before=before, history=fit.history)

    return run


@pytest.fixture(scope="session")
def few(mnist):
    """A few images (24, 32, 32, 1) in [0, 1]."""
    return mnist.x_train[:24].astype("float32") / 255
