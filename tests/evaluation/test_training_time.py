"""Times of trainings against values by hand."""

import pandas as pd
import pytest

from kerasae.evaluation.metrics.training_time import time_metrics


def test_the_compilation_of_every_stage_is_separated_from_its_epochs():
    seconds, stages = [9.0, 1.0, 2.0, 3.0, 7.0, 5.0], [1, 1, 1, 1, 2, 2]
    history = pd.DataFrame({"seconds": seconds, "load": range(6), "stage": stages})
    assert time_metrics(history) == {
        "seconds": 27,
        "compilation": (9 - 2) + (7 - 5),
        "seconds_per_epoch": (4 * 2 + 2 * 5) / 6,  # medians 2 and 5, of four and of two epochs
        "load": 2.5,
    }
    single = history.assign(stage=[1, 1, 1, 1, 1, 2])
    assert time_metrics(single).keys() == {"seconds", "load"}


@pytest.mark.parametrize(
    ("alone", "comparable"), [([True] * 3, True), ([False, True, True], False)]
)
def test_times_are_comparable_only_where_every_epoch_had_the_machine_to_itself(alone, comparable):
    history = pd.DataFrame({"seconds": [9.0, 2.0, 2.0], "load": 1.0, "stage": 1, "alone": alone})
    assert time_metrics(history).get("seconds_per_epoch_alone") == (2 if comparable else None)
