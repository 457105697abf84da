"""Read the configuration strictly, before Snakemake reads it, and check it."""

import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

if not isinstance(workflow.current_basedir, os.PathLike):
    raise WorkflowError(
        "snakefile: expected a path in a clone of the repository, as jobs use the package in it. "
        f"Received: {workflow.current_basedir}"
    )

# Always use the package beside workflow/, here and in the jobs, as results depend on its files
ROOT = Path(workflow.current_basedir).parents[1]
sys.path.insert(0, str(ROOT))
paths = [str(ROOT), *filter(None, [os.getenv("PYTHONPATH")])]
os.environ.update(PYTHONPATH=os.pathsep.join(paths))

from kerasae.configuration import reading as configuration, planning
from kerasae import datasets


def stop_on_error(check, *arguments):
    """Call a function of the package; stop the workflow with one line if it raises an error."""
    try:
        return check(*arguments)
    except (configuration.ConfigurationError, datasets.DatasetError) as error:
        raise WorkflowError(str(error)) from None


stop_on_error(planning.check_backend, os.environ)
os.environ.update(KERAS_BACKEND=planning.BACKEND)  # keras.json may name another

# Whether another workflow uses this one
IS_MODULE = Path(workflow.main_snakefile).resolve() != (
    (ROOT / "workflow/Snakefile").resolve()
)

if not IS_MODULE:
    # The user's configuration, without config.yaml
    WRITTEN = configuration.merge(
        configuration.from_command_line(workflow.config_settings.config),
        stop_on_error(
            configuration.read_merged,
            *map(os.path.relpath, workflow.config_settings.configfiles),
        ),
    )
    AS_WRITTEN = WRITTEN
    if (
        not workflow.config_settings.replace_workflow_config
        and Path("config.yaml").exists()
    ):
        AS_WRITTEN = configuration.merge(
            WRITTEN, stop_on_error(configuration.read_merged, "config.yaml")
        )

if Path("config.yaml").exists():

    # Snakemake ignores it in a module that is given a configuration
    configfile: "config.yaml"


if IS_MODULE:
    # A copy, as it belongs to the workflow that uses the module
    WRITTEN = AS_WRITTEN = configuration.merge(config, {})

# Snakemake cannot merge a mapping over false; jobs receive the checked configuration
SCHEMA = configuration.schema()
config = stop_on_error(configuration.validated, AS_WRITTEN, SCHEMA)
config["as_written"] = AS_WRITTEN  # for the records beside the results
