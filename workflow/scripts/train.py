"""Train models, each of one run; a job that was killed goes on from its checkpoints."""

import gc

from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import check_code, logged

with logged(snakemake):
    from kerasae import models
    from kerasae.engine import steps
    from kerasae.training.run import Builder

    artifacts, build = Artifacts(snakemake.params.folder), Builder(models.build)
    runs = snakemake.params.runs
    for run, options in zip(runs, snakemake.params.options, strict=True):
        checkpoint = artifacts.path("checkpoint", run)
        print(f"{run.name}:", flush=True)
        check_code(snakemake.config["code"])  # a checkpoint is marked with the code as it is now
        # No parameter: whoever asks for it later does not train again, and has no such times
        alone = snakemake.config["one_at_a_time"]
        try:
            model, history = steps.train(
                artifacts, run, options, build, alone=alone, checkpoint=checkpoint
            )
        except Exception as error:
            raise ValueError(f"{run.variant} (seed {run.seed}): {error}") from error
        artifacts.write("model", run, model)
        artifacts.write("histories", run, history)
        gc.collect()  # models refer to themselves
    if len(runs) == 1:  # else a job of other runs as well begins again from it
        checkpoint.unlink(missing_ok=True)
