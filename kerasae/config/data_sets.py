"""Data sets of a configuration, and checks of their files and of the folder of results."""

import os
import re
from pathlib import Path

from kerasae.config.schema import ConfigurationError, shown
from kerasae.datasets import SOURCES, DatasetError
from kerasae.datasets.files import existing_path


def listed(config):
    """List the data sets in use: name → options.

    A collection is replaced by its files, each a data set. Data with known anomalies are
    standardised by default, with the Gaussian likelihood. Raise `ConfigurationError` if options
    exclude each other, or a collection is no folder of files or has two of a name.
    """
    options_of = {}
    for section, options in config["datasets"].items():
        for name, path in [] if options is False else _files_of_collection(section, options):
            if name in options_of or name in config["datasets"].keys() - {section}:
                raise ConfigurationError(
                    f"config: datasets.{section}: expected files with other names, as their data "
                    f"sets have different names. Received: {name} twice"
                )
            options_of[name] = checked_options(section, {**options, **path})
    if "across" in options_of:
        raise ConfigurationError(
            "config: datasets.across: expected another name, as the results have a folder of this "
            "name."
        )
    return options_of


def _files_of_collection(name, options):
    """List pairs of a data set's name and its path as an option; no path without collection."""
    if "collection" not in options:
        return [(name, {})]
    folder = Path(options["collection"])
    visible = (part for part in folder.glob("*") if part.name[0] != ".")
    files = sorted(part for part in visible if part.suffix.lower() == ".npz")
    if not files:
        raise ConfigurationError(
            f"config: datasets.{name}.collection: expected a folder with .npz files. "
            f"Received: {shown(str(folder))}"
        )
    return [(name_of_file(file), {"path": str(file)}) for file in files]


def name_of_file(path):
    """Name of the data set in a file of a collection: lower case, without a leading number.

    ``data_`` precedes what begins with no letter, is a data set of the package, such as ADBench's
    24_mnist.npz, or the folder of the comparison across data sets.
    """
    text = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    name = re.sub(r"^[0-9_]+(?=[a-z])", "", text)
    return name if name[:1].isalpha() and name not in {*SOURCES, "across"} else f"data_{name}"


def checked_options(name, options):
    """Return the options of a data set, complete where it has known anomalies."""
    if "collection" in options:
        options = {"setting": "semi_supervised", **options}
    alone = {"order", "rows"} & options.keys()
    apart = {"anomalies", "held_out", "test", "test_share", "train"} & options.keys()
    if "setting" not in options and alone:
        raise ConfigurationError(
            f"config: datasets.{name}.{min(alone)}: expected setting, too, as this is an option of "
            "data with known anomalies. Received: no setting"
        )
    if "setting" not in options:
        return options
    if apart:
        raise ConfigurationError(
            f"config: datasets.{name}.{min(apart)}: expected no such option beside setting, as "
            f"every seed draws its training and test set. Received: {shown(options[min(apart)])}"
        )
    return {"scale": "standard", "likelihood": "gaussian", **options}


def check_paths(config, listed):
    """Check the folder of results, the sources of the data sets, and the tables to merge.

    ``listed`` comes from `listed`. `ConfigurationError` names the key, what was expected, and the
    path.
    """
    results = config["results"]
    for name, options in listed.items():
        for key in ("path", "anomalies"):
            if key in options:
                _check_source(f"config: datasets.{name}.{key}", options[key], results)
        if "anomalies" in options:
            try:
                existing_path(options["anomalies"])
            except DatasetError as error:
                raise ConfigurationError(f"config: datasets.{name}.anomalies: {error}") from None
    _check_folder(results)
    _check_tables(config["merge"], [Path(results, name).resolve() for name in listed])


def _check_folder(results):
    """Raise `ConfigurationError` if a results folder cannot be created or written to."""
    folder = Path(results)
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise ConfigurationError(
            f"config: results: expected a folder, or a new name, but {folder} is a file or a dead "
            f"link. Received: {shown(results)}"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"config: results: expected a writable folder, but {folder} is not. "
            f"Received: {shown(results)}"
        )


def _check_source(key, source, results):
    """Raise `ConfigurationError` if data and results overlap, or a path has braces."""
    path, folder = Path(source).resolve(), Path(results).resolve()
    expected = None
    if path.is_relative_to(folder):
        expected = f"data outside the results folder {results}, whose files are overwritten"
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


def _check_tables(paths, own):
    """Raise `ConfigurationError` for tables to merge that are missing or of this run."""
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
