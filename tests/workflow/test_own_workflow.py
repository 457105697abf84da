"""The whole graph on small data of one's own, with a model of one's own."""

import base64
import io
import json
import os
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import faults_of, needs_browser
from PIL import Image
from projects import copied, jobs_of, read, snakemake
from sklearn.datasets import load_breast_cancer, load_digits, load_sample_image, load_wine

import kerasae

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

CONFIG = {
    "datasets": {
        "mnist": False,
        # grey images with labels, their own test, whole numbers up to 16
        "digits": {"path": "digits.npz", "scale": "minmax", "held_out": 3},
        # rows with labels that are no names of files, and markup elsewhere
        "wine": {
            "path": "wine.csv", "labels": "maker", "scale": "standard",
            "likelihood": "gaussian", "held_out": "<b>_größe/$1$",
        },
        # colour images that are not square, without labels
        "china": {"path": "china"},
        # rows without labels, anomalies given
        "cancer": {
            "path": "benign.parquet", "anomalies": "malignant.parquet", "scale": "standard",
            "likelihood": "gaussian",
        },
    },
    "epochs": 2,
    "batch_size": 32,
    "validation": 20,
    "general": {"latent_dim": 4},
    "classification": {"labels": 40, "epochs": 2},
    "interpolation": {"steps": 4},
    "variants": {"mine": {"model": "mine.py:Mine", "weight": 0.5}},
    "baselines": {"pca": False, "random_projection": False, "untrained": False},
}  # fmt: skip

MAKERS = ("maker 0", "<b>_größe/$1$", "日本")

# It draws its codes and can sample, so that it comes by all tasks
MINE = """
import keras
from keras import ops

from kerasae.models.vae import VAE


@keras.saving.register_keras_serializable("mine")
class Mine(VAE):
    terms = (*VAE.terms, "size")

    def __init__(self, *args, weight=0.1, **kwargs):
        super().__init__(*args, **kwargs)
        self.weight = weight

    def objective(self, images, training):
        terms = super().objective(images, training)
        size = ops.mean(ops.abs(self.encoder(images, training=training)))
        return {**terms, "loss": terms["loss"] + self.weight * size, "size": size}

    def get_config(self):
        return {**super().get_config(), "weight": self.weight}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = copied(tmp_path_factory.mktemp("own"))
    bunch = load_digits()
    np.savez(
        folder / "digits.npz", x_train=bunch.images[:1000], y_train=bunch.target[:1000],
        x_test=bunch.images[1000:1200], y_test=bunch.target[1000:1200],
    )  # fmt: skip
    bunch = load_wine(as_frame=True)
    table = bunch.data.assign(maker=[MAKERS[label] for label in bunch.target])
    table.to_csv(folder / "wine.csv", index=False)
    (folder / "china").mkdir()
    picture = load_sample_image("china.jpg")
    for number in range(80):
        row, column = divmod(number, 10)
        patch = picture[row * 48 : row * 48 + 48 : 4, column * 60 : column * 60 + 60 : 4]
        Image.fromarray(patch).save(folder / "china" / f"{number:02}.png")
    bunch = load_breast_cancer(as_frame=True)
    for name, label in (("malignant", 0), ("benign", 1)):
        bunch.data[bunch.target == label].to_parquet(folder / f"{name}.parquet")
    (folder / "mine.py").write_text(MINE)
    defaults = yaml.safe_load((folder / "config.yaml").read_text())
    off = {name: False for name in defaults["variants"]}
    config = {**CONFIG, "variants": {**off, **CONFIG["variants"]}}
    (folder / "own.yaml").write_text(yaml.safe_dump(config))
    code, said = snakemake(folder, "--cores", "2", "--configfile", "own.yaml")
    assert code == 0, said[-5000:]
    return folder


DATA = ("digits", "wine", "china", "cancer")


def scores(project, name):
    return read(project / f"results/{name}/scores.csv")


def test_a_comparison_in_one_call_has_the_same_numbers(project, monkeypatch):
    monkeypatch.chdir(project)
    shared = ("epochs", "batch_size", "validation", "general", "classification", "interpolation")
    config = {key: CONFIG[key] for key in (*shared, "datasets")}
    for name, path, labels in (("digits", "digits.npz", None), ("wine", "wine.csv", "maker")):
        found = kerasae.compare(
            path, labels, variants=CONFIG["variants"], baselines=[], seeds=1, config=config,
            n_jobs=1, progress=False,
        )  # fmt: skip
        assert found.failures == {}
        found.save(f"one_call/{name}")
        ours, theirs = (
            {tuple(row.values()) for row in read(file) if row["task"] != "training_time"}
            for file in (f"one_call/{name}/scores.csv", f"results/{name}/scores.csv")
        )
        assert ours == theirs


@pytest.mark.parametrize("name", DATA)
def test_all_that_the_data_allow_is_measured(project, name):
    rows = scores(project, name)
    assert all(np.isfinite(float(row["value"])) for row in rows)
    tasks = {row["task"] for row in rows}
    labelled, anomalous = name in ("digits", "wine"), name != "china"
    expected = {"training_time", "reconstruction"}
    expected |= ({"classification"} if labelled else set()) | ({"anomaly"} if anomalous else set())
    assert tasks == expected
    assert "mine" in {row["variant"] for row in rows}


def test_losses_and_baselines_are_those_of_the_likelihood(project):
    for name, loss, baseline in (
        ("digits", "bce", "less_ink"),
        ("wine", "mse", "far_from_mean"),
        ("cancer", "mse", "far_from_mean"),
    ):
        rows = scores(project, name)
        assert loss in {row["metric"] for row in rows if row["task"] == "reconstruction"}
        areas = {(row["variant"], row["score"]) for row in rows if row["metric"] == "auroc"}
        assert {
            ("no_model", baseline),
            ("nearest_neighbours", "neighbours"),
            ("isolation_forest", "isolation"),
        } <= areas


def test_given_anomalies_are_what_is_to_be_found(project):
    rows = scores(project, "cancer")
    assert {row["held_out"] for row in rows if row["task"] == "anomaly"} == {"given"}
    (area,) = (
        float(row["value"])
        for row in rows
        if (row["variant"], row["metric"]) == ("no_model", "auroc")
    )
    assert area > 0.9  # malignant ones lie far out


def test_the_description_says_what_was_read_and_what_is_held_out(project):
    said = (project / "results/china/data/description.md").read_text()
    assert "64 images of 12×15×3 to train on, 16 to test on, uint8" in said
    assert "There are no labels: tasks that need them are skipped." in said
    said = (project / "results/wine/data/description.md").read_text()
    assert "maker 0 (" in said
    assert "scale: standard" in said


def test_a_held_out_class_has_its_label_in_scores_and_its_token_in_files(project):
    rows = [row for row in scores(project, "wine") if row["task"] == "anomaly"]
    assert {row["held_out"] for row in rows} == {MAKERS[1]}
    detectors = {"no_model", "nearest_neighbours", "isolation_forest"}
    assert {row["variant"] for row in rows} == {"mine", *detectors}
    times = {row["held_out"] for row in scores(project, "wine") if row["task"] == "training_time"}
    assert times == {"none", MAKERS[1]}
    table = read(project / "results/wine/tables/anomaly.csv")
    assert {row["variant"] for row in table} == {"mine", *detectors}
    for path in (
        "models/mine-latent2-without_class_0-seed1.keras",
        "figures/roc/latent2-without_class_0.png",
    ):
        assert (project / "results/wine" / path).is_file()


@needs_browser
def test_every_page_opens_from_disk_without_a_fault(project, browser):
    pages = sorted((project / "results").rglob("*.html"))
    assert len(pages) >= 4 * 3
    assert [fault for page in pages for fault in faults_of(browser, page)] == []


def explored(project, name):
    """What the page to explore says of the test samples, and their values, unscaled."""
    page = (project / f"results/{name}/explorer.html").read_text("utf-8")
    found = json.loads(re.search(r'id="content">(.*?)</script>', page, re.DOTALL)[1])["samples"]
    if found["is_image"]:
        picture = Image.open(io.BytesIO(base64.b64decode(found["sprite"].split(",")[1])))
        height, width, _ = found["shape"]
        places = [divmod(at, found["sprite_columns"]) for at in range(found["count"])]
        return found, [
            np.asarray(picture)[row * height :, column * width :][:height, :width]
            for row, column in places
        ]
    rows = np.frombuffer(base64.b64decode(found["rows"]["data"]), "float32")
    scale = found["scale"]
    rows = rows.reshape(found["count"], -1) / np.array(scale["factor"]) + np.array(scale["offset"])
    return found, rows


def test_the_page_to_explore_names_samples_as_the_files_do(project):
    found, rows = explored(project, "wine")
    table = pd.read_csv(project / "wine.csv")
    named = table.iloc[[int(name) - 2 for name in found["names"]]]
    np.testing.assert_allclose(rows, named.drop(columns="maker"), rtol=1e-4)
    assert "the header is row 1" in found["counting"]
    found, rows = explored(project, "cancer")
    named = pd.read_parquet(project / "benign.parquet").iloc[list(map(int, found["names"]))]
    np.testing.assert_allclose(rows, named, rtol=1e-3, atol=1e-4)
    assert "numbered from 0" in found["counting"]
    found, pictures = explored(project, "china")
    for name, picture in zip(found["names"], pictures, strict=True):
        np.testing.assert_array_equal(picture, np.asarray(Image.open(project / "china" / name)))


def test_the_report_opens_with_the_recommendations(project):
    code, said = snakemake(project, "--configfile", "own.yaml", "--report", "report.zip")
    assert code == 0, said
    with zipfile.ZipFile(project / "report.zip") as report:
        pages = "".join(
            report.read(name).decode() for name in report.namelist() if name.endswith("report.html")
        )
    assert "System Message" not in pages
    for name in DATA:
        assert f"Recommendations: {name}" in pages
    assert "One seed allows no ranking." in pages
    assert "There are no labels: tasks that need them are skipped." in pages


def test_an_edit_to_one_s_own_model_trains_it_anew(project):
    path = project / "mine.py"
    path.write_text(path.read_text() + "\n# edited\n")
    try:
        jobs = jobs_of(project, "own.yaml")
    finally:
        path.write_text(MINE)
        os.utime(path, (0, 0))
    trained = {job["dataset"] for rule, job in jobs if rule == "train_all_seeds"}
    assert trained == {"digits", "wine", "china", "cancer"}


def test_changed_data_are_read_again(project):
    path = project / "china" / "00.png"
    before = path.read_bytes()
    path.write_bytes((project / "china" / "01.png").read_bytes())
    try:
        jobs = jobs_of(project, "own.yaml")
    finally:
        path.write_bytes(before)
        os.utime(path, (0, 0))
    assert {job["dataset"] for rule, job in jobs if rule == "data"} == {"china"}


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("wine", {"path": "gone.csv"}, "gone.csv does not exist. Expected: .npz"),
        ("wine", {"path": "wine.csv", "labels": "grape"}, "no such column for the labels"),
        ("wine", {"path": "wine.csv", "scale": "log"}, "wine.scale: expected none, minmax or"),
        ("wine", {"path": "wine.csv", "labels": "maker", "held_out": 3}, "maker 0, 日本"),
        ("china", {"path": "china", "held_out": 1}, "as there are no labels. Received: 1"),
    ],
)  # fmt: skip
def test_wrong_data_stop_the_workflow_with_one_line(project, name, options, words):
    config = yaml.safe_load((project / "own.yaml").read_text())
    config["datasets"] = {"mnist": False, name: options}
    (project / "wrong.yaml").write_text(yaml.safe_dump(config))
    code, said = snakemake(project, "-n", "--configfile", "wrong.yaml")
    assert code != 0
    (line,) = (line for line in said.splitlines() if line.startswith("config: "))
    assert words in line
