"""Data and settings of a comparison, from the parameters of `kerasae.compare`."""

import os
from collections.abc import Iterable
from numbers import Integral

import numpy as np

from kerasae import datasets
from kerasae.config import data_sets, proposal
from kerasae.config.amounts import own_amounts
from kerasae.config.plan import plan_of
from kerasae.config.reading import merge
from kerasae.config.schema import validated
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.files import Raw
from kerasae.datasets.files import read as read_raw
from kerasae.datasets.labelled_rows import labelled
from kerasae.datasets.own_data import prepared
from kerasae.datasets.tables import read_frame
from kerasae.datasets.values import refuse_masked
from kerasae.evaluation.tasks import TASKS
from kerasae.models import BASELINES
from kerasae.types import suggestion


def planned(X, y, variants, baselines, tasks, seeds, anomalies, config, setting=None):
    """Read the data and complete the settings; return plan, data and written configuration.

    Parameters are those of `compare`. The data are a `kerasae.datasets.Dataset`, scaled, or
    `kerasae.datasets.LabelledRows`, which each seed scales. The written configuration has no
    defaults.
    """
    name, options, raw = source(X, y, anomalies)
    given = merge(dict(config or {}), {})
    sections = given.pop("datasets", {})
    if not isinstance(sections, dict) or not isinstance(sections.get(name, {}), dict | bool):
        validated({"datasets": sections})
    others = sorted(key for key in sections.keys() - {name} if sections[key] is not False)
    if others and name not in sections:
        raise ValueError(
            f"Expected settings of {name} in datasets, the name of the data. "
            f"Received: {', '.join(others)}"
        )
    options |= sections.get(name) or {}
    if setting is not None:
        options["setting"] = setting
    options = data_sets.checked_options(name, options)
    validated({"datasets": {name: options}})  # before they are used
    written = arguments(variants, baselines, tasks, seeds)
    if name in datasets.SOURCES:
        data = datasets.load(name, **rows_of(options))
        data = data.first(options.get("train"), options.get("test"))
    else:
        raw = raw or read_raw(options["path"], options.get("labels"))
        if "setting" not in options:
            scale, likelihood, _ = proposal.scaling_for(raw, options["path"])
            options = {"scale": scale, "likelihood": likelihood, **options}
        data = scaled(raw, **rows_of(options))
        if "setting" not in options:
            data = data.first(options.get("train"), options.get("test"))
        del raw
        amounts = proposal.amounts_for(
            data.for_seed(0), name, anomalies is not None, labelled="setting" in options
        )
        written = merge(written, amounts)
    written = merge(given, written)
    written["datasets"] = {name: options}
    settings = validated(written)
    drawn = data.for_seed(settings["seeds"][0])
    tested = len(drawn.x_test) + (len(drawn.anomalies) if "setting" in options else 0)
    size = datasets.Sizes(len(drawn.x_train), tested, drawn.x_train[0].size, len(drawn.classes))
    own = own_amounts(settings, written)
    plan = plan_of(name, options, settings, own, drawn.classes, size)
    written["datasets"] = {"mnist": False, **written["datasets"]}
    return plan, data, written


def arguments(variants, baselines, tasks, seeds):
    """Write arguments of `compare` as a part of a configuration."""
    if not isinstance(seeds, Integral | Iterable) or isinstance(seeds, str):
        raise ValueError(f"Expected a number of seeds, or a list of seeds. Received: {seeds!r}")
    written = {"seeds": list(range(1, seeds + 1)) if isinstance(seeds, Integral) else list(seeds)}
    baselines = list(BASELINES) if baselines is None else baselines
    for key, names in (("variants", variants), ("baselines", baselines)):
        if names is not None:
            written[key] = names if isinstance(names, dict) else dict(map(named, as_list(names)))
    named_tasks = list(TASKS) if tasks == "all" else as_list(tasks or ())
    if tasks is not None and not named_tasks:
        raise ValueError("Expected at least one task, or None for those that the data allow.")
    if unknown := [task for task in named_tasks if task not in TASKS]:
        raise ValueError(
            f"Unknown task. {suggestion(unknown[0], TASKS)}Expected tasks of {', '.join(TASKS)}. "
            f"Received: {', '.join(map(str, unknown))}"
        )
    if any("thorough" in TASKS[task].needs for task in named_tasks):
        written["thorough"] = True
    return written


def rows_of(options):
    """Return the options that the readers of the data take."""
    return {key: options[key] for key in options.keys() - {"held_out", "train", "test"}}


def source(X, y, anomalies):
    """Return the name of the data, their options, and their content unless a path holds it."""
    if not isinstance(anomalies, str | os.PathLike | None):
        raise DatasetError(
            "anomalies: expected the path of a file or folder. Save them, for instance as .npy or "
            f".parquet. Received: {type(anomalies).__name__}"
        )
    options = {} if anomalies is None else {"anomalies": str(anomalies)}
    if isinstance(X, str) and X in datasets.SOURCES:
        if y is not None:
            raise DatasetError(f"y: expected none, as {X} has labels. Received: {type(y).__name__}")
        return X, options, None
    if isinstance(X, (str, os.PathLike)):
        if not isinstance(y, str | None):
            raise DatasetError(
                "y: expected the name of a column, as X is a path. Save the labels with the "
                f"samples, or read these. Received: {type(y).__name__}"
            )
        options |= {"path": os.fspath(X)} | ({} if y is None else {"labels": y})
        return proposal.config_name(X), options, None
    return "data", {**options, "path": "X"}, in_memory(X, y)


def scaled(raw, path, labels=None, **options):
    """Scale what was read by options of the data set, or leave that to each seed."""
    return labelled(raw, **options) if "setting" in options else prepared(raw, **options)


def in_memory(X, y):
    """Read arrays or a data frame, with the labels or the name of their column."""
    refuse_masked(X, "X")
    refuse_masked(y, "y")
    labels = None if y is None else as_array("y", y)
    is_column = isinstance(y, tuple) and y in list(getattr(X, "columns", ()))  # of several levels
    is_name = is_column or (labels is not None and labels.ndim == 0)
    protocols = ("__arrow_c_stream__", "__arrow_c_array__", "__dataframe__")
    if any(hasattr(X, name) for name in protocols) and len(getattr(X, "shape", (0, 0))) == 2:
        arrays, columns = read_frame(X, y if is_name else None)
    elif is_name:
        raise DatasetError(
            f"X: no columns with names. Expected a data frame for the labels {y!r} (a lazy one is "
            f"collected by X.collect()), or an array of labels. Received: {type(X).__name__}"
        )
    else:
        arrays, columns = {"x_train": as_array("X", X)}, ()
        if arrays["x_train"].dtype == object:
            raise DatasetError(
                "X: expected an array of numbers or a data frame. Convert it: a sparse matrix by "
                "X.toarray(), a list of dictionaries by pandas.DataFrame(X), an array of objects "
                f"by X.astype(float). Received: {type(X).__name__}"
            )
    if not (labels is None or is_name):
        arrays["y_train"] = labels
    return Raw("X", arrays, columns)


def as_array(name, values):
    """Convert samples or labels to an array; raise `DatasetError` for rows of unequal lengths."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise DatasetError(
            f"{name}: expected rows of one length. Give samples and labels as two arguments, X and "
            f"y. Received: {type(values).__name__} of unequal parts"
        ) from error


def named(variant):
    """Name and settings of a variant from its name, that of its class for an own model."""
    if not isinstance(variant, str):
        raise ValueError(
            "Expected names of models, 'file.py:Class' for a model of your own. "
            f"Received: {variant!r}"
        )
    if ":" not in variant:
        return variant, {}
    return variant.rpartition(":")[2].lower(), {"model": variant}


def chosen_tasks(plan, tasks):
    """List the names of the tasks to compute; ``tasks`` are those that the user named.

    Raise ValueError if the data or the settings do not allow a named task.
    """
    allowed = [name for name, task in TASKS.items() if plan.applies(task)]
    if tasks is None or tasks == "all":
        return allowed
    tasks = as_list(tasks)
    if missing := [name for name in tasks if name not in allowed]:
        needs = ", ".join(need for need in TASKS[missing[0]].needs if not plan.provides(need))
        raise ValueError(
            f"Expected tasks that the data and the settings allow: {', '.join(allowed)}. "
            f"Received: {', '.join(missing)}, which needs {needs}"
        )
    return tasks


def as_list(names):
    """Return names as a list; a single name may be given alone."""
    return [names] if isinstance(names, str) else list(names)
