"""Nothing is lost or spoilt by faults: the short form of ``make faults``."""

from types import SimpleNamespace

import pytest
from projects import snakemake

from benchmarks import faults

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

CELL = "latent20-without_none-seed1"
TARGET, MODEL = (
    f"results/mnist/scores/reconstruction/{CELL}.csv",
    f"results/mnist/models/stacked-{CELL}.keras",
)
NAMES = ("stacked", "vae", "pca")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """A folder with an undisturbed training of the stacked one, and what is made of its codes.

    Undisturbed but for a second workflow in the same folder, which has to be refused. Tests of
    other faults compare their results with these, in a folder of their own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faults, "CONFIGURED", (*faults.CONFIGURED, "--nocolor", TARGET, MODEL))
        folder = tmp_path_factory.mktemp("faults")
        assert faults.refused(folder / "undisturbed") == []
        yield folder


@pytest.fixture(scope="module")
def expected(scratch):
    return faults.outputs(scratch / "undisturbed")


def test_killed_jobs_and_workflows_end_in_the_same_results(scratch, expected):
    assert TARGET in expected
    put_in, wrong = faults.kills(scratch, expected, SimpleNamespace(kills=2, seed=1))
    assert put_in == 2
    assert wrong == []


def test_code_that_is_edited_while_the_workflow_runs_gives_no_results(scratch, expected):
    assert faults.edited(scratch, expected, None) == (1, [])


def test_a_difference_is_found(scratch, expected):
    folder = scratch / "undisturbed"
    before = (folder / TARGET).read_text()
    (folder / TARGET).write_text(before.replace("stacked", "vae"))
    found = faults.difference(folder, expected)
    (folder / TARGET).write_text(before)
    assert found == f"not as undisturbed: {TARGET} (1)"
    assert faults.difference(folder, expected) == ""


def test_damaged_models_are_named_and_made_anew(scratch, expected):
    folder = scratch / "undisturbed"
    spoilt = [path.replace("stacked", name) for path, name in zip(3 * [MODEL], NAMES, strict=True)]
    for name, spoil in zip(spoilt, faults.DAMAGES, strict=True):
        path = folder / name
        path.write_bytes(spoil(path.read_bytes()))
    code, said = snakemake(folder, "--cores", "2", *faults.CONFIGURED)
    assert code
    for name in spoilt:
        assert f"{name} was damaged or edited after the workflow wrote it" in said
        (folder / name).unlink()
    assert faults.ended(folder, expected) == ""
