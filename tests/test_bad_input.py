"""Bad input by the thousand ends in a result or in one line that says what was wrong."""

import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
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

from kerasae.config.reading import merge, schema
from kerasae.datasets import Dataset, DatasetError, load_own

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
SCHEMA = schema()
often = settings(max_examples=500, deadline=None, derandomize=True)
seldom = settings(often, max_examples=60, suppress_health_check=list(HealthCheck))


@st.composite
def damaged(draw, content):
    """Bytes with some of them changed, left out, put in or cut off."""
    content = bytearray(draw(content))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(content)))
        till = draw(st.integers(at, min(at + 8, len(content))))
        content[at:till] = draw(st.binary(max_size=8))
    return bytes(content[: draw(st.integers(0, len(content)) | st.none())])


@contextlib.contextmanager
def in_one_line(*errors):
    """Let through what goes well, and errors of one line."""
    said = "said"
    try:
        yield
    except errors as error:
        said = str(error)
    assert len(said.strip().splitlines()) == 1, said


def read(ending, content, **options):
    """Load data of one's own from bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"data{ending}")
        path.write_bytes(content)
        with in_one_line(DatasetError):
            data = load_own(path, **options)
            assert isinstance(data, Dataset)
            assert np.isfinite(data.x_train).all()
            assert len(data.x_train) == len(data.y_train)
            assert len(data.x_test) == len(data.y_test) > 0


sizes = arrays.array_shapes(min_dims=0, min_side=0, max_side=6)
objects = st.none() | st.text(max_size=3) | st.floats() | st.tuples(st.integers())
some_arrays = arrays.arrays(arrays.scalar_dtypes(), sizes) | arrays.arrays(
    object, sizes, elements=objects
)
how = st.fixed_dictionaries(
    {},
    optional={
        "scale": st.sampled_from(["none", "minmax", "standard"]),
        "likelihood": st.sampled_from(["bernoulli", "gaussian"]),
        "test_share": st.floats(0.01, 0.99),
    },
)


def saved(write, *values, **named):
    """The bytes that a function of NumPy writes."""
    file = io.BytesIO()
    write(file, *values, **named)
    return file.getvalue()


@often
@given(
    st.dictionaries(st.sampled_from(["x_train", "y_train", "x_test", "y_test"]), some_arrays), how
)
@example({"x_train": np.eye(4), "y_train": np.zeros(4, "M8[Y]"), "y_test": np.array(True)}, {})
@example({"x_train": np.eye(4), "y_train": np.full(4, 1e300)}, {})
def test_any_arrays(named, options):
    read(".npz", saved(np.savez, **named), **options)


@often
@given(damaged(some_arrays.map(lambda array: saved(np.savez, x_train=array))), how)
def test_damaged_npz(content, options):
    read(".npz", content, **options)


@often
@given(damaged(some_arrays.map(lambda array: saved(np.save, array))), how)
def test_damaged_npy(content, options):
    read(".npy", content, **options)


cells = st.one_of(st.integers(-9, 9), st.floats(), st.text(max_size=3), st.none())


@often
@given(
    st.lists(st.lists(cells, min_size=2, max_size=2), max_size=8).map(
        lambda rows: "a,b\n" + "\n".join(",".join(map(str, row)) for row in rows)
    )
    | st.text(),
    st.sampled_from([None, "a", "b"]),
    how,
)
def test_tables(text, labels, options):
    read(".csv", text.encode("utf-8", "surrogatepass"), labels=labels, **options)


@seldom
@given(st.binary(), how)
def test_parquet(content, options):
    read(".parquet", b"PAR1" + content + b"PAR1", **options)


class Touched:
    """Leaves a trace when it is unpickled."""

    def __reduce__(self):
        return Path.touch, (Path("executed"),)


def test_pickles_are_not_executed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("evil.npz", x_train=np.array([Touched()], dtype=object))
    with pytest.raises(DatasetError, match=r"evil\.npz cannot be read: Object arrays"):
        load_own("evil.npz")
    assert not Path("executed").exists()


# Configurations


def keys(section, above=()):
    """The ways to all keys of a nested mapping."""
    for key, value in section.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from keys(value, (*above, key))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=4,
)
names = st.text(max_size=9) | st.sampled_from(["vae", "mnist", "../x", "a/b", "vae\n", "\0"])
paths = st.sampled_from(["", "..", "a/../..", "results/../..", "/tmp/x", "~", "a\0", "a b", "a\n"])


@st.composite
def overlays(draw):
    """A configuration with some of the keys of config.yaml, and others, set to anything."""
    found = {}
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from(list(keys(CONFIG))) | st.tuples(names))
        if draw(st.booleans()) and len(way) < 3:
            way = (*way, draw(names))
        value, section = draw(anything | paths), found
        for key in way[:-1]:
            section = section.setdefault(key, {})
            if not isinstance(section, dict):
                break
        else:
            section[way[-1]] = value
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    # A parent of its own: a test lists what is in it
    folder = copied(tmp_path_factory.mktemp("bad") / "project")
    rows = np.random.default_rng(1).random((60, 6))
    np.savez(folder / "own.npz", x_train=rows, y_train=np.arange(60) % 3)
    return folder


def plan(folder, overlay, *files):
    """Plan the workflow with configurations that override config.yaml, in this process."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(),
            config_settings=ConfigSettings(config=overlay, configfiles=files),
            snakefile=folder / "workflow/Snakefile",
            workdir=folder,
        )
        workflow.dag().execute_workflow(executor="dryrun")
        return workflow._workflow.globals["config"]


FEW = {name: False for name in CONFIG["variants"] if name not in ("sparse", "vae")}
"""Settings that leave two variants, for a plan in half the time."""


@seldom
@given(overlays())
def test_configurations(folder, overlay):
    overlay = merge(overlay, {"variants": dict(FEW)})
    before = set(folder.parent.rglob("*"))
    with in_one_line(WorkflowError):
        config = plan(folder, overlay)
        results = (folder / config["results"]).resolve()
        assert results.is_relative_to(folder)
        assert results != folder
    written = set(folder.parent.rglob("*")) - before
    assert all(".snakemake" in path.parts or "__pycache__" in path.parts for path in written)


OWN = {"datasets": {"mnist": False, "own": {"path": "own.npz"}}, "variants": FEW}


def named(schema, above=()):
    """The ways to all keys of a schema that are values; those of free names by one name."""
    for key, part in schema.get("properties", {}).items():
        yield from named(part, (*above, key)) if "properties" in part else [(*above, key)]


ways = [
    *named(SCHEMA),
    *(("datasets", "mnist", *way) for way in named(SCHEMA["$defs"]["dataset"])),
    *(("datasets", "own", *way) for way in named(SCHEMA["$defs"]["own"])),
    *(("variants", "sparse", *way) for way in named(SCHEMA["$defs"]["variant"])),
    *(("baselines", name, "model") for name in CONFIG["baselines"]),
]
special = st.sampled_from(
    [
        *(float("nan"), float("inf"), True, False, None, 0, -1, 1.0, 10**9, 10**30, 10**400),
        *("", "~", "{x}", "a{", "*", "own.npz", "results", ".", "1e-3", "a\x85b", "\u2028"),
        *([], {}, [1], [1, 1], [[]], {1: 2}),
    ]
)


@seldom
@given(st.sampled_from(ways), special | anything | paths)
def test_any_value_at_any_key_gives_a_plan_or_one_line(folder, way, value):
    overlay = {section: dict(part) for section, part in OWN.items()}
    section = overlay
    for key in way[:-1]:
        section[key] = dict(section.get(key) or {})
        section = section[key]
    section[way[-1]] = value
    with in_one_line(WorkflowError):
        plan(folder, overlay)


def test_files_of_the_command_line_are_read_strictly(folder):
    path = folder / "twice.yaml"
    path.write_text("epochs: 3\nvalidation: 5\nepochs: 4\n")
    with pytest.raises(
        WorkflowError, match=r"twice\.yaml, line 3: expected every key once.*epochs"
    ):
        plan(folder, {}, path)


def test_config_yaml_is_read_strictly(folder):
    config = folder / "config.yaml"
    before = config.read_text()
    try:
        config.write_text(before + "seeds: [2]\n")
        with pytest.raises(
            WorkflowError, match=r"^config\.yaml, line \d+: expected every key once"
        ):
            plan(folder, {})
        config.write_text("seeds: [1\n")
        with pytest.raises(WorkflowError, match=r"^config\.yaml, line 2: not valid YAML"):
            plan(folder, {})
    finally:
        config.write_text(before)


def test_a_later_file_switches_on_what_an_earlier_one_switched_off(folder):
    one, two = folder / "one.yaml", folder / "two.yaml"
    one.write_text("variants: {vae: false, sparse: false}\n")
    two.write_text("variants: {vae: {}}\n")
    found = plan(folder, OWN | {"variants": {}}, one, two)
    assert found["variants"]["vae"] == {"model": "vae"}
    assert found["variants"]["sparse"] is False


def test_a_plan_without_variants_is_refused(folder):
    off = {"variants": dict.fromkeys(CONFIG["variants"], False)}
    with pytest.raises(
        WorkflowError, match=r"^config: variants: expected at least one that is not"
    ):
        plan(folder, OWN | off)


def test_data_sets_of_different_size_shrink_their_defaults_each_for_itself(folder):
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(),
            config_settings=ConfigSettings(config=OWN | {"datasets": {"own": {"path": "own.npz"}}}),
            snakefile=folder / "workflow/Snakefile",
            workdir=folder,
        )
        workflow.dag().execute_workflow(executor="dryrun")
        jobs = list(workflow._workflow.dag.jobs)
    params = {
        (job.wildcards.dataset, job.wildcards.get("latent_dim"), options.validation)
        for job in jobs
        if job.rule.name in ("train", "train_all_seeds")
        for options in job.params.options
    }
    assert params == {("mnist", d, 5000) for d in ("2", "20")} | {("own", "2", 4)}
    labels = {
        (job.wildcards.dataset, job.params.settings["labels"])
        for job in jobs
        if job.wildcards.get("evaluation") == "probes"
    }
    assert labels == {("mnist", 550), ("own", 22)}


def test_another_backend_stops_the_plan(folder, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(WorkflowError, match=r"need KERAS_BACKEND=tensorflow\. Received: jax"):
        plan(folder, {})


@pytest.mark.parametrize("results", ["", "results\n", "~", "~/x", "a\0b", "{x}"])
def test_a_folder_that_cannot_be_meant_is_refused(folder, results):
    with pytest.raises(WorkflowError, match=r"^config: results: "):
        plan(folder, {"results": results})


@pytest.mark.parametrize("section", ["datasets", "variants"])
@pytest.mark.parametrize("name", ["../x", "a/b", "x\n", ".", "", "A", "x y", "\0"])
def test_names_cannot_leave_the_results(folder, section, name):
    with pytest.raises(WorkflowError, match=rf"^config: {section}: "):
        plan(folder, {section: {name: {}}})


def groups(folder, components):
    """Rule → group of its jobs in a dry run, where a profile bundles the given groups."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(),
            snakefile=folder / "workflow/Snakefile",
            workdir=folder,
        )
        settings = GroupSettings(group_components=components)
        workflow.dag().execute_workflow(executor="dryrun", group_settings=settings)
        return {
            job.wildcards.get("evaluation", job.rule.name): job.group
            for job in workflow._workflow.dag.jobs
        }


def test_on_a_cluster_all_jobs_but_trainings_and_those_of_a_data_set_are_grouped(folder):
    profile = yaml.safe_load((folder / "workflow/profiles/slurm/config.yaml").read_text())
    found = groups(folder, profile["group-components"])
    alone = {name for name, group in found.items() if group is None}
    assert alone == {"all", "train", "data", "bounds", "training_time", "provenance"}
    assert set(profile["group-components"]) <= set(found.values())


def test_on_one_machine_no_jobs_are_grouped(folder):
    assert set(groups(folder, {}).values()) == {None}
