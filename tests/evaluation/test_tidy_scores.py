"""Scores are tidy, survive their file, and merge without replacing any."""

import numpy as np
import pandas as pd

from kerasae.evaluation import scores
from kerasae.evaluation.metric import QUALIFIERS, ScoreKey, tidy

BCE = ScoreKey("bce")
RUN = {"dataset": "mnist", "variant": "vae", "seed": 1, "latent_dim": 20, "held_out": "none"}


def two_seeds():
    frames = [
        tidy({**RUN, "variant": name, "seed": seed}, "reconstruction", {BCE: value})
        for name, value in (("vae", 75.0), ("mine", 60.0))
        for seed in (1, 2)
    ]
    return pd.concat(frames)


def test_tidy_scores_have_a_row_a_number_and_survive_the_file(tmp_path):
    key = ScoreKey("accuracy", "mean", probe="dense", labels=50)
    frame = tidy(RUN, "classification", {key: 75.5, ScoreKey("accuracy"): 1.0})
    blank = {**RUN, "task": "classification", "metric": "accuracy", **dict.fromkeys(QUALIFIERS, "")}
    assert tuple(frame.columns) == scores.COLUMNS
    assert frame.to_dict("records") == [
        blank | {"code": "mean", "probe": "dense", "labels": 50, "value": 75.5},
        blank | {"value": 1.0},
    ]
    frame[:1].to_csv(tmp_path / "scores.csv", index=False)
    again = scores.read(tmp_path / "scores.csv")
    pd.testing.assert_frame_equal(again, frame[:1], check_dtype=False)
    assert again["held_out"].tolist() == ["none"]


def test_scores_from_elsewhere_add_seeds_and_replace_nothing():
    own = two_seeds()
    fresh = own[own["seed"] == 1].assign(seed=3)
    again = own.assign(value=0.0)
    strange = own.assign(dataset="wine")
    whole = scores.merged(own, [again, fresh, strange])
    assert len(whole) == len(own) + len(fresh)
    assert whole[: len(own)].equals(own.reset_index(drop=True))
    assert whole["seed"].tolist()[len(own) :] == [3] * len(fresh)


def test_a_score_without_a_seed_comes_once():
    own = two_seeds()
    seedless = own[:1].assign(variant="no_model", seed=np.nan, latent_dim=np.nan)
    whole = scores.merged(pd.concat([own, seedless]), [seedless])
    assert (whole["variant"] == "no_model").sum() == 1
