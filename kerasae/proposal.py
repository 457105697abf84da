"""A commented configuration of the bake-off for data of one's own."""

import json
import re
from pathlib import Path

import numpy as np

from kerasae.datasets import SOURCES, DatasetError, load_own, notes

TEMPLATE = """\
# The bake-off on {path}, laid over config.yaml, which explains every key:
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
{anomalies}
# With one seed nothing can be ranked; each adds as much time as the first took.
seeds: [1, 2, 3, 4, 5]

# {train} samples to train on, {steps} steps an epoch
epochs: {epochs}
batch_size: {batch_size}
validation: {validation}

general:
  latent_dim: {latent_dim}
{anomaly}{classification}"""


def proposal(path, labels=None, anomalies=None):
    """Propose a configuration for a file or folder.

    Parameters
    ----------
    path, labels, anomalies
        As those of `kerasae.datasets.load_own`.

    Returns
    -------
    str
        YAML with comments. Values in [0, 1] and uint8 images are taken as they are, other
        images scaled to [0, 1], other tables standardised, with the Gaussian likelihood.

    Raises
    ------
    DatasetError
        If the data cannot be read.
    """
    data = load_own(path, labels, likelihood="gaussian", anomalies=anomalies)
    low, high = float(data.x_train.min()), float(data.x_train.max())
    whole = data.x_train.dtype == np.uint8
    values = f"values from {low:g} to {high:g}: "
    if whole or (low >= 0 and high <= 1):
        scale, likelihood, values = "none", "bernoulli", values + "taken as they are"
    elif data.x_train.ndim > 2:
        scale, likelihood, values = "minmax", "bernoulli", values + "scaled to [0, 1]"
    else:
        scale, likelihood = "standard", "gaussian"
        values += "each column scaled to mean 0 and variance 1"
    name = re.sub(r"\W", "_", Path(path).stem.lower(), flags=re.ASCII).lstrip("_0123456789")
    count, size = len(data.x_train), int(np.prod(data.x_train.shape[1:]))
    validation = max(1, count // 10)
    left = count - validation
    batch_size = int(np.clip(2 ** int(np.log2(max(left // 20, 1))), 16, 256))
    steps = -(-left // batch_size)
    several = len(data.classes) > 1
    smallest = min(np.bincount(data.y_train, minlength=len(data.classes)) if several else [0])
    if several and left - smallest < 2:
        raise DatasetError(f"{path}: too few samples for a bake-off. Received: {count}")
    anomaly = classification = ""
    if several or anomalies:
        anomaly = f"anomaly:\n  latent_dim: {min(2, size)}\n"
        if several and not anomalies:
            first = data.classes[0]
            known = ", ".join(data.classes[:20])
            anomaly += (
                f"  # one of {known}, a list of them, or all\n  left_out: {json.dumps(first)}\n"
            )
    if several:
        labelled = min(550, left // 2)
        classification = f"classification:\n  labels: {max(labelled, len(data.classes))}\n"
    return TEMPLATE.format(
        name=f"own_{name}" if name in ("", *SOURCES) else name,
        path=json.dumps(str(path)),
        notes="".join(f"# {note}\n" for note in notes(data)),
        labels=f"    labels: {json.dumps(labels)}\n" if labels else "",
        values=values,
        scale=scale,
        likelihood=likelihood,
        anomalies=f"    anomalies: {json.dumps(str(anomalies))}\n" if anomalies else "",
        train=f"{left:,}",
        steps=steps,
        # as many steps as the article's 60 epochs have, but no more epochs than that helps
        epochs=int(np.clip(round(12_900 / steps), 60, 300)),
        batch_size=batch_size,
        validation=validation,
        latent_dim=min(20, max(2, size // 4)),
        anomaly=anomaly,
        classification=classification,
    )
