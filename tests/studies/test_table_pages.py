"""The counts of the page on tables, on made-up scores with known answers."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kerasae.models import ARTICLE
from studies.bake_off import table_pages

SETS = [f"{number}_table{letter}" for number, letter in enumerate("abcdefghijklmnopqrst")]
NAMES = [name.split("_")[1] for name in SETS]


def across(values):
    """Rows of a file of results/across/: two seeds, symmetric around each mean."""
    rows = [
        (dataset, method, seed, value + (0.001 if seed else -0.001))
        for method, of_sets in values.items()
        for dataset, value in zip(NAMES, of_sets, strict=True)
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows, columns=["dataset", "method", "seed", "value"])


def measured(rows):
    """Rows of the benchmark."""
    columns = ["setting", "dataset", "rows", "method", "seed", "auroc", "average_precision"]
    return pd.DataFrame(rows, columns=columns).assign(seconds=1.0)


@pytest.fixture
def folder(tmp_path):
    base = np.linspace(0.55, 0.88, len(NAMES))
    nine = {name: base + 0.002 * rank for rank, name in enumerate(ARTICLE)}
    nine["vq"] = base + 0.05
    nine["shallow"] = base + np.where(np.arange(len(base)) < 3, 0.011, 0.0)
    values = {"no_model": base, "nearest_neighbours": base + 0.1, **nine}
    (tmp_path / "semi_supervised").mkdir()
    for metric in ("auroc", "average_precision"):
        across(values).to_csv(tmp_path / f"semi_supervised/{metric}.csv", index=False)
    figures = [
        ("semi_supervised", "tablea", "VAE", 55.1, 0.0),  # 0.1 points from no model
        ("semi_supervised", "tableb", "VAE", 58.9, 0.0),  # 0.9
        ("semi_supervised", "tablec", "VAE", 70.0, 0.0),
        ("semi_supervised", "tabled", "VAE", 55.0, 0.0),  # the same, but small
        ("semi_supervised", "tablea", "IForest", 60.0, 2.0),
        ("semi_supervised", "tableb", "IForest", 60.0, 2.0),
    ]
    columns = ["setting", "dataset", "method", "auroc", "sd"]
    pd.DataFrame(figures, columns=columns).to_csv(tmp_path / "published.csv", index=False)
    rows = [("semi_supervised", SETS[at], 5_000, "no_model", 0, value, 0.5)
            for at, value in enumerate((0.55, 0.58, 0.60))]  # fmt: skip
    rows.append(("semi_supervised", SETS[3], 100, "no_model", 0, 0.55, 0.5))
    rows += [("semi_supervised", SETS[0], 5_000, "isolation_forest", seed, 0.61 + 0.01 * seed, 0.5)
             for seed in (0, 1)]  # fmt: skip
    rows.append(("semi_supervised", SETS[1], 5_000, "isolation_forest", 0, 0.57, 0.5))
    measured(rows).to_csv(tmp_path / "published-splits.csv", index=False)
    rows = [("semi_supervised", name, 5_000, "pyod_autoencoder", seed, value + 0.01 * seed, 0.5)
            for name, value in zip(SETS, base, strict=True) for seed in (0, 1)]  # fmt: skip
    rows.append(("semi_supervised", SETS[0], 5_000, "pyod_autoencoder", 2, 0.9, 0.5))
    measured(rows).to_csv(tmp_path / "pyod.csv", index=False)
    return tmp_path


@pytest.fixture
def setting(folder):
    return table_pages.Tables(folder).settings["semi_supervised"]


def test_data_sets_are_counted_by_their_difference(folder, setting):
    assert list(table_pages.Tables(folder).settings) == ["semi_supervised"]
    assert (setting.average.index[0], setting.best) == ("nearest_neighbours", "vq")
    rows = {name: cells for name, *cells in setting.rows()}
    assert rows["vq"] == ["2.0", "0.765", "0.765", 0, 0, 20]
    assert rows["no_model"][1:] == ["0.715", "0.715", "", "", ""]
    assert setting.outcomes("shallow", "no_model") == (0, 17, 3)
    assert setting.outcomes("no_model", "shallow") == (3, 17, 0)
    assert setting.outcomes("shallow", "no_model", margin=0.02) == (0, 20, 0)
    assert setting.near("shallow") == 17
    assert setting.near("vq") == 0


def test_methods_are_better_or_equal_only_if_the_tests_say_so(setting):
    assert setting.relation("vq", "no_model") == "significantly better than"
    assert setting.relation("no_model", "vq") == "significantly worse than"
    assert setting.relation("vanilla", "no_model") == "significantly better than"
    assert setting.relation("shallow", "no_model") == "practically equal to"
    better, worse = setting.split("nearest_neighbours")
    assert (better, worse) == ([], list(ARTICLE))
    assert setting.split("no_model") == ([name for name in ARTICLE if name != "shallow"], [])
    base = setting.auroc["no_model"]
    tests = [stats.wilcoxon(setting.auroc[name], base, zero_method="zsplit") for name in ARTICLE]
    corrected = setting.compared(dict.fromkeys(ARTICLE, "no_model"))
    assert corrected.min() == pytest.approx(9 * min(test.pvalue for test in tests))


def test_vaes_by_their_likelihood_are_compared_with_themselves_by_their_loss(setting):
    setting.auroc["vae (likelihood)"] = setting.auroc["vae"] + 0.03
    setting.auroc["beta_vae_loose (likelihood)"] = setting.auroc["beta_vae_loose"] - 0.03
    setting.auroc["beta_vae_strict (likelihood)"] = setting.auroc["beta_vae_strict"] + np.where(
        np.arange(20) % 2, 0.01, -0.01
    )
    assert list(setting.by_likelihood.values()) == ["vae", "beta_vae_loose", "beta_vae_strict"]
    better, worse = setting.divided(setting.by_likelihood)
    assert better == ["vae (likelihood)"]
    assert worse == ["beta_vae_loose (likelihood)"]
    assert setting.split("vq", setting.by_likelihood)[1] == list(setting.by_likelihood)


def test_the_order_of_the_nine_is_compared_with_another(setting):
    same = setting.order(setting.average[list(ARTICLE)])
    assert same["overall"] == pytest.approx(1)
    assert same["mean"] > 0.8
    opposite = setting.order(-setting.average[list(ARTICLE)])
    assert opposite["overall"] == pytest.approx(-1)
    assert opposite["mean"] == pytest.approx(-same["mean"])


def test_published_figures_and_detectors_are_counted_without_small_tables(folder):
    published = table_pages.Published(folder)
    assert (published.small, published.large) == (["tabled"], [])
    assert published.near("semi_supervised", "VAE", 0.002) == (1, 3)
    assert published.near("semi_supervised", "VAE", 0.01) == (2, 3)
    assert published.near("unsupervised", "VAE", 0.01) == (0, 0)
    assert published.measured_near("semi_supervised", "isolation_forest", 0.02) == (1, 2)
    assert published.measured_near("semi_supervised", "isolation_forest", 0.005) == (0, 2)
    agreement = published.agreement("semi_supervised", "IForest", "isolation_forest")
    assert agreement == (1, 2, ["tableb"])  # within the published standard deviation


def test_the_order_elsewhere_is_that_of_average_ranks():
    rows = [("anomaly", "auroc", "bce", "", held_out, 2, name, place / 10)
            for held_out in "012" for place, name in enumerate(ARTICLE)]  # fmt: skip
    rows += [("anomaly", "auroc", "bce", "", "0", 32, "shallow", 9.0)]
    rows += [("anomaly", "auroc", "signed", "", "0", 2, "vq", 1.0)]
    columns = ["task", "metric", "score", "code", "held_out", "latent_dim", "variant", "value"]
    ranks = table_pages.order_elsewhere(pd.DataFrame(rows, columns=columns))
    assert ranks.to_dict() == {name: rank for rank, name in enumerate(reversed(ARTICLE), 1)}


def test_our_mean_is_held_against_the_lowest_seed_of_pyod(folder):
    tables = table_pages.Tables(folder)
    reached = tables.beside_pyod("semi_supervised", "vanilla", "pyod_autoencoder")
    assert reached == (20, 20, [])
    assert tables.beside_pyod("semi_supervised", "no_model", "pyod_autoencoder")[0] == 20
    pyod = pd.read_csv(folder / "pyod.csv")
    pyod["auroc"] += np.where(pyod["dataset"] == SETS[4], 0.2, 0)
    pyod.to_csv(folder / "pyod.csv", index=False)
    again = table_pages.Tables(folder).beside_pyod("semi_supervised", "vanilla", "pyod_autoencoder")
    assert again == (19, 20, [NAMES[4]])


def test_pyod_is_counted_against_no_model(folder):
    tables = table_pages.Tables(folder)
    pyod = tables.pyod
    none = pyod.assign(method="no_model", auroc=pyod["auroc"] - 0.008)
    tables.pyod = pd.concat([pyod, none])
    assert tables.pyod_near("semi_supervised", "pyod_autoencoder") == (20, 20)
    assert tables.pyod_near("semi_supervised", "pyod_autoencoder", 0.005) == (0, 20)
    tables.pyod = pd.concat([pyod, none.assign(auroc=pyod["auroc"] + 0.02)])
    assert tables.pyod_near("semi_supervised", "pyod_autoencoder") == (0, 20)
    assert tables.no_model_ahead("semi_supervised", "shallow", NAMES) == 0
    assert tables.no_model_ahead("semi_supervised", "no_model", NAMES[:4]) == 0
