"""Checks before any job: backend, and amounts against the sizes of the data."""

import math

from kerasae import datasets
from kerasae.config.reading import ConfigurationError
from kerasae.training.defaults import training_defaults

BACKEND = "tensorflow"

AMOUNTS = {
    "validation": ("validation",),
    "labels": ("classification", "labels"),
    "latent_dim": ("general", "latent_dim"),
    "latent_dims": ("anomaly", "latent_dim"),
}
"""Amounts whose defaults shrink with the data → their keys in the configuration."""

_AUTO = "auto"
"""Value of a setting that is chosen by the size of the data."""
SHORT = 20
"""Seconds below which a training is short: one job then trains all variants and seeds."""
_NEIGHBOURS = 5
"""Labelled samples required by the nearest-neighbour classifier."""


def nested_value(mapping, keys):
    """Return a value of a nested mapping, or None if it is missing."""
    for key in keys:
        mapping = mapping.get(key) if isinstance(mapping, dict) else None
    return mapping


def own_amounts(config, written, schema):
    """Return the names in `AMOUNTS` that the user wrote, or that differ from the default.

    ``config`` is complete, ``written`` is the user's configuration without ``config.yaml``, and
    ``schema`` has the defaults.
    """

    def default(keys):
        part = schema
        for key in keys:
            part = part["properties"][key]
        return part["default"]

    return {
        name
        for name, keys in AMOUNTS.items()
        if nested_value(written, keys) is not None or nested_value(config, keys) != default(keys)
    }


def amounts(name, options, config, own, pca, check=True):
    """Choose and check the amounts for a data set; return them, lines for the user, and its size.

    Amounts are an integer for each of `AMOUNTS` and a list for ``latent_dims``; those in ``own``
    stay unchanged. ``pca`` tells whether principal components are among the baselines. The size is
    that of the used part of the data. Without ``check`` data are read only if a default is in use;
    the size is None if they were not read.
    """
    chosen, lines, used = configured(config), [], None
    if check or own != AMOUNTS.keys() or _AUTO in chosen.values() or config["demonstration"]:
        reading = {key: options[key] for key in options.keys() - {"held_out", "train", "test"}}
        try:
            size = datasets.sizes(name, **reading)
        except datasets.DatasetError as error:
            raise ConfigurationError(f"config: datasets.{name}: {error}") from None
        used = size._replace(train=options.get("train", size.train))
        chosen = shrink_defaults(chosen, own, used)
        if check:
            check_amounts(name, options, config, chosen, size, pca)
            of_anomalies = ("validation", "latent_dims")
            named = of_anomalies if "setting" in options else AMOUNTS
            lines = notes(name, config, {key: chosen[key] for key in named}, used.train)
    return {**chosen, "latent_dims": as_list(chosen["latent_dims"])}, lines, used


def training_seconds(rows, inputs, epochs, batch_size):
    """Estimate the time of one training in seconds, without imports and compilation.

    A rough rule for one core: a step takes 0.7 ms plus 2.5e-8 ms per sample and squared input.
    ``rows`` are the training samples, ``inputs`` the values per sample.
    """
    steps = epochs * -(-rows // batch_size)
    return steps * (0.7e-3 + 2.5e-11 * batch_size * inputs**2)


def demonstration(config, rows=None):
    """Write the line that heads the pages of a demonstration; empty for other runs.

    Without ``rows``, the number of training samples, the line leaves them out.
    """
    if not config["demonstration"]:
        return ""
    epochs, seeds = schedule(config, rows)[0], len(config["seeds"])
    said = [
        f"{rows:,} training samples" if rows else "",
        f"{epochs} epoch{'s' * (epochs != 1)}" if epochs != _AUTO and epochs else "",
        "one seed" if seeds == 1 else f"{seeds} seeds",
    ]
    amounts = ", ".join(filter(None, said))
    return f"A demonstration: {amounts}. The numbers say nothing about the models."


def configured(config):
    """Return the values of `AMOUNTS` in a configuration."""
    return {amount: nested_value(config, keys) for amount, keys in AMOUNTS.items()}


def latent_dim_for(inputs):
    """Return the latent dimension for d values per sample: 1 + ⌊√d⌋, at most d.

    Cao, Nicolau, McDermott: Learning neural representations for network anomaly detection, IEEE
    Transactions on Cybernetics 49 (2019).
    """
    return min(1 + math.isqrt(inputs), inputs)


def schedule(config, rows=None):
    """Return the number of epochs and the batch size of the trainings.

    Without ``rows``, the number of training samples, ``auto`` is None, which the training replaces.
    """
    defaults = training_defaults(rows) if rows else (None, None)
    return tuple(
        default if config[key] == _AUTO else config[key]
        for key, default in zip(("epochs", "batch_size"), defaults, strict=True)
    )


def fitted(name, options, config, own, size, pca):
    """Choose and check the amounts for data of a known size; parameters as in `amounts`."""
    chosen = shrink_defaults(configured(config), own, size)
    check_amounts(name, options, config, chosen, size, pca)
    return {**chosen, "latent_dims": as_list(chosen["latent_dims"])}


def as_list(value):
    """Wrap a single value in a list."""
    return value if isinstance(value, list) else [value]


def shrink_defaults(configured, own, size):
    """Shrink default amounts to the size of a data set; those in ``own`` stay unchanged.

    Defaults are at most a tenth of the training samples (validation), half of the remaining ones
    (labels), and a quarter of the values per sample, but 2 if possible (latent dimensions). For
    ``auto`` see `latent_dim_for`, at most the number of training samples.
    """
    automatic = {key for key, amount in configured.items() if amount == _AUTO}
    own = own | automatic
    found = dict(configured)
    if "validation" not in own:
        found["validation"] = min(configured["validation"], max(1, size.train // 10))
    left = size.train - found["validation"]
    found |= dict.fromkeys(automatic, min(latent_dim_for(size.inputs), max(1, left)))
    largest = max(1, min(max(2, size.inputs // 4), size.inputs, left))
    enough = max(_NEIGHBOURS, min(left, max(size.classes, left // 2)))
    for key, limit in (("labels", enough), ("latent_dim", largest), ("latent_dims", largest)):
        if key not in own:
            found[key] = min(configured[key], limit)
    return found


def check_amounts(name, options, config, chosen, size, pca):
    """Raise `ConfigurationError` if a data set is too small for its amounts.

    ``size`` is the size before the limits ``train`` and ``test``. ``pca`` tells whether principal
    components are among the baselines.
    """

    def at_most(keys, value, limit, why):
        if value > limit:
            raise ConfigurationError(
                f"config: {'.'.join(keys)}: expected at most {limit}, as {why}. Received: {value}"
            )

    for part in ("train", "test"):
        limit = getattr(size, part)
        why = f"{name} has no more {part} samples"
        at_most(("datasets", name, part), options.get(part, 1), limit, why)
    train = options.get("train", size.train)
    if train < 3:
        raise ConfigurationError(
            f"config: datasets.{name}: expected at least 3 training samples. Received: {train}"
        )
    validation = chosen["validation"]
    why = f"{name} has {train} training samples, and training needs 2 of them"
    at_most(AMOUNTS["validation"], validation, train - 2, why)
    left = train - validation
    why = f"{name} has {train} training samples, {validation} of them for validation"
    if size.classes > 1:
        at_most(AMOUNTS["labels"], chosen["labels"], left, why)
        for count in config["classification"]["curve"]:
            if count != "all":
                at_most(("classification", "curve"), count, left, why)
    if pca:
        most = min(left, size.inputs)
        why = f"baselines.pca needs as many values per sample, and training samples, in {name}"
        if "setting" not in options:
            at_most(AMOUNTS["latent_dim"], chosen["latent_dim"], most, why)
        at_most(AMOUNTS["latent_dims"], max(as_list(chosen["latent_dims"])), most, why)


def notes(name, config, chosen, train):
    """Write a line for reduced defaults, and one if a batch holds all training samples.

    ``chosen`` are the amounts in use, ``train`` is the number of training samples.
    """
    changes, found = [], []
    for amount, now in chosen.items():
        keys = AMOUNTS[amount]
        before = nested_value(config, keys)
        if now != before and before != _AUTO:
            changes.append(f"{'.'.join(keys)} is {now} instead of {before}")
    if changes:
        found.append(f"{name}: defaults reduced for small data: {', '.join(changes)}.")
    left = train - chosen["validation"]
    if config["batch_size"] != _AUTO and config["batch_size"] > left:
        found.append(
            f"{name}: batch_size is {config['batch_size']}, more than the {left} samples to train "
            "on: an epoch is one step."
        )
    return found


def check_backend(environment):
    """Raise `ConfigurationError` unless the backend of Keras is TensorFlow or not set."""
    backend = environment.get("KERAS_BACKEND") or BACKEND
    if backend != BACKEND:
        raise ConfigurationError(
            f"The workflow and the command line need KERAS_BACKEND={BACKEND}. Received: {backend}"
        )
