"""Checks before any job: environment, folders, files, and amounts against the sizes of the data."""

import os
from pathlib import Path

from kerasae import datasets
from kerasae.configuration.reading import ConfigurationError, shown

BACKEND = "tensorflow"

AMOUNTS = {
    "validation": ("validation",),
    "labels": ("classification", "labels"),
    "latent_dim": ("general", "latent_dim"),
    "latent_dims": ("anomaly", "latent_dim"),
}
"""Amounts whose defaults shrink with the data → their keys in the configuration."""

NEIGHBOURS = 5
"""Labelled samples that the nearest-neighbour classifier needs."""


def get(mapping, way):
    """Get a value of a nested mapping, None where there is none."""
    for key in way:
        mapping = mapping.get(key) if isinstance(mapping, dict) else None
    return mapping


def own_amounts(config, written, schema):
    """Name the amounts that the user chose.

    Parameters
    ----------
    config : dict
        The whole configuration, with defaults.
    written : dict
        The part that the user laid over ``config.yaml``.
    schema : dict
        The JSON schema of the configuration.

    Returns
    -------
    set of str
        Those of `AMOUNTS` that the user wrote, or that differ from the schema's default.
    """

    def default(way):
        part = schema
        for key in way:
            part = part["properties"][key]
        return part["default"]

    return {
        name
        for name, way in AMOUNTS.items()
        if get(written, way) is not None or get(config, way) != default(way)
    }


def amounts(name, options, config, own, pca, check=True):
    """Choose the amounts for one data set, and check them.

    Parameters
    ----------
    name : str
        Of the data set.
    options : dict
        Its part of the configuration.
    config : dict
        The configuration.
    own : set of str
        See `own_amounts`; these are taken as they are.
    pca : bool
        Whether principal components are among the baselines.
    check : bool, optional
        Whether to check them; without, the data are only read where a default is in use.

    Returns
    -------
    chosen : dict
        For each of `AMOUNTS` an integer, for ``latent_dims`` a list of them; see `fitting`.
    notes : list of str
        Lines for the user; see `notes`.

    Raises
    ------
    ConfigurationError
        If the data cannot be read, or are too small for an amount.
    """
    chosen, said = {key: get(config, way) for key, way in AMOUNTS.items()}, []
    if check or own != AMOUNTS.keys():
        other = {key: options[key] for key in options.keys() - {"held_out", "train", "test"}}
        try:
            size = datasets.sizes(name, **other)
        except datasets.DatasetError as error:
            raise ConfigurationError(f"config: datasets.{name}: {error}") from None
        used = size._replace(train=options.get("train", size.train))
        chosen = fitting(chosen, own, used)
        if check:
            check_amounts(name, options, config, chosen, size, pca)
            said = notes(name, config, chosen, used.train)
    return {**chosen, "latent_dims": listed(chosen["latent_dims"])}, said


def listed(value):
    """Give a value or a list of them as a list."""
    return value if isinstance(value, list) else [value]


def fitting(wanted, own, size):
    """Shrink defaults to a data set.

    Parameters
    ----------
    wanted : dict
        The values of `AMOUNTS` in the configuration.
    own : set of str
        See `own_amounts`.
    size : kerasae.datasets.Sizes
        Of the samples that are used.

    Returns
    -------
    dict
        The values, of which a default is at most a tenth of the training samples (validation),
        half of those left (labels), or a quarter of the numbers in a sample, but at least 2
        (latent dimensions).
    """
    found = dict(wanted)
    if "validation" not in own:
        found["validation"] = min(wanted["validation"], max(1, size.train // 10))
    left = size.train - found["validation"]
    largest = max(1, min(max(2, size.inputs // 4), size.inputs, left))
    enough = max(NEIGHBOURS, min(left, max(size.classes, left // 2)))
    for key, limit in (("labels", enough), ("latent_dim", largest), ("latent_dims", largest)):
        if key not in own:
            found[key] = min(wanted[key], limit)
    return found


def check_amounts(name, options, config, chosen, size, pca):
    """Check that a data set is large enough for what the configuration asks for.

    Parameters
    ----------
    name : str
        Of the data set.
    options : dict
        Its part of the configuration.
    config : dict
        The configuration.
    chosen : dict
        Its `amounts`.
    size : kerasae.datasets.Sizes
        Of the data, before ``train`` and ``test`` limit it.
    pca : bool
        Whether principal components are among the baselines.

    Raises
    ------
    ConfigurationError
        Names the key, the size of the data, and the value.
    """

    def at_most(way, value, limit, why):
        if value > limit:
            raise ConfigurationError(
                f"config: {'.'.join(way)}: expected at most {limit}, as {why}. Received: {value}"
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
    why = f"{name} has {train} training samples, and 2 are needed beside"
    at_most(AMOUNTS["validation"], validation, train - 2, why)
    left = train - validation
    why = f"{name} has {train} training samples, of which validation takes {validation}"
    if size.classes > 1:
        at_most(AMOUNTS["labels"], chosen["labels"], left, why)
        for count in config["classification"]["curve"]:
            if count != "all":
                at_most(("classification", "curve"), count, left, why)
    if pca:
        most = min(left, size.inputs)
        why = f"baselines.pca needs as many numbers in a sample of {name}, and training samples"
        at_most(AMOUNTS["latent_dim"], chosen["latent_dim"], most, why)
        at_most(AMOUNTS["latent_dims"], max(listed(chosen["latent_dims"])), most, why)


def notes(name, config, chosen, train):
    """Say which amounts are other ones than the configuration seems to ask for.

    Parameters
    ----------
    name : str
        Of the data set.
    config : dict
        The configuration.
    chosen : dict
        The data set's `amounts`.
    train : int
        Its training samples.

    Returns
    -------
    list of str
        A line for defaults that shrank, and one for batches that will not be filled.
    """
    pairs, found = [], []
    for key, way in AMOUNTS.items():
        before, now = get(config, way), chosen[key]
        if now != before:
            pairs.append(f"{'.'.join(way)} is {now} instead of {before}")
    if pairs:
        found.append(f"{name}: small data, so that by default {', '.join(pairs)}.")
    left = train - chosen["validation"]
    if config["batch_size"] > left:
        found.append(
            f"{name}: batch_size is {config['batch_size']}, more than the {left} samples to train "
            "on, so that an epoch is one step."
        )
    return found


def check_backend(environment):
    """Refuse another backend of Keras than the one that models train on."""
    backend = environment.get("KERAS_BACKEND") or BACKEND
    if backend != BACKEND:
        raise ConfigurationError(
            f"KERAS_BACKEND: expected {BACKEND}, on which kerasae trains, or none. "
            f"Received: {backend}"
        )


def check_paths(config, sources):
    """Check the folder of results, the sources of the data sets, and the tables to merge.

    Parameters
    ----------
    config : dict
        The configuration.
    sources : dict of str to dict
        The data sets in use → their parts of the configuration.

    Raises
    ------
    ConfigurationError
        Names the key, what was expected, and the path.
    """
    results = config["results"]
    for name, options in sources.items():
        for key in ("path", "anomalies"):
            if key in options:
                check_source(f"config: datasets.{name}.{key}", options[key], results)
    check_folder(results)
    check_tables(config["merge"], [Path(results, name).resolve() for name in sources])


def check_folder(results):
    """Refuse a folder for results that cannot be made or written to."""
    folder = Path(results)
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise ConfigurationError(
            f"config: results: expected a folder, or none yet, but {folder} is a file or leads "
            f"nowhere. Received: {shown(results)}"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"config: results: expected a folder that can be written to, but {folder} cannot. "
            f"Received: {shown(results)}"
        )


def check_source(key, source, results):
    """Refuse data among the results, results among the data, and what Snakemake would misread."""
    path, folder = Path(source).resolve(), Path(results).resolve()
    expected = None
    if path.is_relative_to(folder):
        expected = f"data outside of the results folder {results}, whose files are overwritten"
    elif folder.is_relative_to(path):
        expected = f"a folder that does not contain the results folder {results}"
    if expected:
        raise ConfigurationError(f"{key}: expected {expected}. Received: {shown(source)}")
    for file in map(str, Path(source).rglob("*") if path.is_dir() else [source]):
        if "{" in file or "}" in file:
            raise ConfigurationError(
                f"{key}: expected paths without braces, which Snakemake takes for wildcards. "
                f"Received: {shown(file)}"
            )


def check_tables(paths, own):
    """Refuse tables to merge that are no files, or lie in folders that this run writes."""
    for path in paths:
        if not Path(path).is_file():
            raise ConfigurationError(
                f"config: merge: expected files that exist. Received: {shown(path)}"
            )
        if any(Path(path).resolve().is_relative_to(folder) for folder in own):
            raise ConfigurationError(
                "config: merge: expected tables of other runs, not of this one. "
                f"Received: {shown(path)}"
            )
