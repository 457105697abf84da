"""Any configuration ends in a plan of the workflow or in one line that says what is wrong."""

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import ROOT, copied
from snakemake.api import SnakemakeApi
from snakemake.exceptions import WorkflowError
from snakemake.settings.types import (
    ConfigSettings,
    GroupSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
)

from kerasae.config import schema

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
FEW = {name: False for name in CONFIG["variants"] if name not in ("sparse", "vae")}
"""Settings that leave two variants, for a plan in half the time."""
OWN = {"datasets": {"mnist": False, "own": {"path": "own.npz"}}, "variants": FEW}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    # A parent of its own: a test lists what is in it
    folder = copied(tmp_path_factory.mktemp("bad") / "project")
    rows = np.random.default_rng(1).random((60, 6))
    np.savez(folder / "own.npz", x_train=rows, y_train=np.arange(60) % 3)
    return folder


def jobs(folder, overlay, *files, components=None):
    """Plan the workflow with configurations that override config.yaml; return its workflow."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(),
            config_settings=ConfigSettings(config=overlay, configfiles=files),
            snakefile=folder / "workflow/Snakefile",
            workdir=folder,
        )
        groups = GroupSettings(group_components=components or {})
        workflow.dag().execute_workflow(executor="dryrun", group_settings=groups)
        return workflow._workflow


def plan(folder, overlay, *files):
    """Return the configuration of a plan, see `jobs`."""
    return jobs(folder, overlay, *files).globals["config"]


SECTIONS = {
    (): schema.Config,
    ("general",): schema.General,
    ("anomaly",): schema.Anomaly,
    ("classification",): schema.Classification,
    ("interpolation",): schema.Interpolation,
    ("datasets", "mnist"): schema.KnownData,
    ("datasets", "own"): schema.OwnData,
    ("variants", "sparse"): schema.Settings,
}
PATHS = [
    *((*path, key) for path, section in SECTIONS.items() for key in section.model_fields),
    *((section, "../x") for section in ("datasets", "variants", "baselines")),
]
anything = st.integers() | st.floats() | st.lists(st.text(max_size=9), max_size=3)
special = st.sampled_from(
    [
        *(float("nan"), float("inf"), True, False, None, 0, -1, 1.0, 10**9, 10**30),
        *("", "~", "{x}", "a{", "*", "own.npz", "results", ".", "1e-3"),
        *("..", "a/../..", "results/../..", "/tmp/x", "a\0", "a b", "a\n", "vae"),
        *([], {}, [1], [1, 1], [[]], {1: 2}),
    ]
)


@pytest.mark.slow
@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(st.lists(st.tuples(st.sampled_from(PATHS), special | anything), min_size=1, max_size=2))
def test_any_value_at_any_key_gives_a_plan_or_one_line(folder, changes):
    overlay = {section: dict(options) for section, options in OWN.items()}
    for path, value in changes:
        section = overlay
        for key in path[:-1]:
            below = section.get(key)
            section[key] = dict(below) if isinstance(below, dict) else {}
            section = section[key]
        section[path[-1]] = value
    before, fault = set(folder.parent.rglob("*")), "none"
    try:
        config = plan(folder, overlay)
    except WorkflowError as error:
        fault = str(error)
    else:
        results = (folder / config["results"]).resolve()
        assert results.is_relative_to(folder)
        assert results != folder
    assert len(fault.strip().splitlines()) == 1, fault
    written = set(folder.parent.rglob("*")) - before
    assert all(".snakemake" in path.parts or "__pycache__" in path.parts for path in written)


def test_a_key_twice_in_config_yaml_is_an_error(folder):
    config = folder / "config.yaml"
    before = config.read_text()
    config.write_text(before + "seeds: [2]\n")
    with pytest.raises(WorkflowError, match=r'^config\.yaml, line \d+: .* duplicate key "seeds"'):
        plan(folder, {})
    config.write_text(before)


def test_a_later_file_switches_on_what_an_earlier_one_switched_off(folder):
    first, second = folder / "one.yaml", folder / "two.yaml"
    first.write_text("variants: {vae: false, sparse: false}\n")
    second.write_text("variants: {vae: {}}\n")
    variants = plan(folder, OWN | {"variants": {}}, first, second)["variants"]
    assert (variants["vae"], variants["sparse"]) == ({"model": "vae"}, False)


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        (
            OWN | {"variants": dict.fromkeys(CONFIG["variants"], False)},
            "variants: expected at least",
        ),
        ({"results": "results\n"}, "results: "),
        ({"results": "{x}"}, "results: "),
        ({"datasets": {"../x": {}}}, r"datasets\.\.\./x: "),
        ({"variants": {"a/b": {}}}, r"variants\.a/b: "),
    ],
)
def test_what_cannot_be_meant_is_refused(folder, overlay, words):
    with pytest.raises(WorkflowError, match=rf"^config: {words}"):
        plan(folder, overlay)


def test_data_sets_of_different_size_shrink_their_defaults_each_for_itself(folder):
    dag = jobs(folder, OWN | {"datasets": {"own": {"path": "own.npz"}}}).dag
    params = {
        (job.wildcards.dataset, job.wildcards.get("latent_dim"), options.validation)
        for job in dag.jobs
        if job.rule.name in ("train", "train_all_seeds")
        for options in job.params.options
    }
    assert params == {("mnist", d, 5000) for d in ("2", "20")} | {("own", "2", 4)}
    labels = {
        (job.wildcards.dataset, job.params.settings["labels"])
        for job in dag.jobs
        if job.wildcards.get("evaluation") == "probes"
    }
    assert labels == {("mnist", 550), ("own", 22)}


def test_another_backend_stops_the_plan(folder, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(WorkflowError, match=r"need KERAS_BACKEND=tensorflow\. Received: jax"):
        plan(folder, {})


def test_on_a_cluster_jobs_but_trainings_and_those_of_a_data_set_are_grouped(folder):
    profile = yaml.safe_load((folder / "workflow/profiles/slurm/config.yaml").read_text())
    components = profile["group-components"]
    groups = {
        job.wildcards.get("evaluation", job.rule.name): job.group
        for job in jobs(folder, {}, components=components).dag.jobs
    }
    alone = {name for name, group in groups.items() if group is None}
    assert alone == {"all", "train", "data", "bounds", "training_time", "provenance"}
    assert set(components) <= set(groups.values())
    assert {job.group for job in jobs(folder, {}).dag.jobs} == {None}  # on one machine


def test_a_wrong_model_of_the_user_is_said_in_one_line(folder):
    (folder / "odd_model.py").write_text("import odd_helper\n\nclass Lasso: pass")
    (folder / "odd_helper.py").write_text("class Helper(:")
    for options, words in (
        ({"model": "odd_model.py:Laso"}, "variants.lasso: .*Its classes are: Lasso"),
        ({"model": "odd_model.py:Lasso"}, "odd_helper.py, line 1: invalid syntax. Received: class"),
    ):
        with pytest.raises(WorkflowError, match=words) as error:
            plan(folder, {"variants": {"lasso": options}})
        assert len(str(error.value).splitlines()) == 1
