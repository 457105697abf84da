"""Hooks of MkDocs: pages of the models, the changelog, a page to explore MNIST, other links."""

import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
"""A link in Markdown: its text and its target."""
_EXPLORERS = [ROOT / f"results/{folder}/explorer.html" for folder in ("mnist", "tour/mnist")]
"""Pages to explore MNIST of make bakeoff and make tour; the first that is there is shown."""
_ONLINE = "explorer-mnist.html"
"""Name of the page to explore MNIST on the site."""


def on_config(config):
    """Add the pages of the models to the navigation, in the sections of their overview."""
    text = (ROOT / "docs/models/index.md").read_text(encoding="utf-8")
    (models,) = (entry["The models"] for entry in config.nav if "The models" in entry)
    for section in text.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        pages = [f"models/{name}" for name in re.findall(r"^\| \[.*?\]\((\w+\.md)\)", body, re.M)]
        models += [{title: pages}] if pages else []
    models.append("models/baselines.md")
    return config


def on_files(files, config):
    """Add CHANGELOG.md, which is in the folder above, and the page of a run to explore MNIST."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    text = _LINK.sub(lambda link: f"[{link[1]}]({link[2].removeprefix('docs/')})", text)
    files.append(File.generated(config, "changelog.md", content=text))
    if path := next(filter(Path.is_file, _EXPLORERS), None):
        files.append(File.generated(config, _ONLINE, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown, page, files, **event):
    """Turn links to files outside of docs/, which the site does not have, into their text."""
    if page.file.src_uri == "explorer.md" and files.get_file_from_path(_ONLINE):
        heading, _, rest = markdown.partition("\n")
        markdown = f"{heading}\n\n**[Explore MNIST]({_ONLINE})**, a file of some 15 MB.\n{rest}"

    def inside(link):
        text, target = link.groups()
        folder = (ROOT / "docs" / page.file.src_uri).parent
        outside = "://" not in target and not (folder / target).resolve().is_relative_to(
            ROOT / "docs"
        )
        return text if outside else link[0]

    return _LINK.sub(inside, markdown)
