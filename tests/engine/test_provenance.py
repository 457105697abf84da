"""Results are listed with what they were made from, and every later change to them is found."""

import json
import os
import shutil
import subprocess

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasae.cli import main
from kerasae.engine import provenance
from kerasae.engine.logs import ChangedError
from kerasae.storage.atomic import atomic_write, digest

MADE_BY = {"seeds": [1], "vq": {"beta": 1}}
RESULTS = ("data/images.npz", "models/a.keras", "scores.csv", "tables/loss.csv", "tables/loss.md")


def sign(folder, configuration=MADE_BY):
    """Write what the last job writes."""
    text = provenance.provenance(configuration, ["code.py"], ["own.csv"])
    (folder / provenance.PROVENANCE).write_text(text)
    made = [folder / name for name in (*RESULTS, provenance.PROVENANCE)]
    (folder / provenance.SUMS).write_text(provenance.sums(folder, made))


def write(folder):
    """Write results, the log of the job that made them, and the list."""
    (folder / "logs").mkdir(parents=True)
    with open(folder / "logs" / "job.log", "w") as log:
        for name in RESULTS:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{name}\n")
            print(f"wrote {digest(path)}  {name}", file=log)
    sign(folder)
    return folder


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Made-up results of one data set, in the folder where they were made."""
    monkeypatch.chdir(tmp_path)
    for name in ("own.csv", "code.py"):
        (tmp_path / name).write_text(name)
    return write(tmp_path / "results" / "own").relative_to(tmp_path)


def faults(folder, configuration=None):
    return provenance.verify(folder, configuration).faults


def command(*arguments):
    done = CliRunner().invoke(main, ["verify", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_provenance_says_what_results_were_made_from_and_by(results):
    found = json.loads((results / provenance.PROVENANCE).read_text())
    assert found["configuration"] == MADE_BY
    assert found["code"]["code.py"] == digest("code.py")
    assert found["code"]["kerasae/models/vae.py"]
    assert found["data"] == {"own.csv": digest("own.csv")}
    assert {"python", "kerasae", "keras", "tensorflow"} <= found["versions"].keys()
    assert found["processor"]


def test_complete_unchanged_results_have_no_fault(results):
    for configuration in (None, MADE_BY):
        found = provenance.verify(results, configuration)
        assert (found.faults, found.notes, found.compared) == ([], [], len(RESULTS) + 1)
        assert found.digest == digest(results / provenance.SUMS)


def test_the_list_is_one_that_sha256sum_takes(results):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", provenance.SUMS],
        cwd=results, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(RESULTS) + 1


def change(folder, choose):
    """Make any one change to any file of the results; say which."""
    path = folder / choose([*provenance.results_in(folder), provenance.SUMS])
    kind = choose(["flip", "cut", "append", "delete", "rename", "add", "swap", "link"])
    content = path.read_bytes()
    if kind == "flip":
        at = choose(range(len(content)))
        path.write_bytes(
            content[:at] + bytes([content[at] ^ (1 << choose(range(8)))]) + content[at + 1 :]
        )
    elif kind == "cut":
        path.write_bytes(content[: choose(range(len(content)))])
    elif kind == "append":
        path.write_bytes(content + choose([b"\n", b" ", b"0", b"\0"]))
    elif kind == "delete":
        path.unlink()
    elif kind == "rename":
        path.rename(path.with_name(choose(["other", f"{path.name}.bak"])))
    elif kind == "add":
        path.with_name(choose(["foreign.csv", "README"])).write_bytes(content)
    elif kind == "link":
        path.with_name("foreign").symlink_to(choose([path.name, "missing", "."]))
    else:
        other = folder / choose(sorted({*RESULTS} - {path.relative_to(folder).as_posix()}))
        path.write_bytes(other.read_bytes())
        other.write_bytes(content)
    return kind, path


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_one_change_to_any_file_is_found(results, tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("changed") / "own"
    shutil.copytree(results, folder)
    said = change(folder, lambda values: data.draw(st.sampled_from(list(values))))
    assert faults(folder), said


def test_an_edited_result_with_an_edited_list_differs_from_its_log(results):
    path, listed = results / "tables/loss.md", results / provenance.SUMS
    before = digest(path)
    path.write_text("better\n")
    listed.write_text(listed.read_text().replace(before, digest(path)))
    assert faults(results) == [
        "results/own/tables/loss.md was damaged or edited: it differs from the log of its job "
        "and not from SHA256SUMS"
    ]


def test_a_file_damaged_after_its_job_is_not_signed_off(results):
    (results / "tables/loss.md").write_text("1")
    with pytest.raises(ChangedError, match=r"loss\.md was damaged or edited"):
        sign(results)


def test_foreign_files_are_faults_and_those_of_another_configuration_are_noted(results):
    (results / "tables/foreign.csv").write_text("1")
    earlier = results / "tables/earlier.csv"
    earlier.write_text("1")
    (results / "logs/earlier.log").write_text(f"wrote {digest(earlier)}  tables/earlier.csv\n")
    sign(results)
    found = provenance.verify(results)
    (fault,) = found.faults
    assert fault.startswith("results/own/tables/foreign.csv is not in SHA256SUMS")
    assert found.notes == [
        "results/own/tables/earlier.csv was left by a run of another configuration"
    ]


def test_results_without_a_record_of_snakemake_have_to_be_those_of_the_plan(results):
    provenance.check_known(results, MADE_BY, ["code.py"])
    provenance.check_known(results.with_name("new"), MADE_BY, ["code.py"])
    with pytest.raises(ChangedError, match=r"own has results, but \.snakemake .* no record"):
        provenance.check_known(results, {**MADE_BY, "epochs": 3}, ["code.py"])
    with open("code.py", "a") as file:
        file.write("# edited")
    with pytest.raises(ChangedError, match=r"Bring back \.snakemake"):
        provenance.check_known(results, MADE_BY, ["code.py"])


def test_data_that_changed_after_they_were_planned_are_refused(results):
    planned = provenance.data_digest(["own.csv"])
    provenance.check_data(["own.csv"], planned)
    with open("own.csv", "a") as file:
        file.write("x")
    with pytest.raises(ChangedError, match="Data changed while Snakemake was running"):
        provenance.check_data(["own.csv"], planned)


def test_a_list_that_was_written_again_has_another_digest(results):
    kept = provenance.verify(results).digest
    assert command(results, "--digest", kept.upper())[0] == 0
    sign(results, {**MADE_BY, "epochs": 2})
    assert command(results)[0] == 0
    code, said = command(results, "--digest", kept)
    assert code == 2
    received = digest(results / provenance.SUMS)
    assert f"has another SHA-256. Expected: {kept}. Received: {received}" in said


@pytest.mark.parametrize("name", [provenance.SUMS, provenance.PROVENANCE])
def test_results_without_a_list_are_not_called_complete(results, name):
    (results / name).unlink()
    words = f"results/own/{name} is missing: Snakemake writes it when all results are complete"
    assert words in faults(results)


@pytest.mark.parametrize("content", ["", '{"code": 1}'])
def test_a_damaged_provenance_is_named(results, content):
    (results / provenance.PROVENANCE).write_text(content)
    words = "provenance.json was damaged or edited: delete it and run Snakemake to write it again"
    assert any(words in fault for fault in faults(results))


@pytest.mark.parametrize("name", ["code.py", "own.csv"])
def test_changed_code_and_data_are_faults_and_missing_ones_are_not_compared(results, name):
    with open(name, "a") as file:
        file.write("x")
    assert faults(results) == [f"{name} has changed since the results were made"]
    os.unlink(name)
    found = provenance.verify(results)
    assert found.faults == []
    assert found.notes == [f"{name} was not compared: it is missing"]


def test_files_that_change_places_are_other_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in "ab":
        (tmp_path / "images" / name).mkdir(parents=True)
        (tmp_path / "images" / name / "1.png").write_text(name)
    (tmp_path / "images/around").symlink_to(tmp_path / "images")
    before = provenance.data_digest(["images"])
    (tmp_path / "images/a").rename(tmp_path / "images/c")
    (tmp_path / "images/b").rename(tmp_path / "images/a")
    (tmp_path / "images/c").rename(tmp_path / "images/b")
    assert provenance.data_digest(["images"]) != before
    assert provenance.data_digest([]) == ""
    with pytest.raises(ValueError, match=r"Expected a file or folder\. Received: gone"):
        provenance.data_digest(["gone"])


def test_results_elsewhere_are_verified_without_code_and_data(results, tmp_path, monkeypatch):
    away = tmp_path / "away"
    away.mkdir()
    shutil.move(results, away / "x")
    monkeypatch.chdir(away)
    assert faults("x") == []
    (away / "x/models/a.keras").write_text("other")
    assert faults("x") == ["x/models/a.keras was damaged or edited: it differs from SHA256SUMS"]


def test_a_pipe_is_not_waited_for(results):
    os.mkfifo(results / "scores.pipe")
    (results / "scores.csv").unlink()
    os.mkfifo(results / "scores.csv")
    assert "results/own/scores.csv cannot be read" in faults(results)


def test_what_a_crash_left_is_named(results):
    path = results / "scores.csv"
    before = path.read_bytes()
    with atomic_write(path) as temporary:
        temporary.write_bytes(before)
    temporary.write_text("half")  # as after a crash
    assert faults(results) == [
        f"{temporary} was left by an interrupted write: delete it when no workflow is running"
    ]


def test_another_configuration_is_told_by_its_keys(results):
    (fault,) = faults(results, {"seeds": [1, 2], "vq": {"beta": 2}, "epochs": 3})
    assert "was made with another configuration" in fault
    assert "seeds, vq.beta, epochs." in fault


def test_merged_scores_are_named_as_not_compared(results):
    merging = {**MADE_BY, "merge": ["own.csv"]}
    sign(results, merging)
    found = provenance.verify(results, merging)
    assert found.faults == []
    assert found.notes == ["results/own includes own.csv, whose configuration was not compared"]


def test_the_command_verifies_each_data_set_of_a_folder(results, tmp_path):
    write(tmp_path / "results" / "deeper" / "other")
    code, said = command("results")
    assert code == 0, said
    for name in ("own", "deeper/other"):
        assert f"results/{name}: 6 files are as the workflow wrote them." in said
        sha256 = digest(f"results/{name}/{provenance.SUMS}")
        assert f"results/{name}/SHA256SUMS has the SHA-256 {sha256}" in said
    (results / "scores.csv").write_text("1")
    code, said = command("results")
    assert code == 2
    assert "results/own/scores.csv was damaged" in said
    assert "results/deeper/other: 6 files are as" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["own.csv"], "Expected a folder of results. Received: own.csv"),
        (["results", "--digest", "12"], "a single data set with --digest. Received: results/d"),
        (["results/own", "--configfile", "gone.yaml"], "gone.yaml: cannot be read"),
    ],
)  # fmt: skip
def test_wrong_arguments_end_with_one_line(results, tmp_path, arguments, words):
    write(tmp_path / "results" / "deeper")
    code, said = command(*arguments)
    assert code == 2
    (line,) = (line for line in said.splitlines() if line.startswith("Error: "))
    assert words in line


def test_configurations_are_laid_over_each_other_as_snakemake_does(results, tmp_path):
    (tmp_path / "config.yaml").write_text("seeds: [2]\nvq: {beta: 3, widths: [1]}\n")
    (tmp_path / "over.yaml").write_text("seeds: [1]\nvq: {beta: 1}\n")
    code, said = command(results, "--configfile", "over.yaml")
    assert code == 2
    assert "which differs in: vq.widths." in said
