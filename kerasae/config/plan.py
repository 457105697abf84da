"""What a configuration computes: the runs of a data set, and the units of its tasks and figures."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

from kerasae import datasets
from kerasae.config import amounts, data_sets
from kerasae.config.schema import ConfigurationError
from kerasae.custom import declared
from kerasae.engine.artifacts import relative
from kerasae.engine.run import Run
from kerasae.engine.steps import TrainingOptions
from kerasae.evaluation.task import Gathered, Task
from kerasae.evaluation.tasks import EVALUATIONS, TASKS
from kerasae.models import BASELINES, REGISTRY, entry
from kerasae.models import variant as defaults
from kerasae.reporting.pages import in_rst

GROUP = ("latent_dim", "held_out", "seed")
"""Fields of the runs that are trained on the same data; a run has its variant, too."""
WITHOUT_WIDTHS = {"shallow", "conv_vanilla", "conv_vae"}
"""Models of the registry without dense hidden layers."""
UNITS = {
    "run": GROUP,
    "anomaly_run": GROUP,
    "data": (),
    "seed": ("seed",),
    "latent_dim_seed": ("latent_dim", "seed"),
    "held_out_seed": ("held_out", "seed"),
    "variant": ("variant",),
    "held_out": ("latent_dim", "held_out"),
    "latent_dim": ("latent_dim",),
}
"""Unit of an evaluation or figure → the fields of a `Run` that name its file.

The file of an evaluation of single runs has all variants with the same training data.
"""
BACKEND = "tensorflow"
"""Backend of Keras for the workflow and the command line."""
SHORT = 20
"""Seconds below which a training is short: one job then trains all variants and seeds."""
OF_RUNS = ("run", "anomaly_run")
"""Units that are one run."""
OF_ANOMALY_RUNS = ("anomaly_run", "held_out_seed", "held_out", "latent_dim")
"""Units of the runs with a held-out class; the others are of general runs."""


@dataclass(frozen=True)
class Plan:
    """What is computed for one data set."""

    dataset: str  # name
    config: dict  # the complete configuration
    variants: dict  # name → settings, see `chosen_variants`
    baselines: dict  # name → settings, see `chosen_variants`
    options: dict  # section of the data set in the configuration
    classes: tuple  # labels
    held_out: list  # tokens of the held-out classes, and "given" for given anomalies
    amounts: dict  # see `kerasae.config.amounts.fitted`
    size: datasets.Sizes  # of the used part of the data

    @property
    def all_variants(self):
        """Variants and baselines, which run like variants."""
        return {**self.variants, **self.baselines}

    def settings_of(self, variant):
        """Look up ``model`` and parameters of a variant or baseline, as it is trained."""
        settings = self.all_variants[variant]
        least, model = self.config["least_widths"], settings["model"]
        if least != [1, 1] and model in {*REGISTRY, "untrained"} - WITHOUT_WIDTHS:
            return {"least_widths": least, **settings}
        return settings

    @property
    def detectors(self):
        """Anomaly detectors that are no autoencoders: name → settings."""
        section = self.config["detectors"]
        return {name: settings for name, settings in section.items() if settings is not False}

    @property
    def seeds(self):
        """Root seeds of the general runs."""
        return self.config["seeds"]

    @property
    def anomaly_seeds(self):
        """Root seeds of the runs with a held-out class."""
        return self.config["anomaly"]["seeds"] or self.seeds

    @property
    def likelihood(self):
        """The models' likelihood."""
        return self.options.get("likelihood", "bernoulli")

    @property
    def plotted_score(self):
        """The anomaly score in the figures; the Gaussian likelihood has no BCE."""
        score = self.config["anomaly"]["score"]
        missing = self.likelihood == "gaussian" and score.startswith("bce")
        return "mse" if missing else score

    @property
    def one_job_for_all_seeds(self):
        """Whether a job of the workflow takes all seeds: trainings are short.

        Runs with a held-out class then need the same seeds as the others.
        """
        return self.short and self.anomaly_seeds == self.seeds

    @property
    def short(self):
        """Whether trainings take seconds."""
        steps = amounts.schedule(self.config, self.rows)
        return amounts.training_seconds(self.rows, self.size.inputs, *steps) < SHORT

    @property
    def rows(self):
        """Number of samples that models are trained on."""
        return self.size.train - self.amounts["validation"]

    @property
    def demonstration(self):
        """Line that heads the pages of a demonstration; empty for other runs."""
        return demonstration(self.config, self.rows)

    def label_of(self, token):
        """Find the label of a held-out class, as texts and scores show it."""
        return datasets.text_of(token, self.classes)

    def training_options(self, variant):
        """Return the options of the trainings of a variant or baseline."""
        epochs, batch_size = amounts.schedule(self.config)
        settings = self.settings_of(variant)
        return TrainingOptions(
            model={**defaults(settings["model"]), **settings},
            validation=self.amounts["validation"],
            likelihood=self.likelihood,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=self.config["learning_rate"],
            patience=self.config["patience"],
        )

    @property
    def entries(self):
        """Models of the variants and baselines, see `kerasae.models.entry`."""
        return {name: settings["model"] for name, settings in self.all_variants.items()}

    def runs(self, latent_dims, held_out, seeds, variants=None):
        """List runs of some variants, by default of all variants and baselines."""
        variants = self.all_variants if variants is None else variants
        return [
            Run(self.dataset, variant, latent_dim, token, seed, self.label_of(token))
            for latent_dim, token, seed, variant in product(latent_dims, held_out, seeds, variants)
        ]

    @cached_property
    def general(self):
        """Runs on all classes; none where every seed draws data with known anomalies."""
        if "setting" in self.options:
            return []
        return self.runs([self.amounts["latent_dim"]], [datasets.NO_CLASS], self.seeds)

    @cached_property
    def anomaly(self):
        """Runs with a held-out class, or for given anomalies."""
        return self.runs(self.amounts["latent_dims"], self.held_out, self.anomaly_seeds)

    @property
    def explorer_runs(self):
        """Runs of the page to explore: those of the first seed on all classes, if there are any."""
        first = [run for run in self.general or self.anomaly if run.seed == self.seeds[0]]
        return [run for run in first if run.latent_dim == first[0].latent_dim]

    @property
    def explorer_runs_2d(self):
        """The same with codes of two dimensions, for the first held-out class if need be."""
        flat = [run for run in self.explorer_runs + self.anomaly if run.latent_dim == 2]
        return [run for run in flat if run.group(*GROUP) == flat[0].group(*GROUP)]

    def provides(self, need):
        """Tell whether data set and configuration meet a requirement of a task or figure."""
        return {
            "labels": len(self.classes) > 1,
            "held_out": bool(self.held_out),
            "several_held_out": len(self.held_out) > 1,
            "thorough": self.config["thorough"],
            "curve": bool(self.config["classification"]["curve"]),
        }[need]

    def applies(self, part):
        """Tell whether a task, evaluation or figure applies to the data set."""
        jobs = part.evaluations if isinstance(part, Task) else [part]
        return any(self.units(job.per) for job in jobs) and all(map(self.provides, part.needs))

    @property
    def evaluations(self):
        """The evaluations that apply: name → task and evaluation."""
        return {
            name: (task, evaluation)
            for name, (task, evaluation) in EVALUATIONS.items()
            if self.applies(task) and self.applies(evaluation)
        }

    @property
    def tables(self):
        """Names of the tasks with a table."""
        return [name for name, task in TASKS.items() if task.leading and self.applies(task)]

    def units(self, per):
        """List the groups of runs of an evaluation or figure, each once.

        ``per`` is a key of `UNITS`. A group is a `kerasae.engine.run.Run` with the fields of this
        unit.
        """
        runs = self.anomaly if per in OF_ANOMALY_RUNS else self.general
        if per == "variant":
            runs = [run for run in runs if run.variant in self.variants]
        if per == "data":
            return [Run(self.dataset)] if self.general else []
        return list(dict.fromkeys(run.group(*UNITS[per]) for run in runs))

    def unit(self, part, name):
        """Find the unit of an evaluation or figure by the name of its file."""
        units = {unit.name: unit for unit in self.units(part.per)}
        if name not in units:
            raise ValueError(f"{part.name}: expected one of {', '.join(units)}. Received: {name}")
        return units[name]

    def jobs(self, part, unit):
        """List what an evaluation or figure of a unit reads, as pairs of run and inputs.

        These are the runs of the unit, or the unit. For the inputs see
        `kerasae.engine.steps.inputs`.
        """
        runs = [unit]
        if part.per in OF_RUNS:
            runs = [unit.with_(variant=variant) for variant in self.all_variants]
        return [(run, self.inputs(part, run)) for run in runs]

    def inputs(self, part, run):
        """Find the inputs of an evaluation or figure of a run, see `jobs`."""
        return {
            (read.name if isinstance(read, Gathered) else read): (
                self.runs_of(read, run) if isinstance(read, Gathered) else run
            )
            for read in part.reads
        }

    def paths(self, jobs):
        """List the paths of the inputs of `jobs`, below the results of the data set."""
        paths = [
            relative(kind, run)
            for _, reads in jobs
            for kind, runs in reads.items()
            for run in amounts.as_list(runs)
        ]
        return list(dict.fromkeys(paths))

    def runs_of(self, read, unit):
        """List the runs of an input of several runs, by variant and then by seed.

        ``unit`` is what is measured or drawn, see `units`.
        """
        if read.of == "trained":
            return [run for run in self.general + self.anomaly if run.variant in self.variants]
        seeds = self.anomaly_seeds if read.of == "held_out" else self.seeds
        seeds = {"first": seeds[:1], "all": seeds, "same": [unit.seed]}[read.seeds]
        variants = list(self.all_variants if read.models == "all" else self.variants)
        if read.of == "variant":
            variants = [unit.variant]
        latent_dim, token = self.amounts["latent_dim"], datasets.NO_CLASS
        if read.of == "held_out":
            latent_dim, token = unit.latent_dim, unit.held_out
        runs = self.runs([latent_dim], [token], seeds, variants)
        return sorted(runs, key=lambda run: variants.index(run.variant))

    def table_run(self, task):
        """Return the latent dimension and held-out label that the table of a task shows."""
        if "held_out" in TASKS[task].needs:
            return self.amounts["latent_dims"][0], self.label_of(self.held_out[0])
        return self.amounts["latent_dim"], datasets.NO_CLASS

    def caption(self, figure, unit):
        """Write the caption of a figure of a unit, in reStructuredText."""
        given = unit.held_out == datasets.GIVEN
        return figure.caption.format(
            **{
                "epochs": self.config["epochs"],
                "steps": self.config["interpolation"]["steps"],
                "anomalies": "the given anomalies" if given else f"class {in_rst(unit.label)}",
                **self.amounts,
                **self.settings(figure.settings),
                **unit.columns(),
            }
        )

    def settings(self, keys):
        """Look up the settings of an evaluation or figure, by the last part of their key.

        ``keys`` are dotted keys of the configuration, ``likelihood`` and ``all_variants``. Amounts
        are those of the data set.
        """
        computed = {
            "validation": self.amounts["validation"],
            "classification.labels": self.amounts["labels"],
            "anomaly.score": self.plotted_score,
            "likelihood": self.likelihood,
            "all_variants": list(self.all_variants),
            "detectors": self.detectors,
        }
        return {
            key.rpartition(".")[2]: (
                computed[key]
                if key in computed
                else amounts.nested_value(self.config, key.split("."))
            )
            for key in keys
        }


def demonstration(config, rows=None):
    """Write the line that heads the pages of a demonstration; empty for other runs.

    Without ``rows``, the number of training samples, the line leaves them out.
    """
    if not config["demonstration"]:
        return ""
    epochs, _ = amounts.schedule(config, rows)
    texts = [f"{rows:,} training samples"] if rows else []
    texts += [f"{epochs} epoch{'s' * (epochs != 1)}"] if epochs else []
    texts += ["one seed" if len(config["seeds"]) == 1 else f"{len(config['seeds'])} seeds"]
    return f"A demonstration: {', '.join(texts)}. The numbers say nothing about the models."


def chosen_variants(config):
    """Return the variants and the baselines in use, each name → ``model`` and its settings.

    Variants are sorted by model, whatever their order in merged configurations. Raise
    `ConfigurationError` if a model does not take a setting.
    """
    variants, baselines = (
        {name: settings for name, settings in config[key].items() if settings is not False}
        for key in ("variants", "baselines")
    )
    for name, settings in variants.items():
        given = {key: value for key, value in settings.items() if key != "model"}
        if settings["model"] in BASELINES:
            raise ConfigurationError(
                f"config: variants.{name}.model: expected a model that is not a baseline, as "
                f"baselines are switched on under baselines. Received: {settings['model']}"
            )
        try:
            declared.check(name, entry(settings["model"]), given)
        except ValueError as error:
            raise ConfigurationError(f"config: variants.{name}: {error}") from None
    order = {name: place for place, name in enumerate(REGISTRY)}
    ordered = sorted(variants.items(), key=lambda pair: order.get(pair[1]["model"], len(order)))
    return dict(ordered), baselines


def held_out_of(name, options, config, classes):
    """List the tokens of the held-out classes of a data set, and of given anomalies.

    ``options`` is the section of the data set in the configuration, ``classes`` are its labels.
    Raise `ConfigurationError` if a class is unknown.
    """
    given = [datasets.GIVEN] if {"anomalies", "setting"} & options.keys() else []
    wanted = options.get("held_out")
    if wanted is None:
        wanted = [] if given or len(classes) < 2 else config["anomaly"]["held_out"]
    if wanted == "all":
        wanted = sorted(classes, key=lambda label: label != "1")
    labels = [str(label) for label in amounts.as_list(wanted)]
    if unknown := [label for label in labels if label not in classes]:
        expected = (
            f"some of {', '.join(classes)}" if classes else "no class, as there are no labels"
        )
        raise ConfigurationError(
            f"config: datasets.{name}.held_out: expected {expected}. Received: {', '.join(unknown)}"
        )
    tokens = dict(zip(classes, datasets.tokens(classes), strict=True))
    return [*(tokens[label] for label in labels), *given]


def plan_of(name, options, config, own, classes, size):
    """Plan a data set with some classes and a `kerasae.datasets.Sizes`, before its limits.

    ``own`` are amounts to keep unchanged, see `kerasae.config.amounts.own_amounts`. Raise
    `ConfigurationError` if the data are too small, or a class is unknown.
    """
    variants, baselines = chosen_variants(config)
    used = size._replace(train=options.get("train", size.train))
    fitted = amounts.fitted(config, own, used)
    amounts.check(name, options, config, fitted, size, "pca" in baselines)
    held_out = held_out_of(name, options, config, classes)
    return Plan(name, config, variants, baselines, options, classes, held_out, fitted, used)


def plans(config, own, check=True):
    """Plan every data set of a configuration; return name → `Plan`, and lines for the user.

    ``own`` are amounts to keep unchanged, see `kerasae.config.amounts.own_amounts`. With
    ``check``, the paths of the configuration are checked.
    """
    listed = data_sets.listed(config)
    if check:
        data_sets.check_paths(config, listed)
    planned, lines = {}, []
    for name, options in listed.items():
        reading = {key: options[key] for key in options.keys() - {"held_out", "train", "test"}}
        try:
            classes = datasets.classes(name, *map(options.get, ("path", "labels", "setting")))
            size = datasets.sizes(name, **reading)
        except datasets.DatasetError as error:
            raise ConfigurationError(f"config: datasets.{name}: {error}") from None
        plan = planned[name] = plan_of(name, options, config, own, classes, size)
        lines += amounts.notes(name, options, config, plan.amounts, plan.size.train)
    return planned, lines


def check_backend(environment):
    """Raise `ConfigurationError` unless the backend of Keras is TensorFlow or not set."""
    backend = environment.get("KERAS_BACKEND") or BACKEND
    if backend != BACKEND:
        raise ConfigurationError(
            f"The workflow and the command line need KERAS_BACKEND={BACKEND}. Received: {backend}"
        )
