"""The command line: `kerasae --help`."""

import ast
import functools
import importlib.util
import os
import sys
from pathlib import Path

import click
import numpy as np

from kerasae import datasets
from kerasae.files import whole
from kerasae.models import BASELINES, REGISTRY

FAULTS = (ValueError, FileNotFoundError, FloatingPointError, NotImplementedError)


class Group(click.Group):
    """Commands that end with one line and exit code 2 where something is wrong with the input."""

    def invoke(self, ctx):
        """Run a command."""
        try:
            return super().invoke(ctx)
        except FAULTS as error:
            reason = " ".join(str(error).split())
            raise click.UsageError(reason) from error


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kerasae")
def main():
    """Autoencoders: train them, use them, and compare them.

    \b
    kerasae list                                    what there is
    kerasae train vae --data mnist -o vae.keras     a model of your own
    kerasae init mine.csv --labels class            a configuration for the bake-off on your data
    kerasae check my_model.py:MyAE                  whether your contestant can take part
    kerasae verify results/mnist                    whether results are still what they were
    """  # noqa: D301


def summary(entry):
    """First line of the module that a contestant is in, read without importing it."""
    path = importlib.util.find_spec("kerasae").submodule_search_locations[0]
    file = Path(path, *entry.split(":")[0].split(".")[1:]).with_suffix(".py")
    return ast.get_docstring(ast.parse(file.read_text())).split("\n")[0]


@main.command("list")
def list_all():
    """Show the contestants, the baselines and the data sets."""
    click.echo("Contestants:")
    for name, entry in REGISTRY.items():
        click.echo(f"  {name:<16} {summary(entry)}")
    click.echo(f"Baselines:\n  {', '.join(BASELINES)}")
    click.echo(f"Data sets:\n  {', '.join(datasets.SOURCES)}, or a file or folder of your own")


def data_options(command):
    """Add the options that say which data, and how they are changed."""
    for option in (
        click.option(
            "--likelihood",
            type=click.Choice(["bernoulli", "gaussian"]),
            default="bernoulli",
            help="What the model assumes; bernoulli needs values in [0, 1].  [bernoulli]",
        ),
        click.option(
            "--scale",
            type=click.Choice(["none", "minmax", "standard"]),
            default="none",
            help="How values are changed by what the training data tell.  [none]",
        ),
        click.option("--labels", help="Column of a table with the classes, which is no input."),
        click.option(
            "--data",
            "source",
            default="mnist",
            help="Data to train on: a known data set, an .npz, .npy, .csv or .parquet file, or "
            "a folder of images.  [mnist]",
        ),
    ):
        command = option(command)
    return command


def loaded(source, labels=None, scale="none", likelihood="bernoulli", samples=None):
    """Load the data to train on; ``samples`` of another file are changed as they are."""
    if source in datasets.SOURCES:
        data = datasets.load(source)
        if samples is None:
            return data
        return data._replace(anomalies=datasets.load_samples(samples))
    return datasets.load(
        "own", source, labels=labels, scale=scale, likelihood=likelihood, anomalies=samples
    )


def settings_of(context, parameter, pairs):
    """Read ``name=value`` pairs, values as Python literals or else as text."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"expected name=value. Received: {pair}")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            found[name] = value
    return found


@main.command()
@click.argument("variant")
@data_options
@click.option("-o", "--output", default="model.keras", show_default=True, help="The model's file.")
@click.option("--latent-dim", type=click.IntRange(1), default=20, show_default=True)
@click.option("--epochs", type=click.IntRange(1), default=60, show_default=True)
@click.option("--batch-size", type=click.IntRange(2), default=256, show_default=True)
@click.option("--learning-rate", type=float, default=0.001, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--set", "settings", multiple=True, callback=settings_of, metavar="NAME=VALUE",
    help="A parameter of the contestant; can be repeated.",
)  # fmt: skip
def train(
    variant, source, labels, scale, likelihood, output, latent_dim, settings, seed, epochs, **how
):
    """Train a contestant and save it.

    VARIANT is a name that `kerasae list` shows, or file.py:Class. The test part of the data is
    not touched; a history of the losses is written beside the model.

    \b
    kerasae train vae --data mnist --latent-dim 20 -o vae.keras
    kerasae train sparse --set p=0.1 --epochs 20
    kerasae train vanilla --data wine.csv --labels class --scale standard --likelihood gaussian
    """  # noqa: D301
    if not output.endswith(".keras"):
        raise click.UsageError(f"The model's file has to end with .keras. Received: {output}")
    images = loaded(source, labels, scale, likelihood).x_train
    quieter()
    from kerasae import models
    from kerasae.training import train as fit

    try:
        model = models.build(
            variant, images.shape[1:], latent_dim, likelihood=likelihood, seed=seed, **settings
        )
    except TypeError as error:
        raise click.UsageError(f"{variant}: {error}") from error
    part = datasets.split(np.zeros(len(images), int), len(images) // 10, seed)
    # A bar that moves on a terminal, a line an epoch in a log
    verbose = 1 if sys.stdout.isatty() else 2
    history = fit(
        model, images[part.train], images[part.validation], epochs=epochs, verbose=verbose, **how
    )
    with whole(output) as path:
        model.save(path)
    with whole(Path(output).with_suffix(".csv")) as path:
        history.to_csv(path, index=False)
    click.echo(f"{output}: {variant}, validation loss {history['val_loss'].iloc[-1]:.2f}")


def model_options(command):
    """Add what the commands that use a model share: the model, the samples and the result."""
    for option in (
        click.option("-o", "--output", required=True, help="An .npy or .csv file."),
        data_options,
        click.argument("samples", type=click.Path(exists=True)),
        click.argument("model", type=click.Path(exists=True, dir_okay=False)),
    ):
        command = option(command)
    return command


def quieter():
    """Import TensorFlow without what it writes about itself, past Python and whatever its level."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    standard_error = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        importlib.import_module("keras")
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)


def write(array, output, columns):
    """Write numbers (n, d) as an array or as a table."""
    suffix = Path(output).suffix
    if suffix not in (".npy", ".csv"):
        raise click.UsageError(f"The output has to end with .npy or .csv. Received: {output}")
    with whole(output) as path:
        if suffix == ".npy":
            np.save(path, array)
        else:
            import pandas as pd

            pd.DataFrame(array, columns=columns).to_csv(path, index=False)
    click.echo(f"{output}: {len(array)} rows, {', '.join(columns)}")


def opened(function):
    """Hand a command the loaded model and the samples, changed as its training data were."""

    @functools.wraps(function)
    def command(model, samples, output, source, labels, scale, likelihood, **options):
        data = loaded(source, labels, scale, likelihood, samples=samples)
        quieter()
        from kerasae import models

        return function(models.load(model), data.anomalies, output, **options)

    return command


@main.command()
@model_options
@opened
def embed(model, samples, output):
    """Write the codes of SAMPLES, a file or a folder, of a stochastic MODEL the mean ones.

    --data, --scale and --labels are those of the training: values are changed in the same way.

    \b
    kerasae embed vae.keras digits.npy -o codes.npy
    kerasae embed wine.keras new.csv --data wine.csv --labels class --scale standard \\
        --likelihood gaussian -o codes.csv
    """  # noqa: D301
    from kerasae.embedding import by_chunks

    codes = by_chunks(model.encode, samples)
    write(codes, output, [f"code {number}" for number in range(codes.shape[1])])


@main.command()
@model_options
@opened
def score(model, samples, output):
    """Write scores of SAMPLES by their reconstruction, higher = more anomalous.

    \b
    kerasae score vae.keras digits.npy -o scores.csv
    """  # noqa: D301
    from kerasae.embedding import chunks
    from kerasae.tasks.reconstruction import image_scores

    parts = []
    for part in chunks(samples):
        outputs = model.decoder(model.encode(part), training=False).numpy()
        parts.append(image_scores(model.scale(part).numpy(), outputs, model.likelihood))
    names = list(parts[0])
    columns = [np.concatenate([part[name] for part in parts]) for name in names]
    write(np.stack(columns, axis=1), output, names)


@main.command()
@click.argument("model", type=click.Path(exists=True, dir_okay=False))
@click.option("-o", "--output", required=True, help="An .npy file, or a .png picture.")
@click.option("--count", type=click.IntRange(1), default=16, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def sample(model, output, count, seed):
    """Draw samples from the prior of MODEL.

    \b
    kerasae sample vae.keras --count 64 -o samples.png
    """  # noqa: D301
    quieter()
    from kerasae import models

    images = models.load(model).sample(count, seed).numpy()
    if output.endswith(".png"):
        from kerasae.figures import sample_grids

        with whole(output) as path:
            sample_grids({Path(model).stem: images}, "Samples").savefig(path, dpi=150)
    elif output.endswith(".npy"):
        with whole(output) as path:
            np.save(path, images)
    else:
        raise click.UsageError(f"The output has to end with .npy or .png. Received: {output}")
    click.echo(f"{output}: {count} samples")


@main.command()
@click.argument("contestant")
def check(contestant):
    """Tell whether a contestant of your own, file.py:Class, can take part, and what is missing.

    \b
    kerasae check my_model.py:MyAE
    """  # noqa: D301
    quieter()
    from kerasae.contract import faults

    found = faults(contestant)
    for line in found:
        click.echo(f"- {line}")
    if found:
        raise click.UsageError(f"{contestant} cannot take part yet: {len(found)} faults.")
    click.echo(f"{contestant} can take part. Name it in the configuration:\n")
    name = contestant.rpartition(":")[2].lower()
    click.echo(f"variants:\n  {name}: {{model: {contestant}}}")


@main.command()
@click.argument("source", type=click.Path(exists=True))
@click.option("--labels", help="Column of a table with the classes.")
@click.option("--anomalies", type=click.Path(exists=True), help="What is to be found, if known.")
@click.option("-o", "--output", default="-", help="The configuration's file.  [standard output]")
def init(source, labels, anomalies, output):
    """Write a commented configuration for the bake-off on SOURCE, a file or a folder.

    \b
    kerasae init wine.csv --labels class -o wine.yaml
    snakemake --cores 4 --configfile wine.yaml
    """  # noqa: D301
    from kerasae.proposal import proposal

    text = proposal(source, labels, anomalies)
    if output == "-":
        click.echo(text, nl=False)
    else:
        with whole(output) as path:
            path.write_text(text)
        click.echo(f"{output} is written. Next: snakemake --cores all --configfile {output}")


@main.command()
@click.argument("results", type=click.Path(exists=True, file_okay=False))
@click.option(
    "--configfile", "overlays", type=click.Path(exists=True, dir_okay=False), multiple=True,
    help="What was laid over config.yaml, as for snakemake; can be repeated.",
)  # fmt: skip
def verify(results, overlays):
    """Tell whether RESULTS still belong to the code, the configuration and the data at hand.

    Every file is compared with the record that was written beside it. To be called where snakemake
    was: paths are relative to there.

    \b
    kerasae verify results/mnist
    kerasae verify results/claims/mnist --configfile workflow/configs/claims.yaml
    """  # noqa: D301
    from kerasae.configuration import layered
    from kerasae.provenance import faults

    found = faults(results, layered("config.yaml", *overlays))
    for line in found:
        click.echo(f"- {line}")
    if found:
        raise click.UsageError(f"{results}: {len(found)} files are not what is expected.")
    click.echo(f"{results}: all is as the code, the configuration and the data at hand make it.")
