"""The baseline of classification: the vanilla encoder and the layer, trained together."""

import job

job.start(snakemake)
job.import_keras()

from kerasae import models
from kerasae.datasets import split
from kerasae.evaluation.measures.classification import accuracy, fit_head
from kerasae.evaluation.scores import tidy

settings = {name: value for name, value in snakemake.params.items() if name != "sources"}
seed, latent_dim = int(snakemake.wildcards.seed), int(snakemake.wildcards.latent_dim)
x_train, y_train, x_test, y_test = job.arrays(
    snakemake.input.data, "x_train", "y_train", "x_test", "y_test"
)
part = split(y_train, settings.pop("validation"), seed, labelled=settings.pop("labels"))
vanilla = models.build("vanilla", x_train.shape[1:], latent_dim, seed=seed)
model = fit_head(
    vanilla.encoder,
    (vanilla.scale(x_train[part.labelled]), y_train[part.labelled]),
    (vanilla.scale(x_train[part.validation]), y_train[part.validation]),
    seed,
    **settings,
)
metrics = {"accuracy": accuracy(model, vanilla.scale(x_test), y_test)}
run = {**snakemake.wildcards, "variant": "from_scratch", "held_out": "none"}
job.save_scores(tidy(run, "classification", metrics), snakemake.output[0])
