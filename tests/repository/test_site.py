"""Links of the pages, and the documentation as it is built."""

import re
import shutil
import subprocess
from functools import cache
from pydoc import locate
from types import SimpleNamespace

import pytest
import yaml
from projects import ROOT

import kerasae
from kerasae.models import BASELINES, REGISTRY

DOCS = ROOT / "docs"
WRITTEN = sorted(DOCS.rglob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), ROOT / "config/README.md", *WRITTEN]
MKDOCS = ROOT / ".venv-docs/bin/mkdocs"


def prose(text):
    """Markdown without its code."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", lambda code: "x" * len(code[0]), text)


def links(text):
    """Targets of the links and pictures of a page."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(text))


APART = ("404.html", "explorer-mnist.html")
"""Files of the site that are no pages of the documentation."""


@cache
def anchors(path):
    """Anchors of the headings of a page, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    names = []
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")
        names.append(f"{name}-{names.count(name)}" if name in names else name)
    return names


def lost(path, text):
    """Links of a page, with this text, that lead nowhere in the repository."""
    for link in links(text):
        target, _, anchor = link.partition("#")
        if re.match(r"\w+:", target):
            continue
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and anchor not in anchors(file)):
            yield link


def test_every_link_of_a_page_leads_somewhere():
    broken = {page: [*lost(page, page.read_text(encoding="utf-8"))] for page in PAGES}
    assert {page: links for page, links in broken.items() if links} == {}


def test_a_link_that_leads_nowhere_would_be_found():
    text = "[a](nothing.md) [b](keras.md#nothing) [c](keras.md#data) [d](https://a.b) [e](#no)"
    page = DOCS / "index.md"
    assert [*lost(page, text)] == ["nothing.md", "keras.md#nothing", "#no"]
    text = "![a\n](nothing.png) `[b](c.md)`\n```\n[d](e.md)\n```\n"
    assert [*lost(page, text)] == ["nothing.png"]


def test_the_reference_names_what_exists_and_all_that_the_package_offers():
    texts = [path.read_text(encoding="utf-8") for path in (DOCS / "api").glob("*.md")]
    named = [name for text in texts for name in re.findall(r"^::: (\S+)$", text, re.MULTILINE)]
    assert [name for name in named if locate(name) is None] == []
    assert [name for name in kerasae.__all__ if f"kerasae.{name}" not in " ".join(texts)] == []


def test_every_model_has_a_page_and_a_row_in_the_overview():
    overview = (DOCS / "models/index.md").read_text(encoding="utf-8")
    for name in REGISTRY:
        assert f"]({name}.md)" in overview
        assert (DOCS / f"models/{name}.md").exists()
    baselines = (DOCS / "models/baselines.md").read_text(encoding="utf-8")
    assert [name for name in BASELINES if f"`{name}`" not in baselines] == []


def page_in_html(path):
    """Links, loaded files and identifiers of a page in HTML."""
    tags = re.findall(r"<(\w+)([^>]*)>", path.read_text(encoding="utf-8"))
    attributes = [(tag, dict(re.findall(r'([\w-]+)="?([^" >]*)', text))) for tag, text in tags]
    return SimpleNamespace(
        links=[values["href"] for tag, values in attributes if tag == "a" and values.get("href")],
        loaded=[values["src"] for _, values in attributes if values.get("src")]
        + [
            values["href"]
            for tag, values in attributes
            if tag == "link" and values.get("rel") in ("stylesheet", "icon", "preload")
        ],
        ids={values.get("id", "") for _, values in attributes},
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built documentation: its folder, and path → page."""
    if not MKDOCS.exists():
        pytest.skip("make docs creates the environment that builds the documentation")
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(DOCS, project / "docs")
    for name in ("kerasae", "mkdocs.yml", "CHANGELOG.md"):
        (project / name).symlink_to(ROOT / name)
    explorer = project / "results/tour/mnist/explorer.html"
    explorer.parent.mkdir(parents=True)
    explorer.write_text("a page to explore", encoding="utf-8")
    command = [MKDOCS, "build", "--strict", "--quiet"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    folder = project / "site"
    paths = [path for path in folder.rglob("*.html") if path.name not in APART]
    return folder, {path: page_in_html(path) for path in paths}


@pytest.mark.slow
def test_every_page_is_built_and_is_in_the_navigation(site):
    folder, pages = site
    expected = {folder / path.relative_to(DOCS).with_suffix(".html") for path in WRITTEN}
    assert expected | {folder / "changelog.html"} == pages.keys()
    linked = {
        (folder / link.partition("#")[0]).resolve() for link in pages[folder / "index.html"].links
    }
    assert {path.resolve() for path in pages} - linked <= {(folder / "index.html").resolve()}
    # The page to explore that a run has written
    assert (folder / "explorer-mnist.html").read_text(encoding="utf-8") == "a page to explore"
    assert "explorer-mnist.html" in pages[folder / "explorer.html"].links


@pytest.mark.slow
def test_the_site_has_no_broken_link_and_loads_nothing_from_elsewhere(site):
    folder, pages = site
    broken = []
    for path, page in pages.items():
        assert [address for address in page.loaded if "//" in address] == []
        for link in page.links + page.loaded:
            target, _, anchor = link.partition("#")
            file = (path.parent / target).resolve() if target else path
            if re.match(r"\w+:", target):
                continue
            if not file.exists() or (file in pages and anchor not in pages[file].ids):
                broken.append(f"{path.relative_to(folder)}: {link}")
    assert broken == []


@pytest.mark.slow
def test_the_docstrings_are_in_the_reference(site):
    folder, pages = site
    assert "kerasae.comparison.compare" in pages[folder / "api/index.html"].ids
    assert {"kerasae.models.base.Autoencoder.objective", "kerasae.training.fit.Trainer.fit"} <= (
        pages[folder / "api/models.html"].ids
    )


def test_the_configuration_is_strict():
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert settings["strict"]
    assert settings["theme"]["font"] is False  # loaded from elsewhere
