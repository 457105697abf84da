"""The paths of a configuration: folders are writable, files exist, nothing is overwritten."""

import os
from pathlib import Path

import pytest

from kerasae.config.data_sets import check_paths
from kerasae.config.schema import ConfigurationError


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("small.npz").touch()
    return {"path": "small.npz"}


def test_results_are_a_folder_that_can_be_written_to(small, monkeypatch):
    Path("file").write_text("")
    Path("loop").symlink_to("nowhere")
    for results in ("file", "file/below/it", "loop", "loop/below"):
        with pytest.raises(ConfigurationError, match=r"results: expected a folder, or a new name"):
            check_paths({"results": results, "merge": []}, {})
    check_paths({"results": "new/folder", "merge": []}, {})
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ConfigurationError, match=r"expected a writable folder, but \. is not"):
        check_paths({"results": "new/folder", "merge": []}, {})


@pytest.mark.parametrize("key", ["path", "anomalies"])
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("results/small/data/images.npz", "expected data outside the results folder results"),
        ("results", "expected data outside the results folder results"),
        ("link/a.npz", "expected data outside the results folder results"),
        (".", "expected a folder that does not contain the results folder results"),
        ("pictures/../", "expected a folder that does not contain the results folder results"),
        ("a{b}.npz", "expected paths without braces"),
        ("pictures", r"expected paths without braces.*one/\{x\}\.png"),
    ],
)
def test_sources_and_results_lie_apart_and_paths_have_no_braces(small, key, source, words):
    Path("results").mkdir()
    Path("link").symlink_to("results")
    Path("pictures/one").mkdir(parents=True)
    Path("pictures/one/{x}.png").touch()
    with pytest.raises(ConfigurationError, match=rf"^config: datasets\.small\.{key}: {words}"):
        check_paths({"results": "results", "merge": []}, {"small": {**small, key: source}})


def test_anomalies_that_are_not_there_stop_the_workflow(small):
    with pytest.raises(
        ConfigurationError, match=r"^config: datasets\.small\.anomalies: gone.npz does"
    ):
        check_paths(
            {"results": "results", "merge": []}, {"small": {**small, "anomalies": "gone.npz"}}
        )


@pytest.mark.parametrize("source", ["a b.npz", "é.npz", "*.npz", "it's.npz", 'q"q.npz', "../x.npz"])
def test_other_paths_are_taken(small, source):
    check_paths({"results": "results", "merge": []}, {"small": {"path": source}})


def test_tables_to_merge_are_files_of_other_runs(small):
    Path("results/mnist").mkdir(parents=True)
    Path("results/claims").mkdir()
    for path in ("results/mnist/scores.csv", "results/claims/scores.csv"):
        Path(path).touch()
    for path, words in (
        ("gone.csv", "expected files that exist"),
        ("results", "expected files that exist"),
        ("results/mnist/scores.csv", "expected tables of other runs, not of this one"),
        ("results/claims/../mnist/scores.csv", "expected tables of other runs"),
    ):
        with pytest.raises(ConfigurationError, match=rf"^config: merge: {words}.*Received"):
            check_paths({"results": "results", "merge": [path]}, {"mnist": {}})
    check_paths({"results": "results", "merge": ["results/claims/scores.csv"]}, {"mnist": {}})
