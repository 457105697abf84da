"""Whatever text comes from the data, the report has no other elements than its own."""

from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import jinja2
import numpy as np
import pandas as pd
import pytest
import yaml
from docutils.core import publish_parts

from kerasae.evaluation.scores import COLUMNS, tidy
from kerasae.reporting import pages, tables
from kerasae.reporting.rankings import page

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "workflow/report"
# As Snakemake renders captions and the first page
SNAKEMAKE = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "x\n\n.. raw:: html\n\n   <script>alert(1)</script>\n",
    "x\u2028\u2028.. raw:: html\u2028\u2028   <script>alert(1)</script>",
    "x\x0b.. raw:: html\x0b\x0b   <b>\x1cy",
    "x\n\n.. raw:: html\n   :file: /etc/passwd\n",
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


def same_elements(write, text):
    """Check that a page of some text has the elements of one of plain text, and shows it."""
    plain, hostile = Elements(write("plain")), Elements(write(text))
    assert hostile.tags == plain.tags
    assert squeezed(text) in squeezed(hostile.text)


def named(text):
    """Scores of two seeds in which all that is named is named by a text."""
    run = {"dataset": "mnist", "latent_dim": 20, "held_out": text}
    return pd.concat(
        [
            tidy({**run, "variant": variant, "seed": seed}, task, {"bce": seed, text: 1.0})
            for variant in (text, "pca")
            for seed in (1, 2)
            for task in ("reconstruction", "anomaly")
        ]
    )


def which_one(text):
    return page(named(text), text, text)


def of_task(text):
    frame = tables.table(named(text), "reconstruction", [text])
    return pages.table_page(text, tables.leading(frame, "reconstruction"), frame)


def of_claims(text):
    frame = pd.DataFrame({"id": ["R1"], text: [text], "why": [np.nan]})
    return pages.page(text, pages.html_table(frame))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("write", [which_one, of_task, of_claims])
def test_pages_show_text_and_take_it_for_nothing_else(write, text):
    same_elements(write, text)


def test_long_text_and_missing_values_are_shown_as_they_are():
    html = pages.html_table(pd.DataFrame({"a": ["x" * 500, None], "b": [1.5, np.nan]}))
    assert f"<td>{'x' * 500}</td><td>1.5</td>" in html
    assert "<td></td><td></td>" in html


def test_a_page_forbids_scripts_itself():
    policy = dict(Elements(pages.page("a", "b")).tags[4][1])
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


def first_page(tmp_path, text="plain"):
    path = tmp_path / "which_one.html"
    path.write_text(which_one(text), encoding="utf-8")
    other = SimpleNamespace(path=tmp_path / "other.html")
    categories = {
        "reconstruction": {"Other": [other]},
        "answers": {"Other": [other, SimpleNamespace(path=path)]},
    }
    return rendered(REPORT / "workflow.rst", configuration(text), categories=categories)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_first_page_shows_text_and_takes_it_for_nothing_else(tmp_path, text):
    same_elements(lambda text: first_page(tmp_path, text), text)


def test_the_first_page_opens_with_the_answers(tmp_path):
    html = first_page(tmp_path)
    assert "system-message" not in html
    assert "alert" not in html
    shown = Elements(html)
    positions = [
        shown.text.index(words)
        for words in (
            "The Great Autoencoder Bake-Off", "Which one for me? plain", "Compression",
            "How it was measured", "mine_: model mine.py:plain",
        )
    ]  # fmt: skip
    assert positions == sorted(positions)
    assert "off" not in shown.text.split("The contestants and their settings")[1]


def test_the_first_page_tells_the_amounts_that_small_data_were_given(tmp_path):
    shown = Elements(first_page(tmp_path)).text
    assert "wine: 14 training samples held out" in shown
    assert "latent dimension 2, to be found: plain." in " ".join(shown.split())
    assert "4321" not in shown


@pytest.mark.parametrize("caption", sorted(REPORT.glob("*.rst")), ids=lambda path: path.stem)
@pytest.mark.parametrize("dataset", ["mnist", "wine"])
@pytest.mark.parametrize("held_out", ["1", "maker_", "_script_", "given"])
def test_captions_are_valid_whatever_a_class_or_a_variant_is_called(caption, dataset, held_out):
    if caption.stem == "workflow":
        return
    for task in tables.LEADING if caption.stem == "table" else [""]:
        wildcards = SimpleNamespace(
            dataset=dataset, variant="mine_", held_out=held_out, latent_dim="2", task=task
        )
        params = SimpleNamespace(run=(2, held_out), score="mse", label=pages.in_rst(held_out))
        job = {"wildcards": wildcards, "params": params}
        html = rendered(caption, configuration(), job=job)
        assert "system-message" not in html
        assert "4321" not in html
        if dataset == "wine":
            text = Elements(html).text.replace("In images the less ink, in rows", "")
            assert "image" not in text.replace("mean_image", "")
        if caption.stem in ("anomaly_roc", "latent_space_plane") or task == "anomaly":
            class_named = held_out in Elements(html).text
            assert class_named
            assert ("given anomalies" in html) == (held_out == "given")


def test_every_task_has_leading_columns_and_a_place_in_the_report():
    from kerasae.evaluation.scores import TASKS

    assert set(tables.LEADING) == set(TASKS) - {"label_curve"}
    rules = (ROOT / "workflow/rules/common.smk").read_text()
    assert all(f'"{task}"' in rules for task in tables.LEADING)
    assert tuple(tidy({key: 1 for key in COLUMNS[:5]}, "x", {}).columns) == COLUMNS
