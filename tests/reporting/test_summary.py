"""Closing lines of a run: the rankings, and how to add a seed."""

import pandas as pd

from kerasae.evaluation.metric import ScoreKey, tidy
from kerasae.reporting.summary import closing_lines


def write(folder, seeds, **values):
    """Write scores with one value of each variant for all seeds; return the folder."""
    run = {"dataset": "mnist", "latent_dim": 20, "held_out": "none"}
    frames = [
        tidy({**run, "variant": name, "seed": seed}, "reconstruction", {ScoreKey("bce"): value})
        for name, value in values.items()
        for seed in seeds
    ]
    folder.mkdir(exist_ok=True)
    pd.concat(frames).to_csv(folder / "scores.csv", index=False)
    return folder


def test_a_run_ends_with_its_rankings_and_how_to_add_a_seed(tmp_path):
    folder = write(tmp_path / "mnist", [1, 4], vanilla=64.0, pca=107.0)
    assert closing_lines(folder, [1, 4]) == [
        "mnist, 2 seeds:",
        "  compression (lower is better): best autoencoder vanilla (64); better than the best "
        "baseline, pca (107)",
        "  To add a seed, set seeds: [1, 4, 5] in the configuration.",
    ]


def test_with_one_seed_a_line_tells_what_more_seeds_would_show(tmp_path):
    title, _, unknown, _ = closing_lines(write(tmp_path / "mnist", [1], vanilla=64.0), [1])
    assert title == "mnist, 1 seed:"
    assert unknown.startswith("  One seed allows no ranking")
    assert unknown.endswith(": 3 seeds 2.5, 5 seeds 1.2, 10 seeds 0.72.")


def test_no_lines_without_scores_of_an_autoencoder(tmp_path):
    assert closing_lines(tmp_path / "nothing", [1]) == []
    assert closing_lines(write(tmp_path / "mnist", [1], pca=107.0), [1]) == []
