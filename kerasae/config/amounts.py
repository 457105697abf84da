"""Amounts of a configuration, fitted to the size of a data set and checked against it."""

import math

from kerasae.config.schema import Config, ConfigurationError
from kerasae.training.defaults import training_defaults

AMOUNTS = {
    "validation": ("validation",),
    "labels": ("classification", "labels"),
    "latent_dim": ("general", "latent_dim"),
    "latent_dims": ("anomaly", "latent_dim"),
}
"""Amounts whose defaults shrink with the data → their keys in the configuration."""
AUTO = "auto"
"""Value of a setting that is chosen by the size of the data."""
NEIGHBOURS = 5
"""Labelled samples required by the nearest-neighbour classifier."""


def nested_value(mapping, keys):
    """Return a value of a nested mapping, or None if it is missing."""
    for key in keys:
        mapping = mapping.get(key) if isinstance(mapping, dict) else None
    return mapping


def own_amounts(config, written):
    """Return the names in `AMOUNTS` that the user wrote, or that differ from the default.

    ``config`` is complete; ``written`` is the user's configuration without ``config.yaml``.
    """
    default = Config().model_dump()
    return {
        name
        for name, keys in AMOUNTS.items()
        if nested_value(written, keys) is not None
        or nested_value(config, keys) != nested_value(default, keys)
    }


def fitted(config, own, size):
    """Shrink default amounts to the size of a data set; those in ``own`` stay unchanged.

    Defaults are at most a tenth of the training samples (validation), half of the remaining ones
    (labels), and a quarter of the values per sample, but 2 if possible (latent dimensions). For
    ``auto`` see `latent_dim_for`, at most the number of training samples. Return an integer for
    each of `AMOUNTS`, and a list for ``latent_dims``.
    """
    amounts = {name: nested_value(config, keys) for name, keys in AMOUNTS.items()}
    automatic = {name for name, amount in amounts.items() if amount == AUTO}
    free = AMOUNTS.keys() - own - automatic
    if "validation" in free:
        amounts["validation"] = min(amounts["validation"], max(1, size.train // 10))
    left = size.train - amounts["validation"]
    amounts |= dict.fromkeys(automatic, min(latent_dim_for(size.inputs), max(1, left)))
    largest = max(1, min(max(2, size.inputs // 4), size.inputs, left))
    enough = max(NEIGHBOURS, min(left, max(size.classes, left // 2)))
    for name, limit in (("labels", enough), ("latent_dim", largest), ("latent_dims", largest)):
        if name in free:
            amounts[name] = min(amounts[name], limit)
    return {**amounts, "latent_dims": as_list(amounts["latent_dims"])}


def latent_dim_for(inputs):
    """Return the latent dimension for d values per sample: 1 + ⌊√d⌋, at most d.

    Cao, Nicolau, McDermott: Learning neural representations for network anomaly detection, IEEE
    Transactions on Cybernetics 49 (2019).
    """
    return min(1 + math.isqrt(inputs), inputs)


def as_list(value):
    """Wrap a single value in a list."""
    return value if isinstance(value, list) else [value]


def schedule(config, rows=None):
    """Return the number of epochs and the batch size of the trainings.

    Without ``rows``, the number of training samples, ``auto`` is None, which the training replaces.
    """
    defaults = training_defaults(rows) if rows else (None, None)
    return tuple(
        default if config[key] == AUTO else config[key]
        for key, default in zip(("epochs", "batch_size"), defaults, strict=True)
    )


def training_seconds(rows, inputs, epochs, batch_size):
    """Estimate the time of one training in seconds, without imports and compilation.

    A rough rule for one core: a step takes 0.7 ms plus 2.5e-8 ms per sample and squared input.
    ``rows`` are the training samples, ``inputs`` the values per sample.
    """
    steps = epochs * -(-rows // batch_size)
    return steps * (0.7e-3 + 2.5e-11 * batch_size * inputs**2)


def check(name, options, config, amounts, size, pca):
    """Raise `ConfigurationError` if a data set is too small for its amounts.

    ``size`` is the size before the limits ``train`` and ``test``. ``pca`` tells whether principal
    components are among the baselines.
    """

    def at_most(keys, value, limit, why):
        if value > limit:
            raise ConfigurationError(
                f"config: {'.'.join(keys)}: expected at most {limit}, as {why}. Received: {value}"
            )

    for split in ("train", "test"):
        limit = getattr(size, split)
        why = f"{name} has no more {split} samples"
        at_most(("datasets", name, split), options.get(split, 1), limit, why)
    train = options.get("train", size.train)
    if train < 3:
        raise ConfigurationError(
            f"config: datasets.{name}: expected at least 3 training samples. Received: {train}"
        )
    validation = amounts["validation"]
    why = f"{name} has {train} training samples, and training needs 2 of them"
    at_most(AMOUNTS["validation"], validation, train - 2, why)
    left = train - validation
    why = f"{name} has {train} training samples, {validation} of them for validation"
    if size.classes > 1:
        at_most(AMOUNTS["labels"], amounts["labels"], left, why)
        for count in config["classification"]["curve"]:
            if count != "all":
                at_most(("classification", "curve"), count, left, why)
    if pca:
        most = min(left, size.inputs)
        why = f"baselines.pca needs as many values per sample, and training samples, in {name}"
        if "setting" not in options:
            at_most(AMOUNTS["latent_dim"], amounts["latent_dim"], most, why)
        at_most(AMOUNTS["latent_dims"], max(amounts["latent_dims"]), most, why)


def notes(name, options, config, amounts, train):
    """Write a line for reduced defaults, and one if a batch holds all training samples.

    ``amounts`` are those in use, ``train`` is the number of training samples.
    """
    lines, changes = [], []
    used = ("validation", "latent_dims") if "setting" in options else AMOUNTS
    for amount in used:
        keys, value = AMOUNTS[amount], amounts[amount]
        configured = nested_value(config, keys)
        if value not in (configured, as_list(configured)) and configured != AUTO:
            value = value[0] if isinstance(value, list) else value
            changes.append(f"{'.'.join(keys)} is {value} instead of {configured}")
    if changes:
        lines.append(f"{name}: defaults reduced for small data: {', '.join(changes)}.")
    left = train - amounts["validation"]
    if config["batch_size"] != AUTO and config["batch_size"] > left:
        lines.append(
            f"{name}: batch_size is {config['batch_size']}, more than the {left} samples to train "
            "on: an epoch is one step."
        )
    return lines
