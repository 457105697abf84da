"""Read the configuration strictly, before Snakemake reads it, and check it."""

import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# Always use the package beside workflow/, here and in the jobs, as results depend on its files
ROOT = Path(workflow.basedir).parent
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


configfile: "config.yaml"


# Snakemake cannot merge a mapping over false; jobs receive the checked configuration
SCHEMA = configuration.schema()
completed = stop_on_error(configuration.validated, AS_WRITTEN, SCHEMA)
config.clear()
config.update(completed)
config["as_written"] = AS_WRITTEN  # for the records beside the results
