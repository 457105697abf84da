"""The configuration: every key with its type, limits, default and meaning.

The only definition: `validated` completes what a user wrote, or says in one line what is wrong.
``config.yaml`` shows the same keys and defaults to users.

Threat model: a configuration and the code that it names are the user's own, so that the checks
here help with mistakes and nothing more. Model files, tables to merge, arrays and pictures may come
from strangers: their readers refuse what would run, overwrite files or reach a page as markup.
"""

import json
from copy import deepcopy
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from kerasae.datasets import SOURCES
from kerasae.evaluation.detectors import DETECTORS
from kerasae.evaluation.tasks import TASKS
from kerasae.models import ARTICLE, BASELINES, variant
from kerasae.types import Likelihood, Scale, Setting, suggestion

_NAME, _PATH = "^[a-z][a-z0-9_]*$", "^[^<>]+$"
_CLASS = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
_PATTERNS = {
    _NAME: "a name of lower-case letters, digits and _, a letter first",
    _PATH: "a path without < and >",  # inserted into scripts of the report without escaping
    _CLASS: "module:Class",
}
_DETECTORS = list(dict.fromkeys(detector.variant for detector in DETECTORS.values()))
"""Names of the package's detectors."""


class ConfigurationError(ValueError):
    """The configuration cannot be used; the message is one line."""


def _each_once(values: list) -> list:
    """Refuse a list with a value twice."""
    if any(value in values[:place] for place, value in enumerate(values)):
        raise PydanticCustomError("twice", "Input should be a list with every value once")
    return values


def _off(value: bool) -> bool:
    """Refuse true where only false switches something off."""
    if value:
        raise PydanticCustomError("off", "Input should be false")
    return value


Count: TypeAlias = Annotated[int, Field(ge=1)]
Off: TypeAlias = Annotated[bool, AfterValidator(_off)]
Auto: TypeAlias = Literal["auto"]
Seed: TypeAlias = Annotated[int, Field(ge=0, le=2**32 - 1)]
Text: TypeAlias = Annotated[str, Field(min_length=1)]
Path: TypeAlias = Annotated[str, Field(pattern=_PATH)]
Name: TypeAlias = Annotated[str, Field(pattern=_NAME, max_length=60)]
HeldOut: TypeAlias = int | str | Annotated[list[int | str], AfterValidator(_each_once)]
LeastWidths: TypeAlias = Annotated[list[Count], Field(min_length=2, max_length=2)]
Seeds: TypeAlias = Annotated[list[Seed], AfterValidator(_each_once)]


class _Section(BaseModel):
    """A mapping of known keys; numbers are finite, and no text, true or false is a number."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class General(_Section):
    """Runs for all tasks except anomaly detection."""

    latent_dim: Count | Auto = 20
    """Dimensions of a code; auto chooses by the values per sample."""


class Anomaly(_Section):
    """Runs for anomaly detection."""

    latent_dim: (
        Count | Annotated[list[Count], Field(min_length=1), AfterValidator(_each_once)] | Auto
    ) = 2
    """Dimensions of a code, or a list; auto chooses by the values per sample."""
    held_out: HeldOut = 1
    """The held-out class, a list of classes, or all."""
    score: Literal["bce", "signed", "bce_per_ink", "mse", "neighbours"] = "bce"
    """Anomaly score in the figures; the tables have all scores."""
    seeds: Seeds = []
    """Root seeds of these runs; [] stands for the seeds of the general runs."""


class Classification(_Section):
    """A dense layer on frozen codes."""

    labels: Annotated[int, Field(ge=5)] = 550
    """Number of labelled training samples; the classifier on five nearest neighbours needs 5."""
    curve: Annotated[
        list[Annotated[int, Field(ge=5)] | Literal["all"]], AfterValidator(_each_once)
    ] = []
    """Further numbers of labels, or all, for the classifiers on standardised codes."""
    epochs: Count = 20
    """Maximum number of passes over the labelled images."""
    batch_size: Count = 32
    """Images per step."""
    learning_rate: Annotated[float, Field(gt=0)] = 0.001
    """Learning rate of Adam."""
    patience: Count = 3
    """Epochs without better validation accuracy before training stops."""


class Interpolation(_Section):
    """Interpolation between the first two test images."""

    steps: Annotated[int, Field(ge=2)] = 128
    """Number of images, both ends included."""


class Config(_Section):
    """A whole configuration; the sections by name are checked one by one, see `validated`."""

    results: Text = "results"
    """Folder for all outputs."""
    datasets: dict[Name, dict[str, Any] | Off] = {"mnist": {}}
    """Data sets by name, see `KnownData` and `OwnData`; false switches one off."""
    seeds: Annotated[Seeds, Field(min_length=1)] = [1]
    """Root seeds: every model is trained once per seed."""
    epochs: Count | Auto = 60
    """Passes over the training images; auto chooses by their number."""
    batch_size: Annotated[int, Field(ge=2)] | Auto = 256
    """Images per step; auto chooses by their number."""
    patience: Count | Off = False
    """Epochs without lower validation loss before training stops; false for no such stop."""
    least_widths: LeastWidths = [1, 1]
    """Lower limits of the two hidden widths by the article's formula."""
    learning_rate: Annotated[float, Field(gt=0)] = 0.001
    """Learning rate of Adam."""
    validation: Count = 5000
    """Training images held out for validation."""
    one_at_a_time: bool = False
    """Whether trainings run one at a time, to compare their times."""
    variants: Annotated[dict[Name, dict[str, Any] | Off], Field(min_length=1)] = ARTICLE
    """Variants by name, a model with settings, see `Settings`; false switches one off."""
    baselines: dict[Name, dict[str, Any] | Off] = {name: {} for name in BASELINES}
    """Baselines; false switches one off."""
    detectors: dict[Name, dict[str, Any] | Off] = {}
    """Anomaly detectors that are no autoencoders, see `Estimator`; false switches one off."""
    general: General = General()
    anomaly: Anomaly = Anomaly()
    classification: Classification = Classification()
    interpolation: Interpolation = Interpolation()
    thorough: bool = False
    """Whether to compute metrics for samples, interpolations and latent space, and verdicts."""
    demonstration: bool = False
    """Whether every page says that the run is a demonstration."""
    merge: Annotated[list[Path], AfterValidator(_each_once)] = []
    """Score tables of other seeds, variants or held-out classes, computed elsewhere."""


class KnownData(_Section):
    """A data set of the package, one of `kerasae.datasets.SOURCES`."""

    path: Text | None = None
    """Folder with the four IDX files."""
    likelihood: Likelihood | None = None
    """Likelihood of the models; bernoulli needs values in [0, 1]."""
    train: Count | None = None
    """Number of training images to use, from the first."""
    test: Annotated[int, Field(ge=2)] | None = None
    """Number of test images to use, from the first."""
    held_out: HeldOut | None = None
    """Replaces anomaly.held_out for this data set; [] holds out no class."""


class OwnData(KnownData):
    """Data of the user."""

    path: Text | None = None
    """An .npz, .npy, .csv or .parquet file, or a folder of images."""
    collection: Text | None = None
    """A folder of .npz files with X and y, each a data set with known anomalies."""
    setting: Setting | None = None
    """How each seed draws the training set from data with known anomalies."""
    order: Literal["random", "file"] | None = None
    """Order of the normal samples of which the first half is the training set."""
    rows: Annotated[int, Field(ge=20)] | None = None
    """Number of samples to draw from larger data with known anomalies."""
    labels: str | None = None
    """Column of a table with the classes; with setting 1 for anomalies and 0 for others."""
    test_share: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Share of the samples for the test set, if the data have none."""
    scale: Scale | None = None
    """Scaling of values, fitted to the training set."""
    anomalies: Text | None = None
    """A file or folder with known anomalies for anomaly detection."""


class Settings(_Section):
    """Settings of the package's models; which of them a model takes, its constructor says."""

    model_config = ConfigDict(extra="ignore")
    model: str
    """Name of a model, or your own as file.py:Class or module:Class."""
    widths: Annotated[list[Count], Field(min_length=1)] | None = None
    """Hidden widths, from the input inwards."""
    least_widths: LeastWidths | None = None
    target: Literal["codes", "pixels"] | None = None
    """Reconstruction target of the inner stages of the stacked autoencoder."""
    p: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Target mean activity of the codes of the sparse autoencoder."""
    noise: Annotated[float, Field(ge=0)] | None = None
    """Noise of the denoising autoencoder, a variance, deviation or share of values."""
    noise_is: Literal["variance", "std", "dropout"] | None = None
    """Whether noise is the variance or the standard deviation of Gaussian noise, or dropout."""
    beta: Annotated[float, Field(ge=0)] | None = None
    """Weight of the sparsity, divergence, commitment or code size term."""
    weight: Annotated[float, Field(ge=0)] | None = None
    """Weight of the contraction, discrepancy or discriminator term."""
    decay: Annotated[float, Field(ge=0)] | None = None
    """Weight decay of the rae's last layer, or decay of the vq_ema's moving averages."""
    decoder_variance: Annotated[float, Field(gt=0)] | None = None
    """Variance of the Gaussian likelihood of the VAEs, or its start if learned."""
    learn_variance: bool | None = None
    """Whether the VAEs learn this variance."""
    draws: Count | None = None
    """Number of codes per image in the iwae."""
    categories: Annotated[int, Field(ge=2)] | None = None
    """Values per codebook of the vq, or vectors in the codebook of the vq_ema."""
    width: Count | None = None
    """Dimensions of a vector of the vq_ema; a divisor of the latent dimension."""


class OwnSettings(_Section):
    """Settings of a model of the user, whose constructor checks them."""

    model_config = ConfigDict(extra="ignore")
    model: str


class Baseline(_Section):
    """A baseline: it has no settings."""

    model: Literal["pca", "random_projection", "untrained"]


class NoSettings(_Section):
    """A detector of the package."""


class Estimator(_Section):
    """An anomaly detector of another library; other keys are its parameters."""

    model_config = ConfigDict(extra="ignore")
    estimator: Annotated[str, Field(pattern=_CLASS)]
    """An estimator with fit and score_samples as module:Class."""


def validated(written):
    """Complete a configuration with the defaults; return a new dict.

    The model of a variant is by default the one of its name. Names of the article's variants bring
    their settings, see `kerasae.models.variant`. Raise `ConfigurationError` for an unknown key, an
    impossible value, and for two rows of the scores with one name.
    """
    config = _checked(Config, deepcopy(written))
    for name, options in _in_use(config["datasets"]):
        known = KnownData if name in SOURCES else OwnData
        config["datasets"][name] = options = _checked(known, options, "datasets", name)
        if known is OwnData and not options.keys() & {"path", "collection"}:
            raise ConfigurationError(
                f"config: datasets.{name}: expected a path, or one of {', '.join(SOURCES)} as "
                f"name. {suggestion(name, SOURCES)}Received: {shown(options)}"
            )
    for section in ("variants", "baselines"):
        for name, given in _in_use(config[section]):
            settings = {"model": name, **given}
            if isinstance(settings["model"], str):
                known = variant(settings["model"])
                settings = {**known, **settings, "model": known["model"]}
            own = ":" in str(settings["model"])
            contents = Baseline if section == "baselines" else OwnSettings if own else Settings
            _checked(contents, settings, section, name)
            config[section][name] = settings
    for name in _DETECTORS:
        config["detectors"].setdefault(name, {})
    for name, settings in _in_use(config["detectors"]):
        _checked(NoSettings if name in _DETECTORS else Estimator, settings, "detectors", name)
    _check_names(config)
    return config


def _in_use(section):
    """List name and settings of what is not switched off."""
    return [(name, settings) for name, settings in section.items() if settings is not False]


def _check_names(config):
    """Raise `ConfigurationError` if two rows of the scores would have one name."""
    names = {key: {name for name, _ in _in_use(config[key])} for key in ("variants", "baselines")}
    rows = {name for task in TASKS.values() for name in (*task.bounds, *task.baselines)}
    taken = {
        "variants": rows | names["baselines"],
        "detectors": rows - {*_DETECTORS} | names["variants"] | names["baselines"],
    }
    for section, others in taken.items():
        for name, _ in _in_use(config[section]):
            if name in others:
                raise ConfigurationError(
                    f"config: {section}.{name}: expected another name, as this one names other "
                    "rows of the scores."
                )


def _checked(section, value, *keys):
    """Return a part of the configuration with its defaults, without keys that are null."""
    try:
        return section.model_validate(value).model_dump(exclude_none=True)
    except ValidationError as error:
        raise ConfigurationError(_message(section, error.errors(), value, keys)) from None


def _message(section, errors, value, keys):
    """Write one line on the mistake that is nested most deeply: its key, what is expected."""
    places = [_place(error["loc"], value) for error in errors]
    path = max(places, key=len)
    here = [error for error, place in zip(errors, places, strict=True) if place == path]
    key, received = ".".join(map(str, (*keys, *path))), here[0]["input"]
    begin = f"config: {key}: " if key else "config: "
    if here[0]["type"] == "extra_forbidden":
        for name in path[:-1]:
            section = section.model_fields[name].annotation
        names = sorted(section.model_fields)
        known = f"one of {', '.join(names)}" if names else "no key"
        return f"{begin}unknown key. {suggestion(path[-1], names)}Expected {known}."
    if here[0]["type"] == "missing":
        return f"{begin}expected the key {here[0]['loc'][-1]}. Received: {shown(received)}"
    texts = dict.fromkeys(_words(error) for error in here)
    return f"{begin}expected {' or '.join(texts)}. Received: {shown(received)}"


def _place(location, value):
    """List the keys to a mistake, without pydantic's names of the types that were tried."""
    path = []
    for key in location:
        keys = range(len(value)) if isinstance(value, list) else value
        if isinstance(value, dict | list) and key in keys:
            value = value[key]
            path.append(key)
    return path


def _words(error):
    """Say what pydantic expected, in words of YAML."""
    words = {
        "model_type": "a mapping",
        "dict_type": "a mapping",
        "list_type": "a list",
        "bool_type": "true or false",
        "off": "false",
        "too_short": "at least {min_length} in it",
        "too_long": "at most {max_length} in it",
    }
    if error["type"] == "string_pattern_mismatch":
        return _PATTERNS[error["ctx"]["pattern"]]
    text = words.get(error["type"], error["msg"].removeprefix("Input should be "))
    text = text.removeprefix("String should have ").replace("a valid ", "a ").replace("'", "")
    return text.format(**error.get("ctx", {})).replace("a integer", "an integer")


def shown(value):
    """Format a value as JSON, shortened to one line of 80 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
