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
from kerasae.config.amounts import latent_dim_for
from kerasae.console import (
    Group,
    check_folder,
    import_keras,
    interruptible,
    parse_settings,
    refuse_nan,
    writes,
)
from kerasae.datasets.own_data import check_differ, read_samples
from kerasae.models import ARTICLE, BASELINES, REGISTRY
from kerasae.storage.atomic import atomic_write

_BY_SAMPLES = "by the number of samples"
_MAX_PRINTED = 10
"""Number of the most anomalous samples to print."""
_LABELS = click.option("--labels", help="Column of a table with the classes, not an input.")
_ANOMALIES = click.option(
    "--anomalies", type=click.Path(exists=True), help="Samples of known anomalies."
)
_SETTING = click.option(
    "--setting",
    type=click.Choice(datasets.SETTINGS),
    help="Detect anomalies that the labels mark with 1: how the training set is drawn.",
)


@click.group(
    cls=Group, context_settings={"help_option_names": ["-h", "--help"], "show_default": True}
)
@click.version_option(package_name="kerasae")
def main():
    """Train, use and compare autoencoders.

    \b
    kerasae list                                    list models and data sets
    kerasae compare wine.csv --labels class         compare models and baselines on your data
    kerasae train vae --data mnist -o vae.keras     train a model
    kerasae init mine.csv --labels class            configure the bake-off for your data
    kerasae check my_model.py:MyAE                  check a model of your own
    kerasae verify results/mnist                    check that results are unchanged
    """  # noqa: D301


@main.command("list")
def list_all():
    """Show the models, the variants of the article, the baselines and the data sets."""
    click.echo("Models:")
    for name, entry in REGISTRY.items():
        # Importing the module would import TensorFlow
        file = Path(importlib.util.find_spec(entry.split(":")[0]).origin)
        summary = ast.get_docstring(ast.parse(file.read_text())).split("\n")[0]
        click.echo(f"  {name:<16} {summary}")
    click.echo("Variants of the article, models with settings:")
    for name, settings in ARTICLE.items():
        click.echo(f"  {name:<16} {', '.join(f'{key} {settings[key]}' for key in settings)}")
    click.echo(f"Baselines:\n  {', '.join(BASELINES)}")
    click.echo(f"Data sets:\n  {', '.join(datasets.SOURCES)}, or a file or folder of your own")


@main.command()
@click.argument("variant")
@click.option(
    "--data", "source", default="mnist",
    help="Known data set, .npz, .npy, .csv or .parquet file, or folder of images to train on.",
)  # fmt: skip
@_LABELS
@click.option(
    "--scale", type=click.Choice(["none", "minmax", "standard"]), default="none",
    help="Scaling of values, fitted to the training data.",
)  # fmt: skip
@click.option(
    "--likelihood", type=click.Choice(["bernoulli", "gaussian"]), default="bernoulli",
    help="Likelihood of the model; bernoulli needs values in [0, 1].",
)  # fmt: skip
@writes(".keras", beside=".history.csv", default="model.keras", help="Model file to write.")
@click.option(
    "--latent-dim", type=click.IntRange(1), help="Dimensions of a code.",
    show_default="20 for images, 1 + sqrt(columns) for tables",
)  # fmt: skip
@click.option(
    "--epochs", type=click.IntRange(1), show_default=_BY_SAMPLES,
    help="Passes over the training data.",
)  # fmt: skip
@click.option(
    "--batch-size", type=click.IntRange(2), show_default=_BY_SAMPLES,
    help="Samples per training step.",
)  # fmt: skip
@click.option(
    "--learning-rate", type=click.FloatRange(0, min_open=True), default=0.001,
    help="Step size of Adam.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, help="Seed of split, weights, noise.")
@click.option(
    "--set", "settings", multiple=True, callback=parse_settings, metavar="NAME=VALUE",
    help="Parameter of the model; can be repeated.",
)  # fmt: skip
def train(
    variant, source, labels, scale, likelihood, output, latent_dim, settings, seed, **fit_options
):
    """Train a model and save it.

    VARIANT is a name in `kerasae list`, or file.py:Class. The test set is not used. The model file
    stores the preprocessing of the data. The losses of every epoch are written to
    NAME.history.csv.

    \b
    kerasae train vae --data mnist --latent-dim 20 -o vae.keras
    kerasae train sparse --set p=0.1 --epochs 20
    kerasae train vanilla --data wine.csv --labels class --scale standard --likelihood gaussian
    """  # noqa: D301
    is_known = source in datasets.SOURCES
    if is_known and (labels is not None or scale != "none"):
        raise click.UsageError(
            f"The labels and the scale of {source} are fixed. Expected neither --labels nor "
            f"--scale. Received: --labels {labels} --scale {scale}"
        )
    options = {"labels": labels, "scale": scale, "likelihood": likelihood}
    with interruptible():
        data = datasets.load(source) if is_known else datasets.load("own", source, **options)
    images = data.x_train
    check_differ(images, source)
    validation = max(1, len(images) // 10)
    if validation < 10:
        click.echo(
            f"Note: with {len(images)} samples, the validation loss is measured on {validation}",
            err=True,
        )
    rows = datasets.split(np.zeros(len(images), int), validation, seed)
    if latent_dim is None:
        is_table = images.ndim == 2
        latent_dim = min(latent_dim_for(images[0].size), len(rows.train)) if is_table else 20
    import_keras()
    from kerasae import models
    from kerasae.evaluation.new_samples import dominance, score_samples, training_quantiles
    from kerasae.training.train import train as fit

    model = models.build(
        variant, images.shape[1:], latent_dim, likelihood=likelihood, seed=seed,
        preprocessing=data.preprocessing.to_config(), **settings,
    )  # fmt: skip
    # A progress bar on a terminal, a line per epoch in a log
    verbose = 1 if sys.stdout.isatty() else 2
    history = fit(
        model, images[rows.train], images[rows.validation], verbose=verbose, **fit_options
    )
    model.metadata = {**model.metadata, **training_quantiles(model, images)}
    if images.ndim == 2 and scale == "none":
        losses, _, shares = score_samples(model, images)
        if sentence := dominance(images, losses[:, None] * shares, data.preprocessing.columns):
            remedy = "standard" if likelihood == "gaussian" else "minmax"
            click.echo(f"Note: {sentence}: add --scale {remedy}", err=True)
    with atomic_write(output) as path:
        model.save(path)
    with atomic_write(output.with_suffix(".history.csv")) as path:
        history.to_csv(path, index=False)
    click.echo(f"{output}: {variant}, validation loss {history['val_loss'].iloc[-1]:.2f}")


def _with_model(function):
    """Add the argument MODEL to a command, and pass it the loaded model."""

    @functools.wraps(function)
    def command(model, code, **options):
        import_keras()
        from kerasae import models

        return function(models.load(model, code), **options)

    command = click.option(
        "--code", metavar="FILE.py:CLASS",
        help="Code of a model of your own, which the model file does not contain.",
    )(command)  # fmt: skip
    return click.argument("model", type=click.Path(exists=True, dir_okay=False))(command)


def _with_samples(function):
    """Add the argument SAMPLES to a command, and pass it the samples, preprocessed for MODEL."""

    @functools.wraps(function)
    def command(model, samples, **options):
        return function(model, read_samples(model, samples), **options)

    return click.argument("samples", type=click.Path(exists=True))(command)


@main.command()
@writes(".npy", ".csv", required=True, help="File to write.")
@_with_model
@_with_samples
def embed(model, samples, output):
    """Encode SAMPLES, a file or a folder, with MODEL; posterior means for stochastic models.

    The preprocessing is that of the model's training data.

    \b
    kerasae embed vae.keras digits.npy -o codes.npy
    kerasae embed wine.keras new.csv -o codes.csv
    """  # noqa: D301
    from kerasae.datasets.values import by_batches

    codes = by_batches(model.encode, samples.values)
    with atomic_write(output) as path:
        if output.suffix == ".npy":
            np.save(path, codes)
        else:
            import pandas as pd

            names = [f"code {number}" for number in range(codes.shape[1])]
            pd.DataFrame(codes, columns=names).to_csv(path, index=False)
    click.echo(f"{output}: {len(codes)} codes of {codes.shape[1]} dimensions")


@main.command()
@writes(".csv", required=True, help="Table to write.")
@click.option(
    "--contamination", type=click.FloatRange(0, 0.5, min_open=True), callback=refuse_nan,
    default=0.1, help="Share of the training data above the threshold.",
)  # fmt: skip
@click.option(
    "--by-column", is_flag=True,
    help="Add the share of every column or image region in the reconstruction loss.",
)  # fmt: skip
@click.option(
    "--criterion", type=click.Choice(["reconstruction", "likelihood"]), default="reconstruction",
    help="What the score is: the reconstruction loss, or of a VAE minus the log-likelihood.",
)  # fmt: skip
@_with_model
@_with_samples
def score(model, samples, output, contamination, by_column, criterion):
    """Score how anomalous each of SAMPLES is, and where.

    The table has one row per sample: sample (its row number in a CSV file, where the header is
    row 1, its number from 0 in another file, or its file name); score (see --criterion); rank
    (1: most anomalous); where (the table column or image region with the largest share of the
    reconstruction loss); share; anomalous (whether the score exceeds the threshold set by
    --contamination); and other scores.

    \b
    kerasae score vae.keras digits.npy -o scores.csv
    kerasae score wine.keras new.csv --contamination 0.05 -o scores.csv
    kerasae score wine.keras new.csv --by-column -o scores.csv
    kerasae score vae.keras new.csv --criterion likelihood -o scores.csv
    """  # noqa: D301
    from kerasae.evaluation.new_samples import score_table, threshold

    table = score_table(
        model, samples.values, samples.names, samples.columns, contamination, by_column, criterion
    )
    with atomic_write(output) as path:
        table.to_csv(path, index=False)
    first = table.sort_values("rank").head(_MAX_PRINTED)
    click.echo(first[["rank", "sample", "score", "where", "share"]].round(3).to_string(index=False))
    click.echo(samples.counting)
    limit = threshold(model, contamination, criterion)
    if limit is None:
        result = "no threshold, as the model file has no training scores: kerasae train writes them"
    else:
        result = (
            f"{table['anomalous'].sum()} anomalous: above {limit:.4g}, like {contamination:.3g} "
            "of the training data"
        )
    click.echo(f"{output}: {len(table)} samples, {result}")


@main.command()
@writes(".npy", ".png", required=True, help="File to write.")
@click.option("--count", type=click.IntRange(1), default=16, help="Number of samples.")
@click.option("--seed", type=click.IntRange(0), default=1, help="Seed of the samples.")
@_with_model
def sample(model, output, count, seed):
    """Sample the prior of MODEL.

    \b
    kerasae sample vae.keras --count 64 -o samples.png
    """  # noqa: D301
    images = model.sample(count, seed).numpy()
    with atomic_write(output) as path:
        if output.suffix == ".png":
            from kerasae.reporting.drawing import sample_grids

            sample_grids({type(model).__name__: images}, "Samples").savefig(path, dpi=150)
        else:
            np.save(path, images)
    click.echo(f"{output}: {count} samples")


@main.command()
@click.argument("model")
def check(model):
    """Check whether MODEL, your own as file.py:Class, fits the bake-off, and list its faults.

    It is built, trained and saved on 40 small images.

    \b
    kerasae check my_model.py:MyAE
    """  # noqa: D301
    from kerasae import models
    from kerasae.custom.check import faults as faults_of

    faults = faults_of(model, models.build, models.load)
    for fault in faults:
        click.echo(f"- {fault}")
    if faults:
        named = "the fault" if len(faults) == 1 else f"the {len(faults)} faults"
        raise click.UsageError(f"{model} cannot take part yet: mend {named} above.")
    click.echo(f"{model} can take part. Name it in the configuration:\n")
    name = model.rpartition(":")[2].lower()
    if name in {**REGISTRY, **ARTICLE, **BASELINES}:
        name = f"my_{name}"
    click.echo(f"variants:\n  {name}: {{model: {json.dumps(model)}}}")


@main.command()
@click.argument("source")
@_LABELS
@_ANOMALIES
@_SETTING
@click.option("--seeds", type=click.IntRange(1), default=5, help="Number of seeds.")
@click.option(
    "--variant", "variants", multiple=True, metavar="NAME", show_default="those of the article",
    help="Model or variant, or file.py:Class; can be repeated.",
)  # fmt: skip
@click.option(
    "--task", "tasks", multiple=True, metavar="NAME", show_default="those of seconds per model",
    help="Task, or all; can be repeated.",
)  # fmt: skip
@click.option(
    "--configfile", "overlays", type=click.Path(exists=True), multiple=True,
    help="Configuration that overrides the proposed values; can be repeated.",
)  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), show_default="one per core", help="Processes.")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path),
    help="Folder for scores, tables and rankings.",
)  # fmt: skip
def compare(source, labels, anomalies, setting, seeds, variants, tasks, overlays, jobs, output):
    """Compare autoencoders and baselines on SOURCE, a known data set, a file or a folder.

    The comparison is that of the workflow, in one go. Ctrl-C ends it with the results so far.

    \b
    kerasae compare wine.csv --labels class
    kerasae compare mnist --seeds 1 --variant vae --variant vanilla -o results/quick
    kerasae compare table.csv --labels anomalous --setting semi_supervised
    """  # noqa: D301
    with interruptible():
        from kerasae.comparison import compare
        from kerasae.comparison.result import check_new
        from kerasae.config.reading import read_merged

    if output:
        check_new(output)
        check_folder(output)
    else:
        click.echo("The results are shown, not saved: -o names a folder for them.", err=True)
    comparison = compare(
        source,
        labels,
        variants=list(variants) or None,
        tasks="all" if "all" in tasks else list(tasks) or None,
        seeds=seeds,
        anomalies=anomalies,
        setting=setting,
        config=read_merged(*overlays) if overlays else None,
        n_jobs=jobs or -1,
    )
    try:
        if output:
            comparison.save(output)  # first, as nobody may read what is printed
    finally:
        click.echo(comparison)
    if output:
        click.echo(f"{output}: scores.csv, which_one.html, explorer.html, tables/")
    if comparison.failures:
        failed = len(comparison.failures)
        jobs = "1 job" if failed == 1 else f"{failed} jobs"
        raise click.UsageError(f"The comparison is incomplete: {jobs} failed, see above.")


@main.command()
@click.argument("source", type=click.Path(exists=True))
@_LABELS
@_ANOMALIES
@_SETTING
@writes(
    ".yaml", ".yml", "-", default="-", show_default="standard output",
    help="Configuration to write.",
)  # fmt: skip
def init(source, labels, anomalies, setting, output):
    """Write a commented configuration for the bake-off on SOURCE, a file or a folder.

    \b
    kerasae init wine.csv --labels class -o wine.yaml
    snakemake --cores 4 --configfile wine.yaml
    """  # noqa: D301
    from kerasae.config.proposal import next_step, proposal

    text, cost = proposal(source, labels, anomalies, setting)
    if str(output) == "-":
        click.echo(text, nl=False)
    else:
        with atomic_write(output) as path:
            path.write_text(text, encoding="utf-8")
        click.echo(f"{output}: {cost}")
        click.echo(next_step(output))


@main.command()
@click.argument("results", type=click.Path())
def explore(results):
    """Open the page to explore the models of RESULTS, a folder such as results/mnist.

    The page is results/mnist/explorer.html. It needs no network, and can be copied alone.

    \b
    kerasae explore results/mnist
    """  # noqa: D301
    import webbrowser

    page = Path(results, "explorer.html").resolve()
    if not page.is_file():
        raise click.UsageError(
            f"Expected a folder with explorer.html, which snakemake writes. Received: {results}"
        )
    click.echo(page)
    if not webbrowser.open(page.as_uri()):
        click.echo("Note: no browser was found. Open the file in one.", err=True)


@main.command()
@click.argument("results", type=click.Path())
@click.option(
    "--configfile", "overlays", type=click.Path(), multiple=True,
    help="A --configfile of snakemake; can be repeated.",
)  # fmt: skip
@click.option(
    "--digest", "expected", metavar="HEX",
    help="Expected SHA-256 of the list of files, as printed by Snakemake or this command.",
)  # fmt: skip
def verify(results, overlays, expected):
    """Check that RESULTS are complete, unchanged, and match the code, configuration and data.

    Every file is compared with the list SHA256SUMS of its data set, and code, configuration and
    data with provenance.json. Run it in the folder in which snakemake ran, as the paths of your own
    code and data are relative to it.

    \b
    kerasae verify results/mnist
    kerasae verify results/mnist --digest 1f0c...
    kerasae verify results/claims/mnist --configfile workflow/configs/claims.yaml
    """  # noqa: D301
    from kerasae.config.reading import read_merged
    from kerasae.engine import provenance

    folders = provenance.data_sets(results)
    if expected and len(folders) > 1:
        names = ", ".join(map(str, folders))
        raise click.UsageError(
            f"Expected the results of a single data set with --digest. Received: {names}"
        )
    files = [*(["config.yaml"] if Path("config.yaml").exists() else []), *overlays]
    configuration = read_merged(*files) if files else None
    count = 0
    for folder in folders:
        result = provenance.verify(folder, configuration, expected)
        for line in result.faults:
            click.echo(f"- {line}")
        for line in result.notes:
            click.echo(f"Note: {line}")
        count += len(result.faults)
        if not result.faults:
            click.echo(f"{folder}: {result.compared} files are as the workflow wrote them.")
        if result.digest:
            click.echo(f"{folder / provenance.SUMS} has the SHA-256 {result.digest}")
    if configuration is None:
        click.echo("Note: no configuration was compared, as this folder has no config.yaml.")
    if count:
        faults = "1 fault" if count == 1 else f"{count} faults"
        raise click.UsageError(f"{results} is not as the workflow wrote it: {faults}, see above.")
