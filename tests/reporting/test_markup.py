"""Whatever text comes from the data, the report has no other elements than its own."""

import contextlib
import functools
import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import jinja2
import numpy as np
import pandas as pd
import pytest
import yaml
from docutils.core import publish_parts
from projects import ROOT

from kerasae.evaluation.metric import ScoreKey, tidy
from kerasae.evaluation.tasks import TASKS
from kerasae.reporting import definitions, markup, tables
from kerasae.reporting.rankings import page

REPORT = ROOT / "workflow/report"
# As Snakemake renders captions and the first page
SNAKEMAKE = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
HOSTILE = [
    "<script>alert(1)</script>",
    "x\n\n.. raw:: html\n\n   <script>alert(1)</script>\n",
    "x\u2028\u2028.. raw:: html\u2028\u2028   <script>alert(1)</script>",
    "</main></pre></style></li></table><h1>",
    "`a`_ |b| *c* a_ [d]_ {{ 7 * 7 }} {% raw %} &lt;",
    "ünïcödé\u202e_",
]


class Elements(HTMLParser):
    """The elements of a page with their attributes, in order, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(attrs)))

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")

    def handle_data(self, data):
        self.text += data


def squeezed(text):
    return "".join(text.split())


@functools.cache
def plain_tags(write):
    """The elements of a page of plain text."""
    return Elements(write("plain")).tags


def same_elements(write, text):
    """Check that a page of some text has the elements of one of plain text, and shows it."""
    hostile = Elements(write(text))
    assert hostile.tags == plain_tags(write)
    assert squeezed(text) in squeezed(hostile.text)


def named(text):
    """Scores of two seeds in which all that is named is named by a text."""
    run = {"dataset": "mnist", "latent_dim": 20, "held_out": text}
    keys = {
        "reconstruction": ScoreKey("bce"),
        "anomaly": ScoreKey("auroc", score="bce"),
        "latent_space": ScoreKey("recall", classes=text),
    }
    return pd.concat(
        [
            tidy(
                {**run, "variant": variant, "seed": seed},
                task,
                {key: seed, key._replace(classes="other"): 1.0},
            )
            for variant in (text, "pca")
            for seed in (1, 2)
            for task, key in keys.items()
        ]
    )


def which_one(text):
    return page(named(text), text, text)


def of_task(text, task="reconstruction"):
    frame = tables.table(named(text), task, [text])
    short = tables.leading(frame, named(text), task)
    return markup.table_page(text, short, frame, tables.REMARKS)


def of_classes(text):
    return of_task(text, "latent_space")


def of_claims(text):
    frame = pd.DataFrame({"id": ["R1"], text: [text], "why": [np.nan]})
    return markup.page(text, markup.html_table(frame))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("write", [which_one, of_task, of_classes, of_claims])
def test_pages_show_text_and_take_it_for_nothing_else(write, text):
    same_elements(write, text)


def test_numbers_are_right_aligned_and_text_left():
    short = pd.DataFrame({"variant": ["a"], "BCE ↓": ["best 1 ± 2"], "remark": ["collapsed"]})
    full = pd.DataFrame({"BCE": [np.nan], "BCE best": ["best"]}, pd.Index(["a"], name="variant"))
    html = markup.table_page("x", short, full, tables.REMARKS)
    aligned = re.findall(r'<t[hd] class="number">(.*?)</t', html)
    assert aligned == ["BCE ↓", "best 1 ± 2", "BCE", ""]


def test_a_page_forbids_scripts_itself():
    policy = dict(Elements(markup.page("a", "b")).tags[4][1])
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"].startswith("default-src 'none'")


def configuration(text="plain"):
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    mine = {"model": f"mine.py:{text}", "weight": [text]}
    # What is asked for, which is not what small data are given
    for section in (config, config["general"], config["anomaly"], config["classification"]):
        section.update(
            {key: 4321 for key in ("validation", "latent_dim", "labels") if key in section}
        )
    small = {"validation": 14, "labels": 64, "latent_dim": 3, "latent_dims": [2]}
    return {
        **config,
        "chosen": {name: {**small, "to_be_found": [text]} for name in ("mnist", "wine")},
        "variants": {"mine_": mine, "vae": {"model": "vae"}, "off": False},
        "merge": [text],
    }


def rendered(template, config, **context):
    """Render reStructuredText as Snakemake does."""
    text = SNAKEMAKE.from_string(template.read_text()).render(
        snakemake=SimpleNamespace(config=config, **context.pop("job", {})), **context
    )
    return publish_parts(text, writer_name="html")["html_body"]


def first_page(text="plain"):
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        path, other = Path("results/mnist/which_one.html"), Path("results/mnist/other.html")
        path.parent.mkdir(parents=True)
        path.write_text(which_one(text), encoding="utf-8")
        files = [SimpleNamespace(path=other), SimpleNamespace(path=path)]
        categories = {"reconstruction": {"Other": files[:1]}, "answers": {"Other": files}}
        return rendered(REPORT / "workflow.rst", configuration(text), categories=categories)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_first_page_shows_text_and_takes_it_for_nothing_else(text):
    same_elements(first_page, text)


def test_the_first_page_opens_with_the_answers():
    html = first_page()
    assert "system-message" not in html
    assert "alert" not in html
    shown = Elements(html)
    positions = [
        shown.text.index(words)
        for words in (
            "The Great Autoencoder Bake-Off", "Recommendations: plain", "Compression",
            "How it was measured", "mine_: model mine.py:plain",
        )
    ]  # fmt: skip
    assert positions == sorted(positions)
    assert "off" not in shown.text.split("The variants and their settings")[1]
    assert 'href="mnist/explorer.html"' in html
    # The amounts that small data were given, not those that the configuration asks for
    assert "wine: 14 training samples held out" in shown.text
    assert "latent dimension 2; anomalies to detect: plain." in " ".join(shown.text.split())
    assert "4321" not in shown.text


def job(task, held_out):
    """What a job tells the caption of its table; every setting has the value 64."""
    keys = [key for evaluation in TASKS[task].evaluations for key in evaluation.settings]
    caption = definitions.caption(task, {key.rpartition(".")[2]: 64 for key in keys})
    run = (2, held_out if task == "anomaly" else "none")
    return SimpleNamespace(run=run, label=markup.in_rst(held_out), caption=caption)


@pytest.mark.parametrize("held_out", ["maker_", "given"])
@pytest.mark.parametrize("task", TASKS)
def test_the_caption_of_a_table_is_valid_and_has_its_metrics(task, held_out):
    html = rendered(REPORT / "table.rst", configuration(), job={"params": job(task, held_out)})
    assert "system-message" not in html
    text = " ".join(Elements(html).text.split())
    assert all(metric.text in text for metric in TASKS[task].metrics)
    if task == "anomaly":
        named = "The anomalies were given." if held_out == "given" else "Held-out class: maker_."
        assert named in text


@pytest.mark.parametrize("name", ["across", "claims", "figure", "which_one"])
def test_other_captions_are_valid(name):
    wildcards = SimpleNamespace(metric="auroc")
    context = {"params": SimpleNamespace(caption="Test codes."), "wildcards": wildcards}
    html = rendered(REPORT / f"{name}.rst", configuration(), job=context)
    assert "system-message" not in html
    assert len(Elements(html).text.split()) > 1
