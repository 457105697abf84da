"""The checked configuration, the plan of every data set, and what the rules look up in them."""

import os
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# Use the package beside workflow/, here and in the jobs, as results depend on its files. Snakemake
# has no path for a workflow from a hosting service: there it is the installed package.
ROOT = None
if isinstance(workflow.current_basedir, os.PathLike):
    ROOT = Path(workflow.current_basedir).parents[1]
    sys.path.insert(0, str(ROOT))
    paths = [str(ROOT), *filter(None, [os.getenv("PYTHONPATH")])]
    os.environ.update(PYTHONPATH=os.pathsep.join(paths))

try:
    import kerasae
except ImportError:
    raise WorkflowError(
        "kerasae is not installed: install it in the environment of Snakemake, or name the path of "
        "a clone as snakefile"
    ) from None

from kerasae import datasets
from kerasae.config import reading
from kerasae.config.amounts import own_amounts
from kerasae.config.plan import (
    BACKEND,
    check_backend,
    chosen_variants,
    demonstration,
    plans,
)
from kerasae.config.schema import validated
from kerasae.engine.artifacts import PATHS, relative
from kerasae.engine.logs import ChangedError, code_of_workflow
from kerasae.engine.provenance import check_known, code_digest, data_digest
from kerasae.engine.run import Run
from kerasae.evaluation.tasks import EVALUATIONS, TASKS
from kerasae.models import entry
from kerasae.reporting.figures import FIGURES
from kerasae.reporting.pages import in_rst
from kerasae.storage.code import TRAINING, model_files


def stop_on_error(check, *arguments):
    """Call a function of the package; stop the workflow with one line if it raises an error."""
    try:
        return check(*arguments)
    except (ValueError, ChangedError) as error:
        raise WorkflowError(str(error)) from None


stop_on_error(check_backend, os.environ)
os.environ.update(
    KERAS_BACKEND=BACKEND,  # keras.json may name another
    TF_CPP_MIN_LOG_LEVEL="2",
    TF_NUM_INTRAOP_THREADS="1",
    TF_NUM_INTEROP_THREADS="1",
)

# Read the files of the configuration strictly, before Snakemake does. As a module, this workflow gets
# its configuration from the one that uses it, and otherwise reads config.yaml, too.
IS_MODULE = (
    ROOT is None
    or Path(workflow.main_snakefile).resolve()
    != (ROOT / "workflow/Snakefile").resolve()
)
if not IS_MODULE:
    # The user's configuration, without config.yaml
    WRITTEN = reading.merge(
        reading.from_command_line(workflow.config_settings.config),
        stop_on_error(
            reading.read_merged,
            *map(os.path.relpath, workflow.config_settings.configfiles),
        ),
    )
    AS_WRITTEN = WRITTEN
    if (
        not workflow.config_settings.replace_workflow_config
        and Path("config.yaml").exists()
    ):
        AS_WRITTEN = reading.merge(
            WRITTEN, stop_on_error(reading.read_merged, "config.yaml")
        )

if Path("config.yaml").exists():

    # Snakemake ignores it in a module that is given a configuration
    configfile: "config.yaml"


if IS_MODULE:
    # A copy, as it belongs to the workflow that uses the module
    WRITTEN = AS_WRITTEN = reading.merge(config, {})

# Snakemake cannot merge a mapping over false; captions read the checked configuration
config = stop_on_error(validated, AS_WRITTEN)
PLANS, notes = stop_on_error(
    plans,
    config,
    own_amounts(config, WRITTEN),
    workflow.is_main_process,
)
for line in notes:
    logger.info(line)
DATASETS = list(PLANS)
SEEDS = config["seeds"]
VARIANTS, BASELINES = chosen_variants(config)
if not VARIANTS:
    raise WorkflowError(
        "config: variants: expected at least one that is not false. "
        f"Received: {', '.join(config['variants'])}"
    )
ALL_VARIANTS = {**VARIANTS, **BASELINES}
# Captions can read only the configuration and the parameters; this adds the amounts as adapted to the data
config["chosen"] = {
    name: plan.amounts
    | {"to_be_found": [plan.label_of(token) for token in plan.held_out]}
    for name, plan in PLANS.items()
}

RESULTS = os.path.join(config["results"], "{dataset}")
GROUP = "latent{latent_dim}-without_{held_out}-seed{seed}"  # runs with the same data
RUN = f"{{variant}}-{GROUP}"


def folder(wildcards):
    """Folder with the results of a job's data set."""
    return RESULTS.format(dataset=wildcards.dataset)


def artifact(kind):
    """Path of an artifact, with the wildcards of its run."""
    return os.path.join(RESULTS, PATHS[kind].format(run=RUN, seed="seed{seed}"))


def of_all_seeds(path):
    """Paths of all variants and seeds: outputs of a job where trainings are short."""
    return expand(path, variant=ALL_VARIANTS, seed=SEEDS, allow_missing=True)


def of_all_variants(path, variants=ALL_VARIANTS):
    """Paths of all variants."""
    return expand(path, variant=variants, allow_missing=True)


def data_sets(short):
    """Names of the data sets whose jobs take all seeds, or one; their constraint as wildcards."""
    names = [
        name for name, plan in PLANS.items() if plan.one_job_for_all_seeds == short
    ]
    return "|".join(names or ["(?!)"])


wildcard_constraints:
    dataset="[a-z][a-z0-9_]*",
    variant="[a-z][a-z0-9_]*",
    latent_dim=r"\d+",
    held_out="[A-Za-z0-9_]+",
    seed=r"\d+",
    task="|".join(TASKS),
    evaluation="|".join(EVALUATIONS),
    figure="[a-z0-9A-Z_/-]+",


def planned(what):
    """Look up an attribute of the plan of the job's data set."""
    return lambda wildcards: getattr(PLANS[wildcards.dataset], what)


def runs(wildcards, variants=None):
    """Runs of a job, in the order of its outputs: of one variant or all, of one seed or all."""
    if "variant" in wildcards.keys():
        variants = [wildcards.variant]
    variants = list(variants or ALL_VARIANTS)
    seeds = [int(wildcards.seed)] if "seed" in wildcards.keys() else SEEDS
    group = PLANS[wildcards.dataset].runs(
        [int(wildcards.latent_dim)], [wildcards.held_out], seeds, variants
    )
    return sorted(group, key=lambda run: variants.index(run.variant))


def files_of_model(variant):
    """Files with the code of the model of a variant."""
    return model_files(entry(ALL_VARIANTS[variant]["model"]).rpartition(":")[0])


def own_code():
    """Files of the models of the user."""
    files = {str(file) for name in ALL_VARIANTS for file in files_of_model(name)}
    package = os.path.dirname(kerasae.__file__)
    return sorted(file for file in files if not file.startswith(package))


def own_detectors():
    """Files of the anomaly detectors of the user, which are beside the configuration."""
    files = []
    for options in config["detectors"].values():
        name = (options or {}).get("estimator", "").partition(":")[0]
        file = os.path.join(*name.split(".")) + ".py"
        files += model_files(file) if os.path.isfile(file) else []
    return tuple(dict.fromkeys(map(str, files)))


OWN_DETECTORS = stop_on_error(own_detectors)
OWN_CODE = [*stop_on_error(own_code), *OWN_DETECTORS]
SCRIPTS = sorted(map(str, ROOT.glob("workflow/scripts/*.py"))) if ROOT else []
# Every job compares the code that it runs with that of the plan
config["code"] = code_of_workflow([*OWN_CODE, *SCRIPTS], workflow.is_main_process)


metadata = Path(".snakemake/metadata")
if workflow.is_main_process and not (metadata.is_dir() and any(metadata.iterdir())):
    for name in DATASETS:
        stop_on_error(check_known, RESULTS.format(dataset=name), AS_WRITTEN, OWN_CODE)


@cache
def code(*parts, step=None, script=None, files=()):
    """SHA-256 of code: a parameter, so that a job runs again after an edit.

    Not an input, as Snakemake compares inputs by their time stamps, which a fresh clone changes.
    """
    scripts = [ROOT / "workflow/scripts" / script] if ROOT and script else []
    return code_digest(*parts, step=step, files=[*scripts, *files])


REPORTING = ("evaluation", "reporting")  # code that writes pages and figures

# The report sorts its categories by name, as text; tasks without a table have none
CATEGORIES = {
    name: f"{place:02} {name.replace('_', ' ')}"
    for place, name in enumerate(
        ["answers", *(name for name, task in TASKS.items() if task.leading)], 1
    )
}


def per_attempt(amount):
    """Resources in MB or minutes, multiplied by the number of the attempt.

    Amounts are 1.5 times those measured in a thorough run on MNIST (benchmarks/resources.py).
    """
    return lambda wildcards, attempt: attempt * amount


def grouped(name):
    """Name of a group of jobs where a profile bundles groups, as on a cluster; else None."""
    return lambda wildcards: name if workflow.group_settings.group_components else None
