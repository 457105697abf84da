"""What the pages of the models take from the code and from the scores."""

import inspect
import re
from functools import cached_property
from pathlib import Path

import yaml

from kerasae.models import ARTICLE, entry, model_class

ROOT = Path(__file__).parents[2]
_DIFFERENCES = "Differences from it:"
"""Words of a file's docstring that open the differences from its source."""
_CONFIGURATIONS = [
    yaml.safe_load((ROOT / "workflow/configs" / name).read_text(encoding="utf-8"))
    for name in ("all.yaml", "claims.yaml")
]
VARIANTS = ARTICLE | {
    name: {"model": name, **settings}
    for configuration in _CONFIGURATIONS
    for name, settings in configuration["variants"].items()
}
"""Name of a variant of the configurations → its model and settings."""


class Model:
    """A model or baseline of the registries, as its file and its class describe it."""

    def __init__(self, name):
        self.name = name
        self.kind = model_class(name)
        self.module, _, self.class_name = entry(name).rpartition(":")
        self.file = f"{self.module.replace('.', '/')}.py"
        document = inspect.getdoc(inspect.getmodule(self.kind))
        self.title, _, rest = document.partition("\n")
        self.objective, self.differences = map(in_markdown, divided(rest))

    @cached_property
    def variants(self):
        """Variants of the configurations that are this model: name → settings."""
        return {
            name: {key: value for key, value in settings.items() if key != "model"}
            for name, settings in VARIANTS.items()
            if settings["model"] == self.name
        }

    @property
    def pictures(self):
        """Variants of which a picture is in docs/models/pictures, copied from a run."""
        folder = ROOT / "docs/models/pictures"
        return [name for name in self.variants if (folder / f"{name}.png").is_file()]

    @property
    def of_article(self):
        """Whether the article has a variant that is this model."""
        return any(settings["model"] == self.name for settings in ARTICLE.values())

    @property
    def settings(self):
        """Parameters that the class adds: tuples of name, default and text."""
        defaults = inspect.signature(self.kind).parameters
        return [
            (name, repr(defaults[name].default), cell(text))
            for name, text in parameters(self.kind.__doc__ or "")
            if name in defaults
        ]

    @property
    def code(self):
        """Kind of a code, in words."""
        if self.kind.stochastic:
            return "a Gaussian: mean and standard deviation"
        return "categories of a codebook" if self.kind.discrete else "a vector"

    @property
    def samples(self):
        """Whether the model has a prior to sample from, in words."""
        return "yes" if self.kind.generative else "no"


def divided(text):
    """Divide a file's docstring into the objective and the differences from its source."""
    before, _, after = text.partition(_DIFFERENCES)
    first, *others = re.split(r"\n\s*\n(?!\d+\. )", after.strip("\n"))
    first = first.strip()
    return "\n\n".join([before.strip("\n"), *others]), first[:1].upper() + first[1:]


def parameters(document):
    """List the entries of a docstring's section of parameters: pairs of name and text."""
    match = re.search(r"^ *Parameters\n *-+\n(.*?)(?:\n\n|\Z)", document, re.DOTALL | re.MULTILINE)
    section = inspect.cleandoc("\n" + match[1]) if match else ""
    entries = re.findall(r"^(\w+) : [^\n]*\n((?:    [^\n]*\n?)+)", section, re.MULTILINE)
    return [(name, " ".join(text.split())) for name, text in entries]


def in_markdown(text):
    """Turn paragraphs of a file's docstring into Markdown: formulas become blocks of code."""
    paragraphs = []
    for paragraph in filter(None, re.split(r"\n\s*\n", text.strip("\n"))):
        if all(line.startswith("    ") for line in paragraph.splitlines()):
            paragraphs.append(f"```text\n{inspect.cleandoc(chr(10) + paragraph)}\n```")
        else:
            paragraphs.append(cell(paragraph.strip()))
    return "\n\n".join(paragraphs)


def cell(text):
    """Escape what Markdown would take for markup, outside of code."""
    pieces = re.split(r"(``.*?``|`[^`]*`)", text)
    return "".join(
        piece if piece.startswith("`") else re.sub(r"([<\[\]|])", r"\\\1", piece)
        for piece in pieces
    )
