"""The command line: `kerasae --help`."""

import ast
import functools
import importlib.util
import json
import sys
from pathlib import Path

import click
import numpy as np

from kerasae import datasets
from kerasae.console import (
    Code,
    Data,
    Group,
    Number,
    Output,
    import_keras,
    interruptible,
    settings_of,
    stored,
)
from kerasae.datasets.new_samples import check_differ, read_samples
from kerasae.models import ARTICLE, BASELINES, REGISTRY
from kerasae.storage.atomic import atomic_write

SHOWN = 10
"""How many of the most anomalous samples are printed."""


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kerasae")
def main():
    """Autoencoders: train them, use them, and compare them.

    \b
    kerasae list                                    what there is
    kerasae train vae --data mnist -o vae.keras     a model of your own
    kerasae init mine.csv --labels class            a configuration for the bake-off on your data
    kerasae check my_model.py:MyAE                  whether your model can take part
    kerasae verify results/mnist                    whether results are still what they were
    """  # noqa: D301


def summary(entry):
    """First line of the module that a model is in, read without importing it."""
    path = importlib.util.find_spec("kerasae").submodule_search_locations[0]
    file = Path(path, *entry.split(":")[0].split(".")[1:]).with_suffix(".py")
    return ast.get_docstring(ast.parse(file.read_text())).split("\n")[0]


@main.command("list")
def list_all():
    """Show the models, the variants of the article, the baselines and the data sets."""
    click.echo("Models:")
    for name, entry in REGISTRY.items():
        click.echo(f"  {name:<16} {summary(entry)}")
    click.echo("Variants of the article, models with settings:")
    for name, settings in ARTICLE.items():
        click.echo(f"  {name:<16} {', '.join(f'{key} {settings[key]}' for key in settings)}")
    click.echo(f"Baselines:\n  {', '.join(BASELINES)}")
    click.echo(f"Data sets:\n  {', '.join(datasets.SOURCES)}, or a file or folder of your own")


@main.command()
@click.argument("variant", type=Code())
@click.option(
    "--data",
    "source",
    type=Data(),
    default="mnist",
    help="Data to train on: a known data set, an .npz, .npy, .csv or .parquet file, or a folder of "
    "images.  [mnist]",
)
@click.option("--labels", help="Column of a table with the classes, which is no input.")
@click.option(
    "--scale",
    type=click.Choice(["none", "minmax", "standard"]),
    default="none",
    help="How values are scaled by the training data.  [none]",
)
@click.option(
    "--likelihood",
    type=click.Choice(["bernoulli", "gaussian"]),
    default="bernoulli",
    help="What the model assumes; bernoulli needs values in [0, 1].  [bernoulli]",
)
@click.option(
    "-o", "--output", type=Output(".keras", beside=".history.csv"), default="model.keras",
    show_default=True, help="The model's file.",
)  # fmt: skip
@click.option("--latent-dim", type=click.IntRange(1), default=20, show_default=True)
@click.option("--epochs", type=click.IntRange(1), help="Passes over the data.  [by their number]")
@click.option("--batch-size", type=click.IntRange(2), help="Samples per step.  [by their number]")
@click.option("--learning-rate", type=Number(), default=0.001, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--set", "settings", multiple=True, callback=settings_of, metavar="NAME=VALUE",
    help="A parameter of the model; can be repeated.",
)  # fmt: skip
def train(variant, source, labels, scale, likelihood, output, latent_dim, settings, seed, **how):
    """Train a model and save it.

    VARIANT is a name that `kerasae list` shows, or file.py:Class. The test part of the data is
    not touched. The model's file keeps how the data were read and scaled; the losses of every
    epoch are written beside it, into NAME.history.csv.

    \b
    kerasae train vae --data mnist --latent-dim 20 -o vae.keras
    kerasae train sparse --set p=0.1 --epochs 20
    kerasae train vanilla --data wine.csv --labels class --scale standard --likelihood gaussian
    """  # noqa: D301
    known = source in datasets.SOURCES
    if known and (labels is not None or scale != "none"):
        raise click.UsageError(
            f"{source} has labels and a scale of its own. Expected neither --labels nor --scale. "
            f"Received: --labels {labels} --scale {scale}"
        )
    own = {"labels": labels, "scale": scale, "likelihood": likelihood}
    with interruptible():
        data = datasets.load(source) if known else datasets.load("own", source, **own)
    images = data.x_train
    check_differ(images, source)
    validation = max(1, len(images) // 10)
    if validation < 10:
        click.echo(
            f"Note: {len(images)} samples are few: the validation loss is that of {validation}",
            err=True,
        )
    part = datasets.split(np.zeros(len(images), int), validation, seed)
    import_keras()
    from kerasae import models
    from kerasae.evaluation.new_samples import training_quantiles
    from kerasae.training.train import train as fit

    model = models.build(
        variant, images.shape[1:], latent_dim, likelihood=likelihood, seed=seed,
        preprocessing=data.preprocessing.to_config(), **settings,
    )  # fmt: skip
    # A bar that moves on a terminal, a line an epoch in a log
    verbose = 1 if sys.stdout.isatty() else 2
    history = fit(model, images[part.train], images[part.validation], verbose=verbose, **how)
    model.metadata = {**model.metadata, "scores": training_quantiles(model, images)}
    with atomic_write(output) as path:
        model.save(path)
    with atomic_write(Path(output).with_suffix(".history.csv")) as path:
        history.to_csv(path, index=False)
    click.echo(f"{output}: {variant}, validation loss {history['val_loss'].iloc[-1]:.2f}")


def opened(function):
    """Hand a command the model of a file, loaded."""

    @functools.wraps(function)
    def command(model, code, **options):
        import_keras()
        from kerasae import models

        return function(models.load(model, code), **options)

    command = click.option(
        "--code", type=Code(), metavar="FILE.py:CLASS",
        help="The code of a model of your own; the model's file holds none.",
    )(command)  # fmt: skip
    return click.argument("model", type=click.Path(exists=True, dir_okay=False))(command)


def with_samples(function):
    """Hand a command samples, read and scaled as the training data of the model were."""

    @functools.wraps(function)
    def command(model, samples, **options):
        return function(model, read_samples(model, samples), **options)

    for name in ("--data", "--labels", "--scale", "--likelihood"):
        command = click.option(name, hidden=True, expose_value=False, callback=stored)(command)
    return click.argument("samples", type=click.Path(exists=True))(command)


@main.command()
@click.option("-o", "--output", type=Output(".npy", ".csv"), required=True, help="The codes' file.")
@opened
@with_samples
def embed(model, samples, output):
    """Write the codes of SAMPLES, a file or a folder; of a stochastic MODEL the posterior means.

    Samples are read and scaled as the model's training data were.

    \b
    kerasae embed vae.keras digits.npy -o codes.npy
    kerasae embed wine.keras new.csv -o codes.csv
    """  # noqa: D301
    from kerasae.datasets.values import by_batches

    codes = by_batches(model.encode, samples.values)
    with atomic_write(output) as path:
        if output.endswith(".npy"):
            np.save(path, codes)
        else:
            import pandas as pd

            names = [f"code {number}" for number in range(codes.shape[1])]
            pd.DataFrame(codes, columns=names).to_csv(path, index=False)
    click.echo(f"{output}: {len(codes)} codes of {codes.shape[1]} dimensions")


@main.command()
@click.option("-o", "--output", type=Output(".csv"), required=True, help="The table's file.")
@click.option(
    "--contamination", type=Number(high=0.5), default=0.1, show_default=True,
    help="Share of the training data that would count as anomalous.",
)  # fmt: skip
@opened
@with_samples
def score(model, samples, output, contamination):
    """Write how anomalous each of SAMPLES is, and where.

    A row a sample: its score, the reconstruction loss; its rank, 1 the most anomalous; the column
    or the region of the image that weighs most in its score, and its share; whether the score is
    above that of all but the share --contamination of the training data; and other scores.

    \b
    kerasae score vae.keras digits.npy -o scores.csv
    kerasae score wine.keras new.csv --contamination 0.05 -o scores.csv
    """  # noqa: D301
    from kerasae.evaluation.new_samples import score_table, threshold

    table = score_table(model, samples.values, samples.names, samples.columns, contamination)
    with atomic_write(output) as path:
        table.to_csv(path, index=False)
    first = table.sort_values("rank").head(SHOWN)
    click.echo(first[["rank", "sample", "score", "where", "share"]].round(3).to_string(index=False))
    limit = threshold(model, contamination)
    if limit is None:
        found = "no threshold, as the model's file keeps no scores of its training"
    else:
        found = (
            f"{table['anomalous'].sum()} anomalous, above {limit:.4g}, as "
            f"{contamination:.3g} of the training data are"
        )
    click.echo(f"{output}: {len(table)} samples, {found}")


@main.command()
@click.option(
    "-o", "--output", type=Output(".npy", ".png"), required=True, help="The samples' file."
)
@click.option("--count", type=click.IntRange(1), default=16, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@opened
def sample(model, output, count, seed):
    """Sample the prior of MODEL.

    \b
    kerasae sample vae.keras --count 64 -o samples.png
    """  # noqa: D301
    images = model.sample(count, seed).numpy()
    with atomic_write(output) as path:
        if output.endswith(".png"):
            from kerasae.reporting.figures import sample_grids

            sample_grids({type(model).__name__: images}, "Samples").savefig(path, dpi=150)
        else:
            np.save(path, images)
    click.echo(f"{output}: {count} samples")


@main.command()
@click.argument("model", type=Code())
@click.option("--timeout", type=Number(), default=300, show_default=True, help="Seconds.")
def check(model, timeout):
    """Check whether a model of your own, file.py:Class, can take part, and say what is missing.

    It is imported, built, trained and saved in a process of its own, on 40 small images.

    \b
    kerasae check my_model.py:MyAE
    """  # noqa: D301
    from kerasae.models.contract import faults_apart

    found = faults_apart(model, timeout, prepare=import_keras)
    for line in found:
        click.echo(f"- {line}")
    if found:
        raise click.UsageError(f"{model} cannot take part yet: {len(found)} faults.")
    click.echo(f"{model} can take part. Name it in the configuration:\n")
    name = model.rpartition(":")[2].lower()
    if name in {**REGISTRY, **ARTICLE, **BASELINES}:
        name = f"my_{name}"
    click.echo(f"variants:\n  {name}: {{model: {json.dumps(model)}}}")


@main.command()
@click.argument("source", type=click.Path(exists=True))
@click.option("--labels", help="Column of a table with the classes.")
@click.option("--anomalies", type=click.Path(exists=True), help="Samples of known anomalies.")
@click.option(
    "-o", "--output", type=Output("-", ".yaml", ".yml"), default="-",
    help="The configuration's file.  [standard output]",
)  # fmt: skip
def init(source, labels, anomalies, output):
    """Write a commented configuration for the bake-off on SOURCE, a file or a folder.

    \b
    kerasae init wine.csv --labels class -o wine.yaml
    snakemake --cores 4 --configfile wine.yaml
    """  # noqa: D301
    from kerasae.configuration.proposal import next_step, proposal

    text, cost = proposal(source, labels, anomalies)
    if output == "-":
        click.echo(text, nl=False)
    else:
        with atomic_write(output) as path:
            path.write_text(text, encoding="utf-8")
        click.echo(f"{output}: {cost}")
        click.echo(next_step(output))


@main.command()
@click.argument("results", type=click.Path())
@click.option(
    "--configfile", "overlays", type=click.Path(), multiple=True,
    help="What was laid over config.yaml, as for snakemake; can be repeated.",
)  # fmt: skip
@click.option(
    "--digest", "expected", metavar="HEX",
    help="The SHA-256 of the list of files, as Snakemake or this command printed it.",
)  # fmt: skip
def verify(results, overlays, expected):
    """Tell whether RESULTS are complete and unchanged, and fit the code, configuration and data.

    Every file is compared with the list SHA256SUMS of a data set's results and with the record
    beside it. Run it where snakemake ran, as code and data are looked for relative to there.

    \b
    kerasae verify results/mnist
    kerasae verify results/mnist --digest 1f0c...
    kerasae verify results/claims/mnist --configfile workflow/configs/claims.yaml
    """  # noqa: D301
    from kerasae.configuration.reading import layered
    from kerasae.storage import verification

    folders = verification.data_sets(results)
    if expected and len(folders) > 1:
        names = ", ".join(map(str, folders))
        raise click.UsageError(f"--digest is that of one data set's results. Received: {names}")
    written = overlays or Path("config.yaml").exists()
    configuration = layered("config.yaml", *overlays) if written else None
    count = 0
    for folder in folders:
        found = verification.verify(folder, configuration)
        faults = found.faults + verification.digest_fault(folder, found.digest, expected)
        for line in faults:
            click.echo(f"- {line}")
        for line in found.notes:
            click.echo(f"Note: {line}")
        count += len(faults)
        if not faults:
            click.echo(f"{folder}: {found.count} files are as the workflow wrote them.")
        if found.digest:
            click.echo(f"{folder / verification.LIST} has the SHA-256 {found.digest}")
    if configuration is None:
        click.echo("Note: there is no config.yaml here: no configuration was compared.")
    if count:
        raise click.UsageError(f"{results}: {count} faults, see above.")
