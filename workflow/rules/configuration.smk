"""The configuration: read strictly, before Snakemake reads it, and checked."""

import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# The package lies beside workflow/: found here and in the jobs without being installed.
ROOT = Path(workflow.basedir).parent
sys.path.insert(0, str(ROOT))
paths = [str(ROOT), *filter(None, [os.getenv("PYTHONPATH")])]
os.environ.update(PYTHONPATH=os.pathsep.join(paths))

from kerasae.configuration import reading as configuration, planning
from kerasae import datasets


def in_one_line(check, *arguments):
    """Call a function of the package; its error ends the workflow with one line."""
    try:
        return check(*arguments)
    except (configuration.ConfigurationError, datasets.DatasetError) as error:
        raise WorkflowError(str(error)) from None


in_one_line(planning.check_backend, os.environ)
os.environ.update(KERAS_BACKEND=planning.BACKEND)  # keras.json may name another one

# The user's configuration, without config.yaml
WRITTEN = configuration.merge(
    workflow.config_settings.config,
    in_one_line(
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
        WRITTEN, in_one_line(configuration.read_merged, "config.yaml")
    )


configfile: "config.yaml"


# Snakemake does not lay a mapping over false; and jobs get what was checked
SCHEMA = configuration.read(ROOT / "workflow/schemas/config.schema.yaml")
completed = in_one_line(configuration.validated, AS_WRITTEN, SCHEMA)
config.clear()
config.update(completed)
config["as_written"] = AS_WRITTEN  # for the records beside the results
