"""Hooks of MkDocs: the changelog, and links to other files."""

import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
"""A link in Markdown: its text and its target."""


def on_files(files, config):
    """Add CHANGELOG.md, which is in the folder above."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    text = LINK.sub(lambda link: f"[{link[1]}]({link[2].removeprefix('docs/')})", text)
    files.append(File.generated(config, "changelog.md", content=text))
    return files


def on_page_markdown(markdown, page, **event):
    """Turn links to files outside of docs/ into their text: the site does not have these files."""

    def inside(link):
        text, target = link.groups()
        folder = (ROOT / "docs" / page.file.src_uri).parent
        outside = "://" not in target and not (folder / target).resolve().is_relative_to(
            ROOT / "docs"
        )
        return text if outside else link[0]

    return LINK.sub(inside, markdown)
