"""Propose a commented configuration for the user's own data."""

import re
import shlex
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import yaml

from kerasae.config.amounts import NEIGHBOURS, fitted, training_seconds
from kerasae.config.schema import validated
from kerasae.datasets import SOURCES, DatasetError, Sizes, load_labelled_rows, notes
from kerasae.datasets.description import unread_notes
from kerasae.datasets.files import read
from kerasae.datasets.own_data import check_differ, prepared
from kerasae.datasets.preprocessing import as_rows
from kerasae.datasets.values import checked_samples, unresolved_column
from kerasae.models import ARTICLE
from kerasae.training.defaults import training_defaults

SEEDS = 5
_SECONDS_PER_RUN = 30
"""Seconds of a run apart from its optimizer steps: about six jobs of five seconds."""
_SNAKEFILES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")
"""Where Snakemake looks for its rules."""
_INSTALL = "First: pip install 'kerasae[workflow]'  # Snakemake, which is not installed"

_TEMPLATE = """\
# The bake-off on {path}. Overrides config.yaml, which explains every key:
#   snakemake --cores all --configfile THIS_FILE
{notes}
results: results/{name}

datasets:
  mnist: false
  {name}:
    path: {path}
{labels}    # {values}
    scale: {scale}
    likelihood: {likelihood}
{anomalies}{setting}
# {cost}
# A ranking needs several seeds; each adds the same time.
seeds: {seeds}

# {train} samples to train on, {steps} steps an epoch
epochs: {epochs}
batch_size: {batch_size}
validation: {validation}

{runs}"""
_LABELLED = {"least_widths": [64, 32], "anomaly": {"latent_dim": "auto"}}
"""Proposed for data with known anomalies, as in ``workflow/configs/tables.yaml``."""


def proposal(path, labels=None, anomalies=None, setting=None):
    """Propose a configuration for a file or folder, as YAML with comments, and estimate its cost.

    Values in [0, 1] and uint8 images are not scaled, other images scaled to [0, 1], other tables
    standardised, with the Gaussian likelihood. Parameters are those of `kerasae.datasets.load_own`;
    for ``setting`` see `kerasae.datasets.LabelledRows`. The cost is a sentence, see `_cost_of`.
    """
    if setting and anomalies:
        raise DatasetError(
            "Expected either a setting, for data whose labels name the anomalies, or a file of "
            f"anomalies. Received: {setting} and {anomalies}"
        )
    if setting:
        data = load_labelled_rows(path, labels, setting=setting).for_seed(1)
        scale, likelihood = "standard", "gaussian"
        why = "each column scaled to mean 0 and variance 1"
    else:
        raw = read(path, labels)
        scale, likelihood, why = scaling_for(raw, path)
        data = prepared(raw, path, labels, scale, "gaussian", 0.2, anomalies)
    values = amounts_for(data, path, bool(anomalies), bool(setting))
    epochs, batch_size, size = values["epochs"], values["batch_size"], data.x_train[0].size
    left = len(data.x_train) - values["validation"]
    steps = -(-left // batch_size)
    twice = "anomaly" in values and "general" in values
    cost = _cost_of(twice, training_seconds(left, size, epochs, batch_size))
    noted, hints = data, []
    if not (setting or anomalies) and _may_mark_anomalies(data.classes):
        hints = [f"If {data.classes[1]} marks anomalies: kerasae init --setting semi_supervised"]
    if setting:
        noted = data.with_anomalies()
    hints += [*notes(noted), *unread_notes(path, anomalies)]
    text = _TEMPLATE.format(
        name=config_name(path),
        path=_yaml_text(str(path)),
        notes="".join(f"# {' '.join(note.split())}\n" for note in hints),
        labels=f"    labels: {_yaml_text(labels)}\n" if labels else "",
        values=why,
        scale=scale,
        likelihood=likelihood,
        anomalies=f"    anomalies: {_yaml_text(str(anomalies))}\n" if anomalies else "",
        setting=f"    setting: {setting}\n" if setting else "",
        cost=cost,
        seeds=list(range(1, SEEDS + 1)),
        train=f"{left:,}",
        steps=steps,
        epochs=epochs,
        batch_size=batch_size,
        validation=values["validation"],
        runs="".join(sections(values, data.classes)),
    )
    return text, cost


def sections(values, classes):
    """Write the sections for the runs and the tasks, from `amounts_for`."""
    if "general" in values:
        yield f"general:\n  latent_dim: {values['general']['latent_dim']}\n"
    if "least_widths" in values:
        least = values["least_widths"]
        yield f"# The article's widths, but at least these\nleast_widths: {least}\n\n"
    if "anomaly" in values:
        yield f"anomaly:\n  latent_dim: {values['anomaly']['latent_dim']}\n"
    if "held_out" in values.get("anomaly", {}):
        known = " ".join(", ".join(classes[:20]).split())
        held_out = _yaml_text(values["anomaly"]["held_out"])
        yield f"  # one of {known}, a list of them, or all\n  held_out: {held_out}\n"
    if "classification" in values:
        yield f"classification:\n  labels: {values['classification']['labels']}\n"


def scaling_for(raw, path):
    """Propose the scale and the likelihood for samples, and describe their values.

    Both are options of `kerasae.datasets.load_own`; ``path`` names the data in errors.
    """
    samples = checked_samples(raw.arrays["x_train"], path, raw.columns)
    low, high = (float(np.float32(value)) for value in (samples.min(), samples.max()))
    are_bytes = samples.dtype == np.uint8
    values = f"values from {low:g} to {high:g}: "
    in_unit_range = low >= 0 and high <= 1 and unresolved_column(as_rows(samples)) is None
    if are_bytes or in_unit_range:
        return (
            *("none", "bernoulli"),
            values + ("bytes, which the models divide by 255" if are_bytes else "not scaled"),
        )
    if samples.ndim > 2:
        return "minmax", "bernoulli", values + "scaled to [0, 1]"
    return "standard", "gaussian", values + "each column scaled to mean 0 and variance 1"


def amounts_for(data, path, anomalies=False, labelled=False):
    """Propose the amounts for a data set, as a part of a configuration.

    ``data`` are scaled, as differences may be too small for unscaled float32. ``anomalies`` tells
    whether anomalies were given, ``labelled`` whether labels name them. Raise `DatasetError` if the
    samples are too few, or all equal.
    """
    check_differ(data.x_train, path)
    count, classes = len(data.x_train), len(data.classes)
    amounts = fitted(validated({}), set(), Sizes(count, 0, data.x_train[0].size, classes))
    left = count - amounts["validation"]
    epochs, batch_size = training_defaults(left)
    smallest = min(np.bincount(data.y_train, minlength=classes)) if classes > 1 else 0
    if classes > 1 and (left - smallest < 2 or left < NEIGHBOURS):
        raise DatasetError(
            f"{path}: too few samples. Expected at least {NEIGHBOURS} for training beside those "
            f"for validation, 2 of them outside the smallest class. Received: {count}"
        )
    proposed = {"epochs": epochs, "batch_size": batch_size, "validation": amounts["validation"]}
    if labelled:
        return proposed | deepcopy(_LABELLED)
    proposed["general"] = {"latent_dim": amounts["latent_dim"]}
    if classes > 1 or anomalies:
        proposed["anomaly"] = {"latent_dim": amounts["latent_dims"][0]}
    if classes > 1 and not anomalies:
        label = data.classes[-1 if _may_mark_anomalies(data.classes) else 0]
        proposed["anomaly"]["held_out"] = label
    if classes > 1:
        proposed["classification"] = {"labels": amounts["labels"]}
    return proposed


def _may_mark_anomalies(classes):
    """Tell whether classes are 0 and 1, or false and true: the second may be anomalies."""
    return [name.lower() for name in classes] in (["0", "1"], ["false", "true"])


def config_name(path):
    """Derive the name of a data set from its file, safe as YAML key and in file names."""
    name = re.sub(r"\W", "_", Path(path).resolve().stem.lower(), flags=re.ASCII)
    name = name.lstrip("_0123456789")
    return f"own_{name}" if name in ("", *SOURCES) or yaml.safe_load(name) != name else name


def _yaml_text(text):
    """Format text as a quoted YAML scalar on one line."""
    return yaml.safe_dump(text, default_style='"', width=np.inf, allow_unicode=True).strip()


def _cost_of(anomaly, seconds):
    """Estimate the number and the time of the trainings of a configuration, in one sentence.

    ``anomaly`` tells whether every model is trained again for anomaly detection. A run, a training
    of some ``seconds`` and the jobs that use it, takes another `_SECONDS_PER_RUN` s.
    """
    trainings = len(ARTICLE) * SEEDS * (2 if anomaly else 1)
    minutes = trainings * (_SECONDS_PER_RUN + seconds) / 60
    time = f"{minutes / 60:.1f} hours" if minutes > 90 else f"{max(minutes, 1):.0f} minutes"
    return (
        f"{trainings} trainings ({len(ARTICLE)} models, {SEEDS} seeds"
        f"{', with and without anomaly detection' if anomaly else ''}) take about {time} on one "
        "core, half on two"
    )


def next_step(output):
    """Return the command to run the workflow with the configuration at ``output``.

    Where Snakemake is missing, the text also says how to install it. Where the current folder has
    no workflow, it says how to get it.
    """
    command = f"snakemake --cores all --configfile {shlex.quote(str(output))}"
    install = "" if find_spec("snakemake") else f"{_INSTALL}\n"
    if any(Path(name).is_file() for name in _SNAKEFILES):
        return f"{install}Next: {command}"
    return (
        f"{install}Next: there is no Snakefile in this folder, as the installed package holds no "
        f"workflow. In a clone of kerasae's repository run `{command}` with paths that lead here, "
        f"or here `{command} --snakefile CLONE/workflow/Snakefile`"
    )
