"""The whole graph on a collection of two tables with known anomalies, and their comparison."""

import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import faults_of, needs_browser
from projects import ROOT, copied, jobs_of, snakemake
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import StandardScaler

from kerasae.datasets import LabelledRows, split
from kerasae.engine.provenance import UNLISTED
from kerasae.evaluation import scores as tidy
from kerasae.reporting.across.methods import methods

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

CONFIG = {
    "datasets": {"mnist": False, "tables": {"collection": "tables", "rows": 300}},
    "demonstration": True,
    "seeds": [1, 2],
    "epochs": 3,
    "batch_size": "auto",
    "patience": 2,
    "least_widths": [16, 8],
    "anomaly": {"latent_dim": "auto", "score": "mse"},
    "variants": {
        **dict.fromkeys(("vanilla", "stacked", "sparse", "denoising", "vq"), False),
        **dict.fromkeys(("beta_vae_strict", "beta_vae_loose"), False),
        "vae": {"learn_variance": True},
    },
    "baselines": {"random_projection": False, "untrained": False},
    "detectors": {
        "local_outlier_factor": {
            "estimator": "sklearn.neighbors:LocalOutlierFactor", "novelty": True,
        },
        "isolation_forest": False,
    },
}  # fmt: skip
DETECTORS = {"no_model", "nearest_neighbours", "local_outlier_factor"}
VARIANTS = {"shallow", "vae", "pca"}


def tables():
    """Samples and whether they are anomalies, by the name of the data set."""
    cancer, benign = load_breast_cancer(return_X_y=True)
    wine, maker = load_wine(return_X_y=True)
    return {"cancer": (cancer, 1 - benign), "wine": (wine, (maker == 2).astype(int))}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = copied(tmp_path_factory.mktemp("collection"))
    (folder / "tables").mkdir()
    for number, (name, (X, y)) in enumerate(tables().items()):
        np.savez(folder / "tables" / f"{number}_{name}.npz", X=X, y=y)
    (folder / "tables.yaml").write_text(yaml.safe_dump(CONFIG))
    code, said = snakemake(folder, "--cores", "2", "--configfile", "tables.yaml")
    assert code == 0, said[-5000:]
    return folder


@pytest.fixture(scope="module")
def scores(project):
    return pd.concat(tidy.read(project / f"results/{name}/scores.csv") for name in tables())


def test_every_table_is_measured_by_anomaly_detection_alone(scores):
    assert set(scores["task"]) == {"anomaly"}
    assert set(scores["held_out"]) == {"given"}
    for name in tables():
        of_one = scores[scores["dataset"] == name]
        assert set(of_one["variant"]) == VARIANTS | DETECTORS
        assert of_one.groupby("variant")["seed"].nunique().eq(2).all()
    dims = scores.groupby("dataset")["latent_dim"].max()
    assert dims.to_dict() == {"cancer": 6, "wine": 4}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", tables())
def test_scores_are_those_of_an_independent_computation_on_the_rows_of_the_seed(scores, name, seed):
    X, y = tables()[name]
    data = LabelledRows(X, y == 1, rows=300).for_seed(seed)
    test, anomalous = data.test("given")
    train = data.x_train[split(data.y_train, max(1, len(data.x_train) // 10), seed).train]
    scaler = StandardScaler().fit(train)
    train, test = scaler.transform(train), scaler.transform(test)
    expected = {
        "no_model": np.linalg.norm(test, axis=1),
        "local_outlier_factor": -LocalOutlierFactor(novelty=True).fit(train).score_samples(test),
    }
    found = scores[(scores["dataset"] == name) & (scores["seed"] == seed)]
    found = found[found["metric"] == "auroc"].set_index("variant")["value"]
    for detector, values in expected.items():
        assert found[detector] == pytest.approx(roc_auc_score(anomalous, values), abs=1e-3)


def test_vaes_have_the_scores_of_their_likelihood(scores):
    of_vae = scores[(scores["variant"] == "vae") & (scores["metric"] == "auroc")]
    assert {"mse", "elbo", "likelihood", "neighbours"} <= set(of_vae["score"])
    assert not {"elbo", "likelihood"} & set(scores.loc[scores["variant"] == "pca", "score"])


def test_methods_are_compared_across_the_tables(project, scores):
    for metric in ("auroc", "average_precision"):
        folder = project / "results/across"
        values = pd.read_csv(folder / f"{metric}.csv")
        assert set(values["dataset"]) == set(tables())
        assert set(values["method"]) == {
            *VARIANTS, *DETECTORS, "vae (elbo)", "vae (likelihood)",
        }  # fmt: skip
        rows = scores[(scores["metric"] == metric) & (scores["variant"] == "no_model")]
        expected = rows.set_index(["dataset", "seed"])["value"]
        found = values[values["method"] == "no_model"].set_index(["dataset", "seed"])["value"]
        pd.testing.assert_series_equal(found.sort_index(), expected.sort_index())
        page = (folder / f"{metric}.html").read_text()
        assert "8 methods on 2 data sets" in page
        assert "Compared with no_model" in page
        assert (folder / f"{metric}-ranks.png").stat().st_size > 10_000
        assert (folder / f"{metric}-values.png").stat().st_size > 10_000


def test_methods_are_ranked_by_the_loss_of_the_posterior_mean(scores):
    found = methods(scores).set_index(["dataset", "method", "seed"])["value"]
    rows = scores[(scores["score"] == "mse") & (scores["metric"] == "auroc")]
    mean = rows[(rows["code"] == "mean") & (rows["variant"] == "vae")]
    for _, row in mean.iterrows():
        assert found[row["dataset"], "vae", row["seed"]] == row["value"]
    elbo = scores[(scores["score"] == "elbo") & (scores["metric"] == "auroc")]
    assert len(elbo) == 4
    for _, row in elbo.iterrows():
        assert found[row["dataset"], "vae (elbo)", row["seed"]] == row["value"]


def test_every_table_has_its_pages_and_pictures(project):
    for name, dim in (("cancer", 6), ("wine", 4)):
        folder = project / "results" / name
        for path in ("which_one.html", "explorer.html", "tables/anomaly.html", "SHA256SUMS"):
            assert (folder / path).is_file(), path
        for what in ("roc", "most_anomalous", "contributions"):
            assert (folder / f"figures/{what}/latent{dim}-without_given.png").is_file()
        assert "of them anomalies" in (folder / "data/description.md").read_text()


@needs_browser
def test_every_page_opens_from_disk_without_a_fault(project, browser):
    pages = sorted((project / "results").rglob("*.html"))
    assert len(pages) == 2 * 3 + 2
    assert [fault for page in pages for fault in faults_of(browser, page)] == []


def test_every_page_of_a_demonstration_says_so_with_its_amounts(project):
    for page in (project / "results").rglob("*.html"):
        text = page.read_text("utf-8")
        # Half of the normal rows of 300 or 178, without a tenth for validation
        rows = {"cancer": "85 training samples, ", "wine": "59 training samples, "}
        name = page.relative_to(project / "results").parts[0]
        said = f"A demonstration: {rows.get(name, '')}3 epochs, 2 seeds. The numbers say nothing"
        assert said in text, page


def test_whatever_is_reported_is_the_same_byte_for_byte_when_it_is_written_again(project):
    kinds = (".html", ".png", ".csv", ".md", "SHA256SUMS")
    reported = {
        path: path.read_bytes()
        for path in sorted((project / "results").rglob("*"))
        if path.name.endswith(kinds)
        and not {"scores", "histories", "data", *UNLISTED} & set(path.parts)
    }
    assert len(reported) > 30
    for path in reported:
        path.unlink()
    code, said = snakemake(project, "--cores", "2", "--configfile", "tables.yaml")
    assert code == 0, said[-5000:]
    assert [path for path, content in reported.items() if path.read_bytes() != content] == []


def test_make_tables_plans_every_table(project):
    (project / ".venv").mkdir()
    (project / ".venv/installed").touch()
    shutil.copy(ROOT / "Makefile", project)
    dry_run = f"{sys.executable} -m snakemake -n --nocolor"
    given = {
        "COLLECTION": "tables",
        "SETTING": "unsupervised",
        "SNAKEMAKE": f"{dry_run} --configfile workflow/configs/tables.yaml",
    }
    done = subprocess.run(
        ["make", "-o", ".venv/installed", "tables", *map("=".join, given.items())],
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in tables():
        assert f"results/tables-unsupervised/{name}/scores.csv" in done.stdout
    assert "results/tables-unsupervised/mnist" not in done.stdout


def test_trainings_stop_early_and_a_second_run_has_nothing_to_do(project):
    lengths = [len(pd.read_csv(path)) for path in project.glob("results/*/histories/vae*.csv")]
    assert len(lengths) == 4
    assert max(lengths) <= 3
    assert jobs_of(project, "tables.yaml") == []


def test_another_seed_makes_its_own_rows_and_the_comparison_anew(project):
    (project / "more.yaml").write_text(yaml.safe_dump({**CONFIG, "seeds": [1, 2, 3]}))
    rules = {rule for rule, _ in jobs_of(project, "more.yaml")}
    assert {"train_all_seeds", "measure_all_seeds", "scores", "across"} <= rules
    assert "data" not in rules
